//! The batch that is looked at: opened, its questions read, and drawn.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::Result;

use super::{
    batch_asking::{AskedAgain, ask_row},
    batch_choice::BatchChoice,
    batch_list::{BatchList, ListKey},
    command::{Command, JobId},
    derived::Maybe,
    job::{Job, JobOutput},
    jobs::{BatchChart, BatchHeader, BatchQuestions, ChartChoice, OpenedBatch, QuestionsRequest},
    memo::Memo,
    state::{AppState, RunningJob},
    update::start,
};

/// Charts that are kept, so that going back to a choice draws nothing anew.
const MOST_CHARTS: usize = 12;

/// What a job does for the batch that is looked at; results for another are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ForBatch {
    /// Nothing.
    #[default]
    Nothing,
    /// Opens it.
    Open,
    /// Reads the questions of one of its folders.
    Read(u64, usize),
    /// Draws it.
    Draw(u64, ChartChoice),
    /// Opens, or asks, the question of a row.
    Ask(u64, usize),
}

/// The questions of one folder.
#[derive(Clone, Debug)]
pub enum Questions {
    /// They are being read.
    Reading,
    /// They are those that were asked.
    Known(Arc<BatchQuestions>),
    /// Why they are not known, and what to do.
    Unknown(String),
}

/// Batches that are looked at together.
#[derive(Debug)]
pub struct OpenBatch {
    /// What their records hold.
    pub results: Arc<OpenedBatch>,
    /// The questions of each, by its place.
    pub questions: Vec<Questions>,
    /// Tells it from those before it in this window.
    pub(super) number: u64,
    /// What was drawn, the oldest first.
    charts: Vec<(ChartChoice, Arc<Maybe<BatchChart>>)>,
    /// What is being drawn.
    drawing: Option<ChartChoice>,
    /// Lists of rows, by what is chosen.
    pub(super) lists: Memo<ListKey, BatchList>,
    /// Rows that were asked again, by their places.
    pub(super) asked: BTreeMap<usize, AskedAgain>,
}

impl OpenBatch {
    /// Tells it from those before it in this window.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What came of asking a row again, if that was done.
    pub fn asked_again(&self, place: usize) -> Option<&AskedAgain> {
        self.asked.get(&place)
    }

    /// How many of its folders' questions are known: lists are made anew when more are.
    pub(super) fn n_known(&self) -> usize {
        self.questions.iter().filter(|known| matches!(known, Questions::Known(_))).count()
    }

    fn chart(&self, choice: &ChartChoice) -> Option<&Arc<Maybe<BatchChart>>> {
        self.charts.iter().find(|(known, _)| known == choice).map(|(_, chart)| chart)
    }

    fn keep(&mut self, choice: ChartChoice, chart: Maybe<BatchChart>) {
        self.drawing = None;
        if self.charts.len() >= MOST_CHARTS {
            self.charts.remove(0);
        }
        self.charts.push((choice, Arc::new(chart)));
    }
}

/// Does a command about batches.
pub(super) fn batch_command(state: &mut AppState, command: Command) {
    match command {
        Command::OpenBatch(paths) => open(state, paths),
        Command::AddBatch(paths) => {
            let known = state.batch.as_ref().map(|open| open.results.folders.clone());
            open(state, [known.unwrap_or_default(), paths].concat());
        }
        Command::CloseBatch => {
            state.leave_batch();
            state.workspace.batch = BatchChoice::default();
        }
        Command::FindQuestions(batch, file) => state.read_questions(batch, Some(file)),
        Command::ReadQuestions(batch) => state.read_questions(batch, None),
        Command::SetBatch(choice) => state.workspace.batch = *choice,
        Command::AskBatchRow(place) => ask_row(state, place),
        _ => {}
    }
}

fn open(state: &mut AppState, paths: Vec<PathBuf>) {
    for job in state.jobs.values_mut().filter(|job| job.for_batch == ForBatch::Open) {
        job.drop_result();
    }
    start(state, Job::OpenBatch(paths));
}

/// Says of a job what it does for the batch.
pub(super) fn set_purpose(state: &mut AppState, id: JobId, for_batch: &ForBatch) {
    for board in [&mut state.jobs, &mut state.quiet] {
        if let Some(job) = board.get_mut(&id) {
            job.for_batch.clone_from(for_batch);
        }
    }
}

/// Whether batches asked the same questions in the same words, so that they share them. The file's name
/// is part of that: it says which benchmark's prompts are meant.
fn asks_the_same(a: &BatchHeader, b: &BatchHeader) -> bool {
    (&a.data_sum, &a.prompt, &a.data) == (&b.data_sum, &b.prompt, &b.data)
}

impl AppState {
    /// The batch that a result is for, where it is still the one that is looked at.
    pub(super) fn batch_of(&mut self, number: u64) -> Option<&mut OpenBatch> {
        self.batch.as_mut().filter(|open| open.number == number)
    }

    /// Whether batches are being opened.
    pub fn is_opening_batch(&self) -> bool {
        self.jobs.values().any(|job| job.for_batch == ForBatch::Open && !job.is_stopping())
    }

    /// What is drawn of the open batch.
    pub fn chart_choice(&self) -> ChartChoice {
        let choice = &self.workspace.batch;
        ChartChoice {
            by: choice.by.clone(),
            attention: choice.attention,
            reading: self.workspace.view.reading,
        }
    }

    /// The chart of the open batch, or why there is none; nothing while it is drawn.
    pub fn batch_chart(&self) -> Option<&Arc<Maybe<BatchChart>>> {
        self.batch.as_ref()?.chart(&self.chart_choice())
    }

