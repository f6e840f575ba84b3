//! Attention over all heads of a batch, reading queries, keys and values where the projections
//! left them: no head is split off, turned or copied by Burn.

use std::{ops::Range, sync::Arc};

use burn::prelude::*;
use pulp::Arch;
use rayon::prelude::*;

use super::{
    heads::{Head, HeadBack, HeadForward, Scratch},
    tracked::{Operation, apply, input},
};

/// Heads, and how keys are shared: query head `h` reads key head `h / (n_heads / n_kv_heads)`.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct HeadShape {
    pub(in crate::model) n_heads: usize,
    pub(in crate::model) n_kv_heads: usize,
    pub(in crate::model) d_head: usize,
}

/// Cosines and sines, `[B, T, d_head]` each, both halves of a head alike.
pub(in crate::model) type Rotation = Arc<[Vec<f32>; 2]>;

/// Where one of queries, keys and values lies: in which input, how many values a position has
/// there, and at which of them the first head begins.
#[derive(Clone, Copy, Debug)]
struct Place {
    input: usize,
    row: usize,
    start: usize,
}

/// Queries (0), keys (1) or values (2), of which head, of which sequence.
type HeadOf = (usize, usize, usize);

#[derive(Debug)]
struct Layout {
    shape: HeadShape,
    batch: usize,
    n_queries: usize,
    /// Which of a sequence's positions is its first query; the first where nothing is said.
    first_query: Option<Arc<Vec<usize>>>,
    /// Keys that each sequence has for itself.
    n_own_keys: usize,
    /// Keys before them that all sequences share.
    n_prefix: usize,
    places: [Place; 3],
    /// What may not be attended to, `[B, Q, K]`.
    blocked: Option<Arc<Vec<bool>>>,
    rotation: Option<Rotation>,
}

/// Every query over every key; nothing is blocked.
///
/// # Shapes
/// `q`, `k`, `v` and output: `[B, T, H * d_head]`
pub(in crate::model) fn attend_apart(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    n_heads: usize,
) -> Tensor<3> {
    let [batch, n_queries, width] = q.dims();
    let layout = Layout {
        shape: HeadShape { n_heads, n_kv_heads: n_heads, d_head: width / n_heads },
        batch,
        n_queries,
        first_query: None,
        n_own_keys: k.dims()[1],
        n_prefix: 0,
        places: [0, 1, 2].map(|input| Place { input, row: width, start: 0 }),
        blocked: None,
        rotation: None,
    };
    apply(Own(layout), [input(q), input(k), input(v)], [batch, n_queries, width])
}

/// Every query over every key; keys and values are the halves of one projection.
///
/// # Shapes
/// `q` and output: `[B, Q, H * d_head]`; `kv`: `[B, K, 2 * H * d_head]`
pub(in crate::model) fn attend_shared(q: Tensor<3>, kv: Tensor<3>, n_heads: usize) -> Tensor<3> {
    let [batch, n_queries, width] = q.dims();
    let layout = Layout {
        shape: HeadShape { n_heads, n_kv_heads: n_heads, d_head: width / n_heads },
        batch,
        n_queries,
        first_query: None,
        n_own_keys: kv.dims()[1],
        n_prefix: 0,
        places: [
            Place { input: 0, row: width, start: 0 },
            Place { input: 1, row: 2 * width, start: 0 },
            Place { input: 1, row: 2 * width, start: width },
        ],
        blocked: None,
        rotation: None,
    };
    apply(Own(layout), [input(q), input(kv)], [batch, n_queries, width])
}

