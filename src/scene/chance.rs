//! The few ways in which this room draws lots.

use rand::{Rng, RngExt as _, seq::IndexedRandom as _};

/// One of several, each as likely.
///
/// # Panics
/// When there is nothing to pick from.
pub(super) fn pick<T: Clone>(items: &[T], rng: &mut impl Rng) -> T {
    let index = rng.random_range(0..items.len());
    items[index].clone()
}

/// One of several, each as likely; `None` where there is none.
pub(super) fn pick_any<T: Clone>(items: &[T], rng: &mut impl Rng) -> Option<T> {
    items.choose(rng).cloned()
}

/// The index of a weight, drawn in proportion to it.
pub(super) fn weighted(weights: &[u32], rng: &mut impl Rng) -> usize {
    let mut left = rng.random_range(0..weights.iter().sum::<u32>().max(1));
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight {
            return index;
        }
        left -= weight;
    }
    0
}

/// True in `percent` of 100 cases.
pub(super) fn chance(percent: u32, rng: &mut impl Rng) -> bool {
    rng.random_range(0..100) < percent
}

/// A number between two, from 2^24 equally likely ones.
pub(super) fn between(low: f32, high: f32, rng: &mut impl Rng) -> f32 {
    low + (high - low) * (rng.random::<u32>() >> 8) as f32 / (1 << 24) as f32
}
