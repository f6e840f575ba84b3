//! The window without a display: what a person can do, by labels.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod batch;
mod behavior;
mod window;
