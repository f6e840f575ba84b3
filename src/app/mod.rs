//! Floor 4: everything the program can do, without a window and without flags.
//!
//! - **Owns**: use cases as plain functions that every front door calls.
//! - **May import**: all lower floors.
//! - **Never**: `clap`, `egui`, printing.
//! - **Invariant**: a job that fails leaves no half-written file.

mod command;
mod derived;
mod history;
pub mod jobs;
mod memo;
mod picture;
mod settings;
mod sight;
mod state;
mod update;
mod worker;
mod workspace;

pub use self::{
    command::{Command, CommandQueue, ExportRequest, JobId},
    derived::{Derived, EditedWords, HeadMaps, Maybe},
    history::History,
    picture::Picture,
    settings::{Look, Settings, config_folder},
    state::{AppState, Level, Notice, PictureRegions, RunningJob},
    update::{handle, settle, update},
    worker::{Job, JobEvent, JobOutput, Worker},
    workspace::{MapScale, RunId, Selection, Subject, Texels, ViewChoice, Workspace},
};
