//! One head: its queries over its keys, forward and back.

use pulp::{Simd, WithSimd};

use super::product::{Left, add_product, transpose};
use crate::model::host::{softmax, sum_of_pairs};

/// Queries, keys and values of one head: `[Q, d_head]`, `[K, d_head]`, `[K, d_head]`.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) q: &'a [f32],
    pub(super) k: &'a [f32],
    pub(super) v: &'a [f32],
    pub(super) d_head: usize,
}

impl Head<'_> {
    fn n_queries(&self) -> usize {
        self.q.len() / self.d_head
    }

    fn n_keys(&self) -> usize {
        self.k.len() / self.d_head
    }

    fn scale(&self) -> f32 {
        1.0 / (self.d_head as f32).sqrt()
    }
}

/// Memory that heads use one after the other.
#[derive(Default)]
pub(super) struct Scratch {
    turned: Vec<f32>,
    packed: Vec<f32>,
    d_pattern: Vec<f32>,
}

fn turned<'a>(x: &[f32], d_head: usize, n: usize, into: &'a mut Vec<f32>) -> &'a [f32] {
    into.clear();
    into.resize(x.len(), 0.0);
    transpose(x, d_head, n, into);
    into
}

/// `softmax(q k^T / sqrt(d_head))` to `pattern`, that times `v` to `out`; both start as zeros.
///
/// # Shapes
/// `blocked` and `pattern`: `[Q, K]`; `out`: `[Q, d_head]`
pub(super) struct HeadForward<'a> {
    pub(super) head: Head<'a>,
    pub(super) blocked: Option<&'a [bool]>,
    pub(super) pattern: &'a mut [f32],
    pub(super) out: &'a mut [f32],
    pub(super) scratch: &'a mut Scratch,
}

impl WithSimd for HeadForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { head, blocked, pattern, out, scratch } = self;
        let Scratch { turned: turned_k, packed, .. } = scratch;
        let (d, n_keys) = (head.d_head, head.n_keys());
        let k_turned = turned(head.k, d, n_keys, turned_k);
        let q = Left { values: head.q, row: d, column: 1 };
        add_product(simd, q, k_turned, n_keys, pattern, packed);
        let scale = head.scale();
        for (query, row) in pattern.chunks_exact_mut(n_keys).enumerate() {
            let blocked = blocked.map(|b| &b[query * n_keys..(query + 1) * n_keys]);
            softmax(row, blocked, scale);
        }
        let weights = Left { values: pattern, row: n_keys, column: 1 };
        add_product(simd, weights, head.v, d, out, packed);
    }
}

/// Adds the gradients of queries, keys and values, given that of the output.
///
/// # Shapes
/// `pattern`: `[Q, K]`; `d_out` and `d_q`: `[Q, d_head]`; `d_k` and `d_v`: `[K, d_head]`
pub(super) struct HeadBack<'a> {
    pub(super) head: Head<'a>,
    pub(super) pattern: &'a [f32],
    pub(super) d_out: &'a [f32],
    pub(super) d_q: &'a mut [f32],
    pub(super) d_k: &'a mut [f32],
    pub(super) d_v: &'a mut [f32],
    pub(super) scratch: &'a mut Scratch,
}

impl WithSimd for HeadBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { head, pattern, d_out, d_q, d_k, d_v, scratch } = self;
        let Scratch { turned: turned_v, packed, d_pattern } = scratch;
        let (d, n_keys) = (head.d_head, head.n_keys());
        // d_v = pattern^T d_out
        let weights = Left { values: pattern, row: 1, column: n_keys };
        add_product(simd, weights, d_out, d, d_v, packed);
        // d_pattern = d_out v^T
        d_pattern.clear();
        d_pattern.resize(head.n_queries() * n_keys, 0.0);
        let v_turned = turned(head.v, d, n_keys, turned_v);
        let left = Left { values: d_out, row: d, column: 1 };
        add_product(simd, left, v_turned, n_keys, d_pattern, packed);
        // d_scores = pattern * (d_pattern - sum of pattern * d_pattern), times the scale
        let scale = head.scale();
        let rows = d_pattern.chunks_exact_mut(n_keys).zip(pattern.chunks_exact(n_keys));
        for (d_row, row) in rows {
            let along = sum_of_pairs(d_row, row, |d, p| d * p);
            d_row.iter_mut().zip(row).for_each(|(d, p)| *d = p * (*d - along) * scale);
        }
        // d_q = d_scores k, d_k = d_scores^T q
        let left = Left { values: d_pattern, row: n_keys, column: 1 };
        add_product(simd, left, head.k, d, d_q, packed);
        let left = Left { values: d_pattern, row: 1, column: n_keys };
        add_product(simd, left, head.q, d, d_k, packed);
    }
}
