//! Regions over the patches of a run: of an edit only what it changed is covered anew.

use std::sync::Arc;

use crate::domain::{Coverage, Grid, ImageFit, RegionSet};

/// Regions, and their share of each patch.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    set: Arc<RegionSet>,
    over: (Grid, ImageFit),
    pub(super) coverage: Arc<Coverage>,
}

impl Covered {
    /// Covers patches with regions. A mask that stood in the same place of `before`, or one further on as
    /// where a region was taken away, has its shares from there.
    pub(super) fn new(set: Arc<RegionSet>, over: (Grid, ImageFit), before: Option<&Self>) -> Self {
        let (patches, fit) = over;
        let before = before.filter(|before| before.over == over);
        let known = before.map_or(&[][..], |before| before.set.regions());
        let mut shares = Vec::with_capacity(set.regions().len() * patches.len());
        let mut next = 0;
        for region in set.regions() {
            let is_same = |i: &usize| known.get(*i).is_some_and(|r| r.mask == region.mask);
            let found = [next, next + 1].into_iter().find(is_same);
            next = found.unwrap_or(next) + 1;
            match before.zip(found) {
                Some((before, i)) => shares.extend(before.coverage.of_region(i)),
                None => shares.extend(Coverage::of([&region.mask], patches, &fit).shares),
            }
        }
        let coverage = Arc::new(Coverage { n_patches: patches.len(), shares });
        Self { set, over, coverage }
    }
}
