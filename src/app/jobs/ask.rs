//! Ask a picture a question: one run, and its report.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::{model_folder, world_card::beyond_its_world};
use crate::{
    domain::{AttentionMode, Ending, Grid, OnProgress, PositionedToken, Run, Segment},
    inference::{Asked, Engine, RunRequest},
    model::{ComputeDevice, Dtype},
    vision,
};

/// What to ask, of what, with what.
#[derive(Clone, Debug)]
pub struct Ask {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// The picture.
    pub image: PathBuf,
    /// The question.
    pub question: String,
    /// The attention mode.
    pub mode: AttentionMode,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// The type of large matrices; `None` for the file's own.
    pub dtype: Option<Dtype>,
}

/// A run as `ask --json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerReport {
    version: u32,
    model: String,
    attention: AttentionMode,
    device: String,
    dtype: Dtype,
    question: String,
    /// The answer as text.
    pub answer: String,
    answer_ids: Vec<u32>,
    answer_logprobs: Vec<f64>,
    /// Why the answer ended.
    pub ended: Ending,
    prompt_tokens: Vec<TokenReport>,
    image: ImageReport,
    by_bucket: Option<()>,
    recorded: RecordedReport,
    timing: TimingReport,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct TokenReport {
    position: usize,
    id: u32,
    text: String,
    segment: Segment,
    byte_range: [usize; 2],
    word: Option<String>,
    bucket: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct ImageReport {
    latents: [usize; 2],
    grid: [usize; 2],
    size: [u32; 2],
}

#[derive(Clone, Debug, Serialize)]
struct RecordedReport {
    bytes: u64,
    precision: crate::domain::Precision,
}

/// Seconds, tokens a second and bytes.
#[derive(Clone, Debug, Serialize)]
struct TimingReport {
    load_s: f64,
    vision_s: f64,
    prefill_s: f64,
    decode_s: f64,
    tokens_per_s: f64,
    peak_rss_bytes: Option<u64>,
    total_s: f64,
}

/// Loads the model, answers, and reports.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn ask(
    request: &Ask,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<(AnswerReport, Run)> {
    let start = Instant::now();
    let folder = model_folder(&request.model)?;
    // The picture first: it is read at once, and a wrong path should not cost a load.
    let image = vision::open(&request.image)?;
    let engine = Engine::open(&folder, device, request.dtype, on_progress)?;
    let run_request = RunRequest {
        asked: Asked::Question(request.question.clone()),
        mode: request.mode,
        max_new_tokens: request.max_new_tokens,
        record: None,
    };
    let run = engine
        .run(&image, &run_request, on_progress)
        .with_context(|| format!("while asking {}", folder.display()))?;
    let mut warnings = image.warnings.clone();
    if run.ending == Ending::Stopped {
        warnings.push("stopped before the answer was complete".to_owned());
    }
    warnings.extend(beyond_its_world(&folder, &engine, &image, &request.question)?);
    let report = report(&request.model, &engine, &run, warnings, start);
    Ok((report, run))
}

fn report(
    model: &str,
    engine: &Engine,
    run: &Run,
    warnings: Vec<String>,
    start: Instant,
) -> AnswerReport {
    let latents = run.prompt.layout.image();
    let Grid { rows, cols } = run.patches;
    let n_fed = run.answer_ids.len().saturating_sub(1);
    let timing = &run.timing;
    AnswerReport {
        version: 1,
        model: model.to_owned(),
        attention: run.mode,
        device: engine.device().to_string(),
        dtype: engine.loaded().dtype,
        question: run.question.clone(),
        answer: run.answer.clone(),
        answer_ids: run.answer_ids.clone(),
        answer_logprobs: run.answer_logprobs.clone(),
        ended: run.ending,
        prompt_tokens: run.prompt.tokens.iter().map(|token| token_report(token, run)).collect(),
        image: ImageReport {
            latents: [latents.start, latents.end],
            grid: [rows, cols],
            size: [run.fit.image.width, run.fit.image.height],
        },
        by_bucket: None,
        recorded: RecordedReport { bytes: run.trace.bytes(), precision: run.spec.precision },
        timing: TimingReport {
            load_s: engine.loaded().secs,
            vision_s: timing.vision_secs,
            prefill_s: timing.prefill_secs,
            decode_s: timing.decode_secs,
            tokens_per_s: if n_fed > 0 { n_fed as f64 / timing.decode_secs } else { 0.0 },
            peak_rss_bytes: peak_rss_bytes(),
            total_s: start.elapsed().as_secs_f64(),
        },
        warnings,
    }
}

/// Words need a tagger, which this version lacks: only template tokens have their bucket.
fn token_report(token: &PositionedToken, run: &Run) -> TokenReport {
    let question = &run.prompt.question_bytes;
    let bytes = &token.byte_range;
    let is_question = bytes.start < question.end && question.start < bytes.end;
    let is_template = !is_question && token.segment != Segment::Image && !question.is_empty();
    TokenReport {
        position: token.position,
        id: token.id,
        text: token.text.clone(),
        segment: token.segment,
        byte_range: [bytes.start, bytes.end],
        word: is_question.then(|| word_at(&run.prompt.text, question, bytes.clone())).flatten(),
        bucket: is_template.then_some("Template"),
    }
}

/// The first word of the question that a token's bytes touch, words being parted by white space.
fn word_at(
    text: &str,
    question: &std::ops::Range<usize>,
    bytes: std::ops::Range<usize>,
) -> Option<String> {
    let asked = text.get(question.clone())?;
    asked.split_whitespace().find_map(|word| {
        let start = question.start + (word.as_ptr() as usize - asked.as_ptr() as usize);
        (bytes.start < start + word.len() && start < bytes.end).then(|| word.to_owned())
    })
}

/// The most memory this process has held, where the system tells.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
