//! Floor 5: the command line.
//!
//! - **Owns**: flags, what is printed, exit codes.
//! - **May import**: `domain`, `app`.
//! - **Never**: computing anything.
//! - **Invariant**: 0 done, 1 done with warnings, 2 failed with one line that says what to do.

mod args;
mod ask;
mod batch;
mod checks;
mod commands;
mod compare;
mod heatmap;
mod inspect;
mod knockout;
mod methods;
mod pos;
mod progress;
mod pull;
mod regions;
mod score;
mod subject;
mod sweep;

pub use self::{
    args::{Args, Command, WindowArgs},
    commands::run,
};
