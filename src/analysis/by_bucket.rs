//! Which words the picture looks at: attention from latents to the question, by bucket.
//!
//! The rows are the picture's latents, which have no place in the picture: what is read here is how
//! the picture as a whole takes in the question, the block that modality-mutual attention opens.
//! What the words, or the answer, pay to the picture is another reading.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{AttentionPlan, AttentionTrace, Bucket, SequenceLayout};

use super::{AnalysisError, BucketRows, BucketSpec, HeadWeighting, Per, Reading, TemplateTokens};

/// What one bucket got, averaged over rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketReading {
    /// The bucket.
    pub bucket: Bucket,
    /// Its tokens in the question segment.
    pub tokens: usize,
    /// Those that some chosen row may attend to in some chosen layer.
    pub visible: usize,
    /// Mean over rows of the attention mass on its tokens, in 0..=1.
    pub mass: f64,
    /// Mean over rows of the mass that uniform attention under the same mask would pay.
    pub expected: f64,
    /// Mean over rows of its share of what the question got; `None` where the mask closes it,
    /// where it has no token, where no row paid anything, and of excluded template tokens.
    pub share: Option<f64>,
    /// Mean over rows of mass over expected mass; `None` where nothing was expected.
    pub lift: Option<f64>,
}

impl BucketReading {
    /// Whether there are tokens and the mask closes them all: their mass is zero by construction,
    /// and says nothing about the model.
    pub fn by_construction(&self) -> bool {
        self.tokens > 0 && self.visible == 0
    }

    /// One number; `None` without tokens, and where the reading is not defined.
    ///
    /// # Units
    /// Mass and share of a bucket in 0..=1; by the token, those divided by its visible tokens; lift
    /// in multiples of uniform attention, the same number for a bucket and by the token.
    pub fn value(&self, reading: Reading, per: Per) -> Option<f64> {
        let sum = match reading {
            Reading::Mass => Some(self.mass).filter(|_| self.tokens > 0)?,
            Reading::Share => self.share?,
            Reading::Lift => return self.lift,
        };
        Some(match per {
            Per::Bucket => sum,
            Per::Token => sum / self.visible.max(1) as f64, // no visible token: 0 / 1
        })
    }
}

/// What the rows of one run's picture pay to the buckets of its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByBucket {
    /// The decoder layers that were read.
    pub layers: Vec<usize>,
    /// The heads that were read.
    pub heads: Vec<usize>,
    /// The rows that were read, as numbers of latents.
    pub latents: Vec<usize>,
    /// The order of average and division.
    pub heads_weigh: HeadWeighting,
    /// Whether shares are taken of template tokens too.
    pub template: TemplateTokens,
    /// All buckets, in the order of [`Bucket::ALL`].
    pub buckets: Vec<BucketReading>,
    /// Of the mass that the rows pay to the question segment, the part on template tokens; `None`
    /// where they pay nothing.
    pub template_share: Option<f64>,
    /// Mean over rows of the mass on everything else: the picture itself, what stands before it,
    /// and tokens without a bucket. With the masses of all buckets it sums to 1.
    pub unplaced: f64,
    /// Rows that paid the question nothing, because they could not or did not: they have no share.
    pub rows_without_share: usize,
}

impl ByBucket {
    /// Whether no row may attend to any token of the question: all masses are zero by construction.
    pub fn by_construction(&self) -> bool {
        self.buckets.iter().all(|bucket| bucket.visible == 0)
    }

    /// One bucket's reading.
    pub fn get(&self, bucket: Bucket) -> Option<&BucketReading> {
        self.buckets.iter().find(|reading| reading.bucket == bucket)
    }

    /// Rows behind a share.
    pub fn rows_with_share(&self) -> usize {
        self.latents.len() - self.rows_without_share
    }

    /// The readings as tables with the buckets as keys, for a JSON report.
    pub fn tables(&self) -> BucketTables {
        fn table<T>(run: &ByBucket, of: impl Fn(&BucketReading) -> T) -> BTreeMap<Bucket, T> {
            run.buckets.iter().map(|reading| (reading.bucket, of(reading))).collect()
        }
        BucketTables {
            mass: table(self, |b| b.mass),
            share: table(self, |b| b.share),
            lift: table(self, |b| b.lift),
            tokens: table(self, |b| b.tokens),
            visible_tokens: table(self, |b| b.visible),
            expected: table(self, |b| b.expected),
            template_share: self.template_share,
            unplaced: self.unplaced,
            by_construction: self.by_construction(),
            layers: self.layers.clone(),
            heads: self.heads.clone(),
            latents: self.latents.clone(),
            heads_weigh: self.heads_weigh,
            template: self.template,
        }
    }
}

/// [`ByBucket`] as a JSON report shows it: one table a reading, buckets as keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketTables {
    /// Attention mass; with `unplaced`, sums to 1.
    pub mass: BTreeMap<Bucket, f64>,
    /// Part of what the question got; `null` where not defined.
    pub share: BTreeMap<Bucket, Option<f64>>,
    /// Multiples of uniform attention; `null` where not defined.
    pub lift: BTreeMap<Bucket, Option<f64>>,
    /// Tokens of each bucket.
    pub tokens: BTreeMap<Bucket, usize>,
    /// Tokens of each bucket that some row may attend to.
    pub visible_tokens: BTreeMap<Bucket, usize>,
    /// Mass under uniform attention.
    pub expected: BTreeMap<Bucket, f64>,
    /// Of the question segment's mass, the part on template tokens.
    pub template_share: Option<f64>,
    /// Mass on the picture, on what stands before it, and on tokens without a bucket.
    pub unplaced: f64,
    /// Whether the mask closes the whole block.
    pub by_construction: bool,
    /// Decoder layers.
    pub layers: Vec<usize>,
    /// Heads.
    pub heads: Vec<usize>,
    /// Rows.
    pub latents: Vec<usize>,
    /// The order of average and division.
    pub heads_weigh: HeadWeighting,
    /// Whether shares are taken of template tokens too.
    pub template: TemplateTokens,
}

/// Reads the attention that the picture's rows pay to the question, by bucket.
///
/// `buckets` has one entry a position of the prompt; only positions of the question segment are
/// columns, so what is said of others does not matter. A position of it without a bucket counts as
/// unplaced.
///
/// The formulas are those of [`Reading`], for each row, with means over layers and heads as
/// [`HeadWeighting`] says; then rows are averaged, each counting the same.
///
/// # Shapes
/// - `buckets`: `[T]`
/// - `trace`: decoder sites, `[heads, queries, keys]` rectangles that hold picture x question
///
/// # Units
/// Masses and `unplaced` sum to 1; shares sum to 1 over the buckets they are taken of; all sums
/// in `f64`. A trace in half precision is off by up to 1e-3.
///
/// # Errors
/// [`AnalysisError`]: whatever of the block was not recorded, by name; an empty choice; a trace
/// that contradicts the plan.
///
/// # Source
/// The block and its span: AKI (arXiv 2503.02597), Eq. 5. Lift corrects for the number of keys a
/// row may attend to, which a causal mask among latents makes differ from row to row.
pub fn by_bucket(
    trace: &AttentionTrace,
    plan: &AttentionPlan,
    layout: &SequenceLayout,
    buckets: &[Option<Bucket>],
    spec: &BucketSpec,
) -> Result<ByBucket, AnalysisError> {
    BucketRows::new(trace, plan, layout, buckets, spec)?.read(&spec.layers, &spec.heads)
}
