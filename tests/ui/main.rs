//! The window without a display: what a person can do, by labels, and how its panels look.

mod behavior;
mod heads;
mod kept;
mod made_up;
mod painter;
mod pictures;
mod window;
