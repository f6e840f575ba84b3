//! Which part of a run's attention a table by bucket reads, and in which order it divides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Choice;

/// Whether a reading speaks of a bucket as a whole or of one token of it.
///
/// A bucket with many tokens wins every sum; a rare one may win by the token. Lift is the same in
/// both: the lift of a bucket *is* the mean of its visible tokens' lifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The sum over the bucket's tokens.
    Bucket,
    /// That sum over the number of the bucket's tokens that some row may attend to.
    Token,
}

/// In which order heads (and layers) are averaged and masses divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadWeighting {
    /// The mean of raw mass over layers and heads first, then one division: a head that hardly
    /// looks at the question hardly counts.
    #[default]
    ByMass,
    /// One division for each layer and head, then the mean: each head counts the same, also one
    /// that pays the question next to nothing.
    EachHeadEqual,
}

impl fmt::Display for HeadWeighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByMass => "mean of mass, then divided",
            Self::EachHeadEqual => "each divided, then mean (each head equal)",
        })
    }
}

/// Whether template tokens are among the tokens that shares are taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateTokens {
    /// They are not; what they got is stated beside the result.
    #[default]
    Excluded,
    /// They are a seventh bucket like the others.
    Included,
}

/// Which part of a run's attention is read, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketSpec {
    /// Decoder layers; all means: all that were recorded. The result names them.
    pub layers: Choice,
    /// Query heads; all means: all that were recorded. The result names them.
    pub heads: Choice,
    /// Rows, as numbers of latents from 0.
    pub latents: Choice,
    /// The order of average and division.
    pub heads_weigh: HeadWeighting,
    /// What shares are taken of.
    pub template: TemplateTokens,
}

impl Default for BucketSpec {
    fn default() -> Self {
        Self {
            layers: Choice::All,
            heads: Choice::All,
            latents: Choice::All,
            heads_weigh: HeadWeighting::default(),
            template: TemplateTokens::default(),
        }
    }
}
