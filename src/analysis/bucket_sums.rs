//! Sums of attention by row and bucket, and the three readings made of them.

use crate::domain::Bucket;

use super::{BucketReading, ByBucket, HeadWeighting, TemplateTokens, block::Place};

const N: usize = Bucket::ALL.len();

/// One number a bucket, in the order of [`Bucket::ALL`].
type PerBucket = [f64; N];

/// A mean that is not made yet.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    n: usize,
}

impl Mean {
    /// Takes in a value; what is not defined does not count.
    fn add(&mut self, value: impl Into<Option<f64>>) {
        if let Some(value) = value.into() {
            self.sum += value;
            self.n += 1;
        }
    }

    fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }
}

/// What is summed of one row over layers and heads.
#[derive(Clone, Debug, Default)]
struct Row {
    /// Over layers and heads.
    mass: PerBucket,
    /// Over layers.
    expected: PerBucket,
    /// Of each layer and head in which the row paid the question something.
    shares: [Mean; N],
    /// Of each layer and head in which the row may attend to the bucket.
    lifts: [Mean; N],
}

/// Sums over layers and heads, row by row.
#[derive(Debug)]
pub(super) struct RowSums {
    /// Index in [`Bucket::ALL`] of each column.
    columns: Vec<usize>,
    /// Which buckets shares are taken of.
    is_shared: [bool; N],
    tokens: [usize; N],
    /// Whether some row may attend to the column in some layer.
    is_visible: Vec<bool>,
    n_layers: usize,
    rows: Vec<Row>,
}

impl RowSums {
    /// Nothing summed yet, for columns of these buckets.
    pub(super) fn new(n_rows: usize, columns: &[Bucket], template: TemplateTokens) -> Self {
        let index = |bucket: &Bucket| Bucket::ALL.iter().position(|b| b == bucket).unwrap_or(0);
        let columns: Vec<usize> = columns.iter().map(index).collect();
        let mut tokens = [0; N];
        for &bucket in &columns {
            tokens[bucket] += 1;
        }
        let is_shared =
            Bucket::ALL.map(|b| b != Bucket::Template || template == TemplateTokens::Included);
        let is_visible = vec![false; columns.len()];
        let rows = vec![Row::default(); n_rows];
        Self { columns, is_shared, tokens, is_visible, n_layers: 0, rows }
    }

    /// Takes in a layer's mask; gives back what uniform attention would pay.
    ///
    /// ```text
    /// expected[r, b] = number of c in b that r may attend to / number of keys r may attend to
    /// ```
    ///
    /// # Shapes
    /// output: `[rows][buckets]`
    pub(super) fn add_layer(&mut self, place: Place<'_>) -> Vec<PerBucket> {
        self.n_layers += 1;
        let mut expected = vec![[0.0; N]; self.rows.len()];
        for (r, &query) in place.rows.iter().enumerate() {
            let n_keys = (0..place.mask.len()).filter(|key| place.mask.allows(query, *key)).count();
            let mut n_open = [0_usize; N];
            for (c, &key) in place.columns.iter().enumerate() {
                if place.mask.allows(query, key) {
                    self.is_visible[c] = true;
                    n_open[self.columns[c]] += 1;
                }
            }
            for b in 0..N {
                if n_open[b] > 0 {
                    expected[r][b] = n_open[b] as f64 / n_keys as f64;
                    self.rows[r].expected[b] += expected[r][b];
                }
            }
        }
        expected
    }

    /// Takes in one head of the layer that was added last.
    ///
    /// # Shapes
    /// - `expected`: `[rows][buckets]`
    /// - `weights`: `[rows, columns]`
    pub(super) fn add_head(&mut self, expected: &[PerBucket], weights: &[f64]) {
        let by_row = weights.chunks_exact(self.columns.len());
        for ((row, weights), expected) in self.rows.iter_mut().zip(by_row).zip(expected) {
            let mut mass = [0.0; N];
            for (&bucket, weight) in self.columns.iter().zip(weights) {
                mass[bucket] += weight;
            }
            let of_question = sum_where(&mass, self.is_shared);
            for b in 0..N {
                row.mass[b] += mass[b];
                if of_question > 0.0 {
                    row.shares[b].add(mass[b] / of_question);
                }
                if expected[b] > 0.0 {
                    row.lifts[b].add(mass[b] / expected[b]);
                }
            }
        }
    }

    /// The readings, put into a result that says how they were asked for.
    pub(super) fn into_readings(self, n_heads: usize, asked: ByBucket) -> ByBucket {
        let n_patterns = (self.n_layers * n_heads) as f64;
        let n_rows = self.rows.len() as f64;
        let mean_over_rows =
            |of: &dyn Fn(&Row) -> f64| self.rows.iter().map(of).sum::<f64>() / n_rows;
        let readings = Bucket::ALL.iter().enumerate().map(|(b, &bucket)| {
            let visible = (0..self.columns.len())
                .filter(|c| self.columns[*c] == b && self.is_visible[*c])
                .count();
            let (mut share, mut lift) = (Mean::default(), Mean::default());
            for row in &self.rows {
                share.add(row.share(b, self.is_shared, asked.heads_weigh));
                lift.add(row.lift(b, self.n_layers, n_heads, asked.heads_weigh));
            }
            BucketReading {
                bucket,
                tokens: self.tokens[b],
                visible,
                mass: mean_over_rows(&|row| row.mass[b] / n_patterns),
                expected: mean_over_rows(&|row| row.expected[b] / self.n_layers as f64),
                share: share.value().filter(|_| visible > 0 && self.is_shared[b]),
                lift: lift.value(),
            }
        });
        let buckets: Vec<BucketReading> = readings.collect();
        let opened: f64 = buckets.iter().map(|b| b.mass).sum();
        let template: f64 =
            buckets.iter().filter(|b| b.bucket == Bucket::Template).map(|b| b.mass).sum();
        let has_share = |row: &&Row| sum_where(&row.mass, self.is_shared) > 0.0;
        ByBucket {
            template_share: (opened > 0.0).then(|| template / opened),
            unplaced: 1.0 - opened,
            rows_without_share: self.rows.len() - self.rows.iter().filter(has_share).count(),
            buckets,
            ..asked
        }
    }
}

impl Row {
    /// Of what this row pays to the question, the part that bucket `b` gets.
    fn share(&self, b: usize, is_shared: [bool; N], weigh: HeadWeighting) -> Option<f64> {
        match weigh {
            // mean mass over mean mass: the number of layers and heads cancels
            HeadWeighting::ByMass => {
                let of_question = sum_where(&self.mass, is_shared);
                (of_question > 0.0).then(|| self.mass[b] / of_question)
            }
            HeadWeighting::EachHeadEqual => self.shares[b].value(),
        }
    }

    /// How many times uniform attention this row pays to bucket `b`.
    fn lift(&self, b: usize, n_layers: usize, n_heads: usize, weigh: HeadWeighting) -> Option<f64> {
        match weigh {
            // mass / (L H) over expected / L
            HeadWeighting::ByMass => {
                let mass = self.mass[b] / (n_layers * n_heads) as f64;
                let expected = self.expected[b] / n_layers as f64;
                (expected > 0.0).then(|| mass / expected)
            }
            HeadWeighting::EachHeadEqual => self.lifts[b].value(),
        }
    }
}

fn sum_where(values: &PerBucket, is_counted: [bool; N]) -> f64 {
    values.iter().zip(is_counted).filter(|(_, counted)| *counted).map(|(value, _)| value).sum()
}
