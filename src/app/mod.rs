//! Floor 4: everything the program can do, without a window and without flags.
//!
//! - **Owns**: use cases as plain functions that every front door calls.
//! - **May import**: all lower floors.
//! - **Never**: `clap`, `egui`, printing.
//! - **Invariant**: a job that fails leaves no half-written file.

pub mod jobs;
