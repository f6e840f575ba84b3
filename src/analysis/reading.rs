//! What is read from a block of attention, and how: the names that every figure must say.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::Choice;

/// A way to read the attention that rows of the picture pay to words.
///
/// With `a[r, c]` the weight that row `r` pays to key `c` (a row sums to 1 over *all* its keys),
/// `b` a bucket, `Q` the tokens of the question without template, and `K[r]` the number of keys
/// that row `r` may attend to:
///
/// ```text
/// mass[r, b]  = sum over c in b of a[r, c]
/// share[r, b] = mass[r, b] / sum over c in Q of a[r, c]
/// lift[r, b]  = mass[r, b] / (number of c in b that r may attend to / K[r])
/// ```
///
/// Each is then averaged over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As computed. Falls along the latents, since later ones may attend to more keys.
    Mass,
    /// Of what a row pays to the question, the part that a bucket gets: sums to 1 over buckets.
    Share,
    /// How many times what uniform attention under the same mask would pay: 1 says nothing.
    Lift,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mass => "mass",
            Self::Share => "share",
            Self::Lift => "lift",
        })
    }
}

impl FromStr for Reading {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = [Self::Mass, Self::Share, Self::Lift];
        let found = known.into_iter().find(|reading| reading.to_string() == name);
        found.ok_or_else(|| format!("unknown reading \"{name}\": choose mass, share or lift"))
    }
}

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
