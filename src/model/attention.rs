//! The one attention core of all towers; it shows its pattern to the recorder.

use burn::{prelude::*, tensor::activation::softmax};

use super::{
    host::{HostKeysValues, is_host},
    linear::host_values,
    mask_bias::Blocked,
    recorder::Recorder,
};
use crate::domain::AttentionSite;

/// Who looks, and where the pattern belongs.
pub(super) struct Look<'a> {
    /// The site of the pattern.
    pub(super) site: AttentionSite,
    /// The position of the first query.
    pub(super) first_query: usize,
    /// What may not be attended to; `None` where everything may.
    pub(super) blocked: Option<&'a Blocked>,
}

/// Keys and values, `[B, KV, K, d_head]` each.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one a layer, and its contents are on the heap")]
pub(super) enum KeysValues {
    /// On Burn's device.
    Device(Tensor<4>, Tensor<4>),
    /// In the memory of the CPU.
    Host(HostKeysValues),
}

impl KeysValues {
    pub(super) fn new(k: Tensor<4>, v: Tensor<4>) -> Self {
        let [batch, n_heads, len, _] = k.dims();
        if batch == 1 && is_host(&k.device()) {
            Self::Host(HostKeysValues::new(host_values(k), host_values(v), n_heads, len))
        } else {
            Self::Device(k, v)
        }
    }

    /// Adds later positions. Those of one sequence may be followed by those of several, which
    /// then share them.
    pub(super) fn append(self, k: Tensor<4>, v: Tensor<4>) -> Self {
        match self {
            Self::Device(old_k, old_v) => {
                let [batch, n_heads, _, d_head] = k.dims();
                let behind = |old: Tensor<4>, new: Tensor<4>| {
                    let len = old.dims()[2];
                    Tensor::cat(vec![old.expand([batch, n_heads, len, d_head]), new], 2)
                };
                Self::Device(behind(old_k, k), behind(old_v, v))
            }
            Self::Host(mut kept) => {
                let n = k.dims()[2];
                kept.append(&host_values(k), &host_values(v), n);
                Self::Host(kept)
            }
        }
    }
}

/// `softmax(q k^T / sqrt(d_head)) v`, blocked scores taken out before the softmax.
///
/// # Shapes
/// - `q`: `[B, H, Q, d_head]`; head `h` reads key-value head `h / (H / KV)`
/// - output: `[B, Q, H * d_head]`
pub(super) fn attend(
    q: Tensor<4>,
    keys_values: &KeysValues,
    look: &Look<'_>,
    recorder: &mut dyn Recorder,
) -> Tensor<3> {
    match keys_values {
        KeysValues::Device(k, v) => attend_on_device(q, k, v, look, recorder),
        KeysValues::Host(kept) => attend_on_host(q, kept, look, recorder),
    }
}

fn attend_on_device(
    q: Tensor<4>,
    k: &Tensor<4>,
    v: &Tensor<4>,
    look: &Look<'_>,
    recorder: &mut dyn Recorder,
) -> Tensor<3> {
    let [batch, n_heads, n_queries, d_head] = q.dims();
    let [_, n_kv_heads, n_keys, _] = k.dims();
    // The heads that share keys are neighbors, so their queries stand under each other.
    let group = [batch, n_kv_heads, n_heads / n_kv_heads * n_queries, d_head];
    let scale = 1.0 / (d_head as f64).sqrt();
    let scores = q.mul_scalar(scale).reshape(group).matmul(k.clone().swap_dims(2, 3));
    let mut scores = scores.reshape([batch, n_heads, n_queries, n_keys]);
    if let Some(blocked) = look.blocked {
        let blocked = blocked.tensor().expand([batch, n_heads, n_queries, n_keys]);
        scores = scores.mask_fill(blocked, f32::NEG_INFINITY);
    }
    let pattern = softmax(scores, 3);
    if recorder.wants(look.site) {
        recorder.record(look.site, look.first_query, &pattern);
    }
    let grouped = pattern.reshape([batch, n_kv_heads, group[2], n_keys]);
    let out = grouped.matmul(v.clone()).reshape([batch, n_heads, n_queries, d_head]);
    out.swap_dims(1, 2).reshape([batch, n_queries, n_heads * d_head])
}

fn attend_on_host(
    q: Tensor<4>,
    kept: &HostKeysValues,
    look: &Look<'_>,
    recorder: &mut dyn Recorder,
) -> Tensor<3> {
    let [_, n_heads, n_queries, d_head] = q.dims();
    let device = q.device();
    let blocked = look.blocked.map(Blocked::entries);
    let (out, pattern) = kept.attend(&host_values(q), n_heads, blocked);
    if recorder.wants(look.site) {
        let shape = [1, n_heads, n_queries, kept.len()];
        let pattern = Tensor::from_data(TensorData::new(pattern, shape), &device);
        recorder.record(look.site, look.first_query, &pattern);
    }
    Tensor::from_data(TensorData::new(out, [1, n_queries, n_heads * d_head]), &device)
}

/// `[B, T, H * d_head]` to `[B, H, T, d_head]`.
pub(super) fn split_heads(x: Tensor<3>, n_heads: usize) -> Tensor<4> {
    let [batch, seq, width] = x.dims();
    x.reshape([batch, seq, n_heads, width / n_heads]).swap_dims(1, 2)
}
