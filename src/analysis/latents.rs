//! Attention between positions and latents, and the resampler's own patterns.
//!
//! Three questions, never mixed up: where a row *looks* (its weights on the latents), what the
//! model *answered from* (the row that chose a token), and which latents *read* a word (their
//! weights on its column).

use std::ops::Range;

use crate::domain::{AttentionSite, Grid, Run, Tower};

/// Attention that the row which chose an answer token pays to each latent, averaged over heads, one
/// entry a decoder layer.
///
/// Token 0 was chosen by the last row of the prompt, token `t` by the row of token `t - 1`.
/// `None` where the run did not record those rows.
///
/// # Shapes
/// output: `[layers][L]`
///
/// # Units
/// Attention mass: each layer's sum is the share of its row that the picture got.
pub fn answered_from(run: &Run, token: usize) -> Option<Vec<Vec<f64>>> {
    rows_on_latents(run, &[run.prompt.layout.len() - 1 + token])
}

/// Attention that some positions of the prompt pay to each latent, averaged over them and over
/// heads, one entry a decoder layer.
///
/// `None` where none of them may attend to the picture, or where it was not recorded.
///
/// # Shapes
/// output: `[layers][L]`
///
/// # Units
/// Attention mass: each layer's sum is the share of a row that the picture got.
pub fn looks_at(run: &Run, positions: &[usize]) -> Option<Vec<Vec<f64>>> {
    let image = run.prompt.layout.image();
    is_open(run, positions.iter().copied(), image).then(|| rows_on_latents(run, positions))?
}

/// Attention that each latent pays to some positions of the prompt together, averaged over heads,
/// one entry a decoder layer.
///
/// `None` where no latent may attend to them (under a causal mask, by construction), or where it was
/// not recorded.
///
/// # Shapes
/// output: `[layers][L]`
///
/// # Units
/// Attention mass: each entry is the share of that latent's row.
pub fn read_by(run: &Run, positions: &[usize]) -> Option<Vec<Vec<f64>>> {
    let image = run.prompt.layout.image();
    let is_open = positions.iter().any(|key| is_open(run, image.clone(), *key..key + 1));
    if !is_open {
        return None;
    }
    of_layers(run, |site, head, latent| {
        let weights = positions.iter().map(|key| run.trace.get(site, head, latent, *key));
        weights.map(|w| w.map(f64::from)).sum()
    })
}

/// Whether any of the rows may attend to any of the columns in the prompt.
fn is_open(run: &Run, mut rows: impl Iterator<Item = usize>, keys: Range<usize>) -> bool {
    let len = run.plan.mask.len();
    rows.any(|row| row < len && keys.clone().any(|key| key < len && run.plan.mask.allows(row, key)))
}

fn rows_on_latents(run: &Run, rows: &[usize]) -> Option<Vec<Vec<f64>>> {
    of_layers(run, |site, head, latent| {
        let weights = rows.iter().map(|row| run.trace.get(site, head, *row, latent));
        let sum: Option<f64> = weights.map(|w| w.map(f64::from)).sum();
        Some(sum? / rows.len() as f64)
    })
}

/// A value of each latent's position in each recorded decoder layer, averaged over heads.
fn of_layers(
    run: &Run,
    value: impl Fn(AttentionSite, usize, usize) -> Option<f64>,
) -> Option<Vec<Vec<f64>>> {
    let image = run.prompt.layout.image();
    let layers = run.trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
    let of_layer = |site: &AttentionSite| {
        let heads = &run.trace.patterns.get(site)?.first()?.heads;
        let mean = |latent: usize| {
            let sum: Option<f64> = heads.iter().map(|head| value(*site, *head, latent)).sum();
            Some(sum? / heads.len() as f64)
        };
        image.clone().map(mean).collect::<Option<Vec<f64>>>()
    };
    let layers: Vec<Vec<f64>> = layers.map(of_layer).collect::<Option<_>>()?;
    (!layers.is_empty()).then_some(layers)
}

/// The resampler's patterns, averaged over heads, first layer first; `None` where none was recorded.
///
/// # Shapes
/// output: `[layers][L * (P + L)]`, rows of `P` patches, then `L` latents
pub fn resampler_patterns(run: &Run) -> Option<Vec<Vec<f64>>> {
    let sites = run.trace.patterns.iter().filter(|(site, _)| site.tower == Tower::Resampler);
    let patterns: Vec<Vec<f64>> = sites
        .filter_map(|(_, patterns)| patterns.first())
        .map(|pattern| {
            let area = pattern.queries.len() * pattern.keys.len();
            let n_heads = pattern.heads.len();
            let mean = |i: usize| {
                let weights = (0..n_heads).map(|h| f64::from(pattern.weights.get(h * area + i)));
                weights.sum::<f64>() / n_heads as f64
            };
            (0..area).map(mean).collect()
        })
        .collect();
    (!patterns.is_empty()).then_some(patterns)
}

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