/// Self-attention behind a prefix that all sequences share.
///
/// # Shapes
/// - `qkv`: `[B, T, (H + 2 KV) * d_head]`, not rotated
/// - `queries`: the first position of each sequence that asks, and how many do, `Q`; all `T` where
///   nothing is said
/// - `prefix`: keys and values, `[1, KV, P, d_head]` each; the keys are rotated
/// - `blocked`: `[B, T, P + T]`
/// - output: `[B, Q, H * d_head]`
pub(in crate::model) fn attend_with_prefix(
    qkv: Tensor<3>,
    prefix: [Tensor<4>; 2],
    shape: HeadShape,
    queries: Option<(Arc<Vec<usize>>, usize)>,
    blocked: Arc<Vec<bool>>,
    rotation: Rotation,
) -> Tensor<3> {
    let [batch, len, row] = qkv.dims();
    let (d_q, d_kv) = (shape.n_heads * shape.d_head, shape.n_kv_heads * shape.d_head);
    let (first_query, n_queries) = match queries {
        Some((first, n)) => (Some(first), n),
        None => (None, len),
    };
    let layout = Layout {
        shape,
        batch,
        n_queries,
        first_query,
        n_own_keys: len,
        n_prefix: prefix[0].dims()[2],
        places: [0, d_q, d_q + d_kv].map(|start| Place { input: 0, row, start }),
        blocked: Some(blocked),
        rotation: Some(rotation),
    };
    let [prefix_k, prefix_v] = prefix;
    let inputs = [input(qkv), input(prefix_k), input(prefix_v)];
    apply(Prefixed(layout), inputs, [batch, n_queries, d_q])
}

/// All keys are the sequence's own.
#[derive(Debug)]
struct Own(Layout);

/// The second and third input are keys and values of the prefix.
#[derive(Debug)]
struct Prefixed(Layout);

impl<const N: usize> Operation<N> for Own {
    type Kept = Vec<f32>;

    fn forward(&self, inputs: [&[f32]; N]) -> (Vec<f32>, Vec<f32>) {
        self.0.forward(&inputs, None)
    }

    fn backward(
        &self,
        inputs: [&[f32]; N],
        pattern: &Vec<f32>,
        gradient: &[f32],
        _: [bool; N],
    ) -> [Vec<f32>; N] {
        let mut gradients = inputs.map(|x| vec![0.0; x.len()]);
        let views = gradients.each_mut().map(Vec::as_mut_slice);
        self.0.backward(&inputs, None, pattern, gradient, views);
        gradients
    }
}

impl Operation<3> for Prefixed {
    type Kept = Vec<f32>;

    fn forward(&self, [qkv, k, v]: [&[f32]; 3]) -> (Vec<f32>, Vec<f32>) {
        self.0.forward(&[qkv], Some([k, v]))
    }

    fn backward(
        &self,
        [qkv, k, v]: [&[f32]; 3],
        pattern: &Vec<f32>,
        gradient: &[f32],
        _: [bool; 3],
    ) -> [Vec<f32>; 3] {
        let mut d_qkv = vec![0.0; qkv.len()];
        let views = [d_qkv.as_mut_slice()];
        let [d_k, d_v] = self.0.backward(&[qkv], Some([k, v]), pattern, gradient, views);
        [d_qkv, d_k, d_v]
    }
}

/// One sequence's part of every input.
fn part<'a>(inputs: &[&'a [f32]], batch: usize, b: usize) -> Vec<&'a [f32]> {
    let part = |x: &&'a [f32]| {
        let n = x.len() / batch;
        &x[b * n..(b + 1) * n]
    };
    inputs.iter().map(part).collect()
}

impl Layout {
    fn n_keys(&self) -> usize {
        self.n_prefix + self.n_own_keys
    }

    /// The positions of sequence `b` that ask (`which` 0), or that are asked.
    fn positions(&self, which: usize, b: usize) -> Range<usize> {
        if which > 0 {
            return 0..self.n_own_keys;
        }
        let first = self.first_query.as_ref().map_or(0, |first| first[b]);
        first..first + self.n_queries
    }

    /// Copies one head of a sequence's positions to `[rows, d_head]` behind what `into` holds.
    fn gather(&self, inputs: &[&[f32]], (which, head, b): HeadOf, into: &mut Vec<f32>) {
        let Place { input, row, start } = self.places[which];
        let d = self.shape.d_head;
        let first = start + head * d;
        for position in self.positions(which, b) {
            into.extend_from_slice(&inputs[input][position * row + first..][..d]);
        }
    }

    /// The reverse of [`gather`](Self::gather).
    fn scatter(&self, from: &[f32], (which, head, b): HeadOf, into: &mut [&mut [f32]]) {
        let Place { input, row, start } = self.places[which];
        let d = self.shape.d_head;
        let first = start + head * d;
        for (x, position) in from.chunks_exact(d).zip(self.positions(which, b)) {
            into[input][position * row + first..][..d].copy_from_slice(x);
        }
    }

