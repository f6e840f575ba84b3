//! Floor 1: what is kept on disk of runs, and of how a person arranged them.
//!
//! - **Owns**: named arrays in safetensors files; a session's folder: `session.json`, `regions.json`,
//!   `findings/<name>.json`, `thumbnail.png`, `pictures/<checksum>.png` and
//!   `runs/<name>/{run.json, trace.safetensors, image.png}`.
//! - **May import**: `domain`.
//! - **Never**: the network; a file can be read where no model is.
//! - **Invariant**: a file or a run is whole or not there: written beside its place, then renamed. What
//!   is read back is what was written, bit for bit; what cannot be read is said, and the rest opens.

mod arrays;
mod error;
mod findings;
mod json_file;
mod list;
mod manifest;
mod moment;
mod picture_file;
mod pictures;
mod regions_file;
mod run_file;
mod store;
mod trace_file;

pub use self::{
    arrays::{ArrayError, NamedArrays, write_whole},
    error::SessionError,
    findings::KeptFinding,
    list::{SessionSummary, is_session, sessions_in},
    manifest::{SESSION_VERSION, SessionManifest},
    moment::Moment,
    picture_file::{KeptPicture, Pixels, read_picture},
    regions_file::{KeptRegions, REGIONS_FILE, regions_of_picture, regions_of_session},
    run_file::{KeptRun, RunFacts},
    store::{KeptSession, SessionStore, slug},
};
