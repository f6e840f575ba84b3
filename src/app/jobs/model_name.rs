//! A model as a person names it: a folder, a name in `models/`, or one that comes with the program.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::embedded::embedded_folder;

/// The folder that a name means.
///
/// # Errors
/// When it is neither a folder, nor one in `models/`, nor an embedded model.
pub fn model_folder(name: &str) -> Result<PathBuf> {
    let path = PathBuf::from(name);
    let in_models = PathBuf::from("models").join(name);
    if path.exists() {
        return Ok(path);
    }
    if in_models.join("config.json").is_file() {
        return Ok(in_models);
    }
    if let Some(folder) = embedded_folder(name)? {
        return Ok(folder);
    }
    bail!(
        "no model \"{name}\": neither a folder of that name nor {} is there; \
         tabletop/mma and tabletop/causal come with the program",
        in_models.display()
    )
}
