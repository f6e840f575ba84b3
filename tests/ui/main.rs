//! The window without a display: what a person can do, by labels, and how its panels look.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod arranging;
mod ask_bar;
mod batch;
mod behavior;
mod entities;
mod exporting;
mod heads;
mod kept;
mod keys;
mod long_lists;
mod made_up;
mod numbers;
mod painter;
mod palette;
mod panels;
mod picture_view;
mod pictures;
mod pointing;
mod regions;
mod restart;
mod sessions;
mod stopping;
mod window;
