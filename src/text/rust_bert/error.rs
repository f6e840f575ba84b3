//! Why rust-bert gives no tags.

use std::{io, path::PathBuf, time::Duration};

use super::RustBertState;

/// Why a question got no tags from rust-bert.
#[derive(Debug, thiserror::Error)]
pub enum RustBertError {
    /// The program or its model is not there, or it failed before and was not started again.
    #[error("{0}")]
    NotReady(RustBertState),
    /// The program is there and does not start.
    #[error("the rust-bert program does not start ({source}): {}", program.display())]
    Unstartable {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program cannot use its model.
    #[error("the rust-bert program cannot use its model: {reason}")]
    BadModel {
        /// What the program said.
        reason: String,
    },
    /// The program did not say in time that its model is loaded.
    #[error("rust-bert loaded no model within {} s and was ended", limit.as_secs_f32())]
    SlowStart {
        /// How long was waited.
        limit: Duration,
    },
    /// The program did not answer in time.
    #[error("rust-bert gave no answer within {} s and was ended", limit.as_secs_f32())]
    SlowAnswer {
        /// How long was waited.
        limit: Duration,
    },
    /// The program ended by itself.
    #[error("the rust-bert program ended: {how}")]
    Died {
        /// Its exit status, and its last words.
        how: String,
    },
    /// The program said something that is not in the protocol.
    #[error("the rust-bert program does not keep to the protocol and was ended: {reason}")]
    Garbled {
        /// What is wrong with what it said.
        reason: String,
    },
    /// The program refused this question; it answers others.
    #[error("rust-bert refused the question: {reason}")]
    Refused {
        /// What the program said.
        reason: String,
    },
    /// No word of the answer has a score that is a number.
    #[error("rust-bert's scores are not numbers for this question")]
    NoScores,
}
