//! The only writers of the state: `update` does a command, `handle` takes in what a worker tells.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    command::{Command, JobId},
    jobs::{Answered, Example, Question},
    state::{AppState, Level, PictureRegions, RunningJob},
    worker::{Job, JobEvent, JobOutput},
    workspace::{RunId, Selection, Subject},
};
use crate::{
    domain::{AttentionMode, Bucket, BucketEdits, Progress, Region, RegionFormat, RegionSet},
    regions::coverage,
};

/// Does a command.
pub fn update(state: &mut AppState, command: Command) {
    match command {
        Command::Ask => ask(state, state.workspace.mode, false),
        Command::AskBeside(mode) => ask(state, mode, true),
        Command::Cancel(id) => {
            if let Some(job) = state.jobs.get(&id) {
                job.is_stopped.store(true, Ordering::Relaxed);
            }
        }
        Command::OpenPicture(path) => {
            start(state, Job::OpenPicture(path));
        }
        Command::OpenExample(number) => {
            start(state, Job::OpenExample(number));
        }
        Command::SelectRun(id) => select_run(state, id),
        Command::SetBeside(id) => state.workspace.beside = id,
        Command::SetBucket(word, bucket) => set_bucket(state, word, bucket),
        Command::ImportRegions(path, fix) => match state.picture.clone() {
            Some(picture) => {
                start(state, Job::ImportRegions(path, picture, fix));
            }
            None => state.notify(Level::Error, "open a picture first: regions belong to one"),
        },
        Command::Export(request) => {
            start(state, Job::Export(request));
        }
        Command::Undo => {
            if let Some(before) = state.history.undo(&state.workspace) {
                state.workspace = before;
            }
        }
        Command::Redo => {
            if let Some(after) = state.history.redo() {
                state.workspace = after;
            }
        }
        Command::SetSettings(settings) => {
            state.settings = *settings;
            keep_settings(state);
        }
        Command::Notify(level, text) => state.notify(level, text),
        Command::Dismiss(number) => state.notices.retain(|notice| notice.number != number),
        other => arrange(state, other),
    }
}

/// Commands that only arrange.
fn arrange(state: &mut AppState, command: Command) {
    let workspace = &mut state.workspace;
    match command {
        Command::SetQuestion(question) => workspace.question = question,
        Command::SetModel(model) => {
            if let Some(model) = &model {
                state.settings.add_model(model);
                keep_settings(state);
            }
            state.workspace.model = model;
        }
        Command::SetMode(mode) => workspace.mode = mode,
        Command::SetDevice(device) => workspace.device = device,
        Command::SetMaxNewTokens(n) => workspace.max_new_tokens = n.max(1),
        Command::Select(selection) => workspace.selection = selection,
        Command::SelectSubject(subject) => workspace.selection.subject = subject,
        Command::SetView(view) => workspace.view = view,
        region => regions(state, region),
    }
}

/// Commands about regions.
fn regions(state: &mut AppState, command: Command) {
    match command {
        Command::AddRegion(region) => add_region(state, region),
        Command::RenameRegion(i, name) => change_regions(state, |all| {
            if let Some(region) = all.get_mut(i) {
                region.label = name;
            }
        }),
        Command::ShowRegion(i, is_shown) => {
            if let Some(regions) = &mut state.regions {
                if is_shown {
                    regions.hidden.remove(&i);
                } else {
                    regions.hidden.insert(i);
                }
            }
        }
        Command::RemoveRegion(Some(i)) => {
            change_regions(state, |all| {
                if i < all.len() {
                    all.remove(i);
                }
            });
            state.workspace.selection.region = None;
        }
        Command::RemoveRegion(None) => {
            state.regions = None;
            state.workspace.selection.region = None;
        }
        _ => {}
    }
}

fn keep_settings(state: &mut AppState) {
    let Some(path) = state.settings_file.clone() else { return };
    if let Err(error) = state.settings.write(&path) {
        let text =
            format!("settings are not remembered: cannot write {}: {error:#}", path.display());
        state.notify(Level::Warning, text);
    }
}

/// Puts a job in line.
fn start(state: &mut AppState, job: Job) -> Option<JobId> {
    let Some(worker) = &state.worker else {
        state.notify(Level::Error, "nothing can be computed: no worker thread could be started");
        return None;
    };
    let id = JobId(state.next_job);
    let is_stopped = Arc::new(AtomicBool::new(false));
    let running = RunningJob {
        title: job.title(),
        progress: None,
        text: String::new(),
        recorded_bytes: None,
        is_question: matches!(job, Job::Ask(_)),
        is_beside: false,
        is_stopped: Arc::clone(&is_stopped),
    };
    match worker.start(id, job, is_stopped) {
        Ok(()) => {
            state.next_job += 1;
            state.jobs.insert(id, running);
            Some(id)
        }
        Err(error) => {
            state.notify(Level::Error, format!("{error:#}"));
            None
        }
    }
}

fn ask(state: &mut AppState, mode: AttentionMode, is_beside: bool) {
    let here = if is_beside { state.run().cloned() } else { None };
    let picture =
        here.as_ref().map(|run| Arc::clone(&run.picture)).or_else(|| state.picture.clone());
    let Some(picture) = picture else {
        state.notify(
            Level::Error,
            "open a picture first: drop one into the window, or press Ctrl+O",
        );
        return;
    };
    let workspace = &state.workspace;
    let text =
        here.map_or_else(|| workspace.question.trim().to_owned(), |run| run.run.question.clone());
    if text.is_empty() {
        state.notify(Level::Error, "type a question first");
        return;
    }
    let question = Question {
        picture,
        text,
        model: workspace.model.clone(),
        mode,
        device: workspace.device,
        max_new_tokens: workspace.max_new_tokens,
    };
    if let Some(id) = start(state, Job::Ask(question))
        && let Some(job) = state.jobs.get_mut(&id)
    {
        job.is_beside = is_beside;
    }
}

