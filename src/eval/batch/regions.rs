//! Where in the picture an answer came from, measured by the regions of its things.

use serde::{Deserialize, Serialize};

use crate::{
    analysis::{PatchMap, answered_from, project_onto_patches, resampler_patterns},
    domain::{Grid, Run},
    eval::truth::{SceneThings, contains},
};

/// Places along each side of a patch at which regions are asked whether they hold it.
const SAMPLES: usize = 4;

/// The row that chose the answer's first token, averaged over layers and heads, carried back to
/// the patches, by region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionReadings {
    /// Shares of the mass that has a place; they sum to 1.
    pub answered_from: MapInRegions,
    /// Parts of the picture's area; they sum to 1.
    pub area: MapInRegions,
    /// Of the row's mass on latents, the part that stays on latents.
    pub unplaced: f64,
}

/// A whole, by where it lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapInRegions {
    /// On the things that the answer rests on.
    pub about: f64,
    /// On other things.
    pub others: f64,
    /// Elsewhere.
    pub rest: f64,
}

impl RegionReadings {
    /// Reads a run; `None` where it did not record what is needed, or nothing has a place.
    pub(super) fn of_run(run: &Run, things: &SceneThings<'_>) -> Option<Self> {
        let layers = answered_from(run, 0)?;
        let n = layers.len() as f64;
        let on_latents: Vec<f64> =
            (0..layers[0].len()).map(|i| layers.iter().map(|l| l[i]).sum::<f64>() / n).collect();
        let on_picture: f64 = on_latents.iter().sum();
        let PatchMap { mass, unplaced, .. } =
            project_onto_patches(&on_latents, &resampler_patterns(run)?, run.patches);
        let placed: f64 = mass.iter().sum();
        if placed <= 0.0 || on_picture <= 0.0 {
            return None;
        }
        let (mut answered_from, mut area) = (MapInRegions::default(), MapInRegions::default());
        for (patch, mass) in mass.iter().enumerate() {
            let of_patch = things_on_patch(patch, run.patches, things);
            answered_from.add(of_patch, mass / placed);
            area.add(of_patch, 1.0 / run.patches.len() as f64);
        }
        Some(Self { answered_from, area, unplaced: unplaced / on_picture })
    }
}

impl MapInRegions {
    fn add(&mut self, parts: Self, weight: f64) {
        self.about += parts.about * weight;
        self.others += parts.others * weight;
        self.rest += parts.rest * weight;
    }
}

/// What a patch shows, as parts of it. Patches cover the square that the picture is squashed to, so
/// places are parts of its sides.
fn things_on_patch(patch: usize, patches: Grid, things: &SceneThings<'_>) -> MapInRegions {
    let (row, col) = (patch / patches.cols, patch % patches.cols);
    let place = |i: usize, sample: usize, n: usize| {
        (i as f64 + (sample as f64 + 0.5) / SAMPLES as f64) / n as f64
    };
    let mut parts = MapInRegions::default();
    let one = 1.0 / (SAMPLES * SAMPLES) as f64;
    for sample in 0..SAMPLES * SAMPLES {
        let x = place(col, sample % SAMPLES, patches.cols);
        let y = place(row, sample / SAMPLES, patches.rows);
        if things.about.iter().any(|region| contains(region, x, y)) {
            parts.about += one;
        } else if things.others.iter().any(|region| contains(region, x, y)) {
            parts.others += one;
        } else {
            parts.rest += one;
        }
    }
    parts
}
