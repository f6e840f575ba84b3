//! One question answered once.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{
    AttentionMode, AttentionPlan, AttentionSite, AttentionTrace, Grid, ImageFit, Precision, Prompt,
    RecordSpec, TokenId,
};

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The model wrote a stop token.
    Stop,
    /// As many tokens as were asked for.
    Length,
    /// Somebody stopped it.
    Stopped,
}

/// How long the parts of a run took, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Vision tower and resampler.
    pub vision_secs: f64,
    /// Reading the prompt.
    pub prefill_secs: f64,
    /// Writing the answer after its first token.
    pub decode_secs: f64,
}

/// One question answered once, with its trace. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which positions could see which.
    pub mode: AttentionMode,
    /// The user's text; empty where ids were given.
    pub question: String,
    /// The prompt, with every position's segment and bytes.
    pub prompt: Prompt,
    /// Order, rope positions and mask.
    pub plan: AttentionPlan,
    /// The patches of the picture.
    pub patches: Grid,
    /// How the picture was brought to the model's square.
    pub fit: ImageFit,
    /// The answer as text, without special tokens.
    pub answer: String,
    /// Its tokens, the stop token included.
    pub answer_ids: Vec<TokenId>,
    /// The log-probability of each token when it was chosen, over the whole vocabulary.
    pub answer_logprobs: Vec<f64>,
    /// Why it ended.
    pub ending: Ending,
    /// What was asked to be recorded.
    pub spec: RecordSpec,
    /// What was recorded.
    pub trace: AttentionTrace,
    /// How long it took.
    pub timing: Timing,
}

/// Where a job is.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Weights are read.
    Loading {
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The run begins, and this is what it will keep of its attention.
    Recording {
        /// Bytes at most.
        bytes: u64,
        /// How the weights are kept.
        precision: Precision,
    },
    /// A layer was computed.
    Layer {
        /// Which.
        site: AttentionSite,
        /// How many its tower has.
        of: usize,
    },
    /// A token was chosen; this is the text it completed, perhaps none.
    Text(String),
    /// One of many like computations is done.
    Step {
        /// What is done many times, as a verb: "scoring".
        what: &'static str,
        /// So far.
        done: usize,
        /// In all.
        of: usize,
    },
    /// Some of one long computation is done.
    Part {
        /// What is done, as a verb: "decoding".
        what: &'static str,
        /// Bytes, rows or records so far.
        done: u64,
        /// As many in all; 0 where that is not known.
        of: u64,
    },
}

/// Told how far a job is; breaking asks it to stop at its next step.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;
