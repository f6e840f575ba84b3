//! What a checkpoint's `config.json` only names: a vision tower and a language model of the hub.

use std::path::Path;

use serde::Deserialize;

use super::{error::Result, folder::read_json, presets};

/// The models that a checkpoint was made from, by their names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NamedModels {
    /// The vision tower, as on the hub, or a folder of the authors.
    #[serde(rename = "vision_encoder_path")]
    pub vision: String,
    /// The language model, likewise.
    #[serde(rename = "lang_model_path")]
    pub language: String,
    /// Tokens before `<image>`.
    pub initial_tokenizer_len: usize,
    /// The padding token, which the authors add to tokenizers that have none.
    pub pad_token_id: Option<usize>,
}

impl NamedModels {
    /// Reads a checkpoint's `config.json`; `None` where it has none.
    ///
    /// # Errors
    /// A file that cannot be read or is no such configuration.
    pub fn of_folder(folder: &Path) -> Result<Option<Self>> {
        read_json(&folder.join("config.json"))
    }

    /// Whether the program knows a model's configuration without its file.
    pub fn is_known(name: &str) -> bool {
        presets::find(name).is_some()
    }
}
