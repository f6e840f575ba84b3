//! What can go wrong between a hub and a disk.

use std::{io, path::PathBuf};

/// A model could not be fetched or found.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// No name that the hub could know.
    #[error(
        "\"{name}\" is no model of a hub: write OWNER/NAME, with letters, digits, \"-\", \"_\" and \".\""
    )]
    BadName {
        /// As it was written.
        name: String,
    },
    /// A variable that says something impossible.
    #[error("{variable} is \"{value}\": {reason}")]
    BadSetting {
        /// The variable.
        variable: &'static str,
        /// What it says.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No answer.
    #[error(
        "no answer from {url} ({reason}); try again, or set HF_HUB_OFFLINE=1 to use what is in the cache"
    )]
    Unreachable {
        /// What was asked.
        url: String,
        /// What happened.
        reason: String,
    },
    /// 401 or 403.
    #[error("{url} answered {status}: {advice}")]
    Denied {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
        /// What to do about it.
        advice: &'static str,
    },
    /// 404.
    #[error("{url} answered 404: no such {what}")]
    NotFound {
        /// What was asked.
        url: String,
        /// A model with its revision, or a file.
        what: String,
    },
    /// Any other status that is no answer.
    #[error("{url} answered {status}, which is no answer to this request")]
    Status {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
    },
    /// An answer that does not follow the hub's rules.
    #[error("{url} answered something else than a hub would: {reason}")]
    BadAnswer {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The network may not be used.
    #[error(
        "{repo} (revision {revision}) is not in {cache}, and HF_HUB_OFFLINE forbids to fetch it",
        cache = cache.display()
    )]
    Offline {
        /// The model.
        repo: String,
        /// The revision.
        revision: String,
        /// The cache.
        cache: PathBuf,
    },
    /// Too little space, found out before the first byte.
    #[error(
        "{files} files need {needed} bytes more, but {free} are free at {path}; \
         free some, or choose another place with --to or HF_HOME",
        path = path.display()
    )]
    NoSpace {
        /// How many files.
        files: usize,
        /// Their bytes that are not there yet.
        needed: u64,
        /// What is free.
        free: u64,
        /// Where.
        path: PathBuf,
    },
    /// The disk said no.
    #[error("cannot write {path} ({source}); {advice}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
        /// What holds of what was fetched.
        advice: &'static str,
    },
    /// The disk said no.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The connection broke again and again.
    #[error(
        "the connection broke {times} times in a row at byte {have} of {size} of {file} ({reason}); \
         the same command goes on from there"
    )]
    Cut {
        /// The file.
        file: String,
        /// What is there.
        have: u64,
        /// What should be there.
        size: u64,
        /// Tries without a byte.
        times: u32,
        /// The last break.
        reason: String,
    },
    /// Other bytes than the hub promised.
    #[error(
        "{file} arrived with {kind} {found}, but the hub states {expected}; it was thrown away: \
         try again, and distrust this endpoint if it happens twice"
    )]
    Checksum {
        /// The file.
        file: String,
        /// Which checksum.
        kind: &'static str,
        /// As stated.
        expected: String,
        /// As computed.
        found: String,
    },
    /// More bytes than the hub promised.
    #[error("{file} has more than the {size} bytes that the hub states; it was thrown away")]
    TooLong {
        /// The file.
        file: String,
        /// As stated.
        size: u64,
    },
    /// Two programs at the same file.
    #[error(
        "another program is fetching {file} (it holds {lock}); wait for it, then try again",
        lock = lock.display()
    )]
    Busy {
        /// The file.
        file: String,
        /// Its lock.
        lock: PathBuf,
    },
    /// Somebody stopped it.
    #[error("stopped; the same command goes on from what was fetched")]
    Stopped,
}

pub(super) type Result<T> = std::result::Result<T, HubError>;
