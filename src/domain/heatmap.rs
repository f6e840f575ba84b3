//! Attention on the patches of a picture: what was asked, how it was read, and what has no place.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CaptionField, Grid, Reading};

/// Which row stands for a token that the model wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenRow {
    /// The row that chose the token: that of the position before it.
    WhileChoosing,
    /// The row of the token itself, once it was written and read again. The last token of an answer
    /// was never read again, so it has none.
    AfterWriting,
}

impl fmt::Display for TokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WhileChoosing => "while choosing",
            Self::AfterWriting => "after writing",
        })
    }
}

/// What a map shows. These are different questions with different answers; none stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapKind {
    /// Image to text: which parts of the picture attend to these words. No locator of things.
    ReadBy,
    /// Text to image: where these words of the question look.
    LooksAt,
    /// Answer to image: where the model looked for these tokens of its answer.
    AnsweredFrom(TokenRow),
    /// Not attention but paths of attention through the decoder's layers, from a row to the picture.
    Rollout,
    /// The resampler alone: which parts of the picture latents were made from. Nothing of the question
    /// is in it.
    MadeFrom,
}

impl MapKind {
    /// What whoever sees the map must know to read it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::ReadBy => {
                "which parts of the picture attend to the words; it does not say where a thing is"
            }
            Self::LooksAt => "where the words of the question look in the picture",
            Self::AnsweredFrom(TokenRow::WhileChoosing) => {
                "where the row that chose the token looked in the picture"
            }
            Self::AnsweredFrom(TokenRow::AfterWriting) => {
                "where the token's own row looked in the picture, once it was written"
            }
            Self::Rollout => {
                "paths of attention through all layers to the picture; compare with the rollout of \
                 uniform attention under the same mask"
            }
            Self::MadeFrom => {
                "which parts of the picture the resampler made the latents from; nothing of the \
                 question is in it"
            }
        }
    }
}

impl fmt::Display for MapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadBy => f.write_str("read by"),
            Self::LooksAt => f.write_str("looks at"),
            Self::AnsweredFrom(row) => write!(f, "answered from ({row})"),
            Self::Rollout => f.write_str("rollout"),
            Self::MadeFrom => f.write_str("made from"),
        }
    }
}

/// Attention on the patches of a picture.
///
/// # Units
/// Mass and share: parts of a row, and `values` and `unplaced` together are what the rows paid.
/// Lift: multiples of uniform attention under the same mask, carried through the same projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heatmap {
    /// The patches.
    pub patches: Grid,
    /// One value a patch, row by row; `NaN` where the reading is not defined (in JSON: null).
    #[serde(with = "nan_as_null")]
    pub values: Vec<f64>,
    /// Of mass and share: what stays on latents, which have no place in the picture. Of lift: the
    /// part of the mass that does.
    pub unplaced: f64,
    /// What it shows.
    pub kind: MapKind,
    /// How it is read.
    pub reading: Reading,
    /// Whether the mask closes everything that was asked for: zero by construction, which says
    /// nothing about the model.
    pub by_construction: bool,
    /// Of the mass that would be in the map, the part that lay on excluded sinks.
    pub excluded: f64,
    /// Everything a reader must know to repeat the map: rows, layers, heads, reading, projection.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to the map wherever it goes.
    pub notes: Vec<String>,
}

impl Heatmap {
    /// A map of these values and nothing else: none unplaced, none excluded, no caption.
    ///
    /// # Panics
    /// Where there is not one value a patch.
    pub fn new(patches: Grid, values: Vec<f64>, kind: MapKind, reading: Reading) -> Self {
        assert_eq!(values.len(), patches.len(), "a map has one value a patch");
        Self {
            patches,
            values,
            unplaced: 0.0,
            kind,
            reading,
            by_construction: false,
            excluded: 0.0,
            caption: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The value of a patch; `None` where the reading is not defined.
    ///
    /// # Panics
    /// Where there is no such patch.
    pub fn value(&self, patch: usize) -> Option<f64> {
        Some(self.values[patch]).filter(|value| !value.is_nan())
    }

    /// The least and the largest value; `None` where there is none.
    pub fn range(&self) -> Option<(f64, f64)> {
        let defined = || self.values.iter().copied().filter(|value| !value.is_nan());
        Some((defined().min_by(f64::total_cmp)?, defined().max_by(f64::total_cmp)?))
    }

    /// Row and column of the patch with the largest value, the first of equals; `None` where there
    /// is no value.
    pub fn peak(&self) -> Option<(usize, usize)> {
        let defined = self.values.iter().enumerate().rev().filter(|(_, value)| !value.is_nan());
        let (patch, _) = defined.max_by(|a, b| a.1.total_cmp(b.1))?;
        Some((patch / self.patches.cols, patch % self.patches.cols))
    }
}

/// JSON has no `NaN`.
mod nan_as_null {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(|value| Some(*value).filter(|value| !value.is_nan())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let values = Vec::<Option<f64>>::deserialize(from)?;
        Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }
}