    /// Turns each pair `(x[i], x[i + d_head / 2])` of a sequence's queries (`which` 0) or own keys by
    /// its angle, or back.
    fn rotate(&self, x: &mut [f32], (which, _, b): HeadOf, is_back: bool) {
        let Some(rotation) = &self.rotation else { return };
        let d = self.shape.d_head;
        let Range { start, end } = self.positions(which, b);
        let table = |i: usize| {
            let n = rotation[i].len() / self.batch;
            rotation[i][b * n + start * d..b * n + end * d].chunks_exact(d)
        };
        for ((x, cos), sin) in x.chunks_exact_mut(d).zip(table(0)).zip(table(1)) {
            let (low, high) = x.split_at_mut(d / 2);
            for (((low, high), cos), sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
                let sin = if is_back { -sin } else { *sin };
                (*low, *high) = (*low * cos - *high * sin, *high * cos + *low * sin);
            }
        }
    }

    /// Keys (`which` 1) or values (2) of a key head: those of the prefix, then the sequence's own.
    fn keys(&self, inputs: &[&[f32]], prefix: Option<[&[f32]; 2]>, place: HeadOf) -> Vec<f32> {
        let (which, head, _) = place;
        let n_shared = self.n_prefix * self.shape.d_head;
        let mut keys = Vec::with_capacity(self.n_keys() * self.shape.d_head);
        if let Some(prefix) = prefix {
            keys.extend_from_slice(&prefix[which - 1][head * n_shared..(head + 1) * n_shared]);
        }
        self.gather(inputs, place, &mut keys);
        if which == 1 {
            self.rotate(&mut keys[n_shared..], place, false);
        }
        keys
    }

    /// Puts the output of one head, `[Q, d_head]`, beside those of the others.
    fn put_beside(&self, of_head: &[f32], head: usize, out: &mut [f32]) {
        let HeadShape { n_heads, d_head, .. } = self.shape;
        let rows = out.chunks_exact_mut(n_heads * d_head);
        for (row, of_head) in rows.zip(of_head.chunks_exact(d_head)) {
            row[head * d_head..][..d_head].copy_from_slice(of_head);
        }
    }

    /// What a sequence's queries may not attend to, `[Q, K]`.
    fn blocked_of(&self, b: usize) -> Option<&[bool]> {
        let blocked = self.blocked.as_ref()?;
        let Range { start, end } = self.positions(0, b);
        let n = blocked.len() / self.batch;
        Some(&blocked[b * n + start * self.n_keys()..b * n + end * self.n_keys()])
    }

    fn queries(&self, inputs: &[&[f32]], head: usize, b: usize) -> Vec<f32> {
        let mut q = Vec::with_capacity(self.n_queries * self.shape.d_head);
        self.gather(inputs, (0, head, b), &mut q);
        self.rotate(&mut q, (0, head, b), false);
        q
    }

    /// The output `[B, Q, H * d_head]` and the pattern `[B, H, Q, K]`.
    fn forward(&self, inputs: &[&[f32]], prefix: Option<[&[f32]; 2]>) -> (Vec<f32>, Vec<f32>) {
        let HeadShape { n_heads, n_kv_heads, d_head } = self.shape;
        let (n_out, n_rows) = (self.n_queries * n_heads * d_head, self.n_queries * self.n_keys());
        let mut out = vec![0.0; self.batch * n_out];
        let mut pattern = vec![0.0; self.batch * n_heads * n_rows];
        let tasks = out.par_chunks_mut(n_out).zip(pattern.par_chunks_mut(n_heads * n_rows));
        tasks.enumerate().for_each_init(Scratch::default, |scratch, (b, (out, pattern))| {
            let inputs = part(inputs, self.batch, b);
            let blocked = self.blocked_of(b);
            let group = n_heads / n_kv_heads;
            for (kv_head, patterns) in pattern.chunks_exact_mut(group * n_rows).enumerate() {
                let k = self.keys(&inputs, prefix, (1, kv_head, b));
                let v = self.keys(&inputs, prefix, (2, kv_head, b));
                for (i, pattern) in patterns.chunks_exact_mut(n_rows).enumerate() {
                    let head_idx = kv_head * group + i;
                    let q = self.queries(&inputs, head_idx, b);
                    let mut of_head = vec![0.0; q.len()];
                    let head = Head { q: &q, k: &k, v: &v, d_head };
                    let task = HeadForward { head, blocked, pattern, out: &mut of_head, scratch };
                    Arch::new().dispatch(task);
                    self.put_beside(&of_head, head_idx, out);
                }
            }
        });
        (out, pattern)
    }

