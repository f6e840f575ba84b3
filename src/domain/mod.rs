//! Floor 0: the words every room uses.
//!
//! - **Owns**: plain values that two or more rooms speak of.
//! - **May import**: nothing of ours.
//! - **Never**: files, tensors of a device, windows.
//! - **Invariant**: a value that can be built is valid; what could be wrong is refused when built.

mod grid;
mod sequence;

pub use self::{
    grid::{Grid, ImageFit, ImageSize, PixelInput},
    sequence::{PositionedToken, Prompt, Segment, SequenceLayout, SequenceOrder, TokenId},
};
