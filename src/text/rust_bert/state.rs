//! How rust-bert is, in words a person can act on.

use std::fmt;

use super::places::{MODEL_FILES, MODEL_VARIABLE, PROGRAM, PROGRAM_VARIABLE};

/// How rust-bert is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustBertState {
    /// There is no program.
    NotFound {
        /// Where it was looked for.
        looked_in: Vec<String>,
    },
    /// There is a program, but no complete model folder.
    NoModel {
        /// Where one was looked for, and what was missing there.
        looked_in: Vec<String>,
    },
    /// The program runs and has not yet said that its model is loaded.
    Starting,
    /// The program answers.
    Ready {
        /// The model folder.
        model: String,
    },
    /// The program was ended, or ended by itself; it is not started again unasked.
    Failed {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for RustBertState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { looked_in } => write!(
                f,
                "the rust-bert program {PROGRAM} is not there (looked for {}); build it as \
                 pos-rust-bert/README.md says, or set {PROGRAM_VARIABLE}",
                looked_in.join(", ")
            ),
            Self::NoModel { looked_in } => write!(
                f,
                "rust-bert has no model (looked in {}); put {MODEL_FILES} into one of these \
                 folders, or set {MODEL_VARIABLE}",
                looked_in.join(", ")
            ),
            Self::Starting => f.write_str("rust-bert is loading its model"),
            Self::Ready { model } => write!(f, "rust-bert answers with the model in {model}"),
            Self::Failed { reason } => {
                write!(f, "rust-bert is not used until it is started again: {reason}")
            }
        }
    }
}
