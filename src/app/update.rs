//! The only writers of the state: `update` does a command, `handle` takes in what a worker tells.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use super::{
    asking::{ask, select_run, show_answer},
    batch::batch_command,
    command::{Command, JobId},
    devices::{Devices, find_devices},
    dropped::{ask_what_it_is, take_dropped},
    findings::{find_cause, find_contrast, take_finding},
    job::{Job, JobEvent, JobOutput},
    jobs::Example,
    offer::Offer,
    picture_regions::PictureRegions,
    region_commands::{add_regions, region_command, set_regions},
    settings::Settings,
    state::{AppState, Level, RunningJob},
    tagger::{set_settings, start_tagger, take_tagger},
    view_parts::{export, export_view, export_when_whole},
    workspace::Selection,
};
use crate::{
    domain::{Bucket, Progress},
    regions::RegionsError,
};

/// Does a command.
pub fn update(state: &mut AppState, command: Command) {
    match command {
        Command::Ask => ask(state, state.workspace.mode, false),
        Command::AskBeside(mode) => ask(state, mode, true),
        Command::Stop => {
            state.jobs.values().filter(|job| job.is_question()).for_each(RunningJob::stop);
        }
        Command::Cancel(id) => cancel(state, id),
        Command::OpenPicture(path) => {
            start(state, Job::OpenPicture(path));
        }
        Command::PastePicture(pasted) => {
            start(state, Job::PastePicture(pasted));
        }
        Command::OpenExample(number) => {
            start(state, Job::OpenExample(number));
        }
        Command::TakeDropped { paths, as_regions } => take_dropped(state, paths, as_regions),
        Command::OpenSession(folder) => state.open_session(&folder),
        Command::NewSession => state.leave_session(),
        Command::RenameSession(title) => state.session.title = title,
        Command::Export(request) => export(state, request),
        Command::ExportView(parent) => export_view(state, parent),
        Command::FindCause(choice) => find_cause(state, *choice),
        Command::FindContrast => find_contrast(state),
        Command::ShowFinding(number) => state.shown_cause = Some(number),
        Command::CancelExamining => {
            state.jobs.values().filter(|job| job.examines.is_some()).for_each(RunningJob::stop);
        }
        Command::Undo => {
            if let Some(before) = state.history.undo(&state.arranged()) {
                state.arrange(before);
            }
        }
        Command::Redo => {
            if let Some(after) = state.history.redo(&state.arranged()) {
                state.arrange(after);
            }
        }
        Command::SetSettings(settings) => set_settings(state, *settings),
        Command::SetTaggerModel(folder) => {
            let settings = Settings { rust_bert_model: Some(folder), ..state.settings.clone() };
            set_settings(state, settings);
        }
        Command::FindDevices => find_devices(state),
        Command::StartTagger { again } => start_tagger(state, again),
        Command::Notify(level, text) => state.notify(level, text),
        Command::Dismiss(number) => state.notices.retain(|notice| notice.number != number),
        Command::OpenBatch(_)
        | Command::AddBatch(_)
        | Command::CloseBatch
        | Command::FindQuestions(..)
        | Command::ReadQuestions(_)
        | Command::SetBatch(_)
        | Command::AskBatchRow(_) => batch_command(state, command),
        other => choose(state, other),
    }
}

/// Commands that only choose.
fn choose(state: &mut AppState, command: Command) {
    let workspace = &mut state.workspace;
    match command {
        Command::SetQuestion(question) => workspace.question = question,
        Command::SetModel(model) => set_model(state, model),
        Command::SetMode(mode) => workspace.mode = mode,
        Command::SetDevice(device) => {
            workspace.device = device;
            state.settings.device = device;
            state.keep_settings();
        }
        Command::SetMaxNewTokens(n) => workspace.max_new_tokens = n.clamp(1, 100_000),
        Command::Select(selection) => workspace.selection = selection,
        Command::SelectSubject(subject) => workspace.selection.subject = subject,
        Command::SelectRun(id) => select_run(state, id),
        Command::SetBeside(id) => workspace.beside = id,
        Command::SetView(view) => {
            let is_recolored = view.colormap != workspace.view.colormap;
            workspace.view = view;
            if is_recolored {
                state.settings.colormap = state.workspace.view.colormap;
                state.keep_settings();
            }
        }
        Command::SetKnockout(form) => workspace.knockout = *form,
        Command::SetBucket(word, bucket) => set_bucket(state, word, bucket),
        region => region_command(state, region),
    }
}

