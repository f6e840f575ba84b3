//! What a record keeps of one question under one mode.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BucketReadings, RegionReadings};
use crate::domain::{AttentionMode, Ending};

/// A question asked under a mode, or why it could not be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchRow {
    /// The picture's place in the order of all, from 0; its rows stand together.
    pub picture: usize,
    /// The row of the question file, from 0.
    pub row: usize,
    /// Its first column.
    pub index: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// Columns that results can be grouped by.
    pub groups: BTreeMap<String, String>,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Why nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// An answer and what was read of its run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// As text, without special tokens.
    pub prediction: String,
    /// Why it ended.
    pub ending: Ending,
    /// Of the final prompt string: equal prompts, equal fingerprints.
    pub prompt_sha256: String,
    /// Positions of the prompt.
    pub prompt_len: usize,
    /// Tokens of the answer, the stop token included.
    pub tokens: usize,
    /// The log-probability of these tokens.
    pub logprob: f64,
    /// Whether it is right, by the tabletop world's rule, or as `VLMEvalKit` reads yes or no and
    /// letters, else letter by letter but for case; `None` where no answer is stated.
    pub hit: Option<bool>,
    /// What the picture pays to the question's words; `None` where the question is empty.
    pub by_bucket: Option<BucketReadings>,
    /// Where in the picture it came from; `None` without regions beside the questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<RegionReadings>,
}
