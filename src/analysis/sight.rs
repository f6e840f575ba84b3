//! What rows may attend to in each decoder layer: the run's own mask, and so its uniform attention.

use std::collections::BTreeSet;

use crate::domain::{AttentionMask, AttentionPlan};

/// What rows of one decoder layer may attend to, generated tokens included.
///
/// A position of the prompt sees what the plan's mask says; a generated token sees everything before
/// it and itself; knock-outs are taken off both.
#[derive(Debug)]
pub(super) struct Sight<'a> {
    plan: &'a AttentionPlan,
    mask: AttentionMask,
    layer: usize,
}

impl<'a> Sight<'a> {
    pub(super) fn new(plan: &'a AttentionPlan, layer: usize) -> Self {
        Self { plan, mask: plan.mask_of_layer(layer), layer }
    }

    /// One for each layer; layers that see the same share one.
    pub(super) fn of_layers(plan: &'a AttentionPlan, layers: &[usize]) -> Vec<Self> {
        let n = if plan.is_same_in_all_layers() { layers.len().min(1) } else { layers.len() };
        layers[..n].iter().map(|layer| Self::new(plan, *layer)).collect()
    }

    /// What one row sees.
    pub(super) fn row(&self, query: usize) -> RowSight<'_> {
        let len = self.mask.len();
        if query < len {
            let keys = &self.mask.entries()[query * len..][..len];
            let n_keys = keys.iter().filter(|is_open| **is_open).count();
            return RowSight { n_keys, prompt: Some(keys), query, blocked: BTreeSet::new() };
        }
        let blocked = self.plan.blocked_while_decoding(query, self.layer);
        RowSight { n_keys: query + 1 - blocked.len(), prompt: None, query, blocked }
    }
}

/// What one row may attend to in one layer.
#[derive(Debug)]
pub(super) struct RowSight<'a> {
    /// How many keys, so that uniform attention pays each `1 / n_keys`.
    pub(super) n_keys: usize,
    /// The mask's row; none for a generated token.
    prompt: Option<&'a [bool]>,
    query: usize,
    blocked: BTreeSet<usize>,
}

impl RowSight<'_> {
    /// Whether the row may attend to a key.
    pub(super) fn allows(&self, key: usize) -> bool {
        match self.prompt {
            Some(keys) => keys.get(key).is_some_and(|is_open| *is_open),
            None => key <= self.query && !self.blocked.contains(&key),
        }
    }

    /// What uniform attention pays to a key.
    pub(super) fn uniform(&self, key: usize) -> f64 {
        if self.allows(key) { 1.0 / self.n_keys as f64 } else { 0.0 }
    }
}
