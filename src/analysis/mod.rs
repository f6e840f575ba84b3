//! Floor 1: a recorded run becomes numbers with a meaning.
//!
//! - **Owns**: readings of a trace, their projection onto the picture, their summary over runs, and
//!   the figures made of them.
//! - **May import**: `domain`.
//! - **Never**: disk, the network, drawing; everything here is a pure function.
//! - **Invariant**: mass is conserved: what a projection cannot place, it reports. What was not
//!   recorded is an error, never a zero.

mod block;
mod bootstrap;
mod bucket_figure;
mod bucket_sums;
mod by_bucket;
mod error;
mod latents;
mod over_runs;
mod projection;
mod reading;

pub use self::{
    bootstrap::Bootstrap,
    bucket_figure::{BucketChart, RunGroup, bucket_figure},
    by_bucket::{BucketReading, BucketTables, ByBucket, by_bucket},
    error::AnalysisError,
    latents::{answered_from, looks_at, read_by, resampler_patterns},
    over_runs::{BucketSummary, over_runs},
    projection::{PatchMap, project_onto_patches},
    reading::{BucketSpec, HeadWeighting, Per, TemplateTokens},
};
pub use crate::domain::Reading;
