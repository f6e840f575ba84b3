//! What a layer's mask leaves of the rows of the picture and the words of the question.

use crate::domain::{AttentionMask, Bucket};

/// Number of buckets.
pub(super) const N: usize = Bucket::ALL.len();

/// One number a bucket, in the order of [`Bucket::ALL`].
pub(super) type PerBucket = [f64; N];

/// The rows and the columns that are read, in every layer the same.
#[derive(Clone, Debug)]
pub(super) struct BucketPlace {
    /// Positions of the rows.
    pub(super) rows: Vec<usize>,
    /// Positions of the columns, ascending.
    pub(super) columns: Vec<usize>,
    /// Index in [`Bucket::ALL`] of each column.
    pub(super) buckets: Vec<usize>,
}

/// What a mask says of a place.
#[derive(Clone, Debug)]
pub(super) struct BucketMask {
    mask: AttentionMask,
    /// Mass that uniform attention would pay. Shape `[rows][buckets]`.
    pub(super) expected: Vec<PerBucket>,
    /// Whether some row may attend to the column. Shape `[columns]`.
    pub(super) is_visible: Vec<bool>,
    /// Entries of `[rows, columns]` that are closed, ascending.
    closed: Vec<usize>,
}

impl BucketMask {
    /// What uniform attention would pay:
    ///
    /// ```text
    /// expected[r, b] = number of c in b that r may attend to / number of keys r may attend to
    /// ```
    pub(super) fn new(mask: AttentionMask, place: &BucketPlace) -> Self {
        let mut expected = vec![[0.0; N]; place.rows.len()];
        let mut is_visible = vec![false; place.columns.len()];
        let mut closed = Vec::new();
        for (r, &query) in place.rows.iter().enumerate() {
            let n_keys = (0..mask.len()).filter(|key| mask.allows(query, *key)).count();
            let mut n_open = [0_usize; N];
            for (c, &key) in place.columns.iter().enumerate() {
                if mask.allows(query, key) {
                    is_visible[c] = true;
                    n_open[place.buckets[c]] += 1;
                } else {
                    closed.push(r * place.columns.len() + c);
                }
            }
            for (expected, n_open) in expected[r].iter_mut().zip(n_open) {
                if n_open > 0 {
                    *expected = n_open as f64 / n_keys as f64;
                }
            }
        }
        Self { mask, expected, is_visible, closed }
    }

    /// Whether it is of this mask.
    pub(super) fn is_of(&self, mask: &AttentionMask) -> bool {
        self.mask == *mask
    }

    /// The first entry that is closed and has a weight all the same.
    ///
    /// # Shapes
    /// - `weights`: `[rows, columns]`
    pub(super) fn contradiction(&self, weights: &[f64]) -> Option<usize> {
        self.closed.iter().copied().find(|entry| weights[*entry] > 0.0)
    }
}
