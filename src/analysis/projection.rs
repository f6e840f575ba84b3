//! From latents to patches: how much of each latent comes from where in the picture.
//!
//! Latents have no place in the picture. What they have is the attention they paid to patches in the
//! resampler, and that can be followed back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{AttentionSite, Choice, Grid, Run, Tower};

use super::{
    AnalysisError,
    product::add_product,
    towers::{heads_of, mean_pattern, n_layers},
};

/// How latents are carried back to patches.
///
/// With `[P_l | L_l]` the pattern of resampler layer `l` of `N`, averaged over heads: keys are
/// patches, then latents.
///
/// # Source
/// The keys: AKI, `open_flamingo/src/helpers.py`, `PerceiverAttention`. The halves: attention rollout
/// (Abnar and Zuidema 2020), with latents that have come from no patch before the first layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// `P_N`: what the last layer read from patches; what it read from latents is unplaced.
    LastLayer,
    /// The mean of `P_l` over layers; what was read from latents is unplaced.
    MeanOfLayers,
    /// All layers, and paths from latent to latent followed. A latent leaves a layer as itself plus
    /// what it read, so half of it stays as it was and half comes from where it looked:
    ///
    /// ```text
    /// F_0 = 0        F_l = 1/2 F_(l-1) + 1/2 P_l + 1/2 L_l F_(l-1)
    /// ```
    #[default]
    Composed,
    /// As composed, and further back through the vision tower, whose patches mix: with `A_l` its
    /// patterns over patches, `F_N (1/2 + 1/2 A_M) .. (1/2 + 1/2 A_1)`.
    ThroughVision,
}

impl fmt::Display for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LastLayer => "resampler's last layer",
            Self::MeanOfLayers => "mean of the resampler's layers",
            Self::Composed => "resampler's layers composed, half of each kept (residual)",
            Self::ThroughVision => {
                "resampler's and vision tower's layers composed, half of each kept (residual)"
            }
        })
    }
}

/// Mass on the patches of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchMass {
    /// Mass of each patch, row by row.
    pub mass: Vec<f64>,
    /// Mass that stays on latents, which have no place in the picture.
    pub unplaced: f64,
}

/// How surely a latent has a place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentPlace {
    /// The part of it that comes from patches, in 0..=1.
    pub placed: f64,
    /// Entropy of that part over the patches, in nats.
    pub entropy: f64,
    /// `exp(entropy) / P`: the part of the picture over which it would be spread evenly. 1 is flat,
    /// and a map through such a latent says nothing of places.
    pub effective_area: f64,
}

/// Carries mass on a run's latents back to the patches of its picture. Made once for a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Projector {
    projection: Projection,
    heads: Vec<usize>,
    n_layers: usize,
    patches: Grid,
    /// Shape `[L, P]`.
    weights: Vec<f64>,
    /// Shape `[L]`.
    unplaced: Vec<f64>,
}

impl Projector {
    /// Of all recorded heads, averaged.
    ///
    /// # Errors
    /// [`AnalysisError::NotRecorded`] where the resampler (or the vision tower, where it is asked
    /// for) was not recorded whole; what else is wrong with a recording, by name.
    pub fn new(run: &Run, projection: Projection) -> Result<Self, AnalysisError> {
        Self::with_heads(run, projection, &Choice::All)
    }

    /// Of some of the resampler's heads, averaged; the vision tower's are always all averaged.
    ///
    /// Heads of different layers have nothing to do with each other but their number, so one head
    /// is best read in the last layer.
    ///
    /// # Errors
    /// As [`Projector::new`].
    pub fn with_heads(
        run: &Run,
        projection: Projection,
        heads: &Choice,
    ) -> Result<Self, AnalysisError> {
        let (n_latents, n_patches) = (run.prompt.layout.image().len(), run.patches.len());
        if n_latents == 0 || n_patches == 0 {
            return Err(AnalysisError::Nothing { what: "latent" });
        }
        let n_layers = n_layers(
            run,
            Tower::Resampler,
            "every layer of the resampler (RecordSpec::resampler)",
        )?;
        let heads = heads_of(run, Tower::Resampler, heads)?;
        let n_keys = n_patches + n_latents;
        let pattern = |layer| {
            let site = AttentionSite { tower: Tower::Resampler, layer };
            mean_pattern(run, site, &heads, (n_latents, n_keys))
        };
        let mut weights = vec![0.0; n_latents * n_patches];
        match projection {
            Projection::LastLayer => {
                add_patches(&mut weights, &pattern(n_layers - 1)?, n_keys, 1.0);
            }
            Projection::MeanOfLayers => {
                for layer in 0..n_layers {
                    add_patches(&mut weights, &pattern(layer)?, n_keys, 1.0 / n_layers as f64);
                }
            }
            Projection::Composed | Projection::ThroughVision => {
                for layer in 0..n_layers {
                    weights = composed(&weights, &pattern(layer)?, n_keys);
                }
            }
        }
        if projection == Projection::ThroughVision {
            weights = through_vision(run, weights)?;
        }
        let left = |row: &[f64]| (1.0 - row.iter().sum::<f64>()).max(0.0); // never below by rounding
        let unplaced = weights.chunks_exact(n_patches).map(left).collect();
        Ok(Self { projection, heads, n_layers, patches: run.patches, weights, unplaced })
    }

    /// How it carries back.
    pub fn projection(&self) -> Projection {
        self.projection
    }

