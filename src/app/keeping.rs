//! Keeping sessions: runs at once, arrangements at most every two seconds, and opening them again.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    asking::select_run,
    derived::Derived,
    history::History,
    job::Job,
    jobs::{KeepRuns, KeepView, Kept, OpenedSession, SessionError, is_session},
    picture::Picture,
    picture_regions::PictureRegions,
    saved_view::SavedPicture,
    state::{AppState, Level, RunningJob},
    update::start,
    workspace::{RunId, Workspace},
};

/// How long an arrangement waits until it is sent to the disk: with the wait for the next look, and the
/// disk itself, a kill loses at most two seconds of it.
const KEEP_EVERY: Duration = Duration::from_millis(1500);

/// The session that is open in a window.
#[derive(Debug, Default)]
pub struct OpenSession {
    /// Its folder; none before its first run.
    pub folder: Option<PathBuf>,
    /// What it is called; empty for the first question.
    pub title: String,
    /// The names of runs that are on disk.
    pub names: BTreeMap<RunId, String>,
    /// Tells this session from those before it in this window.
    pub(super) key: u64,
    /// Runs that are being written.
    pub(super) in_flight: Vec<RunId>,
    /// Whether its folder is being made before its first run.
    is_begun: bool,
    /// How an example was shown before a person did anything: it is a click away, so it is kept only
    /// with what is done to it.
    as_came: Option<Arranged>,
    /// What it is called on disk.
    written_title: String,
    /// The arrangement that is on disk, or on its way there.
    pub(super) kept: Option<Arranged>,
    /// When it was sent there.
    pub(super) kept_at: Option<Instant>,
    /// Why the last attempt to write did not reach the disk.
    fault: Option<String>,
    /// Whether that has to be done again.
    is_to_repeat: bool,
}

impl OpenSession {
    /// Whether nothing of it is on disk, or on its way there.
    pub(super) fn is_new(&self) -> bool {
        self.folder.is_none() && self.in_flight.is_empty() && !self.is_begun
    }

    /// What a list of sessions shows of it: its folder, how many runs are there, what it is called.
    /// Another value means another list.
    pub fn on_disk(&self) -> (Option<&Path>, usize, &str) {
        (self.folder.as_deref(), self.names.len(), &self.written_title)
    }
}

/// Everything of an arrangement that is kept and undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Arranged {
    pub(super) workspace: Workspace,
    pub(super) picture: Option<Arc<Picture>>,
    pub(super) regions: Option<PictureRegions>,
    pub(super) title: String,
}

impl AppState {
    /// Everything that is kept and undone.
    pub(super) fn arranged(&self) -> Arranged {
        Arranged {
            workspace: self.workspace.clone(),
            picture: self.picture.clone(),
            regions: self.regions.clone(),
            title: self.session.title.clone(),
        }
    }

    /// Puts runs on disk that are not there yet.
    pub(super) fn keep_runs(&mut self) {
        let Some(sessions) = self.sessions_folder.clone() else { return };
        if self.session.as_came.is_some() {
            return;
        }
        let session = &self.session;
        let is_new =
            |id: &RunId| !session.names.contains_key(id) && !session.in_flight.contains(id);
        let runs: Vec<_> = self
            .runs
            .iter()
            .enumerate()
            .map(|(i, run)| (RunId(i), Arc::clone(run)))
            .filter(|(id, _)| is_new(id))
            .collect();
        let Some((_, first)) = runs.first() else { return };
        if self.session.title.is_empty() {
            self.session.title.clone_from(&first.run.question);
        }
        let ids: Vec<RunId> = runs.iter().map(|(id, _)| *id).collect();
        let keep =
            KeepRuns { key: self.session.key, sessions, title: self.session.title.clone(), runs };
        if start(self, Job::KeepRuns(keep)).is_some() {
            self.session.in_flight.extend(ids);
        }
    }

    /// Whether a session begins before its first run: where there are regions that a person made. They
    /// are work, and a picture that was only opened is not.
    fn has_to_begin(&self) -> bool {
        let has_regions = self.regions.is_some() || !self.other_regions.is_empty();
        let has_work = has_regions && self.picture.is_some() && self.session.as_came.is_none();
        let is_alone = self.session.is_new() && self.runs.is_empty();
        has_work && is_alone && self.sessions_folder.is_some()
    }

    fn begin_session(&mut self) {
        let Some(sessions) = self.sessions_folder.clone().filter(|_| self.has_to_begin()) else {
            return;
        };
        let (key, title) = (self.session.key, self.session_title());
        self.session.is_begun = true;
        start(self, Job::KeepRuns(KeepRuns { key, sessions, title, runs: Vec::new() }));
    }

