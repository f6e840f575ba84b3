//! Attention on the CPU: one head a task, keys and values where they were written.

use pulp::{Arch, WithSimd};
use rayon::prelude::*;

use super::{activation::SoftmaxRows, dot::row_times_matrix, gemm::rows_times_matrix};

/// Up to this many queries, products read keys and values directly.
const FEW_QUERIES: usize = 3;

/// Keys and values of the positions so far: `[KV, capacity, d_head]`, of which `len` are filled.
#[derive(Clone, Debug)]
pub(in crate::model) struct HostKeysValues {
    keys: Vec<f32>,
    values: Vec<f32>,
    n_heads: usize,
    d_head: usize,
    len: usize,
    capacity: usize,
}

impl HostKeysValues {
    /// Takes keys and values of `len` positions, `[KV, len, d_head]` each.
    pub(in crate::model) fn new(
        keys: Vec<f32>,
        values: Vec<f32>,
        n_heads: usize,
        len: usize,
    ) -> Self {
        let d_head = keys.len() / (n_heads * len);
        Self { keys, values, n_heads, d_head, len, capacity: len }
    }

    /// Number of positions.
    pub(in crate::model) fn len(&self) -> usize {
        self.len
    }

    /// Appends `n` positions, `[KV, n, d_head]` each.
    pub(in crate::model) fn append(&mut self, keys: &[f32], values: &[f32], n: usize) {
        if self.len + n > self.capacity {
            self.grow((self.len + n).next_multiple_of(128));
        }
        let (block, row) = (n * self.d_head, self.len * self.d_head);
        for head in 0..self.n_heads {
            let to = head * self.capacity * self.d_head + row;
            let from = head * block..(head + 1) * block;
            self.keys[to..to + block].copy_from_slice(&keys[from.clone()]);
            self.values[to..to + block].copy_from_slice(&values[from]);
        }
        self.len += n;
    }

    fn grow(&mut self, capacity: usize) {
        let (old, new) = (self.capacity * self.d_head, capacity * self.d_head);
        let moved = |values: &[f32]| {
            let mut grown = vec![0.0; self.n_heads * new];
            for (head, values) in values.chunks_exact(old).enumerate() {
                grown[head * new..head * new + old].copy_from_slice(values);
            }
            grown
        };
        (self.keys, self.values) = (moved(&self.keys), moved(&self.values));
        self.capacity = capacity;
    }

    fn head(&self, head: usize) -> (&[f32], &[f32]) {
        let start = head * self.capacity * self.d_head;
        let filled = start..start + self.len * self.d_head;
        (&self.keys[filled.clone()], &self.values[filled])
    }

    /// `softmax(q k^T / sqrt(d_head)) v` and the weights.
    ///
    /// # Shapes
    /// - `q`: `[H, Q, d_head]`; head `h` reads key-value head `h / (H / KV)`
    /// - `blocked`: `[Q, len]`
    /// - output: `[Q, H * d_head]`, and the weights `[H, Q, len]`
    pub(in crate::model) fn attend(
        &self,
        q: &[f32],
        n_heads: usize,
        blocked: Option<&[bool]>,
    ) -> (Vec<f32>, Vec<f32>) {
        let (d_head, len) = (self.d_head, self.len);
        let n_queries = q.len() / (n_heads * d_head);
        let scale = 1.0 / (d_head as f32).sqrt();
        let mut pattern = vec![0.0; n_heads * n_queries * len];
        let mut by_head = vec![0.0; n_heads * n_queries * d_head];
        let heads = pattern.par_chunks_mut(n_queries * len).zip(q.par_chunks(n_queries * d_head));
        let heads = heads.zip(by_head.par_chunks_mut(n_queries * d_head));
        heads.enumerate().for_each(|(head, ((weights, q), out))| {
            let (keys, values) = self.head(head * self.n_heads / n_heads);
            scores(q, keys, n_queries, weights);
            Arch::new().dispatch(SoftmaxRows { scores: weights, len, blocked, scale });
            mix(weights, values, n_queries, d_head, out);
        });
        (interleave(&by_head, n_heads, n_queries, d_head), pattern)
    }
}

/// `q k^T`. Shapes: `[Q, d_head]`, `[K, d_head]` to `[Q, K]`.
fn scores(q: &[f32], keys: &[f32], n_queries: usize, out: &mut [f32]) {
    if n_queries > FEW_QUERIES {
        rows_times_matrix(q, keys, None, n_queries, out);
        return;
    }
    let (d_head, len) = (q.len() / n_queries, out.len() / n_queries);
    for (q, out) in q.chunks_exact(d_head).zip(out.chunks_exact_mut(len)) {
        row_times_matrix(q, keys, None, out);
    }
}

/// `weights v`. Shapes: `[Q, K]`, `[K, d_head]` to `[Q, d_head]`.
fn mix(weights: &[f32], values: &[f32], n_queries: usize, d_head: usize, out: &mut [f32]) {
    let len = weights.len() / n_queries;
    if n_queries > FEW_QUERIES {
        let mut transposed = vec![0.0; values.len()];
        for (key, row) in values.chunks_exact(d_head).enumerate() {
            for (column, value) in row.iter().enumerate() {
                transposed[column * len + key] = *value;
            }
        }
        rows_times_matrix(weights, &transposed, None, n_queries, out);
        return;
    }
    for (weights, out) in weights.chunks_exact(len).zip(out.chunks_exact_mut(d_head)) {
        Arch::new().dispatch(WeightedSum { weights, values, out });
    }
}

/// The sum of rows by their weights; added in chunks so that no partial sum grows long.
struct WeightedSum<'a> {
    weights: &'a [f32],
    values: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for WeightedSum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (weight, row) in self.weights.iter().zip(self.values.chunks_exact(self.out.len())) {
            for (out, value) in self.out.iter_mut().zip(row) {
                *out += *weight * *value;
            }
        }
    }
}

/// `[H, Q, d_head]` to `[Q, H * d_head]`.
fn interleave(by_head: &[f32], n_heads: usize, n_queries: usize, d_head: usize) -> Vec<f32> {
    if n_queries == 1 {
        return by_head.to_vec();
    }
    let mut out = vec![0.0; by_head.len()];
    out.par_chunks_mut(n_heads * d_head).enumerate().for_each(|(query, row)| {
        for (head, slot) in row.chunks_exact_mut(d_head).enumerate() {
            let start = (head * n_queries + query) * d_head;
            slot.copy_from_slice(&by_head[start..start + d_head]);
        }
    });
    out
}
