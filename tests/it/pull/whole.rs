//! Pulls that come to their end: the layout, what is not fetched twice, and models that can be asked.

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use aki_lens::app::jobs::{PullProgress, PullReport, pull};
use serde_json::Value;

use super::{
    COMMIT, REPO, WEIGHTS, error, home, hub, pull_now, request,
    server::{Model, Server, blob_name, git_blob, sha256},
    settings, tree, weights,
};
use crate::{
    cli::{QUESTION, specimen, text},
    golden::golden_folder,
};

fn go_on(_: PullProgress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_pulled_model_lies_in_the_hubs_own_layout() {
    let (server, home) = (hub(), home());
    let pulled = pull_now(settings(&server, home.path())).unwrap();
    let model = home.path().join("hub/models--Some--AKI");
    assert_eq!(pulled.folder, model.join("snapshots").join(COMMIT));
    assert_eq!(pulled.commit, COMMIT);
    assert_eq!(fs::read_to_string(model.join("refs/main")).unwrap(), COMMIT);
    let weights = weights();
    assert_eq!(fs::read(model.join("blobs").join(sha256(&weights))).unwrap(), weights);
    let expected = ["LICENSE", "config.json", WEIGHTS, "text_config.json", "tokenizer.json"];
    let expected = expected.into_iter().chain(["vision_config.json"]);
    let there = tree(&pulled.folder);
    assert_eq!(there.keys().map(String::as_str).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert_eq!(pulled.left_out, [".gitattributes", "README.md", "onnx/model.safetensors"]);
    #[cfg(unix)]
    for (file, bytes) in &there {
        let link = fs::read_link(pulled.folder.join(file)).unwrap();
        assert_eq!(link, Path::new("../../blobs").join(blob_name(bytes)));
    }
    let blobs = tree(&model.join("blobs"));
    // Three files are "{}": their bytes are there once.
    assert_eq!(blobs.len(), 4, "{:?}", blobs.keys());
    assert!(blobs.contains_key(&git_blob(b"{}")));
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let (server, home) = (hub(), home());
    let settings = settings(&server, home.path());
    let first = pull_now(settings.clone()).unwrap();
    assert!(first.fetched > 2_400_000);
    server.log();
    let second = pull_now(settings.clone()).unwrap();
    assert_eq!((second.fetched, second.folder), (0, first.folder));
    assert_eq!(server.log().len(), 1, "the listing alone was asked for");

    // A new commit with one other file: that file alone comes.
    server.change(|state| {
        let model = state.models.get_mut(REPO).unwrap();
        model.commit = COMMIT.replace('0', "f");
        model.files.insert("text_config.json".to_owned(), b"{\"new\": 1}".to_vec());
    });
    let third = pull_now(settings.clone()).unwrap();
    assert_eq!(third.fetched, 10);
    // Both commits can be had, offline too.
    let mut offline = settings;
    offline.offline = true;
    let mut old = request(None);
    old.revision = COMMIT.to_owned();
    let old = pull(&old, offline.clone(), &mut go_on).unwrap();
    assert_eq!(fs::read(old.folder.join("text_config.json")).unwrap(), b"{}");
    let new = pull_now(offline).unwrap();
    assert_eq!(fs::read(new.folder.join("text_config.json")).unwrap(), b"{\"new\": 1}");
}

#[test]
fn a_tag_with_a_slash_is_a_revision_too() {
    let (server, home) = (hub(), home());
    let mut tagged = request(None);
    tagged.revision = "v1/final".to_owned();
    pull(&tagged, settings(&server, home.path()), &mut go_on).unwrap();
    let named = home.path().join("hub/models--Some--AKI/refs/v1/final");
    assert_eq!(fs::read_to_string(named).unwrap(), COMMIT);
}

#[test]
fn a_listing_without_sizes_is_filled_in_file_by_file() {
    let (server, home) = (hub(), home());
    server.change(|state| state.states_sums = false);
    pull_now(settings(&server, home.path())).unwrap();
    let heads = server.log().into_iter().filter(|asked| asked.method == "HEAD").count();
    assert_eq!(heads, 6, "one for each wanted file");
}

#[test]
fn shards_win_over_one_file() {
    let (server, home) = (hub(), home());
    server.change(|state| {
        let files = &mut state.models.get_mut(REPO).unwrap().files;
        for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
            files.insert(name.to_owned(), name.as_bytes().to_vec());
        }
        files.insert("model.safetensors.index.json".to_owned(), b"{}".to_vec());
    });
    let pulled = pull_now(settings(&server, home.path())).unwrap();
    assert!(pulled.left_out.contains(&WEIGHTS.to_owned()), "{:?}", pulled.left_out);
    assert!(pulled.folder.join("model-00002-of-00002.safetensors").is_file());
}

#[test]
fn offline_mode_uses_the_cache_and_asks_nobody() {
    let (server, home) = (hub(), home());
    let mut offline = settings(&server, home.path());
    offline.offline = true;
    let found = error(pull_now(offline.clone()));
    assert!(found.starts_with("Some/AKI (revision main) is not in "), "{found}");
    assert!(found.ends_with("HF_HUB_OFFLINE forbids to fetch it"), "{found}");
    let online = pull_now(settings(&server, home.path())).unwrap();
    server.log();
    assert_eq!(pull_now(offline).unwrap().folder, online.folder);
    assert!(server.log().is_empty());
}

#[test]
fn a_folder_gets_plain_files_and_is_mended_by_the_same_command() {
    let (server, home) = (hub(), home());
    let to = home.path().join("models/aki");
    let pull_there =
        || pull(&request(Some(&to)), settings(&server, home.path()), &mut go_on).unwrap();
    let pulled = pull_there();
    assert_eq!(pulled.folder, to);
    assert_eq!(fs::read(to.join(WEIGHTS)).unwrap(), weights());
    assert!(!to.join(WEIGHTS).is_symlink() && !to.join(".incomplete").exists());
    assert_eq!(pull_there().fetched, 0);
    // As long as before, but with other bytes.
    fs::write(to.join("tokenizer.json"), "[]").unwrap();
    assert_eq!(pull_there().fetched, 2);
    assert_eq!(fs::read(to.join("tokenizer.json")).unwrap(), b"{}");
}

/// A hub with the specimen as authors release it: without the configurations and the tokenizer of
/// the models it names, which are models of the hub themselves.
fn released() -> Server {
    let server = Server::start();
    let checkpoint = golden_folder().join("specimen/checkpoint");
    let read = |name: &str| fs::read(checkpoint.join(name)).unwrap();
    let json = |name: &str| -> Value { serde_json::from_slice(&read(name)).unwrap() };
    let mut config = json("config.json");
    config["lang_model_path"] = "Some/Words".into();
    config["vision_encoder_path"] = "Some/Eyes".into();
    let mut tokenizer = json("tokenizer.json");
    let added = tokenizer["added_tokens"].as_array_mut().unwrap();
    added.retain(|token| token["id"].as_u64().unwrap() < 882);
    let mut vision = json("vision_config.json");
    vision = serde_json::json!({"model_type": "siglip", "vision_config": vision});
    let bytes = |value: &Value| value.to_string().into_bytes();
    let models = [
        (
            REPO,
            vec![
                ("config.json", bytes(&config)),
                ("resampler_config.json", read("resampler_config.json")),
                (WEIGHTS, read(WEIGHTS)),
            ],
        ),
        ("Some/Eyes", vec![("config.json", bytes(&vision)), (WEIGHTS, vec![0; 50_000])]),
        (
            "Some/Words",
            vec![
                ("config.json", read("text_config.json")),
                ("tokenizer.json", bytes(&tokenizer)),
                (WEIGHTS, vec![0; 50_000]),
            ],
        ),
    ];
    server.change(|state| {
        for (name, files) in models {
            let files: BTreeMap<String, Vec<u8>> =
                files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
            let model = Model { commit: COMMIT.to_owned(), files, token: None };
            state.models.insert(name.to_owned(), model);
        }
    });
    server
}

/// The program with a hub and a home of its own.
fn aki_lens(args: &[&str], endpoint: &str, home: &Path, offline: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aki-lens"));
    command.args(args).current_dir(home).env_remove("HF_HUB_CACHE").env_remove("HF_TOKEN");
    command.env("HF_ENDPOINT", endpoint).env("HF_HOME", home).env("XDG_CACHE_HOME", home);
    command.env("HF_HUB_OFFLINE", if offline { "1" } else { "0" });
    command.output().unwrap()
}

#[test]
fn a_pulled_checkpoint_answers_with_what_its_configuration_only_names() {
    let (server, home) = (released(), home());
    let output = aki_lens(&["pull", REPO], &server.url, home.path(), false);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(0)));
    let folder = PathBuf::from(text(&output.stdout).trim_end());
    let fetched =
        |path: &str| server.log().iter().filter(|asked| asked.path.contains(path)).count();
    assert_eq!(fetched("Some/Eyes/resolve/0123456789abcdef0123456789abcdef01234567/model"), 0);
    drop(server);

    let (_, image) = specimen();
    for model in [REPO, &format!("{REPO}@{COMMIT}"), folder.to_str().unwrap()] {
        let args = ["ask", "--device", "cpu", "--model", model, "--image", &image];
        let args = [&args[..], &["--question", QUESTION]].concat();
        let output = aki_lens(&args, "http://127.0.0.1:9", home.path(), true);
        assert_eq!((text(&output.stderr), text(&output.stdout)), (String::new(), "blue\n".into()));
    }
    let output = aki_lens(
        &["ask", "--model", "Some/Other", "--image", &image, "--question", QUESTION],
        "http://127.0.0.1:9",
        home.path(),
        true,
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`aki-lens pull Some/Other` fetches it"));
}

