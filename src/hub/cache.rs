//! The hub's cache on disk: `blobs` by checksum, `snapshots` of commits, `refs` of revisions.
//!
//! ```text
//! models--OWNER--NAME/
//!   blobs/CHECKSUM                     the bytes, once
//!   blobs/CHECKSUM.incomplete          the bytes so far
//!   refs/REVISION                      the commit that a branch or tag means
//!   snapshots/COMMIT/PATH              a link to ../../blobs/CHECKSUM
//! .locks/models--OWNER--NAME/CHECKSUM.lock
//! ```

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Component, Path, PathBuf},
};

use super::{
    RepoName,
    error::{HubError, Result},
};

/// A cache that other programs of the hub share.
#[derive(Clone, Debug)]
pub struct HubCache {
    root: PathBuf,
}

impl HubCache {
    /// The cache in a folder, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of all models.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, repo: &RepoName) -> PathBuf {
        self.root.join(repo.folder_name())
    }

    pub(super) fn blob(&self, repo: &RepoName, digits: &str) -> PathBuf {
        self.folder(repo).join("blobs").join(digits)
    }

    pub(super) fn snapshot(&self, repo: &RepoName, commit: &str) -> PathBuf {
        self.folder(repo).join("snapshots").join(commit)
    }

    /// The commit that a revision means here: itself, or what a branch or tag meant when it was
    /// fetched last. `None` where no snapshot of it is there.
    pub fn commit(&self, repo: &RepoName, revision: &str) -> Option<String> {
        if !is_plain_path(revision) {
            return None;
        }
        let is_there = |commit: &String| self.snapshot(repo, commit).is_dir();
        let named = fs::read_to_string(self.folder(repo).join("refs").join(revision)).ok();
        let named = named.map(|commit| commit.trim().to_owned()).filter(|c| is_plain_path(c));
        named.filter(is_there).or_else(|| Some(revision.to_owned()).filter(is_there))
    }

    /// The folder of a revision's files.
    pub fn find(&self, repo: &RepoName, revision: &str) -> Option<PathBuf> {
        self.commit(repo, revision).map(|commit| self.snapshot(repo, &commit))
    }

    pub(super) fn write_ref(&self, repo: &RepoName, revision: &str, commit: &str) -> Result<()> {
        // A commit is its own name.
        if revision == commit || !is_plain_path(revision) {
            return Ok(());
        }
        let path = self.folder(repo).join("refs").join(revision);
        make_parent(&path)?;
        let beside = path.with_extension("new");
        let written = fs::write(&beside, commit).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|source| HubError::Write { path, source, advice: "the files are there" })
    }

    /// Puts a blob into a snapshot under its path: a relative link, or a copy where the disk has
    /// no links.
    pub(super) fn link(
        &self,
        repo: &RepoName,
        commit: &str,
        file: &str,
        digits: &str,
    ) -> Result<()> {
        let path = self.snapshot(repo, commit).join(file);
        make_parent(&path)?;
        let up = "../".repeat(2 + Path::new(file).components().count() - 1);
        let target = PathBuf::from(format!("{up}blobs/{digits}"));
        if fs::read_link(&path).is_ok_and(|there| there == target) {
            return Ok(());
        }
        let blob = self.blob(repo, digits);
        let linked = remove_if_there(&path).and_then(|()| link_or_copy(&target, &blob, &path));
        linked.map_err(|source| HubError::Write { path, source, advice: "its bytes are kept" })
    }

    /// Takes a blob's lock, the one that other programs of the hub take too.
    pub(super) fn lock(&self, repo: &RepoName, digits: &str, file: &str) -> Result<File> {
        let folder = self.root.join(".locks").join(repo.folder_name());
        let path = folder.join(format!("{digits}.lock"));
        make_parent(&path)?;
        let lock = File::options().create(true).write(true).truncate(false).open(&path);
        let lock = lock.map_err(|source| HubError::Write {
            path: path.clone(),
            source,
            advice: "nothing was fetched",
        })?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(HubError::Busy { file: file.to_owned(), lock: path })
            }
            // A disk without locks cannot keep two programs apart; the checksums still do.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
        }
    }
}

/// Whether a path stays below where it is put.
pub(super) fn is_plain_path(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

pub(super) fn make_parent(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| HubError::Write {
        path: folder.to_owned(),
        source,
        advice: "choose another place with --to or HF_HOME",
    })
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn link_or_copy(target: &Path, blob: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
        .or_else(|_| fs::hard_link(blob, path))
        .or_else(|_| fs::copy(blob, path).map(|_| ()))
}

#[cfg(not(unix))]
fn link_or_copy(_: &Path, blob: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(blob, path).or_else(|_| fs::copy(blob, path).map(|_| ()))
}
