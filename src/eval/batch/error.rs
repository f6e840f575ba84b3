//! What can go wrong with a batch as a whole; a row that cannot be asked is part of its record.

use std::{io, path::PathBuf};

use crate::benchmark::BenchmarkError;

/// A batch could not be run, gone on with or put together.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Not a part of anything.
    #[error("\"{found}\" is no shard: write i/n with i from 1 to n, as in 2/8")]
    Shard {
        /// As it was written.
        found: String,
    },
    /// The questions.
    #[error(transparent)]
    Questions(#[from] BenchmarkError),
    /// No words of that name.
    #[error("no prompts \"{found}\"; known are {known}")]
    Prompts {
        /// As it was written.
        found: String,
        /// All names.
        known: String,
    },
    /// The disk said no.
    #[error("cannot write {path}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
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
    /// A record that nobody asked to go on with.
    #[error("{path} is there already: --resume goes on with it, or choose another --out", path = path.display())]
    IsThere {
        /// The record.
        path: PathBuf,
    },
    /// No record, or that of a later program.
    #[error("{path} is no record of a batch that this program knows ({reason})", path = path.display())]
    NoRecord {
        /// The file.
        path: PathBuf,
        /// What is wrong with its first line.
        reason: String,
    },
    /// Damage before the last line: no kill does that.
    #[error(
        "line {line} of {path} is damaged, which no kill does: restore the file, or begin anew in another --out",
        path = path.display()
    )]
    Damaged {
        /// The record.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The record was made under other conditions.
    #[error(
        "{path} was made with {field} {there}, and this is {here}: results of both would be mixed; choose another --out",
        path = path.display()
    )]
    OtherConditions {
        /// The record.
        path: PathBuf,
        /// Which condition.
        field: &'static str,
        /// In the record.
        there: String,
        /// Now.
        here: String,
    },
    /// The record does not follow the questions.
    #[error(
        "line {line} of {path} is row {there}, and the questions have {here} there",
        path = path.display()
    )]
    OtherRow {
        /// The record.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// In the record.
        there: String,
        /// In the questions.
        here: String,
    },
    /// Another program writes there.
    #[error("another program is writing {path}: wait for it, or choose another --out", path = path.display())]
    Busy {
        /// The record.
        path: PathBuf,
    },
    /// Shards that do not belong together.
    #[error("{path} is shard {found}, which {other} holds too", path = path.display(), other = other.display())]
    Twice {
        /// The second record.
        path: PathBuf,
        /// Its shard.
        found: String,
        /// The first.
        other: PathBuf,
    },
    /// Whoever asked for it wants it no more.
    #[error("stopped")]
    Stopped,
    /// Nothing to put together.
    #[error("no record to put together: name the folders that batch wrote")]
    Nothing,
}
