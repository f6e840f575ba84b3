//! Which map of a run is shown, and how a report tells it.

use std::{fmt, str::FromStr};

use anyhow::{Result, bail};
use serde::Serialize;

use super::question_words::{QuestionWords, find_word};
use crate::{
    analysis::{
        PatchMap, answered_from, looks_at, project_onto_patches, read_by, resampler_patterns,
    },
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapReport {
    /// What it shows.
    pub kind: String,
    /// Always `mass`: attention as computed, carried back to the patches.
    pub reading: &'static str,
    /// Rows and columns of patches.
    pub grid: [usize; 2],
    /// Row by row; `None` where the mask closes it by construction.
    pub values: Option<Vec<f64>>,
    /// What has no place in the picture.
    pub unplaced: Option<f64>,
    /// Whether the mask alone decides that there is nothing.
    pub by_construction: bool,
    #[serde(skip)]
    map_kind: MapKind,
}

impl MapReport {
    /// The map as a figure shows it; of zeros where the mask closes it, and marked so.
    pub(super) fn heatmap(&self) -> Heatmap {
        let patches = Grid { rows: self.grid[0], cols: self.grid[1] };
        let values = self.values.clone().unwrap_or_else(|| vec![0.0; patches.len()]);
        let map = Heatmap::new(patches, values, self.map_kind, Reading::Mass);
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
        let Some(resampler) = resampler_patterns(run) else {
            bail!("the resampler's patterns were not recorded, so there is no map");
        };
        let positions = |word: &str| -> Result<Vec<usize>> {
            let found = find_word(&words.words, word)?;
            Ok(found.iter().flat_map(|i| words.alignment.positions_of_word(*i)).collect())
        };
        let layers = match self {
            Self::AnsweredFrom => answered_from(run, 0),
            Self::LooksAt(word) => looks_at(run, &positions(word)?),
            Self::ReadBy(word) => read_by(run, &positions(word)?),
        };
        let map = layers.map(|layers| {
            let n = layers.len() as f64;
            let mean = |i: usize| layers.iter().map(|l| l[i]).sum::<f64>() / n;
            let on_latents: Vec<f64> = (0..layers[0].len()).map(mean).collect();
            project_onto_patches(&on_latents, &resampler, run.patches)
        });
        Ok(self.report(run, map))
    }

    fn report(&self, run: &Run, map: Option<PatchMap>) -> MapReport {
        let (values, unplaced) = match map {
            Some(map) => (Some(map.mass), Some(map.unplaced)),
            None => (None, None),
        };
        MapReport {
            kind: self.to_string(),
            reading: "mass",
            grid: [run.patches.rows, run.patches.cols],
            by_construction: values.is_none(),
            values,
            unplaced,
            map_kind: match self {
                Self::AnsweredFrom => MapKind::AnsweredFrom(TokenRow::WhileChoosing),
                Self::LooksAt(_) => MapKind::LooksAt,
                Self::ReadBy(_) => MapKind::ReadBy,
            },
        }
    }
}
