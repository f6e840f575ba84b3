//! Regions as pixels for the graphics card: the outlines of all, and one that stands out.
//!
//! A mask is looked at within its own box only, 64 pixels of a column at a time, so that some hundred
//! regions of a photograph cost a few milliseconds.

use std::sync::Arc;

use egui::{Color32, ColorImage, Pos2, Rect};

use super::theme;
use crate::{
    app::PictureRegions,
    domain::{ImageSize, RegionMask, RegionSet},
};

/// Pixels along the longer side of the picture of regions, at most.
const SIDE: u32 = 768;

/// The picture's pixels in fewer. Which pixel lies where is looked up: regions have hundred thousands of edges
/// on a few thousand pixels.
struct Raster {
    width: usize,
    height: usize,
    /// The column of each of the picture's columns.
    columns: Vec<u32>,
    /// Of the edge above each of the picture's rows, and below the last: the row that begins with it, and the
    /// one behind what ends with it.
    rows: Vec<[u32; 2]>,
}

impl Raster {
    fn of(size: ImageSize) -> Self {
        // Pixels of the picture along a pixel of the raster.
        let scale = (f64::from(size.width.max(size.height)) / f64::from(SIDE)).max(1.0);
        let along = |side: u32| ((f64::from(side) / scale) as usize).max(1);
        let (width, height) = (along(size.width), along(size.height));
        let column = |x: u32| ((f64::from(x) / scale) as usize).min(width - 1) as u32;
        let row = |y: u32| {
            let at = f64::from(y) / scale;
            [at as u32, (at.ceil() as usize).min(height) as u32]
        };
        let columns = (0..size.width).map(column).collect();
        Self { width, height, columns, rows: (0..=size.height).map(row).collect() }
    }

    /// The column of a pixel.
    fn column(&self, x: u32) -> usize {
        self.columns[x as usize] as usize
    }

    /// The rows of pixels `top..bottom`.
    fn rows(&self, top: u32, bottom: u32) -> (usize, usize) {
        (self.rows[top as usize][0] as usize, self.rows[bottom as usize][1] as usize)
    }
}

/// Around a mask, so that its edges need no rule of their own.
const MARGIN: usize = 2;

/// A mask on the raster, within its box: column after column, a bit a row.
struct Bits {
    /// Where the box begins.
    left: usize,
    top: usize,
    /// How large it is, without the margin.
    width: usize,
    height: usize,
    /// Words of a column.
    n_words: usize,
    words: Vec<u64>,
}

impl Bits {
    /// Those of a mask; none of an empty one.
    fn of(mask: &RegionMask, raster: &Raster) -> Option<Self> {
        let bounds = mask.bounds();
        let last = (bounds.x + bounds.width).checked_sub(1)?;
        let (left, right) = (raster.column(bounds.x), raster.column(last));
        let (top, bottom) = raster.rows(bounds.y, bounds.y + bounds.height);
        let (width, height) = (right + 1 - left, bottom.checked_sub(top)?);
        let n_words = (height + 2 * MARGIN).div_ceil(64);
        let words = vec![0; (width + 2 * MARGIN) * n_words];
        let mut bits = Self { left, top, width, height, n_words, words };
        for segment in mask.segments() {
            let (from, to) = raster.rows(segment.top, segment.bottom);
            bits.set(raster.column(segment.x) - left, from - top, to.max(from) - top);
        }
        Some(bits)
    }

    fn set(&mut self, column: usize, from: usize, to: usize) {
        let (from, to) = (from + MARGIN, to + MARGIN);
        let column = &mut self.words[(column + MARGIN) * self.n_words..][..self.n_words];
        for (i, word) in column.iter_mut().enumerate().take(to.div_ceil(64)).skip(from / 64) {
            let low = from.saturating_sub(64 * i);
            let high = (to - 64 * i).min(64);
            if low < high {
                *word |= (u64::MAX >> (64 - (high - low))) << low;
            }
        }
    }

    /// Tells every pixel of the box that is inside by its column and row in the box, and whether it is
    /// of an edge of so many pixels, 1 or [`MARGIN`].
    fn each(&self, thick: usize, mut tell: impl FnMut(usize, usize, bool)) {
        self.each_word(thick, |column, i, here, inner| {
            each_bit(here, |bit| tell(column, 64 * i + bit - MARGIN, inner >> bit & 1 == 0));
        });
    }

    /// Tells the pixels of an edge one pixel thick, and looks at no other: an outline has some hundred
    /// of them where the inside has ten thousands.
    fn each_of_edge(&self, mut tell: impl FnMut(usize, usize)) {
        self.each_word(1, |column, i, here, inner| {
            each_bit(here & !inner, |bit| tell(column, 64 * i + bit - MARGIN));
        });
    }

