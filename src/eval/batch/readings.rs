//! What is kept of a run's attention: its readings by bucket, of all layers and of each.

use serde::{Deserialize, Serialize};

use super::BatchHeader;
use crate::{
    analysis::{
        AnalysisError, BucketReading, BucketSpec, ByBucket, HeadWeighting, TemplateTokens,
        by_bucket,
    },
    domain::{Bucket, Choice, Run},
};

const N: usize = Bucket::ALL.len();

/// Readings of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketReadings {
    /// Over all layers together.
    pub all: BucketNumbers,
    /// Of each layer by itself, in the order of [`BatchHeader::layers`].
    pub layers: Vec<BucketNumbers>,
}

/// The numbers of a [`ByBucket`], each in the order of [`Bucket::ALL`]; see [`BucketReading`] for
/// what they mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketNumbers {
    /// Tokens in the question segment.
    pub tokens: [usize; N],
    /// Those that some row may attend to.
    pub visible: [usize; N],
    /// Attention mass.
    pub mass: [f64; N],
    /// Mass under uniform attention.
    pub expected: [f64; N],
    /// Part of what the question got.
    pub share: [Option<f64>; N],
    /// Multiples of uniform attention.
    pub lift: [Option<f64>; N],
    /// Of the question segment's mass, the part on template tokens.
    pub template_share: Option<f64>,
    /// Mass elsewhere.
    pub unplaced: f64,
    /// Rows that paid the question nothing.
    pub rows_without_share: usize,
}

impl BucketReadings {
    /// Reads a run.
    ///
    /// # Shapes
    /// `buckets`: `[T]`
    ///
    /// # Errors
    /// As [`by_bucket`].
    pub fn of_run(
        run: &Run,
        buckets: &[Option<Bucket>],
        layers: &[usize],
    ) -> Result<Self, AnalysisError> {
        let read = |layers: Choice| {
            let spec = BucketSpec { layers, ..BucketSpec::default() };
            let read = by_bucket(&run.trace, &run.plan, &run.prompt.layout, buckets, &spec)?;
            Ok(BucketNumbers::of(&read))
        };
        let all = read(Choice::All)?;
        let layers = layers.iter().map(|layer| read(Choice::Only(vec![*layer])));
        Ok(Self { all, layers: layers.collect::<Result<_, AnalysisError>>()? })
    }
}

impl BucketNumbers {
    fn of(read: &ByBucket) -> Self {
        let each =
            |of: &dyn Fn(&BucketReading) -> f64| Bucket::ALL.map(|b| read.get(b).map_or(0.0, of));
        let count =
            |of: &dyn Fn(&BucketReading) -> usize| Bucket::ALL.map(|b| read.get(b).map_or(0, of));
        Self {
            tokens: count(&|b| b.tokens),
            visible: count(&|b| b.visible),
            mass: each(&|b| b.mass),
            expected: each(&|b| b.expected),
            share: Bucket::ALL.map(|b| read.get(b).and_then(|b| b.share)),
            lift: Bucket::ALL.map(|b| read.get(b).and_then(|b| b.lift)),
            template_share: read.template_share,
            unplaced: read.unplaced,
            rows_without_share: read.rows_without_share,
        }
    }

    /// The reading of one bucket, by its place in [`Bucket::ALL`]; `None` without a token of it.
    pub fn bucket(&self, b: usize) -> Option<BucketReading> {
        (*self.tokens.get(b)? > 0).then(|| self.reading(b))
    }

    fn reading(&self, b: usize) -> BucketReading {
        BucketReading {
            bucket: Bucket::ALL[b],
            tokens: self.tokens[b],
            visible: self.visible[b],
            mass: self.mass[b],
            expected: self.expected[b],
            share: self.share[b],
            lift: self.lift[b],
        }
    }

    /// The readings again, as analyses take them, of all layers of a record.
    pub fn by_bucket(&self, header: &BatchHeader) -> ByBucket {
        ByBucket {
            layers: header.layers.clone(),
            heads: header.heads.clone(),
            latents: (0..header.n_latents).collect(),
            heads_weigh: HeadWeighting::default(),
            template: TemplateTokens::default(),
            buckets: (0..N).map(|b| self.reading(b)).collect(),
            template_share: self.template_share,
            unplaced: self.unplaced,
            rows_without_share: self.rows_without_share,
        }
    }
}
