//! Pulling from a hub: a small one on loopback, and everything that goes wrong on the way.

mod names;
mod server;
mod troubles;
mod whole;

use std::{collections::BTreeMap, fs, ops::ControlFlow, path::Path, time::Duration};

use aki_lens::app::jobs::{HubSettings, Pull, PullReport, pull};
use server::{Model, Server};
use tempfile::TempDir;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const REPO: &str = "Some/AKI";
const WEIGHTS: &str = "model.safetensors";

/// Bytes that are no model's, but long enough to be cut.
fn weights() -> Vec<u8> {
    (0..600_000_u32).flat_map(|i| (i.wrapping_mul(2_654_435_761) >> 16).to_le_bytes()).collect()
}

const CONFIG: &str = r#"{"initial_tokenizer_len": 883, "num_vision_tokens": 16,
    "lang_model_path": "Some/Words", "vision_encoder_path": "Some/Eyes", "pad_token_id": 882}"#;

fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    list.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

/// A hub with a checkpoint that lacks nothing.
fn hub() -> Server {
    let server = Server::start();
    let files = files(&[
        ("README.md", b"# A model"),
        (".gitattributes", b"*.safetensors filter=lfs"),
        ("LICENSE", b"as you like"),
        ("config.json", CONFIG.as_bytes()),
        ("vision_config.json", b"{}"),
        ("text_config.json", b"{}"),
        ("tokenizer.json", b"{}"),
        ("onnx/model.safetensors", b"another program's"),
        (WEIGHTS, &weights()),
    ]);
    let model = Model { commit: COMMIT.to_owned(), files, token: None };
    server.change(|state| {
        state.models.insert(REPO.to_owned(), model);
    });
    server
}

fn settings(server: &Server, home: &Path) -> HubSettings {
    HubSettings {
        endpoint: server.url.clone(),
        cache: home.join("hub"),
        token: None,
        offline: false,
        pause: Duration::ZERO,
        tries: 3,
    }
}

fn request(to: Option<&Path>) -> Pull {
    Pull { repo: REPO.parse().unwrap(), revision: "main".to_owned(), to: to.map(Path::to_owned) }
}

fn pull_now(settings: HubSettings) -> anyhow::Result<PullReport> {
    pull(&request(None), settings, &mut |_| ControlFlow::Continue(()))
}

fn error(result: anyhow::Result<PullReport>) -> String {
    format!("{:#}", result.unwrap_err())
}

/// Every file below a folder, links followed.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn home() -> TempDir {
    TempDir::new().unwrap()
}
