//! Regions to shares of patches.

use crate::domain::{Coverage, Grid, ImageFit, RegionSet};

/// The share of each patch that lies inside each region.
///
/// The picture was squashed to the model's square, so columns and rows are carried over by
/// themselves, as [`ImageFit::patch_edges`] says; what lies beyond the last patch is seen by none.
///
/// # Shapes
/// Output: `[regions, patches]`.
///
/// # Panics
/// Where the set and the fit are of different pictures, or the square has fewer pixels than patches.
pub fn coverage(set: &RegionSet, patches: Grid, fit: &ImageFit) -> Coverage {
    assert_eq!(set.image(), fit.image, "regions and fit are of one picture");
    let [width, height] = fit.patch_size(patches);
    let across = Axis { patch: width, n: patches.cols };
    let down = Axis { patch: height, n: patches.rows };
    let patch_area = width * height;
    let n_patches = patches.len();
    let mut shares = Vec::with_capacity(set.regions().len() * n_patches);
    let mut areas = vec![0.0_f64; n_patches];
    for region in set.regions() {
        areas.fill(0.0);
        for segment in region.mask.segments() {
            let (top, bottom) = (f64::from(segment.top), f64::from(segment.bottom));
            for (col, width) in across.parts(f64::from(segment.x), f64::from(segment.x) + 1.0) {
                for (row, height) in down.parts(top, bottom) {
                    areas[row * patches.cols + col] += width * height;
                }
            }
        }
        // Sums of parts may pass 1 by a rounding.
        shares.extend(areas.iter().map(|area| (area / patch_area).min(1.0) as f32));
    }
    Coverage { n_patches, shares }
}

/// The patches along one axis of the picture.
#[derive(Clone, Copy)]
struct Axis {
    /// Pixels of the picture along a patch.
    patch: f64,
    n: usize,
}

impl Axis {
    /// The patches that `start..end` touches, each with the length within it.
    fn parts(self, start: f64, end: f64) -> impl Iterator<Item = (usize, f64)> {
        let first = (start / self.patch) as usize;
        let last = ((end / self.patch).ceil() as usize).min(self.n);
        (first..last).filter_map(move |i| {
            let (from, to) = (i as f64 * self.patch, (i + 1) as f64 * self.patch);
            let length = end.min(to) - start.max(from);
            (length > 0.0).then_some((i, length))
        })
    }
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
