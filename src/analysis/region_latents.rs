//! Which latents stand for a region: those that saw mostly it.

use crate::domain::Grid;

use super::project_onto_patches;

/// For each latent, the part of its placed mass that lies in a region: where the latent looked,
/// carried back through the resampler's layers.
///
/// A latent has no place in the picture; this says what it was made from, not where it is. A latent
/// that placed nothing has 0.
///
/// # Shapes
/// - `resampler`: first layer first, each `[L, P + L]`, rows sum to 1
/// - `coverage`: `[P]`, the part of each patch inside the region
/// - output: `[L]`
///
/// # Units
/// Parts, 0..=1.
///
/// # Panics
/// As [`project_onto_patches`].
pub fn shares_inside(
    resampler: &[Vec<f64>],
    (n_latents, patches): (usize, Grid),
    coverage: &[f32],
) -> Vec<f64> {
    let of_latent = |latent: usize| {
        let one = (0..n_latents).map(|i| f64::from(u8::from(i == latent)));
        let map = project_onto_patches(&one.collect::<Vec<f64>>(), resampler, patches);
        let placed: f64 = map.mass.iter().sum();
        let inside: f64 = map.mass.iter().zip(coverage).map(|(m, c)| m * f64::from(*c)).sum();
        if placed > 0.0 { inside / placed } else { 0.0 }
    };
    (0..n_latents).map(of_latent).collect()
}
