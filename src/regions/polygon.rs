//! Polygons to pixels, by COCO's rule.
//!
//! The outline is walked in fifths of a pixel; where it passes the middle of a column, the rows
//! from there on change between outside and inside. Parts of a region are filled one by one and
//! united, so a part within a part is no hole.
//!
//! # Source
//! COCO API, `common/maskApi.c`, `rleFrPoly`. The arithmetic is kept step by step, because its
//! rounding decides about pixels at the border.

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::limits::{MAX_COORDINATE, MAX_OUTLINE};

/// Fifths of a pixel.
const FINE: f64 = 5.0;

/// The pixels of one polygon, whose corners are `x, y, x, y, ..`.
///
/// # Errors
/// [`MaskFault`] for fewer than three corners, corners that are no numbers or too far away, and
/// outlines that are too long.
pub fn fill(corners: &[f64], size: ImageSize) -> Result<RegionMask, MaskFault> {
    let fine = fine_corners(corners)?;
    if outline(&fine) > MAX_OUTLINE {
        return Err(MaskFault::LongOutline);
    }
    let mut walk = Walk { size, last: None, crossings: Vec::new() };
    for (i, from) in fine.iter().enumerate() {
        let to = fine[(i + 1) % fine.len()];
        walk.edge(*from, to);
    }
    // Crossings in rising order: between the first and the second is inside, and so on.
    walk.crossings.sort_unstable();
    let stretches =
        walk.crossings.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or(u32::MAX)));
    let stretches = stretches.collect();
    Ok(RegionMask::empty(size)?.with_stretches(stretches))
}

/// The length of an outline in fifths of a pixel, as far as it can be told.
pub(super) fn outline_of(corners: &[f64]) -> u64 {
    fine_corners(corners).map_or(0, |fine| outline(&fine))
}

fn outline(fine: &[(i32, i32)]) -> u64 {
    let next = fine.iter().cycle().skip(1);
    let edges = fine.iter().zip(next).map(|(a, b)| a.0.abs_diff(b.0).max(a.1.abs_diff(b.1)));
    edges.map(|edge| u64::from(edge) + 1).sum()
}

fn fine_corners(corners: &[f64]) -> Result<Vec<(i32, i32)>, MaskFault> {
    let numbers = corners.len();
    if numbers < 6 || numbers % 2 == 1 {
        return Err(MaskFault::FewCorners { numbers });
    }
    let fine = |[x, y]: [f64; 2]| {
        let is_near = |v: f64| v.abs() <= MAX_COORDINATE; // false for NaN
        match is_near(x) && is_near(y) {
            true => Ok(((FINE * x + 0.5) as i32, (FINE * y + 0.5) as i32)),
            false => Err(MaskFault::FarCorner { x, y }),
        }
    };
    corners.as_chunks::<2>().0.iter().copied().map(fine).collect()
}

/// A walk along an outline that notes where it passes the middle of a column.
struct Walk {
    size: ImageSize,
    last: Option<(i32, i32)>,
    /// Pixels, numbered down the columns, from which on the other side begins.
    crossings: Vec<u32>,
}

impl Walk {
    fn edge(&mut self, from: (i32, i32), to: (i32, i32)) {
        let (dx, dy) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
        let is_flat = dx >= dy;
        // Always computed from the smaller end, so that an edge is the same in both directions.
        let flip = (is_flat && from.0 > to.0) || (!is_flat && from.1 > to.1);
        let (start, end) = if flip { (to, from) } else { (from, to) };
        let n = dx.max(dy);
        let slope = match is_flat {
            _ if n == 0 => 0.0,
            true => f64::from(end.1 - start.1) / f64::from(dx),
            false => f64::from(end.0 - start.0) / f64::from(dy),
        };
        for step in 0..=n {
            let t = if flip { n - step } else { step };
            let across = f64::from(t) * slope;
            self.point(match is_flat {
                true => (start.0 + t, (f64::from(start.1) + across + 0.5) as i32),
                false => ((f64::from(start.0) + across + 0.5) as i32, start.1 + t),
            });
        }
    }

    fn point(&mut self, (u, v): (i32, i32)) {
        let Some((last_u, last_v)) = self.last.replace((u, v)) else {
            return;
        };
        if u == last_u {
            return;
        }
        // Back from fifths: x = (u + 1/2) / 5 - 1/2.
        let left = if u < last_u { u } else { u - 1 };
        let x = (f64::from(left) + 0.5) / FINE - 0.5;
        let width = f64::from(self.size.width);
        if x.floor() != x || x < 0.0 || x > width - 1.0 {
            return;
        }
        let top = f64::from(v.min(last_v));
        let y = ((top + 0.5) / FINE - 0.5).clamp(0.0, f64::from(self.size.height)).ceil();
        self.crossings.push(x as u32 * self.size.height + y as u32);
    }
}