    /// Has the chart drawn that is chosen and not there; one at a time.
    pub(super) fn draw_batch(&mut self) {
        let choice = self.chart_choice();
        let Some(open) = self.batch.as_ref().filter(|_| self.worker.is_some()) else { return };
        if open.drawing.is_some() || open.chart(&choice).is_some() {
            return;
        }
        let (batch, number) = (Arc::clone(&open.results), open.number);
        let Some(id) = start(self, Job::DrawBatch(batch, choice.clone())) else { return };
        set_purpose(self, id, &ForBatch::Draw(number, choice.clone()));
        if let Some(open) = self.batch_of(number) {
            open.drawing = Some(choice);
        }
    }

    /// Looks at no batch; what is still read for it is wanted no more.
    fn leave_batch(&mut self) -> Option<OpenBatch> {
        let reads = |job: &&mut RunningJob| matches!(job.for_batch, ForBatch::Read(..));
        self.jobs.values_mut().filter(reads).for_each(RunningJob::drop_result);
        self.batch.take()
    }

    /// Shows batches that were opened. What they are grouped by stays, where there is such a group, and
    /// questions that are known are not read again.
    pub(super) fn show_batch(&mut self, results: OpenedBatch) {
        let before = self.leave_batch();
        for folder in results.folders.iter().rev() {
            self.settings.add_batch(folder);
        }
        self.keep_settings();
        let BatchChoice { by, attention, .. } = std::mem::take(&mut self.workspace.batch);
        self.workspace.batch = BatchChoice {
            by: Some(by).filter(|by| results.groupings.contains(by)).unwrap_or_default(),
            attention: attention.filter(|mode| results.modes().contains(mode)),
            ..BatchChoice::default()
        };
        let known = |header: &BatchHeader| {
            let before = before.as_ref()?;
            let mut all = before.results.headers.iter().zip(&before.questions);
            let is_it = |(known, questions): &(&BatchHeader, &Questions)| {
                asks_the_same(known, header) && matches!(questions, Questions::Known(_))
            };
            all.find(is_it).map(|(_, questions)| questions.clone())
        };
        let questions: Vec<Questions> = results
            .headers
            .iter()
            .map(|header| known(header).unwrap_or(Questions::Reading))
            .collect();
        self.next_batch += 1;
        let results = Arc::new(results);
        self.batch = Some(OpenBatch {
            results: Arc::clone(&results),
            questions,
            number: self.next_batch,
            charts: Vec::new(),
            drawing: None,
            lists: Memo::new(8),
            asked: BTreeMap::new(),
        });
        for (batch, header) in results.headers.iter().enumerate() {
            let is_first =
                !results.headers[..batch].iter().any(|other| asks_the_same(other, header));
            let open = self.batch.as_ref().map(|open| &open.questions[batch]);
            if is_first && matches!(open, Some(Questions::Reading)) {
                self.read_questions(batch, None);
            }
        }
    }

    /// Reads the questions of one of the open batches, from where they are said to be.
    fn read_questions(&mut self, batch: usize, file: Option<PathBuf>) {
        let Some(open) = &mut self.batch else { return };
        let Some(header) = open.results.headers.get(batch).cloned() else { return };
        let (number, folder) = (open.number, open.results.folders[batch].clone());
        open.questions[batch] = Questions::Reading;
        let request = Box::new(QuestionsRequest { header, folder, file });
        if let Some(id) = start(self, Job::ReadQuestions(request)) {
            set_purpose(self, id, &ForBatch::Read(number, batch));
        } else {
            let why = "the questions were not read: too much is waiting already".to_owned();
            self.take_questions(number, batch, Err(why));
        }
    }

    /// Takes in the questions of a folder.
    fn take_questions(&mut self, number: u64, batch: usize, read: Maybe<BatchQuestions>) {
        let Some(open) = self.batch_of(number) else { return };
        let read = match read {
            Ok(questions) => Questions::Known(Arc::new(questions)),
            Err(why) => Questions::Unknown(why),
        };
        let OpenBatch { results, questions, .. } = open;
        let of = &results.headers[batch];
        for (header, questions) in results.headers.iter().zip(questions) {
            if asks_the_same(header, of) && !matches!(questions, Questions::Known(_)) {
                *questions = read.clone();
            }
        }
    }

    /// Takes in what a job for a batch came to, failures too, which stay where the result would stand.
    /// What is not for a batch alone is given back.
    pub(super) fn take_for_batch(
        &mut self,
        of: &ForBatch,
        result: Result<JobOutput>,
    ) -> Option<Result<JobOutput>> {
        let why = |error: anyhow::Error| format!("{error:#}");
        match (of, result) {
            (ForBatch::Read(number, batch), Ok(JobOutput::Questions(read))) => {
                self.take_questions(*number, *batch, Ok(*read));
            }
            (ForBatch::Read(number, batch), Err(error)) => {
                self.take_questions(*number, *batch, Err(why(error)));
            }
            (ForBatch::Draw(number, choice), Ok(JobOutput::Chart(chart))) => {
                self.take_chart(*number, choice, Ok(*chart));
            }
            (ForBatch::Draw(number, choice), Err(error)) => {
                self.take_chart(*number, choice, Err(why(error)));
            }
            (_, result) => return Some(result),
        }
        None
    }

    fn take_chart(&mut self, number: u64, choice: &ChartChoice, drawn: Maybe<BatchChart>) {
        if let Some(open) = self.batch_of(number) {
            open.keep(choice.clone(), drawn);
        }
    }
}
