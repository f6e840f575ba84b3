//! Why a model cannot be opened, or a question not be tagged.

use std::{io, path::PathBuf};

/// What is wrong with a model folder or a question.
#[derive(Debug, thiserror::Error)]
pub enum TaggerError {
    /// There is no such folder.
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// What was given.
        path: PathBuf,
    },
    /// A file of the model is missing.
    #[error("the model folder has no {missing}: {}", path.display())]
    NoFile {
        /// The file, or the files of which one is needed.
        missing: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `config.json` is not a `MobileBERT` configuration.
    #[error("not a MobileBERT configuration ({source}): {}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Where and why reading stopped.
        source: serde_json::Error,
    },
    /// The folder holds another kind of model.
    #[error("the model is of type `{found}`, not `mobilebert`: {}", path.display())]
    OtherModel {
        /// `model_type`, as the file names it.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// `id2label` does not name the labels 0, 1, 2 and so on.
    #[error("`id2label` does not name a label for every number from 0 on: {}", path.display())]
    Labels {
        /// The file.
        path: PathBuf,
    },
    /// The model has too few positions for a word between its two markers.
    #[error("the model has {found} positions, at least 8 are needed: {}", path.display())]
    Positions {
        /// `max_position_embeddings`.
        found: i64,
        /// The file.
        path: PathBuf,
    },
    /// The vocabulary has more entries than the model has embeddings.
    #[error("the vocabulary has {found} entries, but the model {expected}: {}", path.display())]
    Vocabulary {
        /// `vocab_size`.
        expected: i64,
        /// Lines of the file.
        found: usize,
        /// The file.
        path: PathBuf,
    },
    /// The vocabulary or the weights do not load.
    #[error("the model does not load ({reason}): {}", path.display())]
    Load {
        /// The folder.
        path: PathBuf,
        /// What rust-bert said, in one line.
        reason: String,
    },
    /// rust-bert or libtorch stopped with a panic.
    #[error("rust-bert stopped: {reason}")]
    Panicked {
        /// The panic's message, in one line.
        reason: String,
    },
}

/// The first line that says anything; libtorch adds a stack trace of many.
pub(crate) fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("no reason was given").trim().to_owned()
}
