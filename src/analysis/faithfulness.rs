//! Whether a map says what an answer rests on: orders of units for deletion and insertion, the area
//! under their curves, and where known regions lie under it.
//!
//! The scores themselves come from outside: nothing here knows a network.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::domain::Grid;

/// Units by descending value; of equals, the earlier unit first.
pub fn by_value(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order
}

/// A random order of `n` units; the same seed gives the same order on every machine.
///
/// # Source
/// Fisher and Yates.
pub fn random_order(n: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, rng.random_range(0..=i));
    }
    order
}

/// An order of patches moved as a whole over the grid, by at least one patch, what leaves at one
/// side coming in at the other: the same shapes and areas, elsewhere.
pub fn shifted_order(order: &[usize], grid: Grid, seed: u64) -> Vec<usize> {
    if grid.len() < 2 {
        return order.to_vec();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let by = rng.random_range(1..grid.len());
    let (down, right) = (by / grid.cols, by % grid.cols);
    let moved = |patch: &usize| {
        let (row, col) = (patch / grid.cols, patch % grid.cols);
        (row + down) % grid.rows * grid.cols + (col + right) % grid.cols
    };
    order.iter().map(moved).collect()
}

/// How many of `n` units are taken at each of `n_steps` steps after none: the last takes all.
pub fn counts(n: usize, n_steps: usize) -> Vec<usize> {
    let n_steps = n_steps.clamp(1, n.max(1));
    (0..=n_steps).map(|step| (n * step).div_ceil(n_steps)).collect()
}

/// The area under a curve over 0..=1 by straight lines between its points, in units of its height.
///
/// # Panics
/// With fewer than two points.
pub fn area_under(points: &[[f64; 2]]) -> f64 {
    assert!(points.len() > 1, "a curve of one point has no area");
    points.windows(2).map(|p| (p[1][0] - p[0][0]) * f64::midpoint(p[0][1], p[1][1])).sum()
}

/// How a map lies to a region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionHit {
    /// Whether the patch with the largest value lies mostly inside.
    pub pointing_hit: bool,
    /// Of the placed mass, the part inside.
    pub energy_inside: f64,
    /// Of the patches' area, the part inside: what a map without a preference would have.
    pub area: f64,
}

/// The pointing game and the energy inside a region; `None` for a map without mass.
///
/// # Shapes
/// - `values`: `[P]`, at least 0
/// - `coverage`: `[P]`, the part of each patch inside the region
///
/// # Source
/// Pointing game: Zhang et al. 2016; energy inside: Wang et al. 2020 (Score-CAM).
pub fn region_hit(values: &[f64], coverage: &[f32]) -> Option<RegionHit> {
    let total: f64 = values.iter().sum();
    let peak = by_value(values).first().copied()?;
    if total <= 0.0 {
        return None;
    }
    let inside: f64 = values.iter().zip(coverage).map(|(v, c)| v * f64::from(*c)).sum();
    Some(RegionHit {
        pointing_hit: coverage.get(peak).is_some_and(|c| *c >= 0.5),
        energy_inside: inside / total,
        area: coverage.iter().map(|c| f64::from(*c)).sum::<f64>() / coverage.len().max(1) as f64,
    })
}

/// Where a value stands among values that chance gave: `(1 + those at most as large) / (1 + all)`.
///
/// Small where the value is lower than what chance gives; never below `1 / (1 + draws)`.
pub fn rank_among(value: f64, draws: &[f64]) -> f64 {
    let as_low = draws.iter().filter(|draw| **draw <= value).count();
    (1 + as_low) as f64 / (1 + draws.len()) as f64
}

/// `k` of the entries of a pool, drawn without putting back, ascending; the same seed gives the same
/// ones. `None` where the pool has fewer.
pub fn draw_from(pool: &[usize], k: usize, seed: u64) -> Option<Vec<usize>> {
    if pool.len() < k {
        return None;
    }
    let order = random_order(pool.len(), seed);
    let mut drawn: Vec<usize> = order[..k].iter().map(|i| pool[*i]).collect();
    drawn.sort_unstable();
    Some(drawn)
}