    /// What the session is called: by a person, by its first question, or by its picture.
    fn session_title(&self) -> String {
        let picture = self.picture.as_ref().map(|picture| picture.name.clone());
        let asked = self.runs.first().map(|answered| answered.run.question.clone());
        let all = [Some(self.session.title.clone()), asked, picture];
        all.into_iter().flatten().find(|title| !title.trim().is_empty()).unwrap_or_default()
    }

    /// An example is shown as it came, in a session that holds nothing else.
    pub(super) fn came_by_itself(&mut self) {
        if self.session.is_new() && self.runs.len() <= 1 {
            self.session.as_came = Some(self.arranged());
        }
    }

    /// Whether an example is shown as it came.
    pub(super) fn is_as_came(&self) -> bool {
        self.session.as_came.as_ref().is_some_and(|came| *came == self.arranged())
    }

    /// Keeps an example's run once a person has done something with it.
    fn keep_if_touched(&mut self) {
        if self.session.as_came.is_some() && !self.is_as_came() {
            self.session.as_came = None;
            self.keep_runs();
        }
    }

    /// Takes in that something of a session did not reach the disk: said once, and tried again until it
    /// does.
    pub(super) fn session_not_kept(&mut self, key: u64, why: String) {
        if key != self.session.key {
            self.notify(Level::Error, why);
            return;
        }
        self.session.is_to_repeat = true;
        if self.session.fault.as_ref() != Some(&why) {
            let advice =
                "it is tried again until it works; make room, or let the folder be written to";
            self.notify(Level::Error, format!("{why}; {advice}"));
            self.session.fault = Some(why);
        }
    }

    /// Takes in that the arrangement of a session is on disk.
    pub(super) fn view_kept(&mut self, key: u64) {
        if key == self.session.key {
            self.session.fault = None;
        }
        if let Some(kept) = self.session.kept.as_ref().filter(|_| key == self.session.key) {
            self.session.written_title.clone_from(&kept.title);
        }
    }

    /// Takes in that runs are on disk.
    pub(super) fn runs_kept(&mut self, kept: Kept) {
        if kept.key != self.session.key {
            return;
        }
        self.session.names.extend(kept.names);
        if self.session.folder.is_none() {
            self.settings.add_session(&kept.folder);
            self.keep_settings();
        }
        self.session.folder = Some(kept.folder);
        // The names of runs are part of the arrangement, which is due now.
        (self.session.kept, self.session.kept_at) = (None, None);
        self.keep_findings();
        if let Some(fault) = kept.fault {
            let advice = "it is tried again with the next run; make room, or copy the answer";
            self.notify(Level::Error, format!("a run is not kept: {fault}; {advice}"));
        }
    }

    /// Puts the arrangement on disk where it changed and two seconds have passed since the last time.
    /// True where it has to be looked at again later.
    pub(super) fn keep_view(&mut self, now: Instant) -> bool {
        self.keep_if_touched();
        let session = &mut self.session;
        if std::mem::take(&mut session.is_to_repeat) {
            // What did not reach the disk is not there, and is sent no sooner than a change would be.
            (session.kept, session.kept_at, session.is_begun) = (None, Some(now), false);
        }
        let is_due =
            session.kept_at.is_none_or(|at| now.saturating_duration_since(at) >= KEEP_EVERY);
        if self.has_to_begin() {
            if is_due {
                self.begin_session();
            }
            return !is_due;
        }
        if self.session.folder.is_none() || self.sessions_folder.is_none() {
            return false;
        }
        if self.session.kept.as_ref() == Some(&self.arranged()) {
            return false;
        }
        if !is_due {
            return true;
        }
        self.send_view();
        self.session.kept_at = Some(now);
        false
    }

    fn send_view(&mut self) {
        let mut regions: Vec<_> =
            self.other_regions.iter().map(|(picture, regions)| regions.kept(*picture)).collect();
        if let (Some(picture), Some(here)) = (&self.picture, &self.regions) {
            regions.push(here.kept(picture.checksum()));
        }
        let view = KeepView {
            key: self.session.key,
            title: self.session_title(),
            view: self.saved_view(),
            picture: self.picture_without_run().cloned(),
            regions,
        };
        self.session.kept = Some(self.arranged());
        start(self, Job::KeepView(view));
    }

