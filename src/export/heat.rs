//! A map over the pixels of a picture: which color each of them gets, and how the two are mixed.
//!
//! Pixels here are those of the drawing: each of the picture's is `zoom` of them wide and high.

use crate::domain::{Grid, Heatmap, ImageFit, ImageSize};

use super::colorbar::ColorScale;

/// A map in its place on a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heat<'a> {
    pub map: &'a Heatmap,
    pub fit: ImageFit,
    pub scale: ColorScale,
    /// Between the middles of patches, instead of patches as they are.
    pub smooth: bool,
    /// Whether values that say little let the picture through.
    pub fades: bool,
}

/// The color of a value, and how much of the picture it hides of what colors hide at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shade {
    pub rgb: [u8; 3],
    pub cover: f64,
}

impl<'a> Heat<'a> {
    /// The colors of a drawing's pixels, row by row; `None` where no patch lies
    /// or the patch has no value.
    ///
    /// # Shapes
    /// output: `zoom * height` rows of `zoom * width`
    pub(super) fn pixels(self, zoom: u32) -> impl Iterator<Item = Vec<Option<Shade>>> + use<'a> {
        let ImageSize { width, height } = self.fit.image;
        let Grid { rows, cols } = self.map.patches;
        let [wide, high] = self.fit.patch_size(self.map.patches);
        let across = places(width * zoom, f64::from(zoom) * wide, cols);
        let down = places(height * zoom, f64::from(zoom) * high, rows);
        let (smooth, values) = (self.smooth, &self.map.values);
        let color_of = move |value: f64| (!value.is_nan()).then(|| self.shade(value));
        let colors: Vec<Option<Shade>> = values.iter().map(|value| color_of(*value)).collect();
        down.into_iter().map(move |row| {
            let color = |col: &Option<Place>| {
                let (row, col) = (row.as_ref()?, col.as_ref()?);
                match smooth {
                    false => colors[row.patch * cols + col.patch],
                    true => color_of(between(values, cols, row, col)),
                }
            };
            across.iter().map(color).collect()
        })
    }

    /// How a value is drawn.
    pub(super) fn shade(&self, value: f64) -> Shade {
        let cover = if self.fades { self.scale.cover(value) } else { 1.0 };
        Shade { rgb: self.scale.rgb(value), cover }
    }
}

/// Where a pixel's middle lies among the patches of an axis.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The patch that holds it.
    patch: usize,
    /// The patches whose middles it lies between; the same twice before the first and after the last.
    near: [usize; 2],
    /// How far it is from the first of them to the second, 0 to 1.
    part: f64,
}

fn places(n_pixels: u32, patch: f64, n: usize) -> Vec<Option<Place>> {
    let place = |pixel: u32| {
        let at = (f64::from(pixel) + 0.5) / patch;
        let holder = at as usize;
        let from_middle = (at - 0.5).clamp(0.0, (n - 1) as f64);
        let first = from_middle as usize;
        let near = [first, (first + 1).min(n - 1)];
        let part = from_middle - first as f64;
        (holder < n).then_some(Place { patch: holder, near, part })
    };
    (0..n_pixels).map(place).collect()
}

/// The value between the middles of four patches, in proportion to distance along each axis.
fn between(values: &[f64], cols: usize, row: &Place, col: &Place) -> f64 {
    let along = |row: usize| {
        let [a, b] = col.near.map(|col| values[row * cols + col]);
        a + (b - a) * col.part
    };
    let [a, b] = row.near.map(along);
    a + (b - a) * row.part
}

/// A picture's color under a color of the map.
pub(super) fn mixed(under: [u8; 3], over: [u8; 3], opacity: f64) -> [u8; 3] {
    std::array::from_fn(|i| {
        let (a, b) = (f64::from(under[i]), f64::from(over[i]));
        (a + (b - a) * opacity).round() as u8
    })
}