fn select_run(state: &mut AppState, id: RunId) {
    let Some(answered) = state.run_of(id).cloned() else { return };
    state.workspace.selection.run = Some(id);
    state.workspace.question.clone_from(&answered.run.question);
    state.workspace.edits = BucketEdits::new();
    state.workspace.selection.subject = first_subject(&answered, &state.example_about);
    let is_other = state.picture.as_ref().is_none_or(|here| !Arc::ptr_eq(here, &answered.picture));
    if is_other {
        state.picture = Some(Arc::clone(&answered.picture));
        state.regions = None;
    }
    cover(state);
}

/// What is looked at first: the word for the thing that is asked about.
fn first_subject(answered: &Answered, about: &[String]) -> Subject {
    let words = &answered.words.words;
    let is_named = |text: &str| about.iter().any(|name| name.eq_ignore_ascii_case(text));
    let named = words.iter().position(|word| is_named(&word.text));
    let object = words.iter().rposition(|word| word.bucket == Bucket::Objects);
    named.or(object).map_or(Subject::Nothing, Subject::word)
}

fn set_bucket(state: &mut AppState, word: usize, bucket: Option<Bucket>) {
    let edits = state.workspace.edits.clone();
    state.workspace.edits = match bucket {
        Some(bucket) => edits.with(word, bucket),
        None => edits.without(word),
    };
}

fn add_region(state: &mut AppState, region: Region) {
    let Some(picture) = &state.picture else { return };
    if state.regions.is_some() {
        change_regions(state, |all| all.push(region));
        return;
    }
    let source = "drawn by hand".to_owned();
    let set = RegionSet::new(picture.image.size, RegionFormat::Boxes, source, vec![region]);
    set_regions(state, set, Vec::new());
}

fn change_regions(state: &mut AppState, change: impl FnOnce(&mut Vec<Region>)) {
    let Some(regions) = &mut state.regions else { return };
    let mut all = regions.set.regions().to_vec();
    change(&mut all);
    regions.set = Arc::new(regions.set.with_regions(all));
    cover(state);
}

fn set_regions(state: &mut AppState, set: RegionSet, warnings: Vec<String>) {
    state.regions = Some(PictureRegions {
        set: Arc::new(set),
        hidden: BTreeSet::new(),
        warnings,
        coverage: None,
    });
    cover(state);
}

/// Regions over patches, once there is a run that has patches.
fn cover(state: &mut AppState) {
    let grid = state.run().map(|answered| (answered.run.patches, answered.run.fit));
    if let (Some(regions), Some((patches, fit))) = (&mut state.regions, grid) {
        regions.coverage = Some(Arc::new(coverage(&regions.set, patches, &fit)));
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
            let job = state.jobs.remove(&id);
            match result {
                Ok(output) => finish(state, output, job.is_some_and(|job| job.is_beside)),
                Err(error) => {
                    let is_stopped =
                        job.as_ref().is_some_and(|j| j.is_stopped.load(Ordering::Relaxed));
                    let title = job.map_or_else(String::new, |job| format!("{}: ", job.title));
                    if is_stopped {
                        state.notify(Level::Info, format!("{title}stopped"));
                    } else {
                        state.notify(Level::Error, format!("{title}{error:#}"));
                    }
                }
            }
        }
    }
}

fn finish(state: &mut AppState, output: JobOutput, is_beside: bool) {
    match output {
        JobOutput::Answered(answered) => {
            for warning in &answered.warnings {
                state.notify(Level::Warning, warning.clone());
            }
            let id = RunId(state.runs.len());
            state.runs.push(Arc::from(answered));
            if is_beside {
                state.workspace.beside = Some(id);
            } else {
                select_run(state, id);
            }
        }
        JobOutput::Picture(picture) => {
            if let Some(path) = &picture.path {
                state.settings.add_picture(path);
                keep_settings(state);
            }
            for warning in &picture.image.warnings {
                state.notify(Level::Warning, warning.clone());
            }
            state.picture = Some(Arc::from(picture));
            state.example_about = Vec::new();
            forget_run(state);
        }
        JobOutput::Example(example) => open_example(state, *example),
        JobOutput::Regions(set, warnings) => set_regions(state, set, warnings),
        JobOutput::Written(path) => {
            state.notify(Level::Info, format!("wrote {}", shown(&path)));
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn forget_run(state: &mut AppState) {
    state.workspace.selection = Selection::default();
    state.workspace.beside = None;
    state.workspace.edits = BucketEdits::new();
    state.regions = None;
}

fn open_example(state: &mut AppState, example: Example) {
    state.picture = Some(Arc::new(example.picture));
    state.workspace.question = example.question;
    state.example_about = example.about;
    forget_run(state);
    set_regions(state, example.regions, Vec::new());
    ask(state, state.workspace.mode, false);
}

/// Takes in all that workers told, and lets history look; true where a later look is needed.
pub fn settle(state: &mut AppState, now: Instant) -> bool {
    let events: Vec<JobEvent> =
        state.worker.as_ref().map(|worker| worker.events().collect()).unwrap_or_default();
    for event in events {
        handle(state, event);
    }
    state.history.observe(&state.workspace, now)
}