#[test]
fn a_folder_of_plain_files_can_be_opened_by_itself() {
    let (server, home) = (released(), home());
    let to = home.path().join("aki");
    let pulled = pull(&request(Some(&to)), settings(&server, home.path()), &mut go_on).unwrap();
    assert!(pulled.warnings.is_empty(), "{:?}", pulled.warnings);
    fs::remove_dir_all(home.path().join("hub")).unwrap();
    let (_, image) = specimen();
    let args = ["ask", "--device", "cpu", "--model", to.to_str().unwrap(), "--image", &image];
    let args = [&args[..], &["--question", QUESTION]].concat();
    let output = aki_lens(&args, "http://127.0.0.1:9", home.path(), true);
    assert_eq!(text(&output.stdout), "blue\n", "{}", text(&output.stderr));
}

#[test]
fn a_language_model_behind_a_gate_is_a_warning_that_says_what_is_missing() {
    let (server, home) = (released(), home());
    let named = |language: &str, gated: &str| {
        server.change(|state| {
            state.models.get_mut(gated).unwrap().token = Some("secret");
            let model = state.models.get_mut(REPO).unwrap();
            let mut config: Value = serde_json::from_slice(&model.files["config.json"]).unwrap();
            config["lang_model_path"] = language.into();
            model.files.insert("config.json".to_owned(), config.to_string().into_bytes());
        });
    };
    let pulled = || -> PullReport { pull_now(settings(&server, home.path())).unwrap() };
    named("Some/Words", "Some/Words");
    let warnings = pulled().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("answered 401"), "{warnings:?}");
    assert!(warnings[0].contains("put Some/Words's tokenizer.json"), "{warnings:?}");

    // A checkpoint with its own tokenizer, of a language model that the program knows.
    let tokenizer = fs::read(golden_folder().join("specimen/checkpoint/tokenizer.json")).unwrap();
    server.change(|state| {
        let files = &mut state.models.get_mut(REPO).unwrap().files;
        files.insert("tokenizer.json".to_owned(), tokenizer);
    });
    named("microsoft/Phi-3.5-mini-instruct", "Some/Words");
    let warnings = pulled().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("that the program knows is used"), "{warnings:?}");
}
