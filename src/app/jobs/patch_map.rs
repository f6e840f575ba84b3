//! Which map of a run is shown, and how a report tells it.

use std::{fmt, str::FromStr};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::question_words::{QuestionWords, find_word};
use crate::{
    analysis::{MapRequest, Projection, Projector},
    domain::{Grid, Heatmap, MapKind, Reading, Run, TokenRow},
};

/// A map of a run, as a person asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MapAsked {
    /// Where the row looked that chose the answer's first token.
    #[default]
    AnsweredFrom,
    /// Where a word of the question looks.
    LooksAt(String),
    /// Which parts of the picture attend to a word.
    ReadBy(String),
}

impl FromStr for MapAsked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "answered-from" => Ok(Self::AnsweredFrom),
            Some(("looks-at", word)) if !word.is_empty() => Ok(Self::LooksAt(word.to_owned())),
            Some(("read-by", word)) if !word.is_empty() => Ok(Self::ReadBy(word.to_owned())),
            _ => Err(format!(
                "unknown map \"{text}\": write answered-from, looks-at:WORD or read-by:WORD"
            )),
        }
    }
}

impl fmt::Display for MapAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnsweredFrom => f.write_str("answered from (while choosing the first token)"),
            Self::LooksAt(word) => write!(f, "\"{word}\" looks at"),
            Self::ReadBy(word) => write!(f, "\"{word}\" read by"),
        }
    }
}

/// A map as a report tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapReport {
    /// What it shows.
    pub kind: String,
    /// Always `mass`: attention as computed, carried back to the patches.
    pub reading: Reading,
    /// Rows and columns of patches.
    pub grid: [usize; 2],
    /// Row by row; `None` where the mask closes it by construction.
    pub values: Option<Vec<f64>>,
    /// What has no place in the picture.
    pub unplaced: Option<f64>,
    /// Whether the mask alone decides that there is nothing.
    pub by_construction: bool,
    /// The kind of map, by its name in every file.
    map: MapKind,
}

impl MapReport {
    /// The map as a figure shows it; of zeros where the mask closes it, and marked so.
    pub fn heatmap(&self) -> Heatmap {
        let patches = Grid { rows: self.grid[0], cols: self.grid[1] };
        let values = self.values.clone().unwrap_or_else(|| vec![0.0; patches.len()]);
        let map = Heatmap::new(patches, values, self.map, Reading::Mass);
        let unplaced = self.unplaced.unwrap_or(0.0);
        Heatmap { unplaced, by_construction: self.by_construction, ..map }
    }

    /// The largest value; `None` where there is no map.
    pub fn peak(&self) -> Option<f64> {
        self.values.as_ref()?.iter().copied().reduce(f64::max)
    }
}

impl MapAsked {
    /// The map of a run: mean over decoder layers and heads, through all resampler layers.
    ///
    /// # Errors
    /// A word that the question does not have; patterns that were not recorded.
    pub(super) fn of_run(&self, run: &Run, words: &QuestionWords) -> Result<MapReport> {
        let positions = |word: &str| -> Result<Vec<usize>> {
            let found = find_word(&words.words, word)?;
            Ok(found.iter().flat_map(|i| words.alignment.positions_of_word(*i)).collect())
        };
        let positions = match self {
            Self::AnsweredFrom => vec![0],
            Self::LooksAt(word) | Self::ReadBy(word) => positions(word)?,
        };
        let projector = Projector::new(run, Projection::default())?;
        Ok(self.report(projector.map(run, &MapRequest::new(self.kind(), positions))?))
    }

    fn kind(&self) -> MapKind {
        match self {
            Self::AnsweredFrom => MapKind::AnsweredFrom(TokenRow::WhileChoosing),
            Self::LooksAt(_) => MapKind::LooksAt,
            Self::ReadBy(_) => MapKind::ReadBy,
        }
    }

    fn report(&self, map: Heatmap) -> MapReport {
        let is_open = !map.by_construction;
        MapReport {
            kind: self.to_string(),
            reading: Reading::Mass,
            grid: [map.patches.rows, map.patches.cols],
            unplaced: is_open.then_some(map.unplaced),
            by_construction: map.by_construction,
            values: is_open.then_some(map.values),
            map: map.kind,
        }
    }
}
