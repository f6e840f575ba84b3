//! Where in the picture an answer came from, measured by the regions of its things.

use serde::{Deserialize, Serialize};

use crate::{
    analysis::{MapRequest, Projection, Projector},
    domain::{Coverage, MapKind, RegionMask, Run, TokenRow},
    eval::truth::SceneThings,
};

/// The row that chose the answer's first token, averaged over layers and heads, carried back to the
/// patches through the resampler's composed layers, by region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionReadings {
    /// Shares of the mass that has a place; they sum to 1.
    pub answered_from: MapInRegions,
    /// Parts of the picture's area; they sum to 1.
    pub area: MapInRegions,
    /// Of the row's mass on latents, the part that stays on latents.
    pub unplaced: f64,
}

/// A whole, by where it lies. Where things hide each other, the asked ones come first.
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
        let projector = Projector::new(run, Projection::Composed).ok()?;
        let request = MapRequest::new(MapKind::AnsweredFrom(TokenRow::WhileChoosing), vec![0]);
        let map = projector.map(run, &request).ok()?;
        let placed: f64 = map.values.iter().sum();
        if placed <= 0.0 {
            return None;
        }
        let masks = |masks: &[&RegionMask]| masks.iter().map(|mask| (*mask).clone()).collect();
        let about: Vec<RegionMask> = masks(&things.about);
        let about = RegionMask::union(&about)?;
        let others: Vec<RegionMask> = masks(&things.others);
        let all = [vec![about.clone()], others].concat();
        let all = RegionMask::union(&all)?;
        let coverage = Coverage::of([&about, &all], run.patches, &run.fit);
        let (mut answered_from, mut area) = (MapInRegions::default(), MapInRegions::default());
        let of_patch = coverage.of_region(0).iter().zip(coverage.of_region(1));
        for (mass, (about, all)) in map.values.iter().zip(of_patch) {
            let (about, all) = (f64::from(*about), f64::from(*all));
            let parts = MapInRegions { about, others: (all - about).max(0.0), rest: 1.0 - all };
            answered_from.add(parts, mass / placed);
            area.add(parts, 1.0 / run.patches.len() as f64);
        }
        Some(Self { answered_from, area, unplaced: map.unplaced / (map.unplaced + placed) })
    }
}

impl MapInRegions {
    fn add(&mut self, parts: Self, weight: f64) {
        self.about += parts.about * weight;
        self.others += parts.others * weight;
        self.rest += parts.rest * weight;
    }
}