/// Picks a model, and loads it at once: a person sees now how long that takes, and what is wrong with it.
fn set_model(state: &mut AppState, model: Option<String>) {
    state.jobs.values_mut().filter(|job| job.loads_model).for_each(RunningJob::drop_result);
    state.workspace.model.clone_from(&model);
    if let Some(name) = model {
        start(state, Job::LoadModel(name, state.workspace.device));
    }
}

fn set_bucket(state: &mut AppState, word: usize, bucket: Option<Bucket>) {
    let Some(id) = state.workspace.selection.run else { return };
    let edits = state.workspace.edits_of(id);
    let edits = match bucket {
        Some(bucket) => edits.with(word, bucket),
        None => edits.without(word),
    };
    if edits.is_empty() {
        state.workspace.edits.remove(&id);
    } else {
        state.workspace.edits.insert(id, edits);
    }
}

/// Puts a job in line.
pub(super) fn start(state: &mut AppState, job: Job) -> Option<JobId> {
    let Some(worker) = &state.worker else {
        state.notify(Level::Error, "nothing can be computed: no worker thread could be started");
        return None;
    };
    let id = JobId(state.next_job);
    let is_stopped = Arc::new(AtomicBool::new(false));
    let running = RunningJob::new(&job, Arc::clone(&is_stopped));
    let is_quiet = job.is_quiet();
    match worker.start(id, job, is_stopped) {
        Ok(()) => {
            state.next_job += 1;
            let board = if is_quiet { &mut state.quiet } else { &mut state.jobs };
            board.insert(id, running);
            Some(id)
        }
        Err(error) => {
            state.notify(Level::Error, format!("{error:#}"));
            None
        }
    }
}

/// Takes in what a worker tells.
pub fn handle(state: &mut AppState, event: JobEvent) {
    match event {
        JobEvent::Progress(id, progress) => {
            let Some(job) = state.jobs.get_mut(&id) else { return };
            match &progress {
                Progress::Text(text) => job.text.push_str(text),
                Progress::Recording { bytes, .. } => job.recorded_bytes = Some(*bytes),
                _ => {}
            }
            job.progress = Some(progress);
        }
        JobEvent::Done(id, result) => {
            let asked_for = state.jobs.remove(&id);
            let is_quiet = asked_for.is_none();
            let Some(job) = asked_for.or_else(|| state.quiet.remove(&id)) else { return };
            state.session.in_flight.retain(|id| !job.keeps.contains(id));
            if job.is_stale {
                return;
            }
            let Some(result) = state.take_for_batch(&job.for_batch, result) else { return };
            // An answer that was stopped is one; what is on disk is there; all else is not wanted.
            let is_kept =
                is_quiet || job.is_question() || matches!(result, Ok(JobOutput::Written(_)));
            match result {
                Ok(_) if job.is_stopping() && !is_kept => stopped(state, &job),
                Ok(JobOutput::Found(found)) => take_finding(state, job.examines, found),
                Ok(output) => finish(state, output, &job),
                Err(_) if job.is_stopping() => stopped(state, &job),
                Err(error) => fail(state, &job, &error),
            }
        }
    }
}

fn stopped(state: &mut AppState, job: &RunningJob) {
    state.notify(Level::Info, format!("{}: stopped", job.title));
}

/// Asks a piece of work to stop.
fn cancel(state: &mut AppState, id: JobId) {
    let Some(job) = state.jobs.get(&id) else { return };
    job.stop();
    // The thread may open it all the same, and nothing is to be added to it then.
    if job.opens_session && state.session.is_new() {
        state.session.key += 1;
    }
}

