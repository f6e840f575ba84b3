//! What the regions of the picture get of a run's maps, as the window asks for it.

use std::sync::Arc;

use super::{
    derived::Maybe,
    memo::{Memo, Same},
    recorded::recorded,
    sight::{Asked, work_of_reading},
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{LatentsByRegion, Projection, RegionWeight},
    domain::{Coverage, Run, Segment},
};

type Shared = Arc<Maybe<Vec<RegionWeight>>>;

/// What is remembered of regions.
#[derive(Debug)]
pub(super) struct RegionSights {
    /// Where latents come from, which all maps of a run share.
    latents: Memo<(RunId, Projection, Same<Coverage>), Maybe<LatentsByRegion>>,
    weights: Memo<(Asked, Same<Coverage>), Maybe<Vec<RegionWeight>>>,
}

impl Default for RegionSights {
    fn default() -> Self {
        Self { latents: Memo::new(4), weights: Memo::new(64) }
    }
}

impl AppState {
    /// How much of each latent comes from each region, in the chosen way back.
    pub(super) fn latents_by_region(
        &self,
        id: RunId,
        coverage: &Arc<Coverage>,
    ) -> Option<Arc<Maybe<LatentsByRegion>>> {
        let projector = self.projector(id)?;
        let key = (id, self.workspace.view.projection, Same(Arc::clone(coverage)));
        Some(self.derived.sights.regions.latents.get(key, || {
            let projector = projector.as_ref().as_ref().map_err(Clone::clone)?;
            // A region costs what it touches.
            let n_touched = coverage.shares.iter().filter(|share| **share != 0.0).count();
            self.derived.frame.spend(n_touched * projector.n_latents());
            projector.latents_by_region(coverage).map_err(|error| error.to_string())
        }))
    }

    /// What each region gets of a subject's map; none without a map or without regions.
    pub fn region_weights(&self, id: RunId, subject: &Subject) -> Option<Shared> {
        let coverage = self.regions.as_ref()?.coverage.clone()?;
        let asked = match self.asked_of_map(id, subject)? {
            Ok(asked) => asked,
            Err(why) => return Some(Arc::new(Err(why))),
        };
        if !self.are_weights_known(&asked, &coverage) {
            self.derived.frame.spend(self.work_of_regions(&asked, &coverage));
        }
        Some(self.region_weights_of(&asked, &coverage))
    }

    /// The same, where it is remembered or this frame still has time for it.
    pub(super) fn region_weights_in_time(&self, id: RunId, subject: &Subject) -> Option<Shared> {
        let coverage = self.regions.as_ref()?.coverage.clone()?;
        let asked = self.asked_of_map(id, subject)?.ok()?;
        let has_time = self.are_weights_known(&asked, &coverage)
            || self.has_time(self.work_of_regions(&asked, &coverage));
        has_time.then(|| self.region_weights_of(&asked, &coverage))
    }

    fn are_weights_known(&self, asked: &Asked, coverage: &Arc<Coverage>) -> bool {
        let key = (asked.clone(), Same(Arc::clone(coverage)));
        self.derived.sights.regions.weights.peek(&key).is_some()
    }

    /// The work of one map in all regions, in multiplications: each region takes what latents hold and what
    /// uniform attention would have there.
    fn work_of_regions(&self, asked: &Asked, coverage: &Coverage) -> usize {
        let Some(answered) = self.run_of(asked.run) else { return 0 };
        let n_regions = coverage.shares.len() / coverage.n_patches.max(1);
        let in_regions = 2 * n_regions * answered.run.prompt.layout.image().len();
        in_regions + work_of_reading(&answered.run, &asked.request)
    }

    /// The work of a matrix of all regions by all words, in multiplications.
    pub(super) fn work_of_matrix(run: &Run, n_regions: usize) -> usize {
        let (layers, heads) = recorded(run);
        let n_words = run.prompt.layout.get(Segment::Question).map_or(0, |words| words.len());
        let n_each = layers.len() * heads.len() + 2 * n_regions;
        run.prompt.layout.image().len() * n_words * n_each
    }

    fn region_weights_of(&self, asked: &Asked, coverage: &Arc<Coverage>) -> Shared {
        let key = (asked.clone(), Same(Arc::clone(coverage)));
        self.derived.sights.regions.weights.get(key, || {
            let by_region = self.latents_by_region(asked.run, coverage);
            let by_region = by_region.ok_or_else(|| format!("there is no {}", asked.run))?;
            let by_region = by_region.as_ref().as_ref().map_err(Clone::clone)?;
            self.with_projector(asked, |projector, run| {
                let weights = projector.regions(run, &asked.request, by_region);
                weights.map_err(|error| error.to_string())
            })
        })
    }
}
