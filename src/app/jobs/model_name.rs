//! A model as a person names it: a folder, or a name in `models/`.

use std::path::PathBuf;

use anyhow::{Result, bail};

/// The folder that a name means.
///
/// # Errors
/// When neither the path nor `models/<name>` is a folder.
pub fn model_folder(name: &str) -> Result<PathBuf> {
    let path = PathBuf::from(name);
    let in_models = PathBuf::from("models").join(name);
    if path.exists() {
        return Ok(path);
    }
    if path.components().count() == 1 && in_models.is_dir() {
        return Ok(in_models);
    }
    bail!("no model \"{name}\": neither a folder of that name nor {} is there", in_models.display())
}
