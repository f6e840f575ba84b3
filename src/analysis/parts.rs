//! The four parts of a sequence that attention flows between.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Run;

use super::map_request::question_positions;

/// A part of the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The latents.
    Image,
    /// The user's words.
    Question,
    /// The tokens that the model wrote and read again.
    Answer,
    /// Everything else: the system text, markers, line ends.
    Template,
}

impl Part {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 4] = [Self::Image, Self::Question, Self::Answer, Self::Template];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "picture",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Template => "template",
        })
    }
}

/// The part of every position: those of the prompt, then those of generated tokens that were read
/// again.
pub(super) fn parts_of(run: &Run) -> Vec<Part> {
    let len = run.prompt.layout.len();
    let mut parts = vec![Part::Template; len];
    parts[run.prompt.layout.image()].fill(Part::Image);
    for at in question_positions(run) {
        parts[at] = Part::Question;
    }
    parts.extend(vec![Part::Answer; run.answer_ids.len().saturating_sub(1)]);
    parts
}
