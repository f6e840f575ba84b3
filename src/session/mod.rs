//! Floor 1: what is kept on disk of a run.
//!
//! - **Owns**: named arrays in safetensors files.
//! - **May import**: `domain`.
//! - **Never**: the network; a file can be read where no model is.
//! - **Invariant**: a file is either whole or not there: written beside its place, then renamed.

mod arrays;

pub use self::arrays::{ArrayError, NamedArrays, write_whole};
