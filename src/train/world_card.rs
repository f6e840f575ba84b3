//! What a small model knows, in a file beside its weights, so that whoever asks it about something
//! else can be told.

use std::path::Path;

use serde_json::json;

use super::{
    error::Result,
    examples::{CAPTION_REQUEST, words_of},
    folder::write_json,
    method::Method,
    pool::Pool,
};
use crate::scene;

/// The file.
const FILE: &str = "world.json";

/// Writes the words of the world, what its pictures look like to the vision tower, and how the model was
/// trained, so that whoever runs it under another mask is told.
pub(super) fn write_world_card(folder: &Path, pool: &Pool, method: Method) -> Result<()> {
    let mut words = scene::vocabulary();
    words.extend(words_of(CAPTION_REQUEST).map(str::to_owned));
    words.sort();
    words.dedup();
    let card = json!({
        "version": 2,
        "world": "the tabletop world: everyday things drawn on plates and tables",
        "attention": method.answers_under().to_string(),
        "method": method.to_string(),
        "words": words,
        "picture": pool.looks(),
    });
    write_json(&folder.join(FILE), &card)
}
