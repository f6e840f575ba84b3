//! Fetch a checkpoint from the hub, with what its configuration only names.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::hub_folder::{cached_folder, complete_plain_folder};
use crate::{
    hub::{Hub, HubError, HubSettings, PullProgress, PullRequest, Pulled, RepoName},
    model::NamedModels,
};

/// Which checkpoint, and where to.
#[derive(Clone, Debug)]
pub struct Pull {
    /// `OWNER/NAME`.
    pub repo: RepoName,
    /// A branch, a tag or a commit.
    pub revision: String,
    /// A folder for plain files; `None` for the hub's cache.
    pub to: Option<PathBuf>,
}

/// A checkpoint that can be opened.
#[derive(Clone, Debug)]
pub struct PullReport {
    /// The folder, for `--model`.
    pub folder: PathBuf,
    /// The commit.
    pub commit: String,
    /// Bytes that came over the network.
    pub fetched: u64,
    /// Files of the checkpoint that this program does not read.
    pub left_out: Vec<String>,
    /// What could not be had and may be missed.
    pub warnings: Vec<String>,
}

/// Fetches a checkpoint, then the configurations and the tokenizer of the models it names.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn pull(
    request: &Pull,
    settings: HubSettings,
    on_progress: &mut dyn FnMut(PullProgress<'_>) -> ControlFlow<()>,
) -> Result<PullReport> {
    let offline = settings.offline;
    if offline && request.to.is_some() {
        bail!("HF_HUB_OFFLINE forbids to fetch anything: leave out --to to use the cache");
    }
    let hub = Hub::new(settings);
    let asked = PullRequest {
        repo: &request.repo,
        revision: &request.revision,
        wants: is_of_checkpoint,
        to: request.to.as_deref(),
    };
    let pulled = hub.pull(&asked, on_progress)?;
    let warnings =
        if offline { Vec::new() } else { pull_named(&hub, &pulled.folder, on_progress)? };
    let Pulled { folder, commit, fetched, left_out, .. } = pulled;
    let folder = match &request.to {
        Some(folder) => {
            complete_plain_folder(hub.cache(), folder)?;
            folder.clone()
        }
        None => cached_folder(hub.cache(), &request.repo, &commit)?.unwrap_or(folder),
    };
    if !folder.join("config.json").is_file() {
        bail!("{} has no config.json: it is no checkpoint of AKI", request.repo);
    }
    Ok(PullReport { folder, commit, fetched, left_out, warnings })
}

/// Fetches what a checkpoint only names. Where that is refused but not needed, says so.
fn pull_named(
    hub: &Hub,
    checkpoint: &Path,
    on_progress: &mut dyn FnMut(PullProgress<'_>) -> ControlFlow<()>,
) -> Result<Vec<String>> {
    let named = NamedModels::of_folder(checkpoint).context("while reading what was fetched")?;
    let Some(named) = named else { return Ok(Vec::new()) };
    let has = |file: &str| checkpoint.join(file).is_file();
    let needs_tokenizer = !has("tokenizer.json");
    let mut warnings = Vec::new();
    let parts = [
        (&named.vision, !has("vision_config.json"), false),
        (&named.language, !has("text_config.json"), needs_tokenizer),
    ];
    for (name, needs_config, needs_tokenizer) in parts {
        let Ok(repo) = name.parse::<RepoName>() else {
            // A folder of the authors: only a configuration by its last name can help.
            if needs_tokenizer || (needs_config && !NamedModels::is_known(name)) {
                warnings
                    .push(format!("config.json names \"{name}\", which is no model of the hub"));
            }
            continue;
        };
        if !needs_config && !needs_tokenizer {
            continue;
        }
        let wants = if needs_tokenizer { is_config_or_tokenizer } else { is_config };
        let asked = PullRequest { repo: &repo, revision: "main", wants, to: None };
        match hub.pull(&asked, on_progress) {
            Ok(_) => {}
            Err(e @ (HubError::Denied { .. } | HubError::NotFound { .. })) => {
                let known = NamedModels::is_known(name);
                warnings.push(match (needs_tokenizer, known) {
                    (false, true) => {
                        format!("{e}; the configuration of {name} that the program knows is used")
                    }
                    (true, _) => format!(
                        "{e}; without it there is no tokenizer: put {name}'s tokenizer.json into \
                         the checkpoint's folder"
                    ),
                    (false, false) => format!("{e}; the checkpoint cannot be opened without it"),
                });
            }
            Err(e) => return Err(e).with_context(|| format!("while fetching {name}")),
        }
    }
    Ok(warnings)
}

/// The files of a checkpoint that are read, and its terms. Weights in shards win over one file.
fn is_of_checkpoint(all: &[&str], file: &str) -> bool {
    let has_index = all.contains(&"model.safetensors.index.json");
    let ending = |end: &str| file.to_lowercase().ends_with(end);
    match file {
        _ if file.contains('/') => false,
        "model.safetensors" => !has_index,
        _ if ending(".safetensors") => has_index,
        _ => ending(".json") || ["LICENSE", "NOTICE"].iter().any(|name| file.starts_with(name)),
    }
}

fn is_config(_: &[&str], file: &str) -> bool {
    file == "config.json"
}

fn is_config_or_tokenizer(_: &[&str], file: &str) -> bool {
    ["config.json", "tokenizer.json", "tokenizer_config.json", "added_tokens.json"].contains(&file)
}
