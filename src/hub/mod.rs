//! Floor 1: checkpoints from a model hub, kept where every other program of the hub keeps them.
//!
//! - **Owns**: the hub's routes, its cache on disk, and downloads that are whole or not there.
//! - **May import**: `domain`.
//! - **Never**: what a checkpoint means; here a model is a list of files.
//! - **Invariant**: a file gets its name only after its size and checksum are those that the hub
//!   states; a revision gets its commit only after all its files are there.

mod cache;
mod checksum;
mod download;
mod error;
mod http;
mod listing;
mod name;
mod pull;
mod settings;

pub use self::{
    cache::HubCache,
    error::HubError,
    name::RepoName,
    pull::{Hub, PullProgress, PullRequest, Pulled},
    settings::{DEFAULT_ENDPOINT, HubSettings},
};
