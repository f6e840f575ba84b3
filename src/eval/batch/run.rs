//! Asks all questions of a batch under all its modes and keeps what is read of each run.

use std::{
    fmt,
    ops::ControlFlow,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rayon::prelude::*;

use super::{
    Answer, BatchError, BatchHeader, BatchQuestion, BatchRow, BucketReadings, PictureRows,
    RecordWriter, RegionReadings, in_order::InOrder,
};
use crate::{
    benchmark::prompt_sha256,
    domain::{
        AttentionMode, Block, Bucket, Choice, RecordSpec, Run, Segment, SequenceLayout, TextRole,
        TextSpan, TowerSpec,
    },
    eval::truth::{SceneThings, Truth},
    inference::{Asked, EncodedPicture, Engine, InferenceError, RunRequest},
    vision,
};

/// Pictures that are read and given out together, for each that is computed at once.
const PICTURES_AHEAD: usize = 8;

/// Says what the words at a run's positions do.
pub type RowWords<'a> = dyn Fn(&Run) -> Result<Vec<Option<Bucket>>, String> + Sync + 'a;

/// A batch that can be run.
pub struct BatchRun<'a> {
    /// The model.
    pub engine: &'a Engine,
    /// The conditions.
    pub header: &'a BatchHeader,
    /// What is true of the pictures; `None` where nothing is known.
    pub truth: Option<&'a Truth>,
    /// Who says what words do.
    pub words: &'a RowWords<'a>,
    /// Pictures that are computed at once.
    pub at_once: usize,
    /// Names the questions in errors about pictures.
    pub data: &'a Path,
}

impl fmt::Debug for BatchRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchRun {:?}", self.header)
    }
}

/// Rows and modes that are done, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchProgress {
    /// So far, those of an earlier run included.
    pub done: usize,
    /// In all.
    pub of: usize,
}

/// Told how far a batch is; breaking stops it.
type OnBatch<'a> = &'a mut (dyn FnMut(BatchProgress) -> ControlFlow<()> + Send);

