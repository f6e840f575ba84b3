//! The pixels of a region as run lengths down the columns, as COCO keeps them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::ImageSize;

/// A set of pixels of a picture, as run lengths.
///
/// Runs go down the columns, the columns from left to right; the first run is of pixels outside
/// and may be 0, and runs inside and outside take turns. A mask has one such form only: apart from
/// the first, no run is 0. A mask of 12 megapixels takes a few kilobytes.
///
/// In JSON it is COCO's uncompressed form: `{"counts": [..], "size": [height, width]}`.
///
/// # Source
/// COCO API, `common/maskApi.h`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Runs", into = "Runs")]
pub struct RegionMask {
    size: ImageSize,
    counts: Vec<u32>,
}

/// COCO's uncompressed form.
#[derive(Serialize, Deserialize)]
struct Runs {
    counts: Vec<i64>,
    /// Height and width.
    size: [u32; 2],
}

impl TryFrom<Runs> for RegionMask {
    type Error = RunsError;

    fn try_from(Runs { counts, size: [height, width] }: Runs) -> Result<Self, RunsError> {
        Self::from_runs(ImageSize { width, height }, counts)
    }
}

impl From<RegionMask> for Runs {
    fn from(RegionMask { size: ImageSize { width, height }, counts }: RegionMask) -> Self {
        Self { counts: counts.into_iter().map(i64::from).collect(), size: [height, width] }
    }
}

/// An upright box of whole pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelBox {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Pixels of one column that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSegment {
    /// The column.
    pub x: u32,
    /// The first row.
    pub top: u32,
    /// The row after the last.
    pub bottom: u32,
}

/// Why run lengths are not a mask of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunsError {
    /// Width times height is more than run lengths can count.
    #[error("{width} x {height} pixels are more than can be counted")]
    TooManyPixels {
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// A run is of fewer than no pixels.
    #[error("run {index} is negative ({length})")]
    Negative {
        /// The run, from 0.
        index: usize,
        /// Its length.
        length: i64,
    },
    /// The runs go on after the last pixel.
    #[error("run {index} passes the end of the {expected} pixels")]
    TooLong {
        /// The run, from 0.
        index: usize,
        /// Pixels of the picture.
        expected: u32,
    },
    /// The runs end before the last pixel.
    #[error("the runs sum to {found}, not to the {expected} pixels")]
    TooShort {
        /// Pixels that the runs name.
        found: u32,
        /// Pixels of the picture.
        expected: u32,
    },
}

impl RegionMask {
    /// A mask from run lengths, whose runs of 0 are taken out.
    ///
    /// # Errors
    /// [`RunsError`] unless the runs sum to the pixels of `size`.
    pub fn from_runs(
        size: ImageSize,
        runs: impl IntoIterator<Item = i64>,
    ) -> Result<Self, RunsError> {
        let expected = n_pixels(size)?;
        let mut builder = MaskBuilder::new(size, expected);
        let mut at = 0_u32;
        for (index, length) in runs.into_iter().enumerate() {
            if length < 0 {
                return Err(RunsError::Negative { index, length });
            }
            let end = u32::try_from(length).ok().and_then(|length| at.checked_add(length));
            let end = end.filter(|end| *end <= expected);
            let end = end.ok_or(RunsError::TooLong { index, expected })?;
            if index % 2 == 1 {
                builder.push(at, end);
            }
            at = end;
        }
        if at < expected {
            return Err(RunsError::TooShort { found: at, expected });
        }
        Ok(builder.finish())
    }

