//! Penn part-of-speech tags for questions, by rust-bert, as JSON lines over standard input and output.
//!
//! aki-lens starts the program beside itself, because rust-bert needs libtorch and cannot share a lock
//! file with Burn. What leaves here are the words as the model parts them, each with its bytes in the
//! question and its tag; buckets, contractions and hyphens are the caller's.
//!
//! [`Tagger`] is the model, [`serve`] the conversation, [`protocol`] its lines.

mod error;
mod folder;
mod offsets;
mod pieces;
pub mod protocol;
mod serve;
mod tagger;

pub use self::{
    error::TaggerError,
    serve::{MAX_LINE, serve},
    tagger::{Tagged, Tagger},
};
