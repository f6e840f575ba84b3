//! The client of the rust-bert side program: starts it, asks it, and says plainly how it is.
//!
//! rust-bert needs libtorch and cannot share a lock file with Burn, so it is a package of its own
//! (`pos-rust-bert/`) and a process of its own. Nothing here links to it. Whatever goes wrong with it
//! is an error with a reason; answering without it is the caller's part.

mod client;
mod conversation;
mod error;
mod places;
mod reply;
mod state;

pub use self::{
    client::{RustBert, RustBertLimits},
    error::RustBertError,
    places::{RustBertPlaces, Surroundings},
    reply::TagAt,
    state::RustBertState,
};
