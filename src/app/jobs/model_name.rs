//! A model as a person names it: a folder, a name in `models/`, one that comes with the program, or
//! one in the hub's cache.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{embedded::embedded_folder, hub_folder::cached_folder};
use crate::hub::{HubCache, HubSettings, RepoName};

/// The folder that a name means.
///
/// # Errors
/// When it is neither a folder, nor one in `models/`, nor an embedded model, nor one in the hub's
/// cache (`OWNER/NAME`, perhaps with `@REVISION`).
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
    let (repo, revision) = name.split_once('@').unwrap_or((name, "main"));
    if let Ok(repo) = repo.parse::<RepoName>() {
        let cache = HubCache::new(HubSettings::from_env()?.cache);
        if let Some(folder) = cached_folder(&cache, &repo, revision)? {
            return Ok(folder);
        }
        bail!(
            "no model \"{name}\": neither a folder of that name, nor {}, nor in the hub's cache \
             ({}); `aki-lens pull {repo}` fetches it",
            in_models.display(),
            cache.root().display()
        )
    }
    bail!(
        "no model \"{name}\": neither a folder of that name nor {} is there; \
         tabletop/mma and tabletop/causal come with the program",
        in_models.display()
    )
}
