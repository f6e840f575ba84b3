//! A run on disk: `run.json`, `trace.safetensors` and `image.png` in a folder of its own.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    KeptPicture, Moment, NamedArrays, Pixels,
    error::{Result, SessionError},
    json_file::read_json,
    picture_file::{read_picture, write_picture},
    trace_file::{KeptMask, TraceIndex, arrays_of, mask_of},
    write_whole,
};
use crate::domain::{
    AttentionMode, AttentionPlan, AttentionTrace, Ending, Grid, ImageFit, KnockOut, PointingRates,
    Precision, Prompt, RecordSpec, Run, TaggedWord, Timing, TokenId, UserText,
};

/// What is known of a run beside the run itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// When it was made.
    pub made: Moment,
    /// The model as it was named.
    pub model: String,
    /// A number that tells its weights from others, and what it was made of.
    pub weights: Option<String>,
    /// The device that computed.
    pub device: String,
    /// What the picture was called.
    pub picture_name: String,
    /// Where it lay.
    pub picture_path: Option<PathBuf>,
    /// Who tagged the words.
    pub tagger: String,
    /// The question's words as tagged, without a person's corrections.
    pub words: Vec<TaggedWord>,
    /// The text of each token of the answer.
    pub token_texts: Vec<String>,
    /// What should be known of how it came about.
    pub warnings: Vec<String>,
    /// Where the model's maps were seen to point, if that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointing: Option<PointingRates>,
    /// The whole turn that was asked, where it is more than the question behind its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<UserText>,
}

/// A run that was kept.
#[derive(Clone, Debug)]
pub struct KeptRun {
    /// The name of its folder.
    pub name: String,
    /// The run; what could not be read of its attention is not recorded.
    pub run: Run,
    /// What is known of it.
    pub facts: RunFacts,
    /// The picture; none where it could not be read.
    pub picture: Option<KeptPicture>,
}

/// The latest version of `run.json`.
pub(super) const RUN_VERSION: u64 = 1;
pub(super) const RUN_FILE: &str = "run.json";
pub(super) const PICTURE_FILE: &str = "image.png";
/// As many as a picture may have.
const MAX_PIXELS: u64 = 100_000_000;
const TRACE_FILE: &str = "trace.safetensors";

#[derive(Serialize, Deserialize)]
struct RunFile {
    version: u64,
    program: String,
    #[serde(flatten)]
    facts: RunFacts,
    attention: AttentionMode,
    question: String,
    answer: String,
    answer_ids: Vec<TokenId>,
    answer_logprobs: Vec<f64>,
    ended: Ending,
    patches: Grid,
    fit: ImageFit,
    timing: Timing,
    prompt: Prompt,
    next_rope_position: u32,
    knock_outs: Vec<KnockOut>,
    spec: RecordSpec,
    /// How the weights in `trace.safetensors` are kept.
    precision: Precision,
    trace: TraceIndex,
}

/// Writes a run into a folder that nobody looks into yet.
pub(super) fn write_run(
    folder: &Path,
    run: &Run,
    facts: &RunFacts,
    picture: Option<Pixels<'_>>,
) -> Result<()> {
    let (arrays, trace) = arrays_of(run);
    arrays.write(&folder.join(TRACE_FILE))?;
    if let Some(picture) = picture {
        write_picture(&folder.join(PICTURE_FILE), picture)?;
    }
    let file = RunFile {
        version: RUN_VERSION,
        program: concat!("aki-lens ", env!("CARGO_PKG_VERSION")).to_owned(),
        facts: facts.clone(),
        attention: run.mode,
        question: run.question.clone(),
        answer: run.answer.clone(),
        answer_ids: run.answer_ids.clone(),
        answer_logprobs: run.answer_logprobs.clone(),
        ended: run.ending,
        patches: run.patches,
        fit: run.fit,
        timing: run.timing,
        prompt: run.prompt.clone(),
        next_rope_position: run.plan.next_rope_position,
        knock_outs: run.plan.knock_outs().to_vec(),
        spec: run.spec.clone(),
        precision: run.spec.precision,
        trace,
    };
    let path = folder.join(RUN_FILE);
    let json = serde_json::to_vec(&file).map_err(|e| SessionError::damaged(&path, e))?;
    write_whole(&path, &json).map_err(SessionError::unwritable(&path))
}

