//! What can go wrong in a training.

use std::path::PathBuf;

use crate::{domain::PlanError, model::ModelError, text::TextError};

/// A training that cannot start, go on or be kept.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The configuration is not one.
    #[error("{path}: {reason}", path = path.display())]
    BadConfig {
        /// The file.
        path: PathBuf,
        /// Field, expected and found.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {path}", path = path.display())]
    File {
        /// "read", "write" or "make".
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The folder holds something else.
    #[error("{path} is not empty and holds no unfinished training of this stage and configuration: \
             choose another --out, or remove it", path = path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The state of a stopped training does not fit.
    #[error("{path}: {reason}; remove the folder to start again", path = path.display())]
    BadState {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The loss is not a number any more.
    #[error("the loss became {loss} at step {step}: lower \"learning_rate\" or \"clip_norm\"")]
    Diverged {
        /// The step.
        step: usize,
        /// What it became.
        loss: f32,
    },
    /// The network.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Words.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A mode that does not fit the model.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

pub(super) type Result<T> = std::result::Result<T, TrainError>;

impl TrainError {
    pub(super) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}
