//! All sessions of a folder, for a list to choose from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Moment, SessionManifest,
    store::{MANIFEST_FILE, THUMBNAIL_FILE, run_folders},
};

/// A session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is called.
    pub title: String,
    /// When it was last written.
    pub changed: Moment,
    /// How many runs it holds.
    pub n_runs: usize,
    /// A small picture, at most 128 pixels wide and high.
    pub thumbnail: Option<PathBuf>,
    /// What is wrong with it; it may open in part.
    pub fault: Option<String>,
}

/// The sessions in a folder, the last changed first. Folders that are none are left out; a folder
/// that is not there holds none.
pub fn sessions_in(folder: &Path) -> Vec<SessionSummary> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = entries.filter_map(|entry| summary(entry.path())).collect();
    all.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.folder.cmp(&b.folder)));
    all
}

/// Whether a folder holds a session, or what is left of one.
pub fn is_session(folder: &Path) -> bool {
    folder.join(MANIFEST_FILE).is_file() || !run_folders(folder).is_empty()
}

fn summary(folder: PathBuf) -> Option<SessionSummary> {
    let path = folder.join(MANIFEST_FILE);
    let n_runs = run_folders(&folder).len();
    if !path.is_file() && n_runs == 0 {
        return None;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (title, changed, fault) = match SessionManifest::read(&path) {
        Ok(manifest) => (manifest.title, manifest.changed, None),
        Err(error) => (name, Moment::default(), Some(error.to_string())),
    };
    let thumbnail = Some(folder.join(THUMBNAIL_FILE)).filter(|path| path.is_file());
    Some(SessionSummary { folder, title, changed, n_runs, thumbnail, fault })
}
