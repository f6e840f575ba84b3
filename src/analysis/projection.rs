//! Attention on latents, carried back through the resampler to the picture's patches.

use crate::domain::Grid;

/// Attention mass on the patches of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchMap {
    /// The patches.
    pub patches: Grid,
    /// Mass of each patch, row by row.
    pub mass: Vec<f64>,
    /// Mass that stays on latents, which have no place in the picture.
    pub unplaced: f64,
}

impl PatchMap {
    /// The patch with the largest mass, as row and column; the first of equals.
    pub fn peak(&self) -> (usize, usize) {
        let best =
            (0..self.mass.len()).rev().max_by(|a, b| self.mass[*a].total_cmp(&self.mass[*b]));
        let best = best.unwrap_or(0);
        (best / self.patches.cols, best % self.patches.cols)
    }
}

/// Follows mass on the resampler's output back to the patches, layer by layer.
///
/// A latent leaves a layer as itself plus what it read, so half of its mass stays where it is and
/// half goes where it looked (residual-aware composition). With `A_l = [P_l, L_l]` the pattern of
/// layer `l`, patches then latents, and `m` the mass on latents after it:
///
/// ```text
/// patches += 1/2 m P_l
/// m        = 1/2 m + 1/2 m L_l
/// ```
///
/// # Shapes
/// - `on_latents`: `[L]`, at least 0
/// - `layers`: first layer first, each `[L, P + L]`, rows sum to 1
///
/// # Units
/// Attention mass: `mass` and `unplaced` together sum to `on_latents`.
///
/// # Panics
/// When a layer does not have `L * (P + L)` entries.
///
/// # Source
/// Keys are patches, then latents: AKI, `open_flamingo/src/helpers.py`, `PerceiverAttention`. The
/// halves are those of attention rollout (Abnar and Zuidema 2020).
pub fn project_onto_patches(on_latents: &[f64], layers: &[Vec<f64>], patches: Grid) -> PatchMap {
    let (n_latents, n_patches) = (on_latents.len(), patches.len());
    let n_keys = n_patches + n_latents;
    let mut mass = vec![0.0; n_patches];
    let mut left = on_latents.to_vec();
    for layer in layers.iter().rev() {
        assert_eq!(layer.len(), n_latents * n_keys, "a layer's pattern is [L, P + L]");
        let mut next: Vec<f64> = left.iter().map(|m| 0.5 * m).collect();
        for (m, row) in left.iter().zip(layer.chunks_exact(n_keys)) {
            let (on_patches, on_latents) = row.split_at(n_patches);
            mass.iter_mut().zip(on_patches).for_each(|(sum, w)| *sum += 0.5 * m * w);
            next.iter_mut().zip(on_latents).for_each(|(sum, w)| *sum += 0.5 * m * w);
        }
        left = next;
    }
    PatchMap { patches, mass, unplaced: left.iter().sum() }
}
