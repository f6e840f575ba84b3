//! The window without a display: what a person can do by labels, and a few pictures.

mod behavior;
mod pictures;
mod window;