/// Says why a job failed, and offers what would help.
fn fail(state: &mut AppState, job: &RunningJob, error: &anyhow::Error) {
    if let Some(key) = job.keeps_session {
        state.session_not_kept(key, format!("{}: {error:#}", job.title));
        return;
    }
    let offer = match (error.downcast_ref::<RegionsError>(), &job.imports) {
        (Some(RegionsError::Size { offer: Some(fix), .. }), Some(path)) => {
            vec![Offer::ImportRegions(path.clone(), Some(*fix))]
        }
        _ => Vec::new(),
    };
    state.notify_with(Level::Error, format!("{}: {error:#}", job.title), offer);
}

fn finish(state: &mut AppState, output: JobOutput, job: &RunningJob) {
    match output {
        JobOutput::Answered(answered) => {
            let run = show_answer(state, *answered, job);
            state.compare_with_record(&job.for_batch, run);
        }
        JobOutput::Picture(picture) => {
            if let Some(path) = &picture.path {
                state.settings.add_picture(path);
                state.keep_settings();
            }
            for warning in &picture.image.warnings {
                state.notify(Level::Warning, warning.clone());
            }
            forget_run(state);
            state.show_picture(Some(Arc::from(picture)));
            state.example_about = Vec::new();
        }
        JobOutput::PictureOrMask(path, n_regions) => ask_what_it_is(state, path, n_regions),
        JobOutput::Loaded(name) => {
            // One that could not be loaded is not worth remembering.
            state.settings.add_model(&name);
            state.keep_settings();
        }
        JobOutput::Example(example) => open_example(state, *example),
        JobOutput::Regions(picture, set, warnings) => {
            let regions = PictureRegions::new(set, warnings);
            if job.adds_regions {
                add_regions(state, &picture, regions);
            } else {
                set_regions(state, &picture, regions);
            }
        }
        JobOutput::Estimated(found) => state.next_recording.found(found),
        JobOutput::Devices(found) => state.devices = Devices::Found(found),
        JobOutput::Tagger(rust_bert) => take_tagger(state, rust_bert),
        JobOutput::Written(path) => {
            state.notify(Level::Info, format!("wrote {}", path.display()));
        }
        JobOutput::Session(opened) => state.show_session(*opened),
        JobOutput::Kept(kept) => state.runs_kept(kept),
        JobOutput::Batch(results) => state.show_batch(*results),
        JobOutput::BatchRow(opened) => state.ask_opened(&job.for_batch, *opened),
        // Taken in before, or of no consequence.
        JobOutput::ViewKept(key) => state.view_kept(key),
        JobOutput::FindingKept
        | JobOutput::SettingsKept
        | JobOutput::Found(_)
        | JobOutput::Questions(_)
        | JobOutput::Chart(_) => {}
    }
}

pub(super) fn forget_run(state: &mut AppState) {
    state.workspace.selection = Selection::default();
    state.workspace.beside = None;
}

fn open_example(state: &mut AppState, example: Example) {
    let picture = Arc::new(example.picture);
    forget_run(state);
    state.show_picture(Some(Arc::clone(&picture)));
    state.workspace.question = example.question;
    state.example_about = example.about;
    if state.regions.is_none() {
        set_regions(state, &picture, PictureRegions::new(example.regions, Vec::new()));
    }
    ask(state, state.workspace.mode, false);
    state.came_by_itself();
}

/// Takes in all that workers told, lets history look, and keeps what is due; true where a later look
/// is needed.
pub fn settle(state: &mut AppState, now: Instant) -> bool {
    state.derived.frame.turn();
    let events: Vec<JobEvent> =
        state.worker.as_ref().map(|worker| worker.events().collect()).unwrap_or_default();
    for event in events {
        handle(state, event);
    }
    export_when_whole(state);
    let arranged = state.arranged();
    let is_moving = state.history.observe(&arranged, now);
    let is_unkept = state.keep_view(now);
    state.estimate_next();
    state.draw_batch();
    state.send_settings();
    is_moving || is_unkept
}

impl AppState {
    /// Goes to another arrangement of the same runs.
    fn arrange(&mut self, to: super::keeping::Arranged) {
        if self.picture != to.picture {
            self.show_picture(to.picture);
        }
        self.workspace = to.workspace;
        self.session.title = to.title;
        self.regions = to.regions;
        self.cover();
    }
}
