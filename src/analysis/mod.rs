//! Floor 1: a recorded run becomes numbers with a meaning.
//!
//! - **Owns**: readings of a trace and their projection onto the picture.
//! - **May import**: `domain`.
//! - **Never**: disk, the network, drawing; everything here is a pure function.
//! - **Invariant**: mass is conserved: what a projection cannot place, it reports.

mod latents;
mod projection;

pub use self::{
    latents::{answered_from, looks_at, read_by, resampler_patterns},
    projection::{PatchMap, project_onto_patches},
};