    /// The resampler's heads that are averaged.
    pub fn heads(&self) -> &[usize] {
        &self.heads
    }

    /// Layers of the resampler.
    pub fn n_layers(&self) -> usize {
        self.n_layers
    }

    /// The patches.
    pub fn patches(&self) -> Grid {
        self.patches
    }

    /// Number of latents.
    pub fn n_latents(&self) -> usize {
        self.unplaced.len()
    }

    /// The parts of one latent that come from each patch. With its unplaced part they sum to 1.
    ///
    /// # Panics
    /// Where there is no such latent.
    pub fn of_latent(&self, latent: usize) -> (&[f64], f64) {
        let n = self.patches.len();
        (&self.weights[latent * n..][..n], self.unplaced[latent])
    }

    /// Shape `[L, P]`.
    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Carries mass on latents back: `mass` and `unplaced` together sum to `on_latents`.
    ///
    /// # Panics
    /// Where there is not one mass a latent.
    pub fn place(&self, on_latents: &[f64]) -> PatchMass {
        assert_eq!(on_latents.len(), self.n_latents(), "one mass a latent");
        let n_patches = self.patches.len();
        let mut mass = vec![0.0; n_patches];
        add_product(&mut mass, std::iter::once(on_latents), &self.weights, n_patches, 1.0);
        let unplaced = on_latents.iter().zip(&self.unplaced).map(|(mass, left)| mass * left).sum();
        PatchMass { mass, unplaced }
    }

    /// The part of each latent that comes from a region, of which `coverage` has the share of each
    /// patch, in 0..=1.
    ///
    /// # Shapes
    /// `coverage`: `[P]`; output: `[L]`
    ///
    /// # Errors
    /// [`AnalysisError::Coverage`].
    pub fn part_in_region(&self, coverage: &[f32]) -> Result<Vec<f64>, AnalysisError> {
        let n_patches = self.patches.len();
        if coverage.len() != n_patches {
            return Err(AnalysisError::Coverage { found: coverage.len(), expected: n_patches });
        }
        let part = |row: &[f64]| row.iter().zip(coverage).map(|(w, c)| w * f64::from(*c)).sum();
        Ok(self.weights.chunks_exact(n_patches).map(part).collect())
    }

    /// How surely each latent has a place.
    pub fn latents(&self) -> Vec<LatentPlace> {
        let n_patches = self.patches.len();
        let place = |row: &[f64]| {
            let placed: f64 = row.iter().sum();
            let parts = row.iter().map(|w| w / placed).filter(|part| *part > 0.0);
            let entropy = parts.map(|part| -part * part.ln()).sum::<f64>();
            LatentPlace { placed, entropy, effective_area: entropy.exp() / n_patches as f64 }
        };
        self.weights.chunks_exact(n_patches).map(place).collect()
    }

    /// Refuses a run of another shape.
    pub(super) fn check(&self, run: &Run) -> Result<(), AnalysisError> {
        let latents = run.prompt.layout.image().len();
        let both = [
            ("latents", latents, self.n_latents()),
            ("rows of patches", run.patches.rows, self.patches.rows),
            ("columns of patches", run.patches.cols, self.patches.cols),
        ];
        match both.into_iter().find(|(_, found, expected)| found != expected) {
            Some((what, found, expected)) => Err(AnalysisError::OtherRun { what, found, expected }),
            None => Ok(()),
        }
    }
}

/// Adds the patch part of a resampler layer's pattern.
fn add_patches(weights: &mut [f64], pattern: &[f64], n_keys: usize, factor: f64) {
    let n_latents = pattern.len() / n_keys;
    let rows = weights.chunks_exact_mut(n_keys - n_latents).zip(pattern.chunks_exact(n_keys));
    for (weights, row) in rows {
        weights.iter_mut().zip(row).for_each(|(sum, weight)| *sum += factor * weight);
    }
}

/// `1/2 F + 1/2 P + 1/2 L F`.
///
/// # Shapes
/// - `before`: `F`, `[L, P]`
/// - `pattern`: `[P | L]`, `[L, P + L]`
fn composed(before: &[f64], pattern: &[f64], n_keys: usize) -> Vec<f64> {
    let n_latents = pattern.len() / n_keys;
    let n_patches = n_keys - n_latents;
    let mut after: Vec<f64> = before.iter().map(|weight| 0.5 * weight).collect();
    add_patches(&mut after, pattern, n_keys, 0.5);
    let to_latents = pattern.chunks_exact(n_keys).map(|row| &row[n_patches..]);
    add_product(&mut after, to_latents, before, n_patches, 0.5);
    after
}

/// Patches of the tower's output carried back to those of its input, last layer first.
fn through_vision(run: &Run, mut weights: Vec<f64>) -> Result<Vec<f64>, AnalysisError> {
    let n_patches = run.patches.len();
    let n_layers =
        n_layers(run, Tower::Vision, "every layer of the vision tower (RecordSpec::vision)")?;
    let heads = heads_of(run, Tower::Vision, &Choice::All)?;
    for layer in (0..n_layers).rev() {
        let site = AttentionSite { tower: Tower::Vision, layer };
        let pattern = mean_pattern(run, site, &heads, (n_patches, n_patches))?;
        let mut before: Vec<f64> = weights.iter().map(|weight| 0.5 * weight).collect();
        add_product(&mut before, weights.chunks_exact(n_patches), &pattern, n_patches, 0.5);
        weights = before;
    }
    Ok(weights)
}
