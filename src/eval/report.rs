//! An evaluation as `eval --json` tells it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    pointing::PointingReport,
    tally::{Tally, wilson},
};
use crate::domain::{AttentionMode, Rate};

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Share {
    /// Questions.
    pub n: usize,
    /// The share of right answers, 0..=1.
    pub accuracy: f64,
    /// The lower end of Wilson's interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl From<Tally> for Share {
    fn from(tally: Tally) -> Self {
        let (low, high) = wilson(tally);
        Self { n: tally.n, accuracy: tally.share(), low, high }
    }
}

impl Share {
    /// The same, as other rooms know it.
    pub(super) fn rate(&self) -> Rate {
        Rate { n: self.n, share: self.accuracy, low: self.low, high: self.high }
    }
}

/// An evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct EvalReport {
    pub(super) version: u32,
    /// As it was named.
    pub model: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// The question file.
    pub data: String,
    /// How many questions were asked.
    pub questions: usize,
    /// By the kind of question.
    pub by_type: BTreeMap<String, Share>,
    /// All questions.
    pub overall: Share,
    /// Questions that rest on something training lacked.
    pub held_out: Share,
    /// The others.
    pub seen: Share,
    /// Where maps point; `None` without regions beside the questions.
    pub pointing: Option<PointingReport>,
}
