//! Regions to shares of patches.

use crate::domain::{Coverage, Grid, ImageFit, RegionSet};

/// The share of each patch that lies inside each region: [`Coverage::of`].
///
/// # Shapes
/// Output: `[regions, patches]`.
///
/// # Panics
/// Where the set and the fit are of different pictures, or the square has fewer pixels than patches.
pub fn coverage(set: &RegionSet, patches: Grid, fit: &ImageFit) -> Coverage {
    assert_eq!(set.image(), fit.image, "regions and fit are of one picture");
    Coverage::of(set.regions().iter().map(|region| &region.mask), patches, fit)
}

/// One sentence for each region that is smaller than a patch, whose shares say little.
pub fn small_regions(set: &RegionSet, patches: Grid, fit: &ImageFit) -> Vec<String> {
    let [width, height] = fit.patch_size(patches);
    let patch = width * height;
    let small = set.regions().iter().filter(|region| f64::from(region.mask.area()) < patch);
    small
        .map(|region| {
            let (name, area) = (region.name(), region.mask.area());
            format!("{name} is smaller than a patch ({area} of {patch:.0} pixels)")
        })
        .collect()
}
