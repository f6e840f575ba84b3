//! A map summed over regions of the picture.

use serde::{Deserialize, Serialize};

use crate::domain::{MapKind, Reading, Run};

use super::{AnalysisError, LatentsByRegion, MapRequest, Projector};

/// What a region gets of a map. All are `None` where the mask closes the whole map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionWeight {
    /// The part of the picture's patches that it covers, weighed by area.
    pub covers: f64,
    /// Attention mass. A large region gathers more.
    pub mass: Option<f64>,
    /// Mass over `covers`: what the whole picture would get at this rate.
    pub density: Option<f64>,
    /// Mass over that of uniform attention under the same mask, carried back in the same way.
    pub lift: Option<f64>,
}

impl RegionWeight {
    /// What the numbers mean under a map of some kind, in one line.
    pub fn meaning(kind: MapKind) -> &'static str {
        match kind {
            MapKind::MadeFrom => {
                "mass: the part of the latents that comes from the region; density: that over the part \
                 of the picture it covers; lift: mass over what all latents together have from there, 1 \
                 says nothing"
            }
            _ => {
                "mass: attention inside the region; density: that over the part of the picture it \
                 covers; lift: mass over what uniform attention under the same mask would bring there, \
                 1 says nothing"
            }
        }
    }
}

impl Projector {
    /// What each region gets of a map, whatever the request's reading; `by_region` is of this projector.
    ///
    /// With `m` and `e` what latents hold of the mass and of uniform attention, as
    /// [`Projector::map`] has them, and `R[j]` the part of latent `j` that comes from the region:
    ///
    /// ```text
    /// mass = sum over j of m[j] R[j]        lift = mass / sum over j of e[j] R[j]
    /// ```
    ///
    /// Masses of regions that split the picture sum to the map's.
    ///
    /// Of latents, *made from*: `m` is 1 split among those that are asked for, `e` the same of all
    /// latents, so that lift says how much more of a region they hold than the picture's latents do.
    ///
    /// # Shapes
    /// output: `[regions]`
    ///
    /// # Errors
    /// As [`Projector::map`].
    pub fn regions(
        &self,
        run: &Run,
        request: &MapRequest,
        by_region: &LatentsByRegion,
    ) -> Result<Vec<RegionWeight>, AnalysisError> {
        by_region.check(self)?;
        let on = self.on_latents(run, &MapRequest { reading: Reading::Mass, ..request.clone() })?;
        let weights = (0..by_region.n_regions())
            .map(|region| {
                let (parts, covers) = (by_region.of_region(region), by_region.covers(region));
                let sum = |held: &[f64]| held.iter().zip(parts).map(|(m, p)| m * p).sum::<f64>();
                let (mass, expected) = (sum(&on.held), sum(&on.expected));
                let of_open =
                    |value: f64, is_defined: bool| (on.n_open > 0 && is_defined).then_some(value);
                RegionWeight {
                    covers,
                    mass: of_open(mass, true),
                    density: of_open(mass / covers, covers > 0.0),
                    lift: of_open(mass / expected, expected > 0.0),
                }
            })
            .collect();
        Ok(weights)
    }
}