/// Reads a run. What is wrong with its attention or its picture is told to `faults`, and the rest is
/// opened.
///
/// # Errors
/// A `run.json` that cannot be read: without it there is no run.
pub(super) fn read_run(folder: &Path, faults: &mut Vec<String>) -> Result<KeptRun> {
    let path = folder.join(RUN_FILE);
    let text = read_json(&path)?;
    let file = parse(&path, &text, faults)?;
    check(&path, &file)?;
    let mut tell = |what: &str, error: SessionError| faults.push(format!("{error}; {what}"));
    let trace_path = folder.join(TRACE_FILE);
    let (mut trace, mut kept_mask) = (AttentionTrace::default(), None);
    match NamedArrays::open(&trace_path) {
        Ok(arrays) => {
            match file.trace.trace(&arrays, &trace_path) {
                Ok(read) => trace = read,
                Err(error) => tell("the run opens without its attention", error),
            }
            match mask_of(&arrays, &trace_path) {
                Ok(mask) => kept_mask = Some(mask),
                Err(error) => tell("the mask is drawn anew from the mode", error),
            }
        }
        Err(error) => tell("the run opens without its attention", error.into()),
    }
    let picture = match read_picture(&folder.join(PICTURE_FILE)) {
        Ok(picture) if picture.size == file.fit.image => Some(picture),
        Ok(_) => {
            let path = folder.join(PICTURE_FILE);
            let error =
                SessionError::damaged(&path, "it is of another size than the run's picture");
            tell("the run opens without its picture", error);
            None
        }
        Err(error) => {
            tell("the run opens without its picture", error);
            None
        }
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let plan = plan_of(&path, &file, kept_mask)?;
    let facts = file.facts;
    let run = Run {
        mode: file.attention,
        question: file.question,
        prompt: file.prompt,
        plan,
        patches: file.patches,
        fit: file.fit,
        answer: file.answer,
        answer_ids: file.answer_ids,
        answer_logprobs: file.answer_logprobs,
        ending: file.ended,
        spec: file.spec,
        trace,
        timing: file.timing,
    };
    Ok(KeptRun { name, run, facts, picture })
}

/// A file of a newer program is read as far as it is understood.
fn parse(path: &Path, text: &[u8], faults: &mut Vec<String>) -> Result<RunFile> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    let damaged = |e: serde_json::Error| SessionError::damaged(path, e);
    let Versioned { version } = serde_json::from_slice(text).map_err(damaged)?;
    let newer =
        || SessionError::Newer { path: path.to_owned(), found: version, known: RUN_VERSION };
    let file = serde_json::from_slice(text);
    if version > RUN_VERSION {
        let file = file.map_err(|_unknown| newer())?;
        faults.push(format!("{}; what this one does not know is left out", newer()));
        return Ok(file);
    }
    file.map_err(damaged)
}

/// A run whose parts contradict each other would show every map in the wrong place.
fn check(path: &Path, file: &RunFile) -> Result<()> {
    let RunFile { prompt, fit, patches, .. } = file;
    let n = prompt.layout.len();
    let is_in_text = |range: &std::ops::Range<usize>| prompt.text.get(range.clone()).is_some();
    let side = fit.model_side as usize;
    let faults = [
        (!prompt.layout.is_gapless(), "prompt.layout has gaps or overlaps"),
        (prompt.tokens.len() != n, "prompt.tokens are not as many as the layout has positions"),
        (
            prompt.tokens.iter().enumerate().any(|(i, token)| token.position != i),
            "prompt.tokens are not in order",
        ),
        (
            prompt.tokens.iter().any(|token| !is_in_text(&token.byte_range)),
            "a byte_range of prompt.tokens lies outside prompt.text",
        ),
        (!is_in_text(&prompt.question_bytes), "prompt.question_bytes lie outside prompt.text"),
        (
            file.answer_ids.len() != file.answer_logprobs.len(),
            "answer_logprobs are not as many as answer_ids",
        ),
        (
            u64::from(fit.image.width) * u64::from(fit.image.height) > MAX_PIXELS,
            "fit.image has more pixels than a picture may have",
        ),
        (
            patches.rows.max(patches.cols) > side || patches.is_empty(),
            "patches do not fit the model's square",
        ),
        (
            file.facts
                .words
                .iter()
                .any(|word| file.question.get(word.byte_range.clone()).is_none()),
            "a byte_range of words lies outside the question",
        ),
    ];
    match faults.iter().find(|(is_wrong, _)| *is_wrong) {
        Some((_, reason)) => Err(SessionError::damaged(path, reason)),
        None => Ok(()),
    }
}

fn plan_of(path: &Path, file: &RunFile, kept: Option<KeptMask>) -> Result<AttentionPlan> {
    let n = file.prompt.layout.len();
    let drawn = || {
        let plan = AttentionPlan::new(file.attention, &file.prompt.layout)?;
        file.knock_outs.iter().cloned().try_fold(plan, AttentionPlan::without)
    };
    let kept = kept.filter(|(mask, _)| mask.len() == n).and_then(|(mask, rope)| {
        let (next, outs) = (file.next_rope_position, file.knock_outs.clone());
        AttentionPlan::from_kept(file.attention, mask, rope, next, outs)
    });
    kept.map_or_else(drawn, Ok).map_err(|e| SessionError::damaged(path, e))
}
