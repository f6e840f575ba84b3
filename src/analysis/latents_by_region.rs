//! How much of each latent comes from each region of the picture: found once, for every map of a run.

use crate::domain::Coverage;

use super::{AnalysisError, Projector};

/// The part of each latent that comes from each region. It holds nothing of what is asked, so it is made
/// once for a projector and its regions; what a region gets of a map is then the product of two rows as
/// long as there are latents, and no more of it goes over patches.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentsByRegion {
    n_latents: usize,
    /// Shape `[R, L]`.
    parts: Vec<f64>,
    /// Shape `[R]`.
    covers: Vec<f64>,
}

impl LatentsByRegion {
    /// How many regions there are.
    pub fn n_regions(&self) -> usize {
        self.covers.len()
    }

    /// The part of each latent that comes from a region, as [`Projector::part_in_region`] has it.
    ///
    /// # Panics
    /// Where there is no such region.
    pub fn of_region(&self, region: usize) -> &[f64] {
        &self.parts[region * self.n_latents..][..self.n_latents]
    }

    /// Refuses a projector of another run.
    pub(super) fn check(&self, projector: &Projector) -> Result<(), AnalysisError> {
        let (found, expected) = (self.n_latents, projector.n_latents());
        if found != expected {
            return Err(AnalysisError::OtherRun { what: "latents", found, expected });
        }
        Ok(())
    }

    /// The part of the picture's patches that a region covers, weighed by area.
    ///
    /// # Panics
    /// Where there is no such region.
    pub fn covers(&self, region: usize) -> f64 {
        self.covers[region]
    }
}

impl Projector {
    /// The part of each latent that comes from each region.
    ///
    /// Only the patches that a region touches are read, four latents at a time; what is left out are
    /// zeros, so the sums are those of [`Projector::part_in_region`] to the last bit.
    ///
    /// # Errors
    /// [`AnalysisError::Coverage`].
    pub fn latents_by_region(&self, coverage: &Coverage) -> Result<LatentsByRegion, AnalysisError> {
        let (n_patches, n_latents) = (self.patches().len(), self.n_latents());
        let found = coverage.n_patches;
        if found != n_patches {
            return Err(AnalysisError::Coverage { found, expected: n_patches });
        }
        let n_regions = coverage.shares.len() / n_patches;
        let mut parts = Vec::with_capacity(n_regions * n_latents);
        let mut covers = Vec::with_capacity(n_regions);
        let mut touched: Vec<(usize, f64)> = Vec::new();
        for region in 0..n_regions {
            let shares = coverage.of_region(region).iter().map(|share| f64::from(*share));
            covers.push(shares.clone().sum::<f64>() / n_patches as f64);
            touched.clear();
            touched.extend(shares.enumerate().filter(|(_, share)| *share != 0.0));
            let mut fours = self.weights().chunks_exact(4 * n_patches);
            for rows in fours.by_ref() {
                parts.extend(parts_of_four(rows, n_patches, &touched));
            }
            for row in fours.remainder().chunks_exact(n_patches) {
                parts.push(
                    touched.iter().fold(0.0, |sum, (patch, share)| sum + row[*patch] * share),
                );
            }
        }
        Ok(LatentsByRegion { n_latents, parts, covers })
    }
}

/// The sums of four rows over the patches that a region touches, side by side.
fn parts_of_four(rows: &[f64], n_patches: usize, touched: &[(usize, f64)]) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for (patch, share) in touched {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += rows[i * n_patches + patch] * share;
        }
    }
    sums
}
