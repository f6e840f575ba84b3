//! Everything the window knows. Panels read it; only `update` and `handle` write.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use super::{
    command::JobId,
    derived::Derived,
    history::History,
    jobs::Answered,
    picture::Picture,
    settings::Settings,
    worker::Worker,
    workspace::{RunId, Workspace},
};
use crate::domain::{Coverage, Progress, RegionSet};

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// To be careful.
    Warning,
    /// Something failed.
    Error,
}

/// Something that a person should know; it stays until it is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A number of its own.
    pub number: usize,
    /// How grave it is.
    pub level: Level,
    /// What, where, and what to do.
    pub text: String,
}

/// A piece of work that waits or runs.
#[derive(Clone, Debug)]
pub struct RunningJob {
    /// What it does.
    pub title: String,
    /// The last step it told of.
    pub progress: Option<Progress>,
    /// The words it has written.
    pub text: String,
    /// Bytes that it will record at most, once known.
    pub recorded_bytes: Option<u64>,
    /// Whether it is a question.
    pub is_question: bool,
    /// Whether its run goes beside the one that is looked at.
    pub is_beside: bool,
    /// Tells it to stop.
    pub(super) is_stopped: Arc<AtomicBool>,
}

/// The regions of the picture.
#[derive(Clone, Debug)]
pub struct PictureRegions {
    /// The regions.
    pub set: Arc<RegionSet>,
    /// Those that are not drawn, by place in the list.
    pub hidden: BTreeSet<usize>,
    /// What was wrong with some.
    pub warnings: Vec<String>,
    /// Their share of each patch of the run that is looked at, once there is one.
    pub coverage: Option<Arc<Coverage>>,
}

/// Everything the window knows.
#[derive(Debug)]
pub struct AppState {
    /// What a person arranges.
    pub workspace: Workspace,
    /// Undo.
    pub history: History<Workspace>,
    /// The picture that is asked about.
    pub picture: Option<Arc<Picture>>,
    /// The runs of this window; a run's number is its place.
    pub runs: Vec<Arc<Answered>>,
    /// The regions of the picture.
    pub regions: Option<PictureRegions>,
    /// What waits or runs.
    pub jobs: BTreeMap<JobId, RunningJob>,
    /// What follows from runs and the selection.
    pub derived: Derived,
    /// What a person should know.
    pub notices: Vec<Notice>,
    /// What is remembered.
    pub settings: Settings,
    /// Where that is kept; none keeps nothing.
    pub settings_file: Option<PathBuf>,
    /// The name of the thing that the open example asks about.
    pub(super) example_about: Vec<String>,
    pub(super) worker: Option<Worker>,
    pub(super) next_job: u64,
    pub(super) next_notice: usize,
}

impl AppState {
    /// A new window's state; without a worker nothing is computed.
    pub fn new(worker: Option<Worker>, settings_file: Option<PathBuf>) -> Self {
        let (settings, wrong) =
            settings_file.as_deref().map_or_else(Default::default, Settings::read);
        let workspace = Workspace::default();
        let mut state = Self {
            history: History::new(workspace.clone()),
            workspace,
            picture: None,
            runs: Vec::new(),
            regions: None,
            jobs: BTreeMap::new(),
            derived: Derived::default(),
            notices: Vec::new(),
            settings,
            settings_file,
            example_about: Vec::new(),
            worker,
            next_job: 0,
            next_notice: 0,
        };
        if let Some(wrong) = wrong {
            state.notify(Level::Warning, wrong);
        }
        state
    }

    /// The run that is looked at.
    pub fn run(&self) -> Option<&Arc<Answered>> {
        self.run_of(self.workspace.selection.run?)
    }

    /// A run by its number.
    pub fn run_of(&self, id: RunId) -> Option<&Arc<Answered>> {
        self.runs.get(id.0)
    }

    /// The question that is being answered.
    pub fn asking(&self) -> Option<(JobId, &RunningJob)> {
        self.jobs.iter().find(|(_, job)| job.is_question).map(|(id, job)| (*id, job))
    }

    /// Tells a person something, once.
    pub(super) fn notify(&mut self, level: Level, text: impl Into<String>) {
        let text = text.into();
        self.notices.retain(|notice| notice.text != text);
        self.notices.push(Notice { number: self.next_notice, level, text });
        self.next_notice += 1;
    }
}
