//! Floor 2: one question, one run.
//!
//! - **Owns**: a model folder as a whole (network, tokenizer, template) and the loop that answers.
//! - **May import**: `domain`, `vision`, `text`, `model`.
//! - **Never**: flags, windows, output files.
//! - **Invariant**: the pattern in a run comes from the very pass that chose its tokens.

mod engine;
mod error;
mod generate;
mod parity;
mod picture;
mod score;
mod unloaded;

pub use self::{
    engine::{Engine, Loaded},
    error::InferenceError,
    generate::{Asked, RunRequest},
    parity::{ModeTensors, TowerTensors},
    picture::{EncodedPicture, SeenPicture},
    score::{Alternative, N_ALTERNATIVES, Score},
    unloaded::{RecordSize, Unloaded},
};
