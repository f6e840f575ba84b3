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
    questions::{QuestionFile, QuestionRow},
    report::{EvalReport, PointingReport, Share},
    tally::Tally,
    truth::{Truth, contains},
};
use crate::{
    analysis::{answered_from, project_onto_patches, resampler_patterns},
    domain::{AttentionMode, Run},
    inference::{Asked, Engine, InferenceError, RunRequest},
    scene::{QuestionKind, Region, matches},
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
    /// For each decoder layer, and last for their mean, whether the map pointed at the thing.
    #[serde(skip)]
    pointed: Option<Vec<bool>>,
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
    let regions = truth.as_ref().map(|truth| truth.regions(&texts));
    let region = |i: usize| regions.as_ref().and_then(|regions| regions[i]);
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
            answers.push(answer(engine, mode, &picture, row, region(*i), max_new_tokens)?);
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
    let report = report(model, mode, file, &answers, regions.as_deref());
    Ok((report, answers))
}

fn answer(
    engine: &Engine,
    mode: AttentionMode,
    picture: &DecodedImage,
    row: &QuestionRow,
    region: Option<&Region>,
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
        pointed: region.and_then(|region| pointed(&run, region)),
        is_held_out: row.is_held_out,
    })
}

/// Whether the peak of each decoder layer's map, and of their mean, lies in a region.
fn pointed(run: &Run, region: &Region) -> Option<Vec<bool>> {
    let resampler = resampler_patterns(run)?;
    let mut layers = answered_from(run, 0)?;
    let n = layers.len() as f64;
    let mean = (0..layers[0].len()).map(|i| layers.iter().map(|l| l[i]).sum::<f64>() / n);
    let mean: Vec<f64> = mean.collect();
    layers.push(mean);
    let hits = |on_latents: &Vec<f64>| {
        let map = project_onto_patches(on_latents, &resampler, run.patches);
        let (row, col) = map.peak();
        let middle = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
        contains(region, middle(col, run.patches.cols), middle(row, run.patches.rows))
    };
    Some(layers.iter().map(hits).collect())
}

fn report(
    model: &str,
    mode: AttentionMode,
    file: &QuestionFile,
    answers: &[Answered],
    regions: Option<&[Option<&Region>]>,
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
        pointing: pointing(answers, regions),
    }
}

fn pointing(answers: &[Answered], regions: Option<&[Option<&Region>]>) -> Option<PointingReport> {
    let maps: Vec<&Vec<bool>> = answers.iter().filter_map(|a| a.pointed.as_ref()).collect();
    let n_maps = maps.first()?.len();
    let share = |i: usize| {
        let mut tally = Tally::default();
        for hits in &maps {
            tally.add(hits[i]);
        }
        Share::from(tally)
    };
    let regions: Vec<&&Region> = regions?.iter().flatten().collect();
    let part = |region: &&&Region| {
        let [height, width] = region.size;
        f64::from(region.area()) / (f64::from(height) * f64::from(width)).max(1.0)
    };
    Some(PointingReport {
        answered_from: share(n_maps - 1),
        answered_from_by_layer: (0..n_maps - 1).map(share).collect(),
        chance: regions.iter().map(part).sum::<f64>() / regions.len().max(1) as f64,
        over: "questions whose answer rests on exactly one thing",
    })
}
