//! The window without a display: what a person can do, by labels.

mod behavior;
mod window;
