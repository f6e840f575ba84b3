//! Asks every question of a file.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rayon::prelude::*;
use serde::Serialize;

use super::{
    pointing::{Pointed, pointed, pointing_report},
    questions::{QuestionFile, QuestionRow},
    report::EvalReport,
    tally::Tally,
    truth::{Target, Truth},
};
use crate::{
    domain::AttentionMode,
    inference::{Asked, Engine, InferenceError, RunRequest},
    scene::{QuestionKind, matches},
    vision::{self, DecodedImage, VisionError},
};

/// An evaluation could not be done.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A picture.
    #[error("the picture of question {index}")]
    Picture {
        /// The question.
        index: String,
        /// What is wrong.
        #[source]
        source: VisionError,
    },
    /// A question.
    #[error("question {index}")]
    Question {
        /// The question.
        index: String,
        /// What is wrong.
        #[source]
        source: Box<InferenceError>,
    },
    /// It was stopped from outside.
    #[error("stopped")]
    Stopped,
}

/// Questions asked so far, and how many there are.
#[derive(Clone, Copy, Debug)]
pub struct EvalProgress {
    /// So far.
    pub done: usize,
    /// In all.
    pub of: usize,
}

/// One question as it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// The row.
    pub index: String,
    /// Its kind.
    pub category: String,
    /// What was asked.
    pub question: String,
    /// What should have been answered.
    pub answer: String,
    /// What was.
    pub prediction: String,
    /// Whether they match.
    pub hit: bool,
    #[serde(skip)]
    pointed: Option<Pointed>,
    #[serde(skip)]
    is_held_out: bool,
}

/// Answers every question greedily through the ordinary run, and counts.
///
/// # Errors
/// The first question or picture that cannot be asked; [`EvalError::Stopped`].
pub fn evaluate(
    engine: &Engine,
    model: &str,
    mode: AttentionMode,
    file: &QuestionFile,
    max_new_tokens: usize,
    on_progress: &mut (dyn FnMut(EvalProgress) -> ControlFlow<()> + Send),
) -> Result<(EvalReport, Vec<Answered>), EvalError> {
    let texts: Vec<&str> = file.rows.iter().map(|row| row.text.as_str()).collect();
    let truth = Truth::beside(&file.path);
    let targets = truth.as_ref().map(|truth| truth.targets(&texts));
    let target = |i: usize| targets.as_ref().and_then(|targets| targets[i]);
    // Rows of one picture stand together; each group decodes it once.
    let numbered: Vec<(usize, &QuestionRow)> = file.rows.iter().enumerate().collect();
    let groups: Vec<&[(usize, &QuestionRow)]> =
        numbered.chunk_by(|a, b| std::sync::Arc::ptr_eq(&a.1.picture, &b.1.picture)).collect();
    let (stop, done) = (AtomicBool::new(false), Mutex::new((0, on_progress)));
    let of = file.rows.len();
    let answer_group = |group: &&[(usize, &QuestionRow)]| -> Result<Vec<Answered>, EvalError> {
        let first = group[0].1;
        let picture = vision::decode(&first.picture, &file.path)
            .map_err(|source| EvalError::Picture { index: first.index.clone(), source })?;
        let mut answers = Vec::with_capacity(group.len());
        for (i, row) in *group {
            if stop.load(Ordering::Relaxed) {
                return Err(EvalError::Stopped);
            }
            answers.push(answer(engine, mode, &picture, row, target(*i), max_new_tokens)?);
            if let Ok(mut done) = done.lock() {
                done.0 += 1;
                let progress = EvalProgress { done: done.0, of };
                if (done.1)(progress).is_break() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(answers)
    };
    let answers: Vec<Vec<Answered>> =
        groups.par_iter().map(answer_group).collect::<Result<_, _>>()?;
    let answers: Vec<Answered> = answers.into_iter().flatten().collect();
    let report = report(model, mode, file, &answers);
    Ok((report, answers))
}

fn answer(
    engine: &Engine,
    mode: AttentionMode,
    picture: &DecodedImage,
    row: &QuestionRow,
    target: Option<Target<'_>>,
    max_new_tokens: usize,
) -> Result<Answered, EvalError> {
    let request =
        RunRequest { asked: Asked::Question(row.text.clone()), mode, max_new_tokens, record: None };
    let run = engine
        .run(picture, &request, &mut |_| ControlFlow::Continue(()))
        .map_err(|e| EvalError::Question { index: row.index.clone(), source: Box::new(e) })?;
    let hit = match row.category.parse::<QuestionKind>() {
        Ok(kind) => matches(kind, &row.answer, &run.answer),
        Err(_) => run.answer.trim().eq_ignore_ascii_case(row.answer.trim()),
    };
    Ok(Answered {
        index: row.index.clone(),
        category: row.category.clone(),
        question: row.text.clone(),
        answer: row.answer.clone(),
        prediction: run.answer.clone(),
        hit,
        pointed: target.and_then(|target| pointed(&run, &target)),
        is_held_out: row.is_held_out,
    })
}

fn report(
    model: &str,
    mode: AttentionMode,
    file: &QuestionFile,
    answers: &[Answered],
) -> EvalReport {
    let mut by_type: BTreeMap<String, Tally> = BTreeMap::new();
    let [mut overall, mut held_out, mut seen] = [Tally::default(); 3];
    for answer in answers {
        by_type.entry(answer.category.clone()).or_default().add(answer.hit);
        overall.add(answer.hit);
        if answer.is_held_out { held_out.add(answer.hit) } else { seen.add(answer.hit) }
    }
    EvalReport {
        version: 1,
        model: model.to_owned(),
        attention: mode,
        data: file.path.display().to_string(),
        questions: answers.len(),
        by_type: by_type.into_iter().map(|(kind, tally)| (kind, tally.into())).collect(),
        overall: overall.into(),
        held_out: held_out.into(),
        seen: seen.into(),
        pointing: pointing_report(answers.iter().filter_map(|a| a.pointed.as_ref())),
    }
}
