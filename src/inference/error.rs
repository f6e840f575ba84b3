//! What can go wrong between a question and its run.

use crate::{domain::PlanError, model::ModelError, text::TextError, vision::VisionError};

/// A run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The checkpoint or the device.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer or the question.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The picture.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// The attention mode.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The prompt and its answer do not fit into the model.
    #[error(
        "the prompt has {prompt} positions and up to {answer} tokens were asked for, but the model \
         {limit}"
    )]
    TooLong {
        /// Positions of the prompt.
        prompt: usize,
        /// Tokens asked for.
        answer: usize,
        /// What the model allows, as a clause.
        limit: String,
    },
    /// Logits are not numbers.
    #[error(
        "the model's output is not finite after {tokens} tokens: weights or arithmetic overflowed; try \
         --dtype f32"
    )]
    NotFinite {
        /// Tokens written before.
        tokens: usize,
    },
}

pub(super) type Result<T> = std::result::Result<T, InferenceError>;
