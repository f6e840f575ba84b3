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
        let across = Axis::new(fit.image.width, width, patches.cols);
        let down = Axis::new(fit.image.height, height, patches.rows);
        let patch_area = width * height;
        let n_patches = patches.len();
        let mut shares = Vec::new();
        let mut areas = vec![0.0_f64; n_patches];
        for mask in masks {
            areas.fill(0.0);
            add_areas(mask, (&across, &down), &mut areas);
            // Sums of parts may pass 1 by a rounding.
            shares.extend(areas.iter().map(|area| (area / patch_area).min(1.0) as f32));
        }
        Self { n_patches, shares }
    }
}

/// Adds the area of each patch that a mask covers, in pixels of the picture.
///
/// # Shapes
/// - `areas`: `[patches]`
fn add_areas(mask: &RegionMask, (across, down): (&Axis, &Axis), areas: &mut [f64]) {
    let n_cols = across.edges.len() - 1;
    for ColumnSegment { x, top, bottom } in mask.segments() {
        for (col, width) in across.parts(x, x + 1) {
            for (row, height) in down.parts(top, bottom) {
                areas[row * n_cols + col] += width * height;
            }
        }
    }
}

/// The patches along one axis of the picture. Where pixels lie is looked up: a photograph's regions have
/// hundred thousands of edges on a few thousand pixels.
struct Axis {
    /// Where patches begin, and where the last ends, in pixels of the picture.
    edges: Vec<f64>,
    /// By pixel edge: the patch that it lies in, and the one after all that begin before it.
    of_pixels: Vec<(u32, u32)>,
}

impl Axis {
    /// `n` patches, each along `patch` of the picture's pixels.
    fn new(n_pixels: u32, patch: f64, n: usize) -> Self {
        let patches = |at: u32| {
            let at = f64::from(at) / patch;
            (at as u32, (at.ceil() as usize).min(n) as u32)
        };
        let edges = (0..=n).map(|i| i as f64 * patch).collect();
        Self { edges, of_pixels: (0..=n_pixels).map(patches).collect() }
    }

    /// The patches that the pixels `start..end` touch, each with the length within it.
    fn parts(&self, start: u32, end: u32) -> impl Iterator<Item = (usize, f64)> {
        // What a mask has beyond the picture lies in no patch.
        let last = self.of_pixels.len() - 1;
        let at = |pixel: u32| self.of_pixels[(pixel as usize).min(last)];
        let (first, last) = (at(start).0, at(end).1);
        let (start, end) = (f64::from(start), f64::from(end));
        (first as usize..last as usize).filter_map(move |i| {
            let length = end.min(self.edges[i + 1]) - start.max(self.edges[i]);
            (length > 0.0).then_some((i, length))
        })
    }
}
