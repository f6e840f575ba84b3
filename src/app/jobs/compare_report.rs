//! A comparison as `compare --json` tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ask_report::AnswerReport, patch_map::MapReport};
use crate::{
    analysis::{ComparedWord, LayerShares},
    domain::{AttentionMode, Bucket},
    model::Dtype,
};

/// Something of the left side, and the same of the right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sides<T> {
    /// Of the left side.
    pub left: T,
    /// Of the right side.
    pub right: T,
}

impl<T> Sides<T> {
    /// Both in turn.
    pub fn map<U>(&self, of: impl Fn(&T) -> U) -> Sides<U> {
        Sides { left: of(&self.left), right: of(&self.right) }
    }
}

/// One answer's log-probability under both sides; `None` where a side cannot score it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerLogprobs<T> {
    /// The left side's answer.
    pub left_answer: Sides<Option<T>>,
    /// The right side's answer.
    pub right_answer: Sides<Option<T>>,
}

/// A token that could stand somewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenChance {
    /// Its number.
    pub id: u32,
    /// Its text.
    pub text: String,
    /// Its log-probability in nats.
    pub logprob: f64,
}

/// What separates the two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceReport {
    /// Log-probability of both whole answers under both sides, teacher-forced, in nats.
    pub logprob: AnswerLogprobs<f64>,
    /// The same token by token.
    pub logprob_by_token: AnswerLogprobs<Vec<f64>>,
    /// The first place where the answers' tokens differ, from 0; `None` where they are the same,
    /// and where the sides have other tokens.
    pub first_differing_token: Option<usize>,
    /// The likeliest tokens there, on both sides.
    pub alternatives: Option<Sides<Vec<TokenChance>>>,
    /// The answers' words, each marked where it is not in both.
    pub words: Sides<Vec<ComparedWord>>,
    /// How far the latents' hidden states lie apart between the two questions of
    /// `latent_drift_between`: mean relative distance `2 |a - b| / (|a| + |b|)`, after each layer,
    /// the last after the norm.
    pub latent_drift_by_layer: Sides<Vec<f64>>,
    /// The two questions.
    pub latent_drift_between: [String; 2],
    /// Sides whose weights were not trained under their mask.
    pub out_of_distribution: Vec<String>,
    /// What such a side is.
    pub labels: Sides<Option<String>>,
    /// The map of both sides.
    pub map: Sides<MapReport>,
    /// Right map less left map, patch by patch; `None` where one has no map or other patches.
    pub map_difference: Option<Vec<f64>>,
    /// Right reading less left reading by bucket, share of the question; `None` where one has none.
    pub by_bucket_share: BTreeMap<Bucket, Option<f64>>,
    /// How attention divides between picture and text, layer by layer.
    pub by_layer: Sides<Vec<LayerShares>>,
    /// What could not be compared, and why.
    pub not_comparable: Vec<String>,
}

/// What a picture's hash was computed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hashed {
    /// Of its file.
    File,
    /// Of its pixels, row by row, red, green and blue: it lies in no file.
    Pixels,
}

/// What both sides share and what not, so that a difference can be trusted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in the report")]
pub struct TrustReport {
    /// SHA-256 of the picture.
    pub picture_sha256: String,
    /// Of what that was computed.
    pub picture_sha256_of: Hashed,
    /// Whether both sides read the same tokens in the same order.
    pub same_tokens: bool,
    /// Whether both have the same weights.
    pub same_weights: bool,
    /// Whether the vision tower was computed once for both.
    pub shared_vision: bool,
    /// Whether the resampler was, too.
    pub shared_resampler: bool,
    /// Device and its kernels.
    pub device: Sides<String>,
    /// Type of the large matrices.
    pub dtype: Sides<Dtype>,
    /// What each side's weights were trained under.
    pub trained_under: Sides<Option<AttentionMode>>,
    /// How that is known.
    pub trained_because: Sides<String>,
    /// Everything that differs, in words.
    pub differs: Vec<String>,
}

impl TrustReport {
    /// One line for a figure or a terminal.
    pub fn line(&self) -> String {
        let hash = self.picture_sha256.get(..12).unwrap_or(&self.picture_sha256);
        let differs = match self.differs.as_slice() {
            [] => "nothing".to_owned(),
            differs => differs.join(", "),
        };
        let once = match (self.shared_vision, self.shared_resampler) {
            (true, true) => "; vision tower and resampler computed once",
            (true, false) => "; vision tower computed once",
            (false, _) => "",
        };
        let of = match self.picture_sha256_of {
            Hashed::File => "",
            Hashed::Pixels => " of its pixels",
        };
        format!("same picture (sha256{of} {hash}); differs: {differs}{once}")
    }
}

/// A comparison as `compare --json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonReport {
    pub(super) version: u32,
    /// As `ask --json` tells it.
    pub left: AnswerReport,
    /// As `ask --json` tells it.
    pub right: AnswerReport,
    /// What separates them.
    pub difference: DifferenceReport,
    /// What they share.
    pub trust: TrustReport,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}
