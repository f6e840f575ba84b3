//! Rows of pixels, from top to bottom, to run lengths down the columns, without a picture in between.
//!
//! Only the places are kept where a pixel differs from the one above it; there are as many as the
//! result has ends of runs. So a mask of 12 megapixels is turned with a few kilobytes.

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::limits::MAX_RUNS;

/// Collects the pixels of one mask, row after row.
#[derive(Debug)]
pub(super) struct RowSweep {
    blank: RegionMask,
    /// The row that comes next.
    next: u32,
    /// Spans of the row before it.
    above: Vec<(u32, u32)>,
    /// Column and row of each pixel that differs from the one above it.
    changes: Vec<(u32, u32)>,
}

impl RowSweep {
    /// No pixels yet.
    pub(super) fn new(size: ImageSize) -> Result<Self, MaskFault> {
        let blank = RegionMask::empty(size)?;
        Ok(Self { blank, next: 0, above: Vec::new(), changes: Vec::new() })
    }

    /// Adds row `y`: spans `start..end` that rise and do not touch. Rows left out are empty.
    pub(super) fn add(&mut self, y: u32, spans: &[(u32, u32)]) -> Result<(), MaskFault> {
        if self.next < y && !self.above.is_empty() {
            self.change(self.next, &[]);
        }
        self.change(y, spans);
        match self.changes.len() > MAX_RUNS {
            true => Err(MaskFault::TooManyRuns { limit: MAX_RUNS }),
            false => Ok(()),
        }
    }

    fn change(&mut self, y: u32, spans: &[(u32, u32)]) {
        let mut above = self.above.iter().flat_map(|span| [span.0, span.1]).peekable();
        let mut here = spans.iter().flat_map(|span| [span.0, span.1]).peekable();
        // The ends of spans that are not ends in both rows, in pairs, bound what changes.
        let mut open = None;
        loop {
            let end = match (above.peek().copied(), here.peek().copied()) {
                (Some(a), Some(b)) if a == b => {
                    above.next();
                    here.next();
                    continue;
                }
                (Some(a), Some(b)) if a < b => above.next(),
                (Some(_), None) => above.next(),
                _ => here.next(),
            };
            match (end, open) {
                (None, _) => break,
                (Some(end), None) => open = Some(end),
                (Some(end), Some(start)) => {
                    self.changes.extend((start..end).map(|x| (x, y)));
                    open = None;
                }
            }
        }
        self.above.clear();
        self.above.extend_from_slice(spans);
        self.next = y + 1;
    }

    /// The mask of the rows added.
    pub(super) fn finish(mut self) -> Result<RegionMask, MaskFault> {
        let ImageSize { width, height } = self.blank.size();
        if self.next < height && !self.above.is_empty() {
            self.change(self.next, &[]);
        }
        if self.changes.len() > 2 * MAX_RUNS {
            return Err(MaskFault::TooManyRuns { limit: MAX_RUNS });
        }
        // Changes by column; within one, they are in rising order already.
        let mut first = vec![0_usize; width as usize + 1];
        for (x, _) in &self.changes {
            first[*x as usize + 1] += 1;
        }
        for x in 1..first.len() {
            first[x] += first[x - 1];
        }
        let bounds = first.clone();
        let mut rows = vec![0_u32; self.changes.len()];
        for (x, y) in &self.changes {
            rows[first[*x as usize]] = *y;
            first[*x as usize] += 1;
        }
        let mut stretches = Vec::with_capacity(rows.len().div_ceil(2));
        for (x, column) in bounds.windows(2).enumerate() {
            let top = x as u32 * height;
            let changes = rows[column[0]..column[1]].chunks(2);
            stretches.extend(
                changes.map(|pair| (top + pair[0], top + pair.get(1).copied().unwrap_or(height))),
            );
        }
        Ok(self.blank.with_stretches(stretches))
    }
}