    /// Begins another session; what is open stays on disk.
    pub(super) fn leave_session(&mut self) {
        self.keep_all();
        let is_of_session = |job: &&mut RunningJob| job.is_question() || job.examines.is_some();
        for job in self.jobs.values_mut().filter(is_of_session) {
            job.drop_result();
        }
        let key = self.session.key + 1;
        self.session = OpenSession { key, ..OpenSession::default() };
        self.runs.clear();
        self.findings.clear();
        self.shown_cause = None;
        self.export_waits = None;
        // Runs of the next session have the same numbers.
        self.derived = Derived::default();
        self.forget_batch_runs();
        self.other_regions.clear();
        self.regions = None;
        self.workspace = Workspace {
            model: self.workspace.model.clone(),
            mode: self.workspace.mode,
            device: self.workspace.device,
            max_new_tokens: self.workspace.max_new_tokens,
            view: self.workspace.view.clone(),
            batch: self.workspace.batch.clone(),
            ..Workspace::default()
        };
        self.history = History::new(self.arranged());
    }

    /// Opens a session that is on disk. What is open stays where there is none.
    pub(super) fn open_session(&mut self, folder: &Path) {
        if !is_session(folder) {
            let why = SessionError::NotSession { path: folder.to_owned() };
            self.notify(Level::Error, why.to_string());
            return;
        }
        self.leave_session();
        start(self, Job::OpenSession(self.session.key, folder.to_owned()));
    }

    /// Shows a session that was opened.
    pub(super) fn show_session(&mut self, opened: OpenedSession) {
        if opened.key != self.session.key {
            return;
        }
        let mut names = BTreeMap::new();
        for (name, answered) in opened.runs {
            names.insert(RunId(self.runs.len()), name);
            self.runs.push(Arc::new(answered));
        }
        self.session.names = names;
        self.session.title = opened.title;
        if opened.is_writable {
            self.session.folder = Some(opened.folder.clone());
            self.settings.add_session(&opened.folder);
            self.keep_settings();
        }
        for kept in opened.regions {
            self.other_regions.insert(kept.picture, PictureRegions::from_kept(kept));
        }
        let damaged = self.take_findings(opened.findings);
        let wrong = self.arrange_as_saved(&opened.view);
        let last = self.runs.len().checked_sub(1).map(RunId);
        let asked = self.runs.iter().map(|answered| &answered.picture);
        let alone = SavedPicture::find(&opened.view, opened.pictures.iter().chain(asked));
        match (self.workspace.selection.run, alone, last) {
            (Some(id), ..) => {
                let picture = self.run_of(id).map(|answered| Arc::clone(&answered.picture));
                self.show_picture(picture);
            }
            (None, Some(alone), _) => self.show_picture(Some(alone)),
            (None, None, Some(last)) => self.show_last_run(&opened.view, last),
            (None, None, None) => {}
        }
        let n_regions = self.regions.as_ref().map_or(0, |regions| regions.set.regions().len());
        self.workspace.selection.region =
            self.workspace.selection.region.filter(|region| *region < n_regions);
        self.history = History::new(self.arranged());
        if opened.is_writable {
            self.session.kept = Some(self.arranged());
        }
        let place = opened.folder.display();
        for fault in opened.faults.into_iter().chain(damaged) {
            self.notify(Level::Warning, fault);
        }
        if !wrong.is_empty() {
            let what = wrong.join(", ");
            self.notify(Level::Warning, format!("{place}: parts of the view are as new: {what}"));
        }
    }

    /// Sends on what is not on its way to the disk yet.
    fn keep_all(&mut self) {
        self.keep_if_touched();
        self.keep_runs();
        self.begin_session();
        if !self.session.is_new() && self.session.kept.as_ref() != Some(&self.arranged()) {
            self.send_view();
        }
    }

    /// Looks at the last run of a session that was left looking at none; a question that was begun
    /// stays.
    fn show_last_run(&mut self, view: &Value, last: RunId) {
        let typed = std::mem::take(&mut self.workspace.question);
        select_run(self, last);
        if !typed.trim().is_empty() {
            self.workspace.question = typed;
        }
        if let Some(name) = SavedPicture::name_in(view) {
            let text = format!("{name}, which was looked at last, is not there: open it again");
            self.notify(Level::Warning, text);
        }
    }

    /// Puts everything on disk and waits for it. For the end of a window.
    pub fn close(&mut self) {
        self.keep_all();
        self.send_last_settings();
        if let Some(worker) = self.worker.take() {
            worker.finish();
        }
    }
}