    /// The pixels, by column and row, for which `is_inside` holds.
    ///
    /// # Panics
    /// Where width times height is more than run lengths can count.
    pub fn of_pixels(size: ImageSize, is_inside: impl Fn(u32, u32) -> bool) -> Self {
        let ImageSize { width, height } = size;
        let n_pixels = n_pixels(size).unwrap_or(0);
        assert!(n_pixels > 0 || width == 0 || height == 0, "{width} x {height} pixels");
        let mut builder = MaskBuilder::new(size, n_pixels);
        for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
            if is_inside(x, y) {
                let at = x * height + y;
                builder.push(at, at + 1);
            }
        }
        builder.finish()
    }

    /// The pixels of some columns and rows, as far as the picture has them.
    ///
    /// # Errors
    /// [`RunsError::TooManyPixels`].
    pub fn of_box(
        size: ImageSize,
        columns: Range<u32>,
        rows: Range<u32>,
    ) -> Result<Self, RunsError> {
        let ImageSize { width, height } = size;
        let mut builder = MaskBuilder::new(size, n_pixels(size)?);
        for x in columns.start..columns.end.min(width) {
            builder.push(x * height + rows.start.min(height), x * height + rows.end.min(height));
        }
        Ok(builder.finish())
    }

    /// A mask without pixels inside.
    ///
    /// # Errors
    /// [`RunsError::TooManyPixels`].
    pub fn empty(size: ImageSize) -> Result<Self, RunsError> {
        Ok(Self { size, counts: vec![n_pixels(size)?] })
    }

    /// Another mask of the same picture, from stretches `start..end` of pixels, numbered down the
    /// columns.
    ///
    /// Stretches may overlap and come in any order; what lies outside the picture is cut off.
    #[must_use]
    pub fn with_stretches(&self, mut stretches: Vec<(u32, u32)>) -> Self {
        let n = self.size.width * self.size.height;
        stretches.sort_unstable();
        let mut builder = MaskBuilder::new(self.size, n);
        for (start, end) in stretches {
            builder.push(start.min(n), end.min(n));
        }
        builder.finish()
    }

    /// Every pixel that lies in one of `masks`; `None` where their sizes differ or there are none.
    pub fn union(masks: &[Self]) -> Option<Self> {
        let first = masks.first()?;
        let fits = masks.iter().all(|mask| mask.size == first.size);
        fits.then(|| first.with_stretches(masks.iter().flat_map(Self::stretches).collect()))
    }

    /// Size of the picture.
    pub fn size(&self) -> ImageSize {
        self.size
    }

    /// The run lengths, outside and inside in turn; they sum to the pixels of the picture.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Number of pixels inside.
    pub fn area(&self) -> u32 {
        self.counts.iter().skip(1).step_by(2).sum()
    }

    /// Whether no pixel is inside.
    pub fn is_empty(&self) -> bool {
        self.counts.len() < 2
    }

    /// The smallest box around the pixels inside; all 0 where there are none.
    pub fn bounds(&self) -> PixelBox {
        let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
        for segment in self.segments() {
            left = left.min(segment.x);
            right = right.max(segment.x + 1);
            top = top.min(segment.top);
            bottom = bottom.max(segment.bottom);
        }
        if left >= right {
            return PixelBox::default();
        }
        PixelBox { x: left, y: top, width: right - left, height: bottom - top }
    }

    /// The stretches `start..end` of pixels inside, numbered down the columns.
    pub fn stretches(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let mut at = 0;
        self.counts.chunks(2).filter_map(move |pair| {
            let start = at + pair[0];
            at = start + pair.get(1).copied().unwrap_or(0);
            (at > start).then_some((start, at))
        })
    }

    /// The pixels inside, column by column and each from top to bottom.
    pub fn segments(&self) -> impl Iterator<Item = ColumnSegment> + '_ {
        Segments {
            stretches: self.stretches(),
            height: self.size.height.max(1),
            rest: (0, 0),
            x: 0,
            column: 0,
        }
    }

    /// Whether the pixel in column `x` and row `y` is inside.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        if x >= self.size.width || y >= self.size.height {
            return false;
        }
        let at = x * self.size.height + y;
        self.stretches().take_while(|(start, _)| *start <= at).any(|(_, end)| at < end)
    }
}

/// Stretches cut at the ends of columns. Most go on in the column that they are in or in the next one, so that
/// nearly none is divided by the height.
struct Segments<S> {
    stretches: S,
    height: u32,
    /// What remains of a stretch.
    rest: (u32, u32),
    /// A column, and its first pixel.
    x: u32,
    column: u32,
}

impl<S: Iterator<Item = (u32, u32)>> Iterator for Segments<S> {
    type Item = ColumnSegment;

    fn next(&mut self) -> Option<ColumnSegment> {
        if self.rest.0 == self.rest.1 {
            self.rest = self.stretches.next()?;
        }
        let (start, end) = self.rest;
        let below = start - self.column;
        if below >= self.height {
            let n = if below - self.height < self.height { 1 } else { below / self.height };
            self.x += n;
            self.column += n * self.height;
        }
        let bottom = (end - self.column).min(self.height);
        self.rest.0 = self.column + bottom;
        Some(ColumnSegment { x: self.x, top: start - self.column, bottom })
    }
}

/// Turns stretches in rising order into runs.
struct MaskBuilder {
    size: ImageSize,
    counts: Vec<u32>,
    at: u32,
    n_pixels: u32,
}

impl MaskBuilder {
    fn new(size: ImageSize, n_pixels: u32) -> Self {
        Self { size, counts: Vec::new(), at: 0, n_pixels }
    }

    /// Adds pixels `start..end`; what was added before begins no later.
    fn push(&mut self, start: u32, end: u32) {
        let start = start.max(self.at);
        if end <= start {
            return;
        }
        match self.counts.last_mut() {
            Some(last) if start == self.at => *last += end - start,
            _ => self.counts.extend([start - self.at, end - start]),
        }
        self.at = end;
    }

    fn finish(mut self) -> RegionMask {
        if self.at < self.n_pixels || self.counts.is_empty() {
            self.counts.push(self.n_pixels - self.at);
        }
        self.counts.shrink_to_fit();
        RegionMask { size: self.size, counts: self.counts }
    }
}

/// Pixels of a picture, as far as runs can count them.
fn n_pixels(size: ImageSize) -> Result<u32, RunsError> {
    let ImageSize { width, height } = size;
    width.checked_mul(height).ok_or(RunsError::TooManyPixels { width, height })
}
