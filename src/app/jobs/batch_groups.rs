//! Which runs of batches are one bar: what they have in common, and what that is called.

use std::{fmt, path::Path, str::FromStr};

use super::batch_results::short_model;
use crate::{
    benchmark::MME_PERCEPTION,
    domain::AttentionMode,
    eval::batch::{AnswerGroup, BatchHeader, BatchRow},
};

/// What one color of a figure stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// An attention mode; a model and a mode where there are several models.
    #[default]
    Attention,
    /// Right answers, wrong answers.
    Answer,
    /// The groups of the paper's Fig. 6: General P and C (MME), Knowledge (MMMU), Vision-centric
    /// (POPE), told by the question file's name.
    Paper,
    /// The question file.
    Data,
    /// The value of a column of the question file.
    Column(String),
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Attention => "attention",
            Self::Answer => "answer",
            Self::Paper => "paper",
            Self::Data => "data",
            Self::Column(name) => name,
        })
    }
}

impl FromStr for GroupBy {
    type Err = std::convert::Infallible;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "attention" => Self::Attention,
            "answer" => Self::Answer,
            "paper" => Self::Paper,
            "data" => Self::Data,
            column => Self::Column(column.to_owned()),
        })
    }
}

/// What the runs of one bar have in common: the place of its group among groups, the group's own
/// name, then model and mode, by their places.
///
/// Runs of different models or under different masks are never averaged: what one mask closes says
/// nothing about another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    place: usize,
    name: String,
    model: usize,
    mode: usize,
}

impl GroupKey {
    /// The group of a row of the batch `i`; `None` where it belongs to none.
    pub(super) fn of(
        row: &BatchRow,
        headers: &[BatchHeader],
        i: usize,
        by: &GroupBy,
    ) -> Option<Self> {
        let header = &headers[i];
        let stem_of = stem(&header.data);
        let hit = row.answer.as_ref().and_then(|answer| answer.hit);
        let (place, name) = match by {
            GroupBy::Attention => (0, String::new()),
            GroupBy::Answer => {
                let group = if hit? { AnswerGroup::Right } else { AnswerGroup::Wrong };
                (group as usize, group.name().to_owned())
            }
            GroupBy::Data => {
                (headers.iter().position(|h| stem(&h.data) == stem_of).unwrap_or(i), stem_of)
            }
            GroupBy::Column(column) => {
                (0, row.groups.get(column).filter(|value| !value.is_empty())?.clone())
            }
            GroupBy::Paper => {
                let category = row.groups.get("category").map_or("", String::as_str);
                let (place, name) = match stem_of.split(['_', '-', '.']).next().unwrap_or("") {
                    "MME" if MME_PERCEPTION.contains(&category) => (0, "General P"),
                    "MME" => (1, "General C"),
                    "MMMU" => (2, "Knowledge"),
                    "POPE" => (3, "Vision-centric"),
                    _ => return None,
                };
                (place, name.to_owned())
            }
        };
        Some(Self {
            place,
            name,
            model: headers.iter().position(|h| h.model == header.model).unwrap_or(i),
            mode: all_modes(headers).iter().position(|mode| *mode == row.attention)?,
        })
    }

    /// As the legend calls it: what does not differ goes without saying.
    pub(super) fn text(&self, headers: &[BatchHeader]) -> String {
        let all_modes = all_modes(headers);
        let models = headers.iter().any(|header| header.model != headers[0].model);
        let name = Some(self.name.clone()).filter(|name| !name.is_empty());
        let model = models.then(|| short_model(&headers[self.model].model));
        let mode =
            (all_modes.len() > 1 || name.is_none()).then(|| all_modes[self.mode].to_string());
        name.into_iter().chain(model).chain(mode).collect::<Vec<_>>().join(", ")
    }
}

/// The modes of all batches, each once, in the order in which they were named.
pub(super) fn all_modes(headers: &[BatchHeader]) -> Vec<AttentionMode> {
    let mut modes = Vec::new();
    for mode in headers.iter().flat_map(|header| &header.attention) {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    modes
}

/// A question file by its name alone.
pub(super) fn stem(data: &str) -> String {
    Path::new(data).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