    /// Tells every word of a column: what is inside, and what of it is no edge.
    fn each_word(&self, thick: usize, mut tell: impl FnMut(usize, usize, u64, u64)) {
        let n = self.n_words;
        for column in 0..self.width {
            let at = |column: usize| &self.words[column * n..][..n];
            let here = at(column + MARGIN);
            let (before, after) = (at(column + MARGIN - thick), at(column + MARGIN + thick));
            for i in 0..n {
                let below = here[i] >> thick | here.get(i + 1).map_or(0, |w| w << (64 - thick));
                let above =
                    here[i] << thick | i.checked_sub(1).map_or(0, |i| here[i] >> (64 - thick));
                tell(column, i, here[i], here[i] & below & above & before[i] & after[i]);
            }
        }
    }
}

fn each_bit(mut bits: u64, mut tell: impl FnMut(usize)) {
    while bits != 0 {
        tell(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The outlines of regions as pixels. Those of the regions that were drawn last are remembered, since an edit
/// changes few masks.
#[derive(Default)]
pub(super) struct Outlines {
    of: Option<Arc<RegionSet>>,
    /// Region by region, as numbers of pixels.
    edges: Vec<Vec<u32>>,
}

impl Outlines {
    /// All regions that are drawn, on the whole picture.
    pub(super) fn draw(&mut self, regions: &PictureRegions) -> ColorImage {
        let raster = Raster::of(regions.set.image());
        self.follow(&regions.set, &raster);
        let mut image = ColorImage::filled([raster.width, raster.height], Color32::TRANSPARENT);
        let all = self.edges.iter().enumerate();
        for (i, edge) in all.filter(|(i, _)| !regions.hidden.contains(i)) {
            let color = theme::color_of_region(regions, i);
            for at in edge {
                image.pixels[*at as usize] = color;
            }
        }
        image
    }

    fn follow(&mut self, set: &Arc<RegionSet>, raster: &Raster) {
        let mut known = std::mem::take(&mut self.edges);
        let before = self.of.replace(Arc::clone(set)).filter(|of| of.image() == set.image());
        let places = set.places_before(before.as_ref().map_or(&[], |of| of.regions()));
        let edges = set.regions().iter().zip(places).map(|(region, place)| match place {
            Some(i) => std::mem::take(&mut known[i]),
            None => edge_of(&region.mask, raster),
        });
        self.edges = edges.collect();
    }
}

/// The pixels of a mask's outline.
fn edge_of(mask: &RegionMask, raster: &Raster) -> Vec<u32> {
    let mut edge = Vec::new();
    if let Some(bits) = Bits::of(mask, raster) {
        bits.each_of_edge(|column, row| {
            edge.push(((bits.top + row) * raster.width + bits.left + column) as u32);
        });
    }
    edge
}

/// The box of a region that is drawn, in parts of the picture; none of a hidden or an empty one.
pub(super) fn highlight_place(regions: &PictureRegions, region_idx: usize) -> Option<Rect> {
    let raster = Raster::of(regions.set.image());
    let region =
        regions.set.regions().get(region_idx).filter(|_| !regions.hidden.contains(&region_idx))?;
    let bounds = region.mask.bounds();
    let last = (bounds.x + bounds.width).checked_sub(1)?;
    let (top, bottom) = raster.rows(bounds.y, bounds.y + bounds.height);
    let part = |x: usize, y: usize| {
        Pos2::new(x as f32 / raster.width as f32, y as f32 / raster.height as f32)
    };
    let (left, right) = (raster.column(bounds.x), raster.column(last) + 1);
    Some(Rect::from_min_max(part(left, top), part(right, bottom)))
}

/// A region within its box: a thick outline in the one color, its inside in the other.
pub(super) fn highlight(
    regions: &PictureRegions,
    region_idx: usize,
    [edge, inside]: [Color32; 2],
) -> ColorImage {
    let raster = Raster::of(regions.set.image());
    let region = regions.set.regions().get(region_idx);
    let Some(bits) = region.and_then(|region| Bits::of(&region.mask, &raster)) else {
        return ColorImage::filled([1, 1], Color32::TRANSPARENT);
    };
    let mut image = ColorImage::filled([bits.width, bits.height], Color32::TRANSPARENT);
    bits.each(MARGIN, |column, row, is_edge| {
        image.pixels[row * bits.width + column] = if is_edge { edge } else { inside };
    });
    image
}

#[cfg(test)]
mod tests {
    use super::{Bits, Outlines, Raster};
    use crate::{
        app::PictureRegions,
        domain::{ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet},
    };

    #[test]
    fn after_an_edit_the_outlines_are_those_drawn_anew() {
        let size = ImageSize { width: 40, height: 30 };
        let region = |i: u32| {
            let mask = RegionMask::of_box(size, 3 * i..3 * i + 9, 2 * i..2 * i + 12).unwrap();
            Region { id: RegionId::Number(i64::from(i)), label: String::new(), mask }
        };
        let mut outlines = Outlines::default();
        // Added, taken away, another in its place, hidden, none; of another picture at last.
        for (numbers, hidden) in [
            (&[0, 1, 2, 3][..], None),
            (&[0, 1, 2, 3, 4], None),
            (&[0, 2, 3, 4], None),
            (&[5, 2, 2, 4], Some(1)),
            (&[], None),
            (&[2], None),
        ] {
            let all = numbers.iter().map(|i| region(*i)).collect();
            let set = RegionSet::new(size, RegionFormat::Boxes, String::new(), all);
            let mut regions = PictureRegions::new(set, Vec::new());
            regions.hidden.extend(hidden);
            regions.colors.insert(2, [1, 2, 3]);
            assert_eq!(outlines.draw(&regions), Outlines::default().draw(&regions), "{numbers:?}");
        }
        let size = ImageSize { width: 30, height: 40 };
        let mask = RegionMask::of_box(size, 6..15, 4..16).unwrap();
        let set = vec![Region { mask, ..region(2) }];
        let set = RegionSet::new(size, RegionFormat::Boxes, String::new(), set);
        let regions = PictureRegions::new(set, Vec::new());
        assert_eq!(outlines.draw(&regions), Outlines::default().draw(&regions));
    }

    /// Marks edges with `#` and the rest of the inside with `+`.
    fn drawn(mask: &RegionMask, thick: usize) -> Vec<String> {
        let raster = Raster::of(mask.size());
        let mut rows = vec![vec!['.'; raster.width]; raster.height];
        if let Some(bits) = Bits::of(mask, &raster) {
            let (mut edge, mut of_edge) = (Vec::new(), Vec::new());
            bits.each(1, |column, row, is_edge| edge.extend(is_edge.then_some((column, row))));
            bits.each_of_edge(|column, row| of_edge.push((column, row)));
            assert_eq!(of_edge, edge);
            bits.each(thick, |column, row, is_edge| {
                rows[bits.top + row][bits.left + column] = if is_edge { '#' } else { '+' };
            });
        }
        rows.into_iter().map(|row| row.into_iter().collect()).collect()
    }

    #[test]
    fn edges_are_where_a_pixel_above_below_left_or_right_is_outside() {
        let size = ImageSize { width: 9, height: 8 };
        let mask = RegionMask::of_pixels(size, |x, y| x >= 2 && y >= 1 && !(x == 5 && y == 4));
        let expected = [
            ".........",
            "..#######",
            "..#+++++#",
            "..#++#++#",
            "..#+#.#+#",
            "..#++#++#",
            "..#+++++#",
            "..#######",
        ];
        assert_eq!(drawn(&mask, 1), expected);
        let thick = drawn(&mask, 2);
        assert_eq!(thick[2], "..###+###".replace('+', "#"));
        assert_eq!(drawn(&RegionMask::empty(size).unwrap(), 1), vec![".".repeat(9); 8]);
    }

    #[test]
    fn every_pixel_of_a_high_mask_is_what_its_neighbours_say() {
        // Three words a column, and stretches that begin and end anywhere.
        let size = ImageSize { width: 40, height: 180 };
        let is_inside = |x: u32, y: u32| (x * 7 + y * y / 9 + x * y / 5) % 11 > 1 && y != 63;
        let mask = RegionMask::of_pixels(size, is_inside);
        for thick in [1, 2] {
            let rows = drawn(&mask, thick);
            for (x, y) in (0..40_i64).flat_map(|x| (0..180_i64).map(move |y| (x, y))) {
                let inside = |x: i64, y: i64| {
                    let is_on = (0..40).contains(&x) && (0..180).contains(&y);
                    is_on && is_inside(x as u32, y as u32)
                };
                let t = thick as i64;
                let is_inner = [(0, t), (t, 0), (0, -t), (-t, 0)]
                    .iter()
                    .all(|(dx, dy)| inside(x + dx, y + dy));
                let expected = match (inside(x, y), is_inner) {
                    (false, _) => '.',
                    (true, true) => '+',
                    (true, false) => '#',
                };
                let found = rows[y as usize].chars().nth(x as usize).unwrap();
                assert_eq!(found, expected, "at {x}, {y}, {thick} thick");
            }
        }
    }
}
