//! Folders that are not what they should be: each is an error that names what is wrong.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aki_lens_pos_rust_bert::{Tagger, TaggerError};
use serde_json::{Value, json};

use crate::tiny_model::{LABELS, config, plain_model, tiny_model, write_texts};

fn error(folder: &Path) -> (TaggerError, String) {
    let error = Tagger::open(folder).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(folder.to_str().unwrap()) || text.starts_with("rust-bert"), "{text}");
    assert!(!text.contains('\n'), "{text}");
    (error, text)
}

/// What opening says of a configuration with `change` made to it.
fn error_of_config(change: impl FnOnce(&mut Value)) -> (TaggerError, String) {
    let folder = plain_model();
    let mut config = config();
    change(&mut config);
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    error(folder.path())
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let path = PathBuf::from("no-such-folder");
    assert!(matches!(error(&path).0, TaggerError::NoFolder { .. }));
}

#[test]
fn a_missing_file_is_named() {
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
        let folder = plain_model();
        fs::remove_file(folder.path().join(name)).unwrap();
        let (error, text) = error(folder.path());
        assert!(matches!(error, TaggerError::NoFile { .. }) && text.contains(name), "{text}");
    }
}

#[test]
fn truncated_weights_are_an_error() {
    for name in ["model.safetensors", "rust_model.ot"] {
        for keep in [0, 10, 1000, 20_000] {
            let folder = tiny_model(name, [0.0; LABELS.len()]);
            let path = folder.path().join(name);
            let bytes = fs::read(&path).unwrap();
            assert!(keep < bytes.len());
            fs::write(&path, &bytes[..keep]).unwrap();
            let (error, text) = error(folder.path());
            assert!(
                matches!(error, TaggerError::Load { .. } | TaggerError::Panicked { .. }),
                "{name} of {keep} bytes: {text}"
            );
        }
    }
}

#[test]
fn weights_of_another_shape_are_an_error() {
    let (error, text) = error_of_config(|config| config["hidden_size"] = json!(32));
    assert!(matches!(error, TaggerError::Load { .. } | TaggerError::Panicked { .. }), "{text}");
}

#[test]
fn a_bad_configuration_is_an_error() {
    let (error, text) = error_of_config(|config| config["hidden_size"] = json!("wide"));
    assert!(matches!(error, TaggerError::Config { .. }), "{text}");
    let (error, text) = error_of_config(|config| config["model_type"] = json!("bert"));
    assert!(matches!(error, TaggerError::OtherModel { .. }) && text.contains("`bert`"), "{text}");
    let (error, text) = error_of_config(|config| config["max_position_embeddings"] = json!(-4));
    assert!(matches!(error, TaggerError::Positions { found: -4, .. }), "{text}");
    let (error, text) = error_of_config(|config| config["vocab_size"] = json!(20));
    assert!(matches!(error, TaggerError::Vocabulary { expected: 20, .. }), "{text}");
    let (error, text) = error_of_config(|config| config["num_attention_heads"] = json!(0));
    assert!(matches!(error, TaggerError::Load { .. } | TaggerError::Panicked { .. }), "{text}");
}

#[test]
fn labels_without_a_number_are_an_error() {
    for labels in [json!({}), json!({"1": "NN"}), json!({"0": "NN", "2": "VB"}), Value::Null] {
        let (error, text) = error_of_config(|config| config["id2label"] = labels);
        assert!(matches!(error, TaggerError::Labels { .. }), "{text}");
    }
}

#[test]
fn files_that_hold_something_else_are_an_error() {
    let folder = plain_model();
    fs::write(folder.path().join("config.json"), b"\xff\x00not json").unwrap();
    assert!(matches!(error(folder.path()).0, TaggerError::Config { .. }));
    write_texts(folder.path());
    fs::write(folder.path().join("vocab.txt"), "the\ndog\n").unwrap();
    let (error, text) = error(folder.path());
    assert!(matches!(error, TaggerError::Load { .. } | TaggerError::Panicked { .. }), "{text}");
}
