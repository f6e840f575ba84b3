//! Floor 4: everything the program can do, without a window and without flags.
//!
//! - **Owns**: use cases as plain functions that every front door calls.
//! - **May import**: all lower floors.
//! - **Never**: `clap`, `egui`, printing.
//! - **Invariant**: a job that fails leaves no half-written file.

mod asked_again;
mod asking;
mod batch;
mod batch_asking;
mod batch_choice;
mod batch_list;
mod beside;
mod command;
mod command_line;
mod comparison_line;
mod covered;
mod derived;
mod devices;
mod dropped;
mod estimating;
mod finding_figures;
mod findings;
mod frame_work;
mod head_drawings;
mod head_maps;
mod history;
mod job;
pub mod jobs;
mod keeping;
mod knockout_form;
mod latent_sight;
mod lenient;
mod listed;
mod map_drawing;
mod map_scale;
mod memo;
mod offer;
mod pasted;
mod picture;
mod picture_regions;
mod rates;
mod recorded;
mod region_commands;
mod region_sight;
mod saved_view;
mod settings;
mod settings_due;
mod sight;
mod state;
mod tagger;
mod update;
mod view_parts;
mod word_lights;
mod worker;
mod workspace;

pub use self::{
    asking::Asked,
    batch::{OpenBatch, Questions},
    batch_asking::AskedAgain,
    batch_choice::{BatchBar, BatchChoice, BatchColumn},
    batch_list::{BatchList, ListedRow},
    beside::Compared,
    command::{Command, CommandQueue, JobId},
    command_line::{CommandLine, quoted},
    derived::{Derived, EditedWords, Maybe},
    devices::Devices,
    finding_figures::FindingMaps,
    findings::{Finding, Found},
    head_maps::{HeadMap, HeadMaps},
    history::History,
    job::{Job, JobEvent, JobOutput, Line, Slots},
    keeping::{Arranged, OpenSession},
    knockout_form::{KnockoutForm, MOST as MOST_OF_SWEEP},
    offer::Offer,
    pasted::PastedPicture,
    picture::Picture,
    picture_regions::{Drawing, PictureRegions},
    settings::{
        Look, Settings, config_folder, config_folder_in, documents_folder, sessions_folder,
    },
    state::{AppState, Level, Notice, RunningJob},
    update::{handle, settle, update},
    view_parts::ViewPart,
    word_lights::WordLights,
    worker::Worker,
    workspace::{MapScale, RunId, Selection, Subject, Texels, ViewChoice, Workspace},
};
