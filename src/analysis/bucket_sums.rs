//! Sums of attention by row and bucket, and the three readings made of them.

use crate::domain::Bucket;

use super::{
    BucketReading, ByBucket, HeadWeighting, TemplateTokens,
    bucket_mask::{BucketMask, N, PerBucket},
};

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
    /// Of each layer and head in which the row paid the question something, where each counts the same.
    shares: [Mean; N],
    /// Of each layer and head in which the row may attend to the bucket, where each counts the same.
    lifts: [Mean; N],
}

/// Sums over layers and heads, row by row.
#[derive(Debug)]
pub(super) struct RowSums<'a> {
    /// Index in [`Bucket::ALL`] of each column.
    columns: &'a [usize],
    /// The order of average and division.
    heads_weigh: HeadWeighting,
    /// Which buckets shares are taken of.
    is_shared: [bool; N],
    /// Whether some row may attend to the column in some layer.
    is_visible: Vec<bool>,
    n_layers: usize,
    rows: Vec<Row>,
}

impl<'a> RowSums<'a> {
    /// Nothing summed yet, for columns of these buckets.
    pub(super) fn new(
        n_rows: usize,
        columns: &'a [usize],
        (heads_weigh, template): (HeadWeighting, TemplateTokens),
    ) -> Self {
        let is_shared =
            Bucket::ALL.map(|b| b != Bucket::Template || template == TemplateTokens::Included);
        let is_visible = vec![false; columns.len()];
        let rows = vec![Row::default(); n_rows];
        Self { columns, heads_weigh, is_shared, is_visible, n_layers: 0, rows }
    }

    /// Takes in a layer's mask.
    pub(super) fn add_layer(&mut self, mask: &BucketMask) {
        self.n_layers += 1;
        for (is_visible, is_open) in self.is_visible.iter_mut().zip(&mask.is_visible) {
            *is_visible |= is_open;
        }
        for (row, expected) in self.rows.iter_mut().zip(&mask.expected) {
            add(&mut row.expected, expected);
        }
    }

    /// Takes in one head of a layer.
    ///
    /// # Shapes
    /// - `masses`: `[rows][buckets]`
    pub(super) fn add_head(&mut self, mask: &BucketMask, masses: &[PerBucket]) {
        for ((row, mass), expected) in self.rows.iter_mut().zip(masses).zip(&mask.expected) {
            add(&mut row.mass, mass);
            if self.heads_weigh == HeadWeighting::EachHeadEqual {
                row.divide(mass, expected, self.is_shared);
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
                share.add(row.share(b, self.is_shared, self.heads_weigh));
                lift.add(row.lift(b, self.n_layers, n_heads, self.heads_weigh));
            }
            BucketReading {
                bucket,
                tokens: self.columns.iter().filter(|column| **column == b).count(),
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
    /// Takes in what one head pays, divided before it is averaged.
    fn divide(&mut self, mass: &PerBucket, expected: &PerBucket, is_shared: [bool; N]) {
        let of_question = sum_where(mass, is_shared);
        for b in 0..N {
            if of_question > 0.0 {
                self.shares[b].add(mass[b] / of_question);
            }
            if expected[b] > 0.0 {
                self.lifts[b].add(mass[b] / expected[b]);
            }
        }
    }

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

fn add(sums: &mut PerBucket, values: &PerBucket) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

fn sum_where(values: &PerBucket, is_counted: [bool; N]) -> f64 {
    values.iter().zip(is_counted).filter(|(_, counted)| *counted).map(|(value, _)| value).sum()
}
