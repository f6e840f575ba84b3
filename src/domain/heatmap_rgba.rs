//! A map as pixels to lay over its picture: patches as they are, colors by a shared scale.

use super::{Grid, Heatmap, ImageFit, ImageSize};

/// The values at the two ends of a colormap; maps that are compared share one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueScale {
    /// Where colors begin.
    pub low: f64,
    /// Where they end.
    pub high: f64,
}

impl ValueScale {
    /// The scale that holds all values of some maps, from 0; `None` where they have none.
    pub fn over<'a>(maps: impl IntoIterator<Item = &'a Heatmap>) -> Option<Self> {
        let ranges = maps.into_iter().filter_map(Heatmap::range);
        let join = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
        let (low, high) = ranges.reduce(join)?;
        Some(Self { low: low.min(0.0), high })
    }

    /// Where a value lies between the ends, in 0..=1; 0 where both ends are one.
    pub fn part(self, value: f64) -> f64 {
        let width = self.high - self.low;
        if width > 0.0 { ((value - self.low) / width).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A map as red, green, blue and alpha (not premultiplied), at any size of its picture.
///
/// Each patch is one color, with hard edges: nothing is shown between patches that was not
/// computed. Columns and rows are scaled by themselves, as the picture was. What no patch saw, and
/// patches whose reading is not defined, stay transparent.
///
/// # Shapes
/// output: `[size.height, size.width, 4]`, row-major
///
/// # Units
/// `opacity` in 0..=1; `color` takes 0..=1.
pub fn heatmap_rgba(
    map: &Heatmap,
    color: impl Fn(f64) -> [u8; 3],
    scale: ValueScale,
    fit: &ImageFit,
    size: ImageSize,
    opacity: f64,
) -> Vec<u8> {
    let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    let pixel_of = |value: &f64| {
        if value.is_nan() {
            return [0; 4];
        }
        let [red, green, blue] = color(scale.part(*value));
        [red, green, blue, alpha]
    };
    let pixels: Vec<[u8; 4]> = map.values.iter().map(pixel_of).collect();
    let Grid { rows, cols } = map.patches;
    let [across, down] = [
        patch_of_pixels(size.width, cols, fit.model_side),
        patch_of_pixels(size.height, rows, fit.model_side),
    ];
    let line_len = size.width as usize * 4;
    let mut rgba = Vec::with_capacity(line_len * size.height as usize);
    let mut line = vec![0; line_len];
    let mut drawn = None;
    for patch_row in &down {
        if drawn != Some(*patch_row) {
            drawn = Some(*patch_row);
            for (pixel, patch_col) in line.chunks_exact_mut(4).zip(&across) {
                let patch = patch_row.zip(*patch_col).map(|(row, col)| row * cols + col);
                pixel.copy_from_slice(&patch.map_or([0; 4], |patch| pixels[patch]));
            }
        }
        rgba.extend_from_slice(&line);
    }
    rgba
}

/// For each pixel along one axis, the patch that its middle lies in; `None` beyond the last.
fn patch_of_pixels(n_pixels: u32, n_patches: usize, model_side: u32) -> Vec<Option<usize>> {
    let patch_side = (model_side as usize).checked_div(n_patches).unwrap_or(0);
    let patch = |pixel: u32| {
        let in_model = (f64::from(pixel) + 0.5) / f64::from(n_pixels) * f64::from(model_side);
        let patch = (in_model / patch_side as f64) as usize; // no patch: infinity, beyond the last
        (patch < n_patches).then_some(patch)
    };
    (0..n_pixels).map(patch).collect()
}
