//! Everything the window knows. Panels read it; only `update` and `handle` write.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    asking::Asked,
    batch::{ForBatch, OpenBatch},
    command::JobId,
    derived::Derived,
    devices::Devices,
    estimating::NextRecording,
    findings::Found,
    history::History,
    job::Job,
    jobs::{Answered, RustBertState},
    keeping::{Arranged, OpenSession},
    offer::Offer,
    picture::Picture,
    picture_regions::PictureRegions,
    settings::Settings,
    settings_due::SettingsDue,
    worker::Worker,
    workspace::{RunId, Workspace},
};
use crate::domain::Progress;

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
    /// What can be done about it with a click.
    pub offers: Vec<Offer>,
}

/// A piece of work that waits or runs.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the work")]
pub struct RunningJob {
    /// What it does.
    pub title: String,
    /// The last step it told of.
    pub progress: Option<Progress>,
    /// The words it has written.
    pub text: String,
    /// Bytes that it will record at most, once known.
    pub recorded_bytes: Option<u64>,
    /// The question that it asks, if it asks one.
    pub asked: Option<Asked>,
    /// Whether its run goes beside the one that is looked at.
    pub is_beside: bool,
    /// Whether nobody waits for its result any more.
    pub(super) is_stale: bool,
    /// Whether it only waits for a tagger, which a question must not wait for.
    pub(super) is_tagger: bool,
    /// The runs that it finds something out about.
    pub(super) examines: Option<Vec<RunId>>,
    /// The runs that it writes to disk.
    pub(super) keeps: Vec<RunId>,
    /// The session whose beginning or arrangement it writes to disk.
    pub(super) keeps_session: Option<u64>,
    /// Whether it loads a model that was picked.
    pub(super) loads_model: bool,
    /// The file or folder that it reads regions from.
    pub(super) imports: Option<PathBuf>,
    /// Whether these are added to those that are there.
    pub(super) adds_regions: bool,
    /// Whether it opens the session of the number that the window has now.
    pub(super) opens_session: bool,
    /// What it does for the open batch.
    pub(super) for_batch: ForBatch,
    /// Tells it to stop.
    is_stopped: Arc<AtomicBool>,
}

impl RunningJob {
    pub(super) fn new(job: &Job, is_stopped: Arc<AtomicBool>) -> Self {
        let keeps = match job {
            Job::KeepRuns(keep) => keep.runs.iter().map(|(id, _)| *id).collect(),
            _ => Vec::new(),
        };
        Self {
            title: job.title(),
            progress: None,
            text: String::new(),
            recorded_bytes: None,
            asked: match job {
                Job::Ask(question) => Some(Asked::new(question)),
                _ => None,
            },
            is_beside: false,
            is_stale: false,
            examines: None,
            is_tagger: matches!(job, Job::StartTagger(..)),
            keeps,
            keeps_session: match job {
                Job::KeepRuns(keep) if keep.runs.is_empty() => Some(keep.key),
                Job::KeepView(keep) => Some(keep.key),
                _ => None,
            },
            loads_model: matches!(job, Job::LoadModel(..)),
            imports: match job {
                Job::ImportRegions(path, ..) => Some(path.clone()),
                _ => None,
            },
            adds_regions: false,
            opens_session: matches!(job, Job::OpenSession(..)),
            for_batch: match job {
                Job::OpenBatch(_) => ForBatch::Open,
                _ => ForBatch::Nothing,
            },
            is_stopped,
        }
    }

    /// Whether it is a question.
    pub(super) fn is_question(&self) -> bool {
        self.asked.is_some()
    }

    /// Asks it to stop at its next step.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Asks it to stop, and wants nothing of what it made.
    pub(super) fn drop_result(&mut self) {
        self.is_stale = true;
        self.stop();
    }
}

