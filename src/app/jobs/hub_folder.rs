//! A model of the hub as one folder that can be opened: its own files, and what it only names.
//!
//! AKI's `config.json` names a vision tower and a language model, and need not bring their
//! configurations or a tokenizer. Those of the named models then stand beside its files.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::{embedded::cache, write_whole};
use crate::{
    hub::{HubCache, RepoName},
    model::NamedModels,
};

/// What is taken of a tokenizer.
const TOKENIZER: [&str; 3] = ["tokenizer.json", "tokenizer_config.json", "added_tokens.json"];

/// What stands beside a checkpoint's own files.
type Additions = BTreeMap<&'static str, Vec<u8>>;

/// A model of the hub's cache as a folder that can be opened; `None` where it is not there.
///
/// # Errors
/// Files that cannot be read or written.
pub(super) fn cached_folder(
    cache: &HubCache,
    repo: &RepoName,
    revision: &str,
) -> Result<Option<PathBuf>> {
    let Some(commit) = cache.commit(repo, revision) else { return Ok(None) };
    let Some(snapshot) = cache.find(repo, &commit) else { return Ok(None) };
    let additions = additions(cache, &snapshot)?;
    if additions.is_empty() {
        return Ok(Some(snapshot));
    }
    // Links to the cache's files, and the additions as files: the cache itself stays the hub's.
    let folder = joined_folder(repo, &commit);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for entry in
        fs::read_dir(&snapshot).with_context(|| format!("cannot read {}", snapshot.display()))?
    {
        let entry = entry.with_context(|| format!("cannot read {}", snapshot.display()))?;
        let (file, link) = (entry.path(), folder.join(entry.file_name()));
        let place = fs::canonicalize(&file)
            .with_context(|| format!("{} leads nowhere; pull again", file.display()))?;
        if place.is_file() && !is_same(&place, &link) {
            put_link(&place, &link).with_context(|| format!("cannot make {}", link.display()))?;
        }
    }
    write_additions(&folder, &additions)?;
    Ok(Some(folder))
}

/// Writes what a folder of plain files lacks.
///
/// # Errors
/// Files that cannot be read or written.
pub(super) fn complete_plain_folder(cache: &HubCache, folder: &Path) -> Result<()> {
    write_additions(folder, &additions(cache, folder)?)
}

fn write_additions(folder: &Path, additions: &Additions) -> Result<()> {
    for (name, bytes) in additions {
        let path = folder.join(name);
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            write_whole(&path, bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Where a checkpoint and what it names are put together.
fn joined_folder(repo: &RepoName, commit: &str) -> PathBuf {
    cache().join("hub").join(repo.folder_name()).join(commit)
}

/// The files of the named models that a checkpoint's folder lacks and the cache has.
fn additions(cache: &HubCache, folder: &Path) -> Result<Additions> {
    let mut additions = Additions::new();
    let Some(named) = NamedModels::of_folder(folder)? else { return Ok(additions) };
    let lacks = |file: &str| !folder.join(file).exists();
    let of_model = |name: &str| name.parse().ok().and_then(|repo| cache.find(&repo, "main"));
    if lacks("vision_config.json")
        && let Some(vision) = of_model(&named.vision)
        && let Some(config) = read_if_there(&vision.join("config.json"))?
    {
        additions.insert("vision_config.json", inner(config, "vision_config"));
    }
    let Some(language) = of_model(&named.language) else { return Ok(additions) };
    if lacks("text_config.json")
        && let Some(config) = read_if_there(&language.join("config.json"))?
    {
        additions.insert("text_config.json", inner(config, "text_config"));
    }
    if lacks("tokenizer.json") {
        for file in TOKENIZER.into_iter().filter(|file| lacks(file)) {
            if let Some(bytes) = read_if_there(&language.join(file))? {
                additions.insert(file, bytes);
            }
        }
        add_padding_token(&named, &mut additions);
    }
    Ok(additions)
}

/// A model of picture and words keeps each part's configuration as an object of its own.
fn inner(config: Vec<u8>, part: &str) -> Vec<u8> {
    let parsed: Option<Map<String, Value>> = serde_json::from_slice(&config).ok();
    let inner = parsed.and_then(|mut fields| fields.remove(part)).filter(Value::is_object);
    // Anything else is judged where it is read, with its name.
    inner.and_then(|inner| serde_json::to_vec_pretty(&inner).ok()).unwrap_or(config)
}

/// Adds `<pad>` as the authors' code does: as the last token before `<image>`, where the language
/// model's tokenizer ends just before it.
fn add_padding_token(named: &NamedModels, additions: &mut Additions) {
    let tokenizer = additions.get("tokenizer.json");
    let Some(n_tokens) = tokenizer.and_then(|bytes| n_tokens(bytes)) else { return };
    if named.pad_token_id == Some(n_tokens) && named.initial_tokenizer_len == n_tokens + 1 {
        let there = additions.get("added_tokens.json");
        let there = there.and_then(|bytes| serde_json::from_slice(bytes).ok());
        let mut tokens: Map<String, Value> = there.unwrap_or_default();
        tokens.insert("<pad>".to_owned(), n_tokens.into());
        if let Ok(bytes) = serde_json::to_vec_pretty(&tokens) {
            additions.insert("added_tokens.json", bytes);
        }
    }
}

/// The number after a tokenizer's last id.
fn n_tokens(tokenizer: &[u8]) -> Option<usize> {
    let tokenizer: Value = serde_json::from_slice(tokenizer).ok()?;
    let vocabulary = tokenizer["model"]["vocab"].as_object()?;
    let added = tokenizer["added_tokens"].as_array().into_iter().flatten();
    let ids = vocabulary.values().chain(added.map(|token| &token["id"]));
    ids.filter_map(Value::as_u64).max().map(|last| last as usize + 1)
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn is_same(place: &Path, link: &Path) -> bool {
    fs::canonicalize(link).is_ok_and(|there| there == place)
}

/// A link, or a copy where the disk has no links.
fn put_link(place: &Path, link: &Path) -> io::Result<()> {
    match fs::remove_file(link) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    #[cfg(unix)]
    if std::os::unix::fs::symlink(place, link).is_ok() {
        return Ok(());
    }
    fs::hard_link(place, link).or_else(|_| fs::copy(place, link).map(|_| ()))
}
