//! What can be wrong with a benchmark's file as a whole, and with one row of it.

use std::{fmt, io, path::PathBuf};

/// Why a benchmark file could not be read or scored.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// The disk.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing in it.
    #[error("{} holds no row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A row that is not one.
    #[error("{}, {fault}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Which row, and what is wrong.
        fault: RowFault,
    },
    /// A column that the file must have.
    #[error("{} has no column \"{column}\"; it has: {}", path.display(), shortened(found))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The columns it has.
        found: Vec<String>,
    },
    /// A header that is none.
    #[error("the header of {} {reason}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A folder without questions.
    #[error(
        "{} holds neither questions.tsv nor questions.csv, nor a picture with a .txt of the same name that asks about it",
        path.display()
    )]
    NoQuestions {
        /// The folder.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[error("stopped reading {}", path.display())]
    Stopped {
        /// The file that was being read.
        path: PathBuf,
    },
    /// A Parquet file that is none, or not of this kind.
    #[error("{} is not a Parquet file that can be read: {reason}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file of prompts.
    #[error("{}: {reason}", path.display())]
    Prompts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Scores that a judge must give first.
    #[error(
        "{benchmark} needs a judge: give {} to VLMEvalKit, then score the table that it writes, with column \"{column}\"",
        path.display()
    )]
    NeedsJudge {
        /// The benchmark.
        benchmark: super::Benchmark,
        /// The file.
        path: PathBuf,
        /// The judge's column.
        column: &'static str,
    },
}

fn shortened(columns: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut text = columns.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if columns.len() > SHOWN {
        text.push_str(", ..");
    }
    text
}

/// What is wrong with one row; the others can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The row, from 1, the header not counted.
    pub row: usize,
    /// Its index, where it is known.
    pub index: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(index) = &self.index {
            write!(f, " (index {index})")?;
        }
        write!(f, ": {}", self.reason)
    }
}
