//! Regions to shares of patches, weighed by area.

use super::{ColumnSegment, Coverage, Grid, ImageFit, RegionMask};

impl Coverage {
    /// The share of each patch that lies inside each region.
    ///
    /// The picture was squashed to the model's square, so columns and rows are carried over by
    /// themselves, as [`ImageFit::patch_edges`] says; what lies beyond the last patch is seen by none.
    ///
    /// # Shapes
    /// Output: `[regions, patches]`.
    ///
    /// # Panics
    /// Where the square has fewer pixels than patches.
    pub fn of<'a>(
        masks: impl IntoIterator<Item = &'a RegionMask>,
        patches: Grid,
        fit: &ImageFit,
    ) -> Self {
        let [width, height] = fit.patch_size(patches);
        let across = Axis { patch: width, n: patches.cols };
        let down = Axis { patch: height, n: patches.rows };
        let patch_area = width * height;
        let n_patches = patches.len();
        let mut shares = Vec::new();
        let mut areas = vec![0.0_f64; n_patches];
        let mut heights: Vec<(usize, f64)> = Vec::new();
        for mask in masks {
            areas.fill(0.0);
            for ColumnSegment { x, top, bottom } in mask.segments() {
                let [x, top, bottom] = [x, top, bottom].map(f64::from);
                heights.clear();
                heights.extend(down.parts(top, bottom));
                let columns = across.parts(x, x + 1.0);
                let parts =
                    columns.flat_map(|column| heights.iter().map(move |row| (column, *row)));
                for ((col, width), (row, height)) in parts {
                    areas[row * patches.cols + col] += width * height;
                }
            }
            // Sums of parts may pass 1 by a rounding.
            shares.extend(areas.iter().map(|area| (area / patch_area).min(1.0) as f32));
        }
        Self { n_patches, shares }
    }
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
