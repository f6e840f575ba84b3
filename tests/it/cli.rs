//! The program as a person runs it: what is printed, what is written, how it exits.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

use crate::golden::golden_folder;

pub(crate) fn aki_lens(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aki-lens")).args(args).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn specimen() -> (String, String) {
    let folder = golden_folder().join("specimen");
    let path = |p: PathBuf| p.to_str().unwrap().to_owned();
    (path(folder.join("checkpoint")), path(folder.join("examples/scene_01.png")))
}

pub(crate) const QUESTION: &str = "The fish is on which color plate?";

#[test]
fn an_error_says_its_cause_once() {
    let folder = TempDir::new().unwrap();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/training/methods.toml");
    let out = folder.path().join("out");
    let [config, out] = [&config, &out].map(|path| path.to_str().unwrap());
    let args =
        ["methods", "--config", config, "--from", "nowhere", "--data", "no.tsv", "--out", out];
    let output = aki_lens(&args);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert_eq!(said.matches("no such folder").count(), 1, "{said}");
    assert!(said.contains("while training") && said.contains("cannot read nowhere"), "{said}");
}

#[test]
fn ask_prints_the_answer_and_nothing_else_into_a_pipe() {
    let (model, image) = specimen();
    let args =
        ["ask", "--device", "cpu", "--model", &model, "--image", &image, "--question", QUESTION];
    let output = aki_lens(&args);
    assert_eq!(text(&output.stdout), "blue\n");
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn ask_json_holds_what_the_readme_says() {
    let (model, image) = specimen();
    let folder = TempDir::new().unwrap();
    let json = folder.path().join("answer.json");
    let output = aki_lens(&[
        "ask",
        "--device",
        "cpu",
        "--model",
        &model,
        "--image",
        &image,
        "--question",
        QUESTION,
        "--attention",
        "causal",
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["model"], model.as_str());
    assert_eq!(json["attention"], "causal");
    assert_eq!(json["question"], QUESTION);
    assert_eq!(json["answer"], "orange");
    assert_eq!(json["answer_ids"], serde_json::json!([675, 880]));
    assert_eq!(json["answer_logprobs"].as_array().unwrap().len(), 2);
    assert_eq!(json["image"]["grid"], serde_json::json!([12, 12]));
    let [start, end] = [0, 1].map(|i| json["image"]["latents"][i].as_u64().unwrap() as usize);
    assert_eq!(end - start, 16);
    let tokens = json["prompt_tokens"].as_array().unwrap();
    for (position, token) in tokens.iter().enumerate() {
        assert_eq!(token["position"], position);
        assert_eq!(token["segment"] == "image", (start..end).contains(&position));
    }
    let words: Vec<&str> = tokens.iter().filter_map(|t| t["word"].as_str()).collect();
    assert_eq!(words.first(), Some(&"The"));
    assert_eq!(words.last(), Some(&"?"));
    for field in ["load_s", "prefill_s", "decode_s", "tokens_per_s"] {
        assert!(json["timing"][field].as_f64().unwrap() >= 0.0, "{field}");
    }
}

#[test]
fn ask_json_to_standard_output_is_only_json() {
    let (model, image) = specimen();
    let output = aki_lens(&[
        "ask",
        "--device",
        "cpu",
        "--model",
        &model,
        "--image",
        &image,
        "--question",
        QUESTION,
        "--json",
        "-",
        "--max-new-tokens",
        "1",
    ]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["answer_ids"].as_array().unwrap().len(), 1);
    assert_eq!(json["ended"], "length");
}

#[test]
fn trace_writes_the_named_tensors_from_a_question_and_from_ids_alike() {
    let case = golden_folder().join("llama");
    let path = |p: &Path| p.to_str().unwrap().to_owned();
    let (model, image) = (path(&case.join("checkpoint")), path(&case.join("inputs/image.png")));
    let folder = TempDir::new().unwrap();
    let run = |source: [&str; 2], out: &str| {
        let out = folder.path().join(out);
        let output = aki_lens(&[
            "trace",
            "--device",
            "cpu",
            "--model",
            &model,
            "--image",
            &image,
            source[0],
            source[1],
            "--attention",
            "mma,text_first",
            "--steps",
            "2",
            "--out",
            out.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        fs::read(out).unwrap()
    };
    let by_question = run(["--question", "How many shapes are there?"], "a.safetensors");
    let by_ids = run(["--ids", &path(&case.join("inputs/inputs.json"))], "b.safetensors");
    assert!(by_question == by_ids, "a question and its ids are the same prompt");
    let tensors = SafeTensors::deserialize(&by_question).unwrap();
    let mut names: Vec<&str> = tensors.names();
    names.sort_unstable();
    let mut expected = vec![
        "pixel_values".to_owned(),
        "resampler.attn".to_owned(),
        "resampler.output".to_owned(),
        "vision.last_hidden_state".to_owned(),
    ];
    for mode in ["mma", "text_first"] {
        for part in [
            "attn",
            "generated",
            "hidden_final",
            "hidden_states",
            "inputs_embeds",
            "logits_last",
            "mask",
            "position_ids",
            "steps",
        ] {
            expected.push(format!("{mode}.{part}"));
        }
    }
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(tensors.tensor("mma.attn").unwrap().shape(), [3, 4, 65, 65]);
    assert_eq!(tensors.tensor("mma.steps").unwrap().shape(), [2, 509]);
}

#[test]
fn devices_lists_the_cpu_and_says_why_others_are_not_there() {
    let output = aki_lens(&["devices"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(out.contains("cpu"), "{out}");
    assert_eq!(out.lines().count(), 3, "{out}");
    if cfg!(not(feature = "cuda")) {
        assert!(out.contains("--features cuda"), "{out}");
    }
}

#[track_caller]
pub(crate) fn check_failure(args: &[&str], parts: &[&str]) {
    let output = aki_lens(args);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(text(&output.stdout), "");
    for part in parts {
        assert!(error.contains(part), "\"{part}\" is not in: {error}");
    }
}

#[test]
fn what_cannot_be_done_is_said_in_one_line_with_exit_code_2() {
    let (model, image) = specimen();
    let one_line = |args: &[&str], parts: &[&str]| {
        check_failure(args, parts);
        assert_eq!(text(&aki_lens(args).stderr).lines().count(), 1);
    };
    let ask = |model: &str, image: &str, more: &[&str], parts: &[&str]| {
        let mut args = vec!["ask", "--device", "cpu", "--model", model, "--image", image];
        args.extend(more);
        one_line(&args, parts);
    };
    ask("no/such/model", &image, &["--question", "x"], &["no/such/model"]);
    ask(&model, "no-such.png", &["--question", "x"], &["no-such.png"]);
    ask(&model, &format!("{model}/config.json"), &["--question", "x"], &["config.json"]);
    ask(&model, &image, &["--question", "  "], &["question"]);
    ask(&model, &image, &["--question", "a <image> b"], &["<image>"]);
    ask(&model, &image, &["--question", "x", "--max-new-tokens", "99999"], &["4096"]);
    if cfg!(not(feature = "cuda")) {
        let args =
            ["ask", "--device", "cuda", "--model", &model, "--image", &image, "--question", "x"];
        one_line(&args, &["--device cuda", "--features cuda"]);
    }
}

#[test]
fn wrong_flags_are_explained() {
    let (model, image) = specimen();
    let ask = ["ask", "--model", &model, "--image", &image, "--question", "x"];
    let with = |flag: &'static str, value: &'static str| [&ask[..], &[flag, value]].concat();
    check_failure(&with("--attention", "mmm"), &["mmm", "text_first"]);
    check_failure(&with("--device", "tpu"), &["tpu", "cuda"]);
    check_failure(&with("--dtype", "f8"), &["f8", "bf16"]);
    check_failure(&with("--max-new-tokens", "0"), &["0"]);
    check_failure(&["trace", "--model", &model, "--image", &image, "--out", "x"], &["--question"]);
}

#[test]
fn a_result_that_cannot_be_written_says_where() {
    let (model, image) = specimen();
    let out = "/no/such/folder/x.json";
    let args = ["ask", "--model", &model, "--image", &image, "--question", QUESTION, "--json", out];
    check_failure_after_answer(&args, &[out]);
}

#[track_caller]
fn check_failure_after_answer(args: &[&str], parts: &[&str]) {
    let output = aki_lens(args);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(parts.iter().all(|part| error.contains(part)), "{error}");
}

/// As an installed binary: somewhere else, with nothing beside it.
#[test]
fn the_embedded_model_answers_anywhere_and_says_what_it_does_not_know() {
    let folder = TempDir::new().unwrap();
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/readme/tabletop.png");
    let ask = |question: &str, attention: &str, image: &Path| {
        Command::new(env!("CARGO_BIN_EXE_aki-lens"))
            .current_dir(folder.path())
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .args(["ask", "--device", "cpu", "--question", question, "--attention", attention])
            .args(["--image", image.to_str().unwrap()])
            .output()
            .unwrap()
    };
    for mode in ["mma", "causal", "mma"] {
        let output = ask("Is there a dog on the table?", mode, &image);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).trim().is_empty());
    }
    let unpacked = fs::read_dir(folder.path().join("cache/aki-lens")).unwrap().count();
    assert_eq!(unpacked, 2, "one folder a model, unpacked once");

    let output = ask("Is there a zebra, or a Giraffe?", "mma", &image);
    assert_eq!(output.status.code(), Some(1));
    let warning = text(&output.stderr);
    assert!(warning.contains("zebra, Giraffe") && warning.contains("knows only"), "{warning}");

    // Stripes of single pixels are nothing like a table.
    let stripes: Vec<u8> = (0..96 * 96 * 3).map(|i| if i / 3 % 2 == 0 { 0 } else { 255 }).collect();
    let other = folder.path().join("stripes.png");
    image::save_buffer(&other, &stripes, 96, 96, image::ColorType::Rgb8).unwrap();
    let output = ask("Is there a dog on the table?", "mma", &other);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("looks unlike"), "{}", text(&output.stderr));
}

/// A cache is nobody's to rely on: others clean it, fill it, and take it away.
#[test]
fn a_damaged_cache_is_mended_and_one_that_cannot_be_written_is_done_without() {
    let folder = TempDir::new().unwrap();
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/readme/tabletop.png");
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let ask = |cache: &Path, temporary: &Path| {
        Command::new(env!("CARGO_BIN_EXE_aki-lens"))
            .current_dir(folder.path())
            .env("XDG_CACHE_HOME", cache)
            .env("TMPDIR", temporary)
            .args(["ask", "--device", "cpu", "--question", "Is there a dog on the table?"])
            .args(["--image", image.to_str().unwrap()])
            .output()
            .unwrap()
    };
    let cache = folder.path().join("cache");
    let whole = ask(&cache, &temporary);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    let only = fs::read_dir(cache.join("aki-lens")).unwrap().next().unwrap().unwrap();
    let weights = only.path().join("model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    // As long as before, so that its length tells nothing.
    bytes[8..4096].fill(0);
    fs::write(&weights, bytes).unwrap();
    let mended = ask(&cache, &temporary);
    assert_eq!((mended.status, mended.stdout), (whole.status, whole.stdout.clone()));

    let no_folder = folder.path().join("file");
    fs::write(&no_folder, "a file where the cache should be").unwrap();
    let aside = ask(&no_folder, &temporary);
    assert_eq!((aside.status, aside.stdout), (whole.status, whole.stdout));
    let neither = ask(&no_folder, &no_folder);
    assert_eq!(neither.status.code(), Some(2));
    let error = text(&neither.stderr);
    assert!(error.contains("embedded model") && error.contains("--model"), "{error}");
}

/// A card that measures pictures by nothing would flag every picture, or none, and not say why.
#[test]
fn what_a_model_says_of_its_world_is_checked_before_a_picture_is_measured_by_it() {
    let folder = TempDir::new().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tabletop/mma");
    for file in fs::read_dir(&model).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let card = folder.path().join("world.json");
    let whole = fs::read_to_string(&card).unwrap();
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/readme/tabletop.png");
    let [model, image] = [folder.path(), &image].map(|path| path.to_str().unwrap());
    let args = ["ask", "--model", model, "--image", image, "--question", "Is there a dog?"];
    let check = |change: &dyn Fn(&mut Value), parts: &[&str]| {
        let mut changed: Value = serde_json::from_str(&whole).unwrap();
        change(&mut changed["picture"]);
        fs::write(&card, changed.to_string()).unwrap();
        check_failure(&args, &[&["world.json", "train describe"], parts].concat());
    };
    check(&|looks| looks["spread"][7] = 0.into(), &["picture.spread[7] is 0", "above 0"]);
    check(&|looks| looks["usual_distance"] = (-1).into(), &["picture.usual_distance is -1"]);
    let shorten = |looks: &mut Value| looks["mean"].as_array_mut().unwrap().truncate(3);
    check(&shorten, &["picture.mean has 3 numbers", "expected 256"]);
    for broken in ["", &whole[..whole.len() / 2]] {
        fs::write(&card, broken).unwrap();
        check_failure(&args, &["world.json is not a description of a world"]);
    }
}
