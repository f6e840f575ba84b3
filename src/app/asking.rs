//! Questions: put to the model, shown when answered, and looked at again.

use std::sync::Arc;

use super::{
    command::JobId,
    job::Job,
    jobs::{Answered, Question},
    offer::Offer,
    state::{AppState, Level, RunningJob},
    tagger::start_tagger,
    update::start,
    workspace::{RunId, Subject},
};
use crate::domain::{AttentionMode, Bucket, Ending};

/// A question that is on its way to its answer.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked.
    pub text: String,
    /// What stood in the field that it is typed into when it was asked.
    typed: String,
}

impl Asked {
    pub(super) fn new(question: &Question) -> Self {
        Self { text: question.text.clone(), typed: String::new() }
    }
}

/// Asks the question about the picture, or the chosen run's question again under another mode.
pub(super) fn ask(state: &mut AppState, mode: AttentionMode, is_beside: bool) {
    let here = if is_beside { state.run().cloned() } else { None };
    let picture =
        here.as_ref().map(|run| Arc::clone(&run.picture)).or_else(|| state.picture.clone());
    let Some(picture) = picture else {
        let text = "open a picture first: drop one into the window, or press Ctrl+O";
        state.notify(Level::Error, text);
        return;
    };
    let workspace = &state.workspace;
    let (text, turn) = match here {
        Some(run) => (run.run.question.clone(), run.turn.clone()),
        None => (workspace.question.trim().to_owned(), None),
    };
    if text.is_empty() {
        state.notify(Level::Error, "type a question first");
        return;
    }
    let question = Question {
        picture,
        text,
        turn,
        model: workspace.model.clone(),
        mode,
        device: workspace.device,
        max_new_tokens: workspace.max_new_tokens,
        tagger: state.settings.tagger_request(),
    };
    put(state, question, is_beside);
}

/// Puts a question to the model; it takes the place of one that is not answered yet.
pub(super) fn put(state: &mut AppState, question: Question, is_beside: bool) -> Option<JobId> {
    for job in state.jobs.values_mut().filter(|job| job.is_question() && job.is_beside == is_beside)
    {
        job.drop_result();
    }
    // A question waits for its tagger at its end, not at its beginning.
    state.quiet.values().filter(|job| job.is_tagger).for_each(RunningJob::stop);
    let id = start(state, Job::Ask(question))?;
    if let Some(job) = state.jobs.get_mut(&id) {
        job.is_beside = is_beside;
        if let Some(asked) = &mut job.asked {
            asked.typed.clone_from(&state.workspace.question);
        }
    }
    Some(id)
}

/// Shows a run that was just made, and keeps it. What a person did while it was made stays as it is:
/// another question that was begun, another picture that was opened.
pub(super) fn show_answer(state: &mut AppState, answered: Answered, job: &RunningJob) -> RunId {
    let is_beside = job.is_beside;
    for warning in &answered.warnings {
        let is_stopped = answered.run.ending == Ending::Stopped;
        let level = if is_stopped { Level::Info } else { Level::Warning };
        state.notify(level, warning.clone());
    }
    let id = RunId(state.runs.len());
    let is_as_came = state.is_as_came() && state.runs.is_empty() && !is_beside;
    let is_of_picture_here =
        state.picture.as_ref().is_none_or(|here| here.checksum() == answered.picture.checksum());
    let typed = typed_since(state, job);
    state.runs.push(Arc::new(answered));
    if is_beside {
        state.workspace.beside = Some(id);
    } else if is_of_picture_here {
        select_run(state, id);
        if let Some(typed) = typed {
            state.workspace.question = typed;
        }
    } else {
        tell_of_answer(state, id);
    }
    if is_as_came {
        state.came_by_itself();
    }
    state.keep_runs();
    // The question may have found out that rust-bert is ready, or that it is not.
    start_tagger(state, false);
    id
}

/// What was typed since a question was asked, and is not the question of a run.
fn typed_since(state: &AppState, job: &RunningJob) -> Option<String> {
    let (here, asked) = (&state.workspace.question, job.asked.as_ref()?);
    let is_asked = state.runs.iter().any(|run| run.run.question == here.trim());
    (*here != asked.typed && !is_asked).then(|| here.clone())
}

/// Says that a question is answered whose picture is not the one that is looked at any more.
fn tell_of_answer(state: &mut AppState, id: RunId) {
    let Some(answered) = state.run_of(id) else { return };
    let (question, picture) = (&answered.run.question, &answered.picture.name);
    let text = format!(
        "\u{201c}{question}\u{201d} about {picture} is answered; another picture was opened meanwhile, \
         and the run is kept in the panel Runs"
    );
    state.notify_with(Level::Info, text, vec![Offer::ShowRun(id)]);
}

/// Looks at a run.
pub(super) fn select_run(state: &mut AppState, id: RunId) {
    let Some(answered) = state.run_of(id).cloned() else { return };
    let is_same_picture =
        state.picture.as_ref().is_none_or(|here| here.checksum() == answered.picture.checksum());
    let chosen = &mut state.workspace.selection;
    chosen.run = Some(id);
    chosen.region = chosen.region.filter(|_| is_same_picture);
    let n_patches = answered.run.patches.len();
    chosen.patch = chosen.patch.filter(|patch| is_same_picture && *patch < n_patches);
    chosen.subject = first_subject(&answered, &state.example_about);
    state.workspace.question.clone_from(&answered.run.question);
    state.show_picture(Some(Arc::clone(&answered.picture)));
}

/// What is looked at first: the word for the thing that is asked about.
fn first_subject(answered: &Answered, about: &[String]) -> Subject {
    let words = &answered.words.words;
    let is_named = |text: &str| about.iter().any(|name| name.eq_ignore_ascii_case(text));
    let named = words.iter().position(|word| is_named(&word.text));
    let object = words.iter().rposition(|word| word.bucket == Bucket::Objects);
    named.or(object).map_or(Subject::Nothing, Subject::word)
}
