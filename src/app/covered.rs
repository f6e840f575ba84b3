//! Regions over the patches of a run: of an edit only what it changed is covered anew.

use std::sync::Arc;

use crate::domain::{Coverage, Grid, ImageFit, Region, RegionSet};

/// Regions, and their share of each patch.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    set: Arc<RegionSet>,
    over: (Grid, ImageFit),
    pub(super) coverage: Arc<Coverage>,
}

impl Covered {
    /// Covers patches with regions. A mask that stood among those of `before` has its shares from there.
    pub(super) fn new(set: Arc<RegionSet>, over: (Grid, ImageFit), before: Option<&Self>) -> Self {
        let (patches, fit) = over;
        let before = before.filter(|before| before.over == over);
        let known = before.map_or(&[][..], |before| before.set.regions());
        let places = set.places_before(known);
        // What is new is covered together.
        let is_new = |(i, _): &(usize, &Region)| places[*i].is_none();
        let new = set.regions().iter().enumerate().filter(is_new).map(|(_, region)| &region.mask);
        let new = Coverage::of(new, patches, &fit);
        let mut of_new = new.shares.chunks_exact(patches.len().max(1));
        let mut shares = Vec::with_capacity(set.regions().len() * patches.len());
        for place in &places {
            let kept = before.zip(*place).map(|(before, i)| before.coverage.of_region(i));
            shares.extend(kept.or_else(|| of_new.next()).unwrap_or_default());
        }
        let coverage = Arc::new(Coverage { n_patches: patches.len(), shares });
        Self { set, over, coverage }
    }

    /// Whether these very regions were covered, over the same patches.
    pub(super) fn is_of(&self, set: &Arc<RegionSet>, over: (Grid, ImageFit)) -> bool {
        Arc::ptr_eq(&self.set, set) && self.over == over
    }
}
