//! The window without a display: what a person can do, by labels.

mod batch;
mod behavior;
mod window;
