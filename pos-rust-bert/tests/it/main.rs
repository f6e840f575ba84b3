//! The real pipeline and the real program on a tiny model with random weights: what is tested is
//! everything but the quality of the real model.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod client;
mod folder;
mod program;
mod tagger;
mod tiny_model;
