//! What a person asks of a run's attention: which map, of what, over which layers and heads.

use serde::{Deserialize, Serialize};

use crate::domain::{Choice, MapKind, Reading, Run, Segment, TokenRow};

use super::{AnalysisError, Sinks, block::ascending};

/// What is done with sinks: keys that draw attention whatever is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkPolicy {
    /// They count as any other key.
    #[default]
    Keep,
    /// They are left out, from what was paid and from what was expected; the part that lay on them is
    /// stated beside the result.
    Exclude(Sinks),
}

impl SinkPolicy {
    /// Whether a position is left out.
    pub(super) fn excludes(&self, position: usize) -> bool {
        match self {
            Self::Keep => false,
            Self::Exclude(sinks) => sinks.contains(position),
        }
    }
}

/// A map that a person asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapRequest {
    /// Which map.
    pub kind: MapKind,
    /// Of *read by* and *looks at*: positions of the prompt that hold words. Of *answered from*:
    /// tokens of the answer, from 0.
    pub positions: Vec<usize>,
    /// Decoder layers; all means: all that were recorded.
    pub layers: Choice,
    /// Query heads; all means: all that were recorded.
    pub heads: Choice,
    /// How it is read.
    pub reading: Reading,
    /// What is done with sinks: latents as keys of *looks at* and *answered from*, words as keys of
    /// *read by*.
    pub sinks: SinkPolicy,
}

impl MapRequest {
    /// A map over all layers and heads, as mass, sinks kept.
    pub fn new(kind: MapKind, positions: Vec<usize>) -> Self {
        Self {
            kind,
            positions,
            layers: Choice::All,
            heads: Choice::All,
            reading: Reading::Mass,
            sinks: SinkPolicy::Keep,
        }
    }
}

/// The rows of the decoder that stand for what was asked, ascending: positions of words, or the rows
/// of tokens of the answer.
///
/// # Errors
/// A position or a token that there is not, or that has no row.
pub(super) fn rows_of(
    run: &Run,
    kind: MapKind,
    positions: &[usize],
) -> Result<Vec<usize>, AnalysisError> {
    let positions = ascending(positions);
    if positions.is_empty() {
        return Err(AnalysisError::Nothing { what: "word or token" });
    }
    let MapKind::AnsweredFrom(row) = kind else { return words(run, positions) };
    let (len, n_tokens) = (run.prompt.layout.len(), run.answer_ids.len());
    let row_of = |token: usize| match row {
        _ if token >= n_tokens => Err(AnalysisError::NoSuchToken { token, n_tokens }),
        TokenRow::WhileChoosing => Ok(len - 1 + token),
        // What was never fed back has no row.
        TokenRow::AfterWriting if token + 1 == n_tokens => {
            Err(AnalysisError::NeverReadAgain { token })
        }
        TokenRow::AfterWriting => Ok(len + token),
    };
    positions.into_iter().map(row_of).collect()
}

fn words(run: &Run, positions: Vec<usize>) -> Result<Vec<usize>, AnalysisError> {
    let layout = &run.prompt.layout;
    for &position in &positions {
        if position >= layout.len() {
            return Err(AnalysisError::NoSuchPosition { position, len: layout.len() });
        }
        if layout.image().contains(&position) {
            return Err(AnalysisError::NotText { position });
        }
    }
    Ok(positions)
}

/// The positions that shares of the question are taken of: the user's own text, without template.
/// Where the prompt was given as ids, nobody knows which these are, and the whole segment counts.
pub(super) fn question_positions(run: &Run) -> Vec<usize> {
    let segment = run.prompt.layout.get(Segment::Question).unwrap_or(0..0);
    let bytes = &run.prompt.question_bytes;
    if bytes.is_empty() {
        return segment.collect();
    }
    let is_users = |position: &usize| {
        let token = run.prompt.tokens.get(*position);
        token.is_some_and(|t| t.byte_range.start < bytes.end && bytes.start < t.byte_range.end)
    };
    segment.filter(is_users).collect()
}
