//! Knock-out: what becomes of an answer when some positions may no longer see some others.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::{
    asked_report::AskedReport,
    knock_parts::{Part, Places, RegionParts, knock_outs, n_open},
    patch_map::{MapAsked, MapReport},
    regions::RegionSource,
    subject::{Subject, SubjectRequest, open_engine},
};
use crate::{
    domain::{Choice, OnProgress},
    inference::{Asked, RunRequest, Score},
    model::ComputeDevice,
};

/// What is taken away from whose answer.
#[derive(Clone, Debug)]
pub struct Knockout {
    /// The question.
    pub subject: SubjectRequest,
    /// Who loses sight.
    pub rows: Part,
    /// What is no longer seen.
    pub columns: Part,
    /// In which decoder layers.
    pub layers: Choice,
    /// The picture's regions.
    pub regions: RegionSource,
    /// A latent belongs to a region where at least this part of its placed mass lies inside.
    pub region_share: f64,
    /// Which map is shown before and after.
    pub map: MapAsked,
}

/// Rows or columns as a report tells them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartReport {
    /// As it was asked for.
    pub part: String,
    /// Its positions in the decoder's sequence; those beyond the prompt are tokens that are
    /// written, or may be.
    pub positions: Vec<usize>,
    /// Their texts; `<image>` for a latent, nothing beyond the prompt.
    pub texts: Vec<String>,
}

/// An answer, and how likely its tokens are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerUnder {
    /// What is written.
    pub answer: String,
    /// Its tokens.
    pub answer_ids: Vec<u32>,
    /// The log-probability, in nats, of the answer that was given before anything was taken away.
    pub logprob: f64,
    /// Its tokens'.
    pub logprobs: Vec<f64>,
    /// The map.
    pub map: MapReport,
}

/// A knock-out as `knockout --json` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnockoutReport {
    version: u32,
    /// Who was asked what.
    #[serde(flatten)]
    pub asked: AskedReport,
    /// Who lost sight.
    pub rows: PartReport,
    /// What was no longer seen.
    pub columns: PartReport,
    /// In which decoder layers.
    pub layers: Vec<usize>,
    /// Pairs of row and column that the mask left open and that were closed, in each layer; of the
    /// prompt and the answer before.
    pub closed_pairs: usize,
    /// As the model answers.
    pub before: AnswerUnder,
    /// As it answers then.
    pub after: AnswerUnder,
    /// Log-probability of the first answer after, less before: negative where it needed what was
    /// taken.
    pub change: f64,
    /// Whether the answer is another one.
    pub answer_changed: bool,
    /// The part of its placed mass that a latent must have in a region to stand for it.
    region_share: Option<f64>,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// Loads the model, answers, takes away, and answers again.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn knockout(
    request: &Knockout,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<KnockoutReport> {
    let (engine, image, folder) = open_engine(&request.subject, device, on_progress)?;
    let subject = Subject::ask(&engine, &folder, image, &request.subject, on_progress)?;
    knockout_of(&subject, request, on_progress)
}

/// Takes away from a question that was answered, and answers again.
///
/// # Errors
/// A part that the prompt does not have; nothing to take away; a pass that was stopped.
pub fn knockout_of(
    subject: &Subject<'_>,
    request: &Knockout,
    on_progress: OnProgress<'_>,
) -> Result<KnockoutReport> {
    let mut warnings = subject.warnings.clone();
    let regions = region_parts(subject, &request.regions, request.region_share, &mut warnings)?;
    let places = Places {
        prompt: subject.prompt(),
        words: &subject.words,
        regions: regions.as_ref(),
        n_written: request.subject.max_new_tokens,
    };
    let (rows, columns) = (places.rows(&request.rows)?, places.columns(&request.columns)?);
    let layers = layers_of(subject, &request.layers)?;
    let taken = knock_outs(subject, &rows, &columns, &layers)?;
    let closed_pairs = n_open(subject, &rows, &columns);
    if closed_pairs == 0 {
        bail!("{}", nothing_to_take(subject, &request.rows, &request.columns));
    }
    let score = subject.score_without(&taken, on_progress)?;
    let run_request = RunRequest {
        asked: Asked::Question(subject.run.question.clone()),
        mode: subject.run.mode,
        max_new_tokens: request.subject.max_new_tokens,
        record: None,
    };
    let run = subject.engine.run_encoded(&subject.picture, &run_request, &taken, on_progress)?;
    let under = |run: &crate::domain::Run, score: &Score| -> Result<AnswerUnder> {
        Ok(AnswerUnder {
            answer: run.answer.clone(),
            answer_ids: run.answer_ids.clone(),
            logprob: score.total(),
            logprobs: score.logprobs.clone(),
            map: request.map.of_run(run, &subject.words)?,
        })
    };
    let (before, after) = (under(&subject.run, &subject.score)?, under(&run, &score)?);
    Ok(KnockoutReport {
        version: 1,
        asked: AskedReport::of(subject),
        rows: part_report(subject, &request.rows, &rows),
        columns: part_report(subject, &request.columns, &columns),
        layers,
        closed_pairs,
        change: after.logprob - before.logprob,
        answer_changed: after.answer_ids != before.answer_ids,
        before,
        after,
        region_share: regions.map(|regions| regions.threshold),
        warnings,
    })
}

/// The picture's regions as parts; none where none were named.
pub(super) fn region_parts(
    subject: &Subject<'_>,
    source: &RegionSource,
    threshold: f64,
    warnings: &mut Vec<String>,
) -> Result<Option<RegionParts>> {
    let Some(known) = subject.regions(source)? else { return Ok(None) };
    warnings.extend(known.warnings);
    RegionParts::of(subject, &known.set, &known.coverage, threshold).map(Some)
}

/// The chosen decoder layers.
///
/// # Errors
/// A layer that the decoder does not have.
pub(super) fn layers_of(subject: &Subject<'_>, layers: &Choice) -> Result<Vec<usize>> {
    let n_layers = subject.n_layers();
    if let Choice::Only(layers) = layers
        && let Some(layer) = layers.iter().find(|layer| **layer >= n_layers)
    {
        bail!("there is no decoder layer {layer}: this model has {n_layers}, from 0");
    }
    Ok(layers.among(n_layers))
}

pub(super) fn nothing_to_take(subject: &Subject<'_>, rows: &Part, columns: &Part) -> String {
    format!(
        "there is nothing to take away: under {} no row of {rows} may attend to {columns} anyway; \
         choose other rows or columns, or another --attention",
        subject.run.mode
    )
}

fn part_report(
    subject: &Subject<'_>,
    part: &Part,
    positions: &std::collections::BTreeSet<usize>,
) -> PartReport {
    let tokens = &subject.prompt().tokens;
    let text = |position: &usize| tokens.get(*position).map_or("", |token| token.text.as_str());
    PartReport {
        part: part.to_string(),
        positions: positions.iter().copied().collect(),
        texts: positions.iter().map(|position| text(position).to_owned()).collect(),
    }
}
