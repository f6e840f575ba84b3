//! Rows of the open batch asked again: the ordinary run, set beside what the record holds.

use std::sync::Arc;

use super::{
    asking::{put, select_run},
    batch::{ForBatch, Questions, set_purpose},
    job::Job,
    jobs::{BatchAsk, OpenedQuestion, Question, embedded_model},
    state::{AppState, Level, RunningJob},
    update::{forget_run, start},
    workspace::RunId,
};
use crate::{benchmark::prompt_sha256, domain::Ending};

/// A row that was asked again in this window, beside what the record holds of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AskedAgain {
    /// The run.
    pub run: RunId,
    /// Whether the model read the very same prompt.
    pub same_prompt: bool,
    /// Whether it answered the same.
    pub same_answer: bool,
    /// The log-probability of the run's answer, in nats.
    pub logprob: f64,
    /// That of the record's.
    pub recorded: f64,
}

/// Asks a row again, or looks at the run that was made of it before.
pub(super) fn ask_row(state: &mut AppState, place: usize) {
    let Some(open) = &state.batch else { return };
    let Some(opened) = open.results.rows.get(place) else { return };
    state.workspace.batch.row = Some(place);
    if let Some(again) = open.asked.get(&place).copied() {
        select_run(state, again.run);
        return;
    }
    let questions = match &open.questions[opened.batch] {
        Questions::Known(questions) => Arc::clone(questions),
        Questions::Reading => {
            state.notify(Level::Info, "the questions of this batch are still being read");
            return;
        }
        Questions::Unknown(why) => {
            let why = why.clone();
            state.notify(Level::Error, why);
            return;
        }
    };
    let request = BatchAsk {
        questions,
        header: Arc::new(open.results.headers[opened.batch].clone()),
        row: opened.row.row,
        attention: opened.row.attention,
    };
    let for_batch = ForBatch::Ask(open.number, place);
    // What was chosen last is what is wanted.
    let is_older = |job: &&mut RunningJob| matches!(job.for_batch, ForBatch::Ask(..));
    state.jobs.values_mut().filter(is_older).for_each(RunningJob::drop_result);
    if let Some(id) = start(state, Job::OpenBatchRow(request)) {
        set_purpose(state, id, &for_batch);
    }
}

impl AppState {
    /// Asks a question of a batch that was opened.
    pub(super) fn ask_opened(&mut self, of: &ForBatch, opened: OpenedQuestion) {
        for warning in opened.warnings {
            self.notify(Level::Warning, warning);
        }
        let picture = Arc::new(opened.picture);
        forget_run(self);
        self.example_about = Vec::new();
        self.show_picture(Some(Arc::clone(&picture)));
        let is_embedded = opened.model == embedded_model(opened.attention);
        let workspace = &mut self.workspace;
        workspace.question.clone_from(&opened.text);
        workspace.mode = opened.attention;
        workspace.model = (!is_embedded).then_some(opened.model);
        workspace.max_new_tokens = opened.max_new_tokens;
        let question = Question {
            picture,
            text: opened.text,
            turn: opened.turn,
            model: workspace.model.clone(),
            mode: opened.attention,
            device: workspace.device,
            max_new_tokens: opened.max_new_tokens,
            tagger: self.settings.tagger_request(),
        };
        if let Some(id) = put(self, question, false) {
            set_purpose(self, id, of);
        }
    }

    /// Sets a run that was made of a row beside what the record holds of it.
    pub(super) fn compare_with_record(&mut self, of: &ForBatch, run: RunId) {
        let ForBatch::Ask(number, place) = of else { return };
        let Some(answered) = self.run_of(run).cloned() else { return };
        let Some(open) = self.batch_of(*number) else { return };
        let recorded = open.results.rows.get(*place).and_then(|row| row.row.answer.as_ref());
        let Some(recorded) = recorded else { return };
        let made = &answered.run;
        // An answer that was stopped is not the whole of what would have been said.
        if made.ending == Ending::Stopped {
            return;
        }
        let again = AskedAgain {
            run,
            same_prompt: prompt_sha256(&made.prompt.text) == recorded.prompt_sha256,
            same_answer: made.answer == recorded.prediction,
            logprob: made.answer_logprobs.iter().sum(),
            recorded: recorded.logprob,
        };
        open.asked.insert(*place, again);
    }

    /// Forgets which rows were asked again: their runs are those of another session.
    pub(super) fn forget_batch_runs(&mut self) {
        if let Some(open) = &mut self.batch {
            open.asked.clear();
        }
    }
}