    /// Fills the gradients of the inputs, which start as zeros, and returns those of the prefix.
    fn backward<const N: usize>(
        &self,
        inputs: &[&[f32]],
        prefix: Option<[&[f32]; 2]>,
        pattern: &[f32],
        gradient: &[f32],
        of_inputs: [&mut [f32]; N],
    ) -> [Vec<f32>; 2] {
        let HeadShape { n_heads, n_kv_heads, d_head } = self.shape;
        let n_rows = self.n_queries * self.n_keys();
        let mut of_sequences: Vec<Vec<&mut [f32]>> =
            (0..self.batch).map(|_| Vec::with_capacity(N)).collect();
        for of_input in of_inputs {
            let n = of_input.len() / self.batch;
            let parts = of_input.chunks_exact_mut(n);
            of_sequences.iter_mut().zip(parts).for_each(|(parts, part)| parts.push(part));
        }
        let task = |scratch: &mut Scratch, (b, mut of_inputs): (usize, Vec<&mut [f32]>)| {
            let inputs = part(inputs, self.batch, b);
            let gradient = part(&[gradient], self.batch, b)[0];
            let pattern = part(&[pattern], self.batch, b)[0];
            let n_shared = self.n_prefix * d_head;
            let mut of_prefix =
                [vec![0.0; n_kv_heads * n_shared], vec![0.0; n_kv_heads * n_shared]];
            let group = n_heads / n_kv_heads;
            for kv_head in 0..n_kv_heads {
                let k = self.keys(&inputs, prefix, (1, kv_head, b));
                let v = self.keys(&inputs, prefix, (2, kv_head, b));
                let (mut d_k, mut d_v) = (vec![0.0; k.len()], vec![0.0; v.len()]);
                for head_idx in kv_head * group..(kv_head + 1) * group {
                    let q = self.queries(&inputs, head_idx, b);
                    let d_out: Vec<f32> = gradient
                        .chunks_exact(n_heads * d_head)
                        .flat_map(|row| &row[head_idx * d_head..][..d_head])
                        .copied()
                        .collect();
                    let mut d_q = vec![0.0; q.len()];
                    Arch::new().dispatch(HeadBack {
                        head: Head { q: &q, k: &k, v: &v, d_head },
                        pattern: &pattern[head_idx * n_rows..][..n_rows],
                        d_out: &d_out,
                        d_q: &mut d_q,
                        d_k: &mut d_k,
                        d_v: &mut d_v,
                        scratch,
                    });
                    self.rotate(&mut d_q, (0, head_idx, b), true);
                    self.scatter(&d_q, (0, head_idx, b), &mut of_inputs);
                }
                self.rotate(&mut d_k[n_shared..], (1, kv_head, b), true);
                for (which, d) in [(1, &d_k), (2, &d_v)] {
                    self.scatter(&d[n_shared..], (which, kv_head, b), &mut of_inputs);
                    of_prefix[which - 1][kv_head * n_shared..][..n_shared]
                        .copy_from_slice(&d[..n_shared]);
                }
            }
            of_prefix
        };
        let sequences = of_sequences.into_par_iter().enumerate();
        // In order, so that the sum is the same whatever the number of threads.
        let parts: Vec<[Vec<f32>; 2]> = sequences.map_init(Scratch::default, task).collect();
        let mut sum = [0, 1].map(|_| vec![0.0; n_kv_heads * self.n_prefix * d_head]);
        for part in &parts {
            for (sum, part) in sum.iter_mut().zip(part) {
                sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
            }
        }
        sum
    }
}
