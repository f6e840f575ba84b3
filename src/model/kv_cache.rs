//! Keys and values kept between passes: an argument of the decoder, never a field.

use burn::prelude::*;

use super::attention::KeysValues;

/// Keys and values of every decoder layer.
#[derive(Clone, Debug, Default)]
pub struct KvCache {
    layers: Vec<Option<KeysValues>>,
    len: usize,
}

impl KvCache {
    /// A cache without positions.
    pub fn new(n_layers: usize) -> Self {
        Self { layers: vec![None; n_layers], len: 0 }
    }

    /// Number of positions that every layer holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was read yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What a layer holds on Burn's device, `[B, KV, T, d_head]` each.
    pub(super) fn on_device(&self, layer: usize) -> Option<[Tensor<4>; 2]> {
        match self.layers[layer].as_ref()? {
            KeysValues::Device(k, v) => Some([k.clone(), v.clone()]),
            KeysValues::Host(_) => None,
        }
    }

    /// Appends keys and values of a layer, `[B, KV, T, d_head]` each, and returns all it holds.
    pub(super) fn append(&mut self, layer: usize, k: Tensor<4>, v: Tensor<4>) -> &KeysValues {
        let kept = match self.layers[layer].take() {
            None => KeysValues::new(k, v),
            Some(kept) => kept.append(k, v),
        };
        self.layers[layer].insert(kept)
    }

    /// Counts positions that every layer has appended.
    pub(super) fn advance(&mut self, positions: usize) {
        self.len += positions;
    }
}
