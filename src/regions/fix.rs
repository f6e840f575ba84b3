//! Masks of another size than the picture: which differences can be mended, and how.

use std::fmt;
use std::str::FromStr;

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::limits::MAX_RUNS;
use super::sweep::RowSweep;

/// A difference of size that a person may accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeFix {
    /// Width and height are exchanged: the masks are turned as EXIF turned the picture, or, where
    /// EXIF did not turn it by a quarter, mirrored at the diagonal, as an array whose axes were
    /// exchanged.
    Swap,
    /// The proportions are the picture's: the masks are scaled, each pixel taking the nearest.
    Scale,
}

/// A name that is no [`SizeFix`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no size fix, use swap or scale")]
pub struct UnknownSizeFix(pub String);

impl fmt::Display for SizeFix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Swap => "swap",
            Self::Scale => "scale",
        })
    }
}

impl FromStr for SizeFix {
    type Err = UnknownSizeFix;

    fn from_str(name: &str) -> Result<Self, UnknownSizeFix> {
        match name {
            "swap" => Ok(Self::Swap),
            "scale" => Ok(Self::Scale),
            _ => Err(UnknownSizeFix(name.to_owned())),
        }
    }
}

/// What would bring masks of size `found` to a picture of size `shown`.
pub(super) fn offer(found: ImageSize, shown: ImageSize) -> Option<SizeFix> {
    if (found.width, found.height) == (shown.height, shown.width) {
        return Some(SizeFix::Swap);
    }
    if found.width == 0 || found.height == 0 {
        return None;
    }
    // Each side may be rounded by half a pixel of the smaller picture.
    let is_smaller = found.width < shown.width && found.height < shown.height;
    let is_larger = found.width > shown.width && found.height > shown.height;
    let cross = |a: u32, b: u32| u64::from(a) * u64::from(b);
    let off = cross(found.width, shown.height).abs_diff(cross(found.height, shown.width));
    let sides = |size: ImageSize| u64::from(size.width) + u64::from(size.height);
    let is_alike = 2 * off <= sides(shown).max(sides(found));
    ((is_smaller || is_larger) && is_alike).then_some(SizeFix::Scale)
}

/// A mask turned as EXIF `orientation` (1..=8) turns a picture as stored; 5 mirrors at the diagonal.
pub(super) fn turned(mask: &RegionMask, orientation: u8) -> Result<RegionMask, MaskFault> {
    Ok(match orientation {
        2 => mirrored(mask),
        3 => upside_down(mask),
        4 => mirrored(&upside_down(mask)),
        5 => transposed(mask)?,
        6 => mirrored(&transposed(mask)?),
        7 => upside_down(&transposed(mask)?),
        8 => mirrored(&upside_down(&transposed(mask)?)),
        _ => mask.clone(),
    })
}

/// Rows become columns.
pub(super) fn transposed(mask: &RegionMask) -> Result<RegionMask, MaskFault> {
    let size = ImageSize { width: mask.size().height, height: mask.size().width };
    let mut sweep = RowSweep::new(size)?;
    let mut spans = Vec::new();
    let mut row = 0;
    for segment in mask.segments() {
        if segment.x != row {
            sweep.add(row, &spans)?;
            spans.clear();
            row = segment.x;
        }
        spans.push((segment.top, segment.bottom));
    }
    if !spans.is_empty() {
        sweep.add(row, &spans)?;
    }
    sweep.finish()
}

/// Half a turn.
fn upside_down(mask: &RegionMask) -> RegionMask {
    let n = mask.size().width * mask.size().height;
    mask.with_stretches(mask.stretches().map(|(start, end)| (n - end, n - start)).collect())
}

/// Left becomes right.
fn mirrored(mask: &RegionMask) -> RegionMask {
    let ImageSize { width, height } = mask.size();
    let segments = mask.segments().map(|segment| {
        let column = (width - 1 - segment.x) * height;
        (column + segment.top, column + segment.bottom)
    });
    mask.with_stretches(segments.collect())
}

/// The mask on a picture of size `to`, each pixel taking the nearest of the mask.
pub(super) fn scaled(mask: &RegionMask, to: ImageSize) -> Result<RegionMask, MaskFault> {
    let from = mask.size();
    // Pixel i of n takes pixel floor((i + 1/2) m / n) of m; so pixel j of m begins at the first i
    // that is not below j n / m - 1/2.
    let first = |j: u32, n: u32, m: u32| {
        let (j, n, m) = (u64::from(j), u64::from(n), u64::from(m));
        ((2 * j * n).saturating_sub(m).div_ceil(2 * m)) as u32
    };
    let mut stretches = Vec::new();
    for segment in mask.segments() {
        let top = first(segment.top, to.height, from.height);
        let bottom = first(segment.bottom, to.height, from.height).min(to.height);
        let left = first(segment.x, to.width, from.width);
        let right = first(segment.x + 1, to.width, from.width).min(to.width);
        if stretches.len() > MAX_RUNS {
            return Err(MaskFault::TooManyRuns { limit: MAX_RUNS });
        }
        let columns = (left..right).filter(|_| top < bottom);
        stretches.extend(columns.map(|x| (x * to.height + top, x * to.height + bottom)));
    }
    Ok(RegionMask::empty(to)?.with_stretches(stretches))
}