/// Runs what a record lacks and appends it, in the order of pictures, rows and modes, each row as
/// soon as all before it are there. Says whether it came to the end.
///
/// # Errors
/// [`BatchError::Write`]. A question that cannot be asked is a row that says why.
pub fn run_batch(
    batch: &BatchRun<'_>,
    rows: impl Iterator<Item = PictureRows>,
    record: &mut RecordWriter,
    n_done: usize,
    on_progress: OnBatch<'_>,
) -> Result<ControlFlow<()>, BatchError> {
    let n_modes = batch.header.attention.len();
    let of = batch.header.rows_here * n_modes;
    let stop = AtomicBool::new(false);
    let listener = Mutex::new((n_done, on_progress));
    let tick = |n: usize| {
        if let Ok(mut listener) = listener.lock() {
            listener.0 += n;
            let progress = BatchProgress { done: listener.0, of };
            if (listener.1)(progress).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    };
    tick(0);
    let in_order = Mutex::new(InOrder::new(record));
    let job = PictureJob { batch, stop: &stop, tick: &tick, in_order: &in_order };
    let mut to_skip = n_done;
    let mut rows = rows.filter_map(|picture| {
        let n = picture.questions.len() * n_modes;
        let skipped = n.min(to_skip);
        to_skip -= skipped;
        (skipped < n).then_some((picture, skipped))
    });
    let mut first = 0;
    while !job.stopped() {
        let window: Vec<_> = rows.by_ref().take(batch.at_once.max(1) * PICTURES_AHEAD).collect();
        if window.is_empty() {
            break;
        }
        let run = |(i, (picture, skipped)): (usize, &(PictureRows, usize))| {
            job.run(first + i, picture, *skipped);
        };
        match batch.at_once {
            0 | 1 => window.iter().enumerate().for_each(run),
            _ => window.par_iter().enumerate().for_each(run),
        }
        first += window.len();
    }
    let stopped = job.stopped();
    // A job that panicked has taken the whole batch with it.
    in_order.into_inner().unwrap_or_else(PoisonError::into_inner).result()?;
    Ok(if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
}

/// Runs the questions about one picture.
struct PictureJob<'a, 'r> {
    batch: &'a BatchRun<'a>,
    stop: &'a AtomicBool,
    tick: &'a (dyn Fn(usize) + Sync),
    in_order: &'a Mutex<InOrder<'r>>,
}

impl PictureJob<'_, '_> {
    /// Hands on a row for each question and mode, but the first `skipped`, until it is stopped.
    fn run(&self, place: usize, picture: &PictureRows, skipped: usize) {
        if self.stopped() {
            return;
        }
        let encoded = picture.picture.clone().and_then(|bytes| self.encode(&bytes));
        let modes = &self.batch.header.attention;
        let asked = picture.questions.iter().flat_map(|q| modes.iter().map(move |mode| (q, *mode)));
        for (question, mode) in asked.skip(skipped) {
            let answer = match &encoded {
                Err(reason) => Err(reason.clone()),
                Ok(encoded) => self.ask(encoded, question, mode),
            };
            // What a stop has ended, or kept from beginning, is no answer.
            if self.stopped() {
                return;
            }
            let (answer, failed) = match answer {
                Ok(answer) => (Some(answer), None),
                Err(reason) => (None, Some(reason)),
            };
            let (index, groups) = (question.index.clone(), question.groups.clone());
            let (picture, row, attention) = (picture.number, question.row, mode);
            self.write(|rows| {
                rows.push(
                    place,
                    BatchRow { picture, row, index, attention, groups, answer, failed },
                );
            });
            (self.tick)(1);
        }
        self.write(|rows| rows.finish(place));
    }

    /// Without a disk there is nothing to go on for.
    fn write(&self, write: impl FnOnce(&mut InOrder<'_>)) {
        if let Ok(mut rows) = self.in_order.lock() {
            write(&mut rows);
            if !rows.is_well() {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn encode(&self, bytes: &[u8]) -> Result<EncodedPicture, String> {
        let picture = vision::decode(bytes, self.batch.data).map_err(|e| chain(&e))?;
        self.batch.engine.encode(&picture, &mut |_| self.flow()).map_err(|e| chain(&e))
    }

    fn ask(
        &self,
        encoded: &EncodedPicture,
        question: &BatchQuestion,
        mode: AttentionMode,
    ) -> Result<Answer, String> {
        let BatchRun { engine, header, truth, words, .. } = self.batch;
        let failed = |e: InferenceError| chain(&e);
        let asked = question.asked.clone()?;
        let layout = engine.prompt(&asked, mode).map_err(failed)?.layout;
        let spans = match &asked {
            Asked::Turn(turn) => Some(engine.turn_spans(turn, mode).map_err(failed)?),
            Asked::Question(_) | Asked::Ids(_) => None,
        };
        let max_new_tokens = header.max_new_tokens;
        let record = Some(what_is_read(&layout, truth.is_some()));
        let request = RunRequest { asked, mode, max_new_tokens, record };
        let run =
            engine.run_encoded(encoded, &request, &[], &mut |_| self.flow()).map_err(failed)?;
        let mut buckets = words(&run)?;
        if let Some(spans) = spans {
            only_words_for(&mut buckets, &run, &spans, &header.words);
        }
        let by_bucket = BucketReadings::of_run(&run, &buckets, &header.layers);
        let things = truth.and_then(|truth| truth.things(question.row, &question.text));
        let things: Option<SceneThings<'_>> = things.filter(|things| !things.about.is_empty());
        Ok(Answer {
            hit: question.expected.as_ref().map(|expected| expected.is_met_by(&run.answer)),
            prompt_sha256: prompt_sha256(&run.prompt.text),
            by_bucket: Some(by_bucket.map_err(|e| chain(&e))?),
            regions: things.and_then(|things| RegionReadings::of_run(&run, &things)),
            ending: run.ending,
            prompt_len: run.prompt.layout.len(),
            tokens: run.answer_ids.len(),
            logprob: run.answer_logprobs.iter().sum(),
            prediction: run.answer,
        })
    }
}

/// Takes words out of their buckets that are there for something else; template tokens stay, which
/// are no words. A token is where its last byte is.
///
/// # Shapes
/// `buckets`: `[T]`
fn only_words_for(
    buckets: &mut [Option<Bucket>],
    run: &Run,
    spans: &[TextSpan],
    roles: &[TextRole],
) {
    for (bucket, token) in buckets.iter_mut().zip(&run.prompt.tokens) {
        let last = token.byte_range.end.saturating_sub(1);
        let counts =
            |span: &TextSpan| roles.contains(&span.role) && span.byte_range.contains(&last);
        if *bucket != Some(Bucket::Template) && !spans.iter().any(counts) {
            *bucket = None;
        }
    }
}

/// The rows of the latents over the question; with regions also the row that chooses the answer's
/// first token over the latents, and the way from these to patches.
fn what_is_read(layout: &SequenceLayout, has_regions: bool) -> RecordSpec {
    let image = layout.image();
    let question = layout.get(Segment::Question).unwrap_or(0..0);
    let last = layout.len() - 1;
    let mut blocks = vec![Block { queries: image.clone(), keys: question }];
    if has_regions && !image.contains(&last) {
        blocks.push(Block { queries: last..last + 1, keys: image });
    }
    blocks.retain(|block| block.area() > 0);
    let decoder = TowerSpec { layers: Choice::All, heads: Choice::All, blocks };
    let resampler = if has_regions { TowerSpec::all() } else { TowerSpec::none() };
    RecordSpec { resampler, decoder, ..RecordSpec::nothing() }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
