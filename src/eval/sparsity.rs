//! How answers change as the mask opens: the paper's sparsity sweep over a file of questions.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rayon::prelude::*;
use serde::Serialize;

use super::{
    questions::{QuestionFile, QuestionRow},
    report::Share,
    run::{EvalError, EvalProgress},
    tally::Tally,
};
use crate::{
    analysis::Bootstrap,
    domain::{AttentionMode, Interval, RecordSpec},
    inference::{Asked, EncodedPicture, Engine, InferenceError, RunRequest},
    scene::{QuestionKind, matches},
    vision,
};

/// One width of the opening, over all questions.
#[derive(Clone, Debug, Serialize)]
pub struct SparsityPoint {
    /// Percent of the question's columns that are open to the picture.
    pub percent: u8,
    /// Right answers, with Wilson's 95 % interval.
    pub accuracy: Share,
    /// Mean log-probability of the right answer, ended, in nats.
    pub logprob: f64,
    /// Its 95 % interval: percentile bootstrap over questions.
    pub logprob_interval: Option<Interval>,
}

/// What one question gave at one width.
#[derive(Clone, Copy, Debug)]
struct Scored {
    hit: bool,
    logprob: f64,
}

/// Asks the first `n` questions of a file at every width, greedily, and scores the right answers.
///
/// The picture is encoded once for all questions and widths. Where the right answer's tokens are
/// all the likeliest, greedy decoding writes them, so only other answers are written out.
///
/// # Errors
/// The first question or picture that cannot be asked; [`EvalError::Stopped`].
pub fn sparsity_sweep(
    engine: &Engine,
    file: &QuestionFile,
    n: usize,
    percents: &[u8],
    max_new_tokens: usize,
    on_progress: &mut (dyn FnMut(EvalProgress) -> ControlFlow<()> + Send),
) -> Result<Vec<SparsityPoint>, EvalError> {
    let rows = &file.rows[..n.min(file.rows.len())];
    let groups: Vec<&[QuestionRow]> =
        rows.chunk_by(|a, b| Arc::ptr_eq(&a.picture, &b.picture)).collect();
    let (stop, done) = (AtomicBool::new(false), Mutex::new((0, on_progress)));
    let of = rows.len() * percents.len();
    let of_group = |group: &&[QuestionRow]| -> Result<Vec<Vec<Scored>>, EvalError> {
        let first = &group[0];
        let picture = vision::decode(&first.picture, &file.path)
            .map_err(|source| EvalError::Picture { index: first.index.clone(), source })?;
        let failed = |row: &QuestionRow| {
            let index = row.index.clone();
            move |e: InferenceError| EvalError::Question { index, source: Box::new(e) }
        };
        let silent = &mut |_| ControlFlow::Continue(());
        let picture = engine.encode(&picture, silent).map_err(failed(first))?;
        let mut scored = Vec::with_capacity(group.len());
        for row in *group {
            let mut of_row = Vec::with_capacity(percents.len());
            for &percent in percents {
                if stop.load(Ordering::Relaxed) {
                    return Err(EvalError::Stopped);
                }
                let mode = AttentionMode::Sparsity(percent);
                let asked = Put { engine, picture: &picture, mode, max_new_tokens };
                of_row.push(asked.score(row).map_err(failed(row))?);
                if let Ok(mut done) = done.lock() {
                    done.0 += 1;
                    let progress = EvalProgress { done: done.0, of };
                    if (done.1)(progress).is_break() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            }
            scored.push(of_row);
        }
        Ok(scored)
    };
    let scored: Vec<Vec<Vec<Scored>>> =
        groups.par_iter().map(of_group).collect::<Result<_, _>>()?;
    let scored: Vec<Vec<Scored>> = scored.into_iter().flatten().collect();
    let point = |(i, percent): (usize, &u8)| {
        let mut tally = Tally::default();
        scored.iter().for_each(|of_row| tally.add(of_row[i].hit));
        let logprobs: Vec<f64> = scored.iter().map(|of_row| of_row[i].logprob).collect();
        SparsityPoint {
            percent: *percent,
            accuracy: tally.into(),
            logprob: logprobs.iter().sum::<f64>() / logprobs.len().max(1) as f64,
            logprob_interval: Bootstrap::default().mean_interval(&logprobs),
        }
    };
    Ok(percents.iter().enumerate().map(point).collect())
}

/// How a question is put.
struct Put<'a> {
    engine: &'a Engine,
    picture: &'a EncodedPicture,
    mode: AttentionMode,
    max_new_tokens: usize,
}

impl Put<'_> {
    fn score(&self, row: &QuestionRow) -> Result<Scored, InferenceError> {
        let silent = &mut |_| ControlFlow::Continue(());
        let asked = Asked::Question(row.text.clone());
        let prompt = self.engine.prompt(&asked, self.mode)?;
        let plan = self.engine.plan(&prompt, self.mode, &[])?;
        let right = self.engine.answer_ids(row.answer.trim())?;
        let score = self.engine.score(self.picture, &prompt, &plan, &right, silent)?;
        // An answer longer than may be written is not one that greedy decoding would complete.
        let is_written = score.is_greedy() && right.len() <= self.max_new_tokens;
        let hit = is_written || {
            let request = RunRequest {
                asked,
                mode: self.mode,
                max_new_tokens: self.max_new_tokens,
                record: Some(RecordSpec::nothing()),
            };
            let given = self.engine.run_encoded(self.picture, &request, &[], silent)?.answer;
            match row.category.parse::<QuestionKind>() {
                Ok(kind) => matches(kind, &row.answer, &given),
                Err(_) => given.trim().eq_ignore_ascii_case(row.answer.trim()),
            }
        };
        Ok(Scored { hit, logprob: score.total() })
    }
}
