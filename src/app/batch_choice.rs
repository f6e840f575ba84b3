//! What is looked at of the open batch: the part of it that undo moves.

use super::jobs::{AnswerGroup, GroupBy};
use crate::domain::{AttentionMode, Bucket};

/// A bar of the open batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchBar {
    /// Its group, by its place in the chart.
    pub group: usize,
    /// Its bucket.
    pub bucket: Bucket,
}

/// A column of the list of a batch's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchColumn {
    /// The row of the question file.
    Row,
    /// The question.
    Question,
    /// The answer.
    Answer,
    /// Right or wrong.
    Hit,
    /// What the chosen bucket got.
    #[default]
    Value,
}

/// What is looked at of the open batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchChoice {
    /// What one group of bars is.
    pub by: GroupBy,
    /// The one mode that is drawn; `None` for all.
    pub attention: Option<AttentionMode>,
    /// The bar whose questions are listed.
    pub bar: Option<BatchBar>,
    /// Which answers are listed.
    pub answers: AnswerGroup,
    /// Words that listed rows hold.
    pub words: String,
    /// By which column they are sorted.
    pub column: BatchColumn,
    /// Whether the largest comes first.
    pub is_falling: bool,
    /// The row that is chosen, by its place.
    pub row: Option<usize>,
}

impl Default for BatchChoice {
    fn default() -> Self {
        Self {
            by: GroupBy::default(),
            attention: None,
            bar: None,
            answers: AnswerGroup::All,
            words: String::new(),
            column: BatchColumn::default(),
            is_falling: true,
            row: None,
        }
    }
}
