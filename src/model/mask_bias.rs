//! Attention plans to Burn masks: the only place where "may attend" becomes "blocked".

use std::sync::Arc;

use burn::prelude::*;

use crate::domain::AttentionPlan;

/// What a pass may not attend to: `true` where attention is blocked. Shape `[Q, K]`.
#[derive(Clone, Debug)]
pub(super) struct Blocked {
    entries: Arc<Vec<bool>>,
    tensor: Tensor<4, Bool>,
}

impl Blocked {
    fn new(entries: Vec<bool>, n_queries: usize, device: &Device) -> Self {
        let shape = [1, 1, n_queries, entries.len() / n_queries.max(1)];
        let tensor = Tensor::from_data(TensorData::new(entries.clone(), shape), device);
        Self { entries: Arc::new(entries), tensor }
    }

    /// What each of several sequences may not attend to. Shape of `entries`: `[B, Q, K]`.
    pub(super) fn batch(entries: Vec<bool>, shape: [usize; 3], device: &Device) -> Self {
        let [batch, queries, keys] = shape;
        let data = TensorData::new(entries.clone(), [batch, 1, queries, keys]);
        Self { entries: Arc::new(entries), tensor: Tensor::from_data(data, device) }
    }

    /// All entries, row by row.
    pub(super) fn entries(&self) -> &[bool] {
        &self.entries
    }

    /// All entries, without a copy.
    pub(super) fn shared_entries(&self) -> Arc<Vec<bool>> {
        self.entries.clone()
    }

    /// On the device. Shape `[1 or B, 1, Q, K]`.
    pub(super) fn tensor(&self) -> Tensor<4, Bool> {
        self.tensor.clone()
    }
}

/// The masks of every decoder layer for reading a prompt; one where all layers agree.
pub(super) fn prefill_masks(
    plan: &AttentionPlan,
    n_layers: usize,
    device: &Device,
) -> Vec<Blocked> {
    let blocked = |layer: usize| {
        let mask = plan.mask_of_layer(layer);
        let entries = mask.entries().iter().map(|allowed| !allowed).collect();
        Blocked::new(entries, mask.len(), device)
    };
    if plan.is_same_in_all_layers() {
        vec![blocked(0); n_layers]
    } else {
        (0..n_layers).map(blocked).collect()
    }
}

/// The masks of every decoder layer for reading a prompt and `n_written` tokens of an answer in one
/// pass: the prompt sees nothing of the answer, an answer's token all before it but for what
/// knock-outs take.
pub(super) fn forced_masks(
    plan: &AttentionPlan,
    n_written: usize,
    n_layers: usize,
    device: &Device,
) -> Vec<Blocked> {
    let (prompt_len, len) = (plan.mask.len(), plan.mask.len() + n_written);
    let blocked = |layer: usize| {
        let mask = plan.mask_of_layer(layer);
        let mut entries = Vec::with_capacity(len * len);
        for row in mask.entries().chunks(prompt_len.max(1)) {
            entries.extend(row.iter().map(|allowed| !allowed));
            entries.extend((0..n_written).map(|_| true));
        }
        for query in prompt_len..len {
            let taken = plan.blocked_while_decoding(query, layer);
            entries.extend((0..len).map(|key| key > query || taken.contains(&key)));
        }
        Blocked::new(entries, len, device)
    };
    if plan.is_same_in_all_layers() {
        vec![blocked(0); n_layers]
    } else {
        (0..n_layers).map(blocked).collect()
    }
}

/// The mask of one decoder layer for one generated token at `query`; none where it sees all.
pub(super) fn decode_mask(
    plan: &AttentionPlan,
    layer: usize,
    query: usize,
    device: &Device,
) -> Option<Blocked> {
    let keys = plan.blocked_while_decoding(query, layer);
    if keys.is_empty() {
        return None;
    }
    Some(Blocked::new((0..=query).map(|key| keys.contains(&key)).collect(), 1, device))
}
