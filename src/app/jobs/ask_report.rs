//! A run as `ask --json` tells it.

use std::{ops::Range, time::Instant};

use serde::Serialize;

use super::{pos::WordReport, question_words::QuestionWords, region_table::RegionTable};
use crate::{
    analysis::{BucketTables, ByBucket},
    domain::{
        AttentionMode, Bucket, Ending, Grid, PositionedToken, Precision, Run, Segment, TaggedWord,
    },
    inference::Engine,
    model::Dtype,
};

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
    tagger: String,
    words: Vec<EditableWord>,
    prompt_tokens: Vec<TokenReport>,
    image: ImageReport,
    by_bucket: BucketTables,
    /// Regions of the picture, where some were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) regions: Option<RegionTable>,
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
    /// The words that the token touches.
    word: Option<String>,
    /// Their numbers in `words`.
    words: Vec<usize>,
    bucket: Option<Bucket>,
}

/// A word of the question, and whether a person chose its bucket.
#[derive(Clone, Debug, Serialize)]
struct EditableWord {
    #[serde(flatten)]
    word: WordReport,
    edited: bool,
}

impl From<&TaggedWord> for EditableWord {
    fn from(word: &TaggedWord) -> Self {
        Self { word: word.into(), edited: word.edited }
    }
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
    precision: Precision,
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

impl AnswerReport {
    /// What a run and its words say.
    pub(super) fn new(
        model: &str,
        engine: &Engine,
        run: &Run,
        words: &QuestionWords,
        read: &ByBucket,
    ) -> Self {
        let latents = run.prompt.layout.image();
        let Grid { rows, cols } = run.patches;
        let n_fed = run.answer_ids.len().saturating_sub(1);
        let timing = &run.timing;
        let tokens = run.prompt.tokens.iter();
        Self {
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
            tagger: words.tagger.to_string(),
            words: words.words.iter().map(EditableWord::from).collect(),
            prompt_tokens: tokens.map(|token| token_report(token, words)).collect(),
            image: ImageReport {
                latents: [latents.start, latents.end],
                grid: [rows, cols],
                size: [run.fit.image.width, run.fit.image.height],
            },
            by_bucket: read.tables(),
            regions: None,
            recorded: RecordedReport { bytes: run.trace.bytes(), precision: run.spec.precision },
            timing: TimingReport {
                load_s: engine.loaded().secs,
                vision_s: timing.vision_secs,
                prefill_s: timing.prefill_secs,
                decode_s: timing.decode_secs,
                tokens_per_s: if n_fed > 0 { n_fed as f64 / timing.decode_secs } else { 0.0 },
                peak_rss_bytes: None,
                total_s: 0.0,
            },
            warnings: Vec::new(),
        }
    }

    /// Adds what is known at the end.
    pub(super) fn finish(&mut self, warnings: Vec<String>, start: Instant) {
        self.warnings = warnings;
        self.timing.peak_rss_bytes = peak_rss_bytes();
        self.timing.total_s = start.elapsed().as_secs_f64();
    }
}

fn token_report(token: &PositionedToken, words: &QuestionWords) -> TokenReport {
    let at = words.alignment.positions.get(token.position);
    let touched: Vec<usize> =
        at.into_iter().flat_map(|at| &at.words).map(|share| share.word_idx).collect();
    let texts: Vec<&str> = touched.iter().map(|i| words.words[*i].text.as_str()).collect();
    let Range { start, end } = token.byte_range;
    TokenReport {
        position: token.position,
        id: token.id,
        text: token.text.clone(),
        segment: token.segment,
        byte_range: [start, end],
        word: (!texts.is_empty()).then(|| texts.join(" ")),
        words: touched,
        bucket: at.and_then(|at| at.bucket),
    }
}

/// The most memory this process has held, where the system tells.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
