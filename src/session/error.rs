//! What can be wrong with a session on disk.

use std::{io, path::PathBuf};

use super::ArrayError;

/// A part of a session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The disk said no.
    #[error("cannot write {path}: {source}", path = path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The disk said no.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A folder that holds no session.
    #[error("{path} is no session: it has neither a session.json nor a run", path = path.display())]
    NotSession {
        /// The folder.
        path: PathBuf,
    },
    /// A file that does not hold what it should.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and why reading stopped.
        reason: String,
    },
    /// A file that no session has.
    #[error(
        "{path} is larger than the {} MiB that a text of a session may have",
        most >> 20,
        path = path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes.
        most: u64,
    },
    /// A file of a later program.
    #[error(
        "{path} was written by a newer aki-lens (version {found} of the format, this one knows \
         {known})",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The latest version that is understood.
        known: u64,
    },
    /// A session without regions of the picture they were wanted of.
    #[error("{path} has no regions of this picture: {found}", path = path.display())]
    NoRegions {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// Somebody asked to stop.
    #[error("stopped reading {path}", path = path.display())]
    Stopped {
        /// The folder that was being read.
        path: PathBuf,
    },
    /// Recorded attention.
    #[error(transparent)]
    Arrays(#[from] ArrayError),
}

pub(super) type Result<T> = std::result::Result<T, SessionError>;

impl SessionError {
    pub(super) fn unwritable(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Unwritable { path: path.to_owned(), source }
    }

    pub(super) fn unreadable(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Unreadable { path: path.to_owned(), source }
    }

    pub(super) fn damaged(path: &std::path::Path, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_string() }
    }
}
