//! Floor 5: the command line.
//!
//! - **Owns**: flags, what is printed, exit codes.
//! - **May import**: `domain`, `app`.
//! - **Never**: computing anything.
//! - **Invariant**: 0 done, 1 done with warnings, 2 failed with one line that says what to do.

mod args;
mod ask;
mod commands;
mod pos;
mod progress;
mod pull;
mod regions;

pub use self::{args::Args, commands::run};
