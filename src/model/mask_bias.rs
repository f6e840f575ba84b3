//! Attention plans to Burn masks: the only place where "may attend" becomes "blocked".

use burn::prelude::*;

use crate::domain::AttentionPlan;

/// A Burn mask over scores, `true` where attention is blocked. Shape `[1, 1, Q, K]`.
pub(super) type Blocked = Tensor<4, Bool>;

/// The masks of every decoder layer for reading a prompt; one tensor where all layers agree.
pub(super) fn prefill_masks(
    plan: &AttentionPlan,
    n_layers: usize,
    device: &Device,
) -> Vec<Blocked> {
    let blocked = |layer: usize| {
        let mask = plan.mask_of_layer(layer);
        let entries: Vec<bool> = mask.entries().iter().map(|allowed| !allowed).collect();
        let shape = [1, 1, mask.len(), mask.len()];
        Blocked::from_data(TensorData::new(entries, shape), device)
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
    let entries: Vec<bool> = (0..=query).map(|key| keys.contains(&key)).collect();
    Some(Blocked::from_data(TensorData::new(entries, [1, 1, 1, query + 1]), device))
}