/// Everything the window knows.
#[derive(Debug)]
pub struct AppState {
    /// What a person arranges.
    pub workspace: Workspace,
    /// The picture that is asked about.
    pub picture: Option<Arc<Picture>>,
    /// The regions of the picture.
    pub regions: Option<PictureRegions>,
    /// The runs of this window; a run's number is its place.
    pub runs: Vec<Arc<Answered>>,
    /// What was found out about them, in the order it was.
    pub findings: Vec<Found>,
    /// The finding that was chosen last, by its place.
    pub(super) shown_cause: Option<usize>,
    /// The batch that is looked at.
    pub batch: Option<OpenBatch>,
    /// The session that they are kept in.
    pub session: OpenSession,
    /// Where sessions are begun; none keeps nothing.
    pub sessions_folder: Option<PathBuf>,
    /// What waits or runs, but for what is kept without a word.
    pub jobs: BTreeMap<JobId, RunningJob>,
    /// What follows from runs and the selection.
    pub derived: Derived,
    /// What devices there are, once a person was about to choose.
    pub devices: Devices,
    /// How rust-bert is, where it is the chosen tagger and was looked for.
    pub rust_bert: Option<RustBertState>,
    /// What a person should know.
    pub notices: Vec<Notice>,
    /// What is remembered.
    pub settings: Settings,
    /// Where that is kept; none keeps nothing.
    pub settings_file: Option<PathBuf>,
    /// How far keeping it is.
    pub(super) settings_due: SettingsDue,
    /// Undo.
    pub(super) history: History<Arranged>,
    /// The regions of pictures that are not looked at, by the picture's checksum.
    pub(super) other_regions: BTreeMap<u64, PictureRegions>,
    /// Jobs that are done without a word.
    pub(super) quiet: BTreeMap<JobId, RunningJob>,
    /// The name of the thing that the open example asks about.
    pub(super) example_about: Vec<String>,
    /// Where everything of the view goes once its last maps are made.
    pub(super) export_waits: Option<PathBuf>,
    /// What the next run will record.
    pub(super) next_recording: NextRecording,
    pub(super) worker: Option<Worker>,
    pub(super) next_job: u64,
    pub(super) next_notice: usize,
    pub(super) next_batch: u64,
}

impl AppState {
    /// A new window's state; without a worker nothing is computed.
    pub fn new(worker: Option<Worker>, settings_file: Option<PathBuf>) -> Self {
        let (settings, wrong) =
            settings_file.as_deref().map_or_else(Default::default, Settings::read);
        let mut workspace = Workspace { device: settings.device, ..Workspace::default() };
        workspace.view.colormap = settings.colormap;
        let arranged = Arranged {
            workspace: workspace.clone(),
            picture: None,
            regions: None,
            title: String::new(),
        };
        let mut state = Self {
            history: History::new(arranged),
            workspace,
            picture: None,
            regions: None,
            runs: Vec::new(),
            findings: Vec::new(),
            shown_cause: None,
            batch: None,
            session: OpenSession::default(),
            sessions_folder: None,
            jobs: BTreeMap::new(),
            derived: Derived::default(),
            devices: Devices::default(),
            rust_bert: None,
            notices: Vec::new(),
            settings,
            settings_file,
            settings_due: SettingsDue::default(),
            other_regions: BTreeMap::new(),
            quiet: BTreeMap::new(),
            example_about: Vec::new(),
            export_waits: None,
            next_recording: NextRecording::default(),
            worker,
            next_job: 0,
            next_notice: 0,
            next_batch: 0,
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

    /// The regions, for a picture that they are of.
    pub fn regions_of(&self, picture: &Picture) -> Option<&PictureRegions> {
        let here = self.picture.as_ref()?;
        self.regions.as_ref().filter(|_| here.checksum() == picture.checksum())
    }

    /// The question that is being answered.
    pub fn asking(&self) -> Option<(JobId, &RunningJob)> {
        let is_wanted = |job: &&RunningJob| job.is_question() && !job.is_stale;
        self.jobs.iter().map(|(id, job)| (*id, job)).find(|(_, job)| is_wanted(job))
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        self.history.can_undo(&self.arranged())
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Tells a person something, once.
    pub(super) fn notify(&mut self, level: Level, text: impl Into<String>) {
        self.notify_with(level, text.into(), Vec::new());
    }

    /// The same, with what can be done about it.
    pub(super) fn notify_with(&mut self, level: Level, text: String, offers: Vec<Offer>) {
        self.notices.retain(|notice| notice.text != text);
        self.notices.push(Notice { number: self.next_notice, level, text, offers });
        self.next_notice += 1;
    }

    /// Looks at another picture, with its own regions.
    pub(super) fn show_picture(&mut self, picture: Option<Arc<Picture>>) {
        let checksum = |picture: &Option<Arc<Picture>>| picture.as_ref().map(|p| p.checksum());
        let (before, after) = (checksum(&self.picture), checksum(&picture));
        self.picture = picture;
        if before != after || self.regions.is_none() {
            if let (Some(before), Some(regions)) = (before, self.regions.take()) {
                self.other_regions.insert(before, regions);
            }
            self.regions = after.and_then(|after| self.other_regions.remove(&after));
        }
        self.cover();
    }

    /// Regions over patches, once there is a run of their picture that has patches.
    pub(super) fn cover(&mut self) {
        let Some(regions) = &mut self.regions else { return };
        let run = self.workspace.selection.run.and_then(|id| self.runs.get(id.0));
        match run {
            Some(answered) => regions.cover(answered.run.patches, &answered.run.fit),
            None => regions.uncover(),
        }
    }
}
