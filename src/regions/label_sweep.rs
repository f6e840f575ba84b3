//! Rows of numbers, one number per pixel, to one mask per number.

use std::collections::HashMap;

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::limits::MAX_REGIONS;
use super::sweep::RowSweep;

/// Pixels of a row that have the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueSpan {
    /// The value.
    pub(super) value: i64,
    /// The first column.
    pub(super) start: u32,
    /// The column after the last.
    pub(super) end: u32,
}

/// Collects the pixels of each value other than 0, row after row.
#[derive(Debug)]
pub(super) struct LabelSweep {
    size: ImageSize,
    index: HashMap<i64, usize>,
    labels: Vec<Label>,
    /// Labels of the row at hand.
    seen: Vec<usize>,
}

#[derive(Debug)]
struct Label {
    value: i64,
    sweep: RowSweep,
    spans: Vec<(u32, u32)>,
}

impl LabelSweep {
    /// No pixels yet.
    pub(super) fn new(size: ImageSize) -> Self {
        Self { size, index: HashMap::new(), labels: Vec::new(), seen: Vec::new() }
    }

    /// Adds row `y`; its spans rise, and neighbors that touch differ in value.
    pub(super) fn add(&mut self, y: u32, row: &[ValueSpan]) -> Result<(), MaskFault> {
        for span in row.iter().filter(|span| span.value != 0) {
            let label_idx = self.label_of(span.value)?;
            let label = &mut self.labels[label_idx];
            if label.spans.is_empty() {
                self.seen.push(label_idx);
            }
            label.spans.push((span.start, span.end));
        }
        for label_idx in self.seen.drain(..) {
            let label = &mut self.labels[label_idx];
            label.sweep.add(y, &label.spans)?;
            label.spans.clear();
        }
        Ok(())
    }

    fn label_of(&mut self, value: i64) -> Result<usize, MaskFault> {
        if let Some(label_idx) = self.index.get(&value) {
            return Ok(*label_idx);
        }
        if self.labels.len() == MAX_REGIONS {
            return Err(MaskFault::TooManyValues { limit: MAX_REGIONS });
        }
        let sweep = RowSweep::new(self.size)?;
        self.labels.push(Label { value, sweep, spans: Vec::new() });
        self.index.insert(value, self.labels.len() - 1);
        Ok(self.labels.len() - 1)
    }

    /// The values and their masks, by rising value.
    pub(super) fn finish(mut self) -> Result<Vec<(i64, RegionMask)>, MaskFault> {
        self.labels.sort_by_key(|label| label.value);
        self.labels.into_iter().map(|label| Ok((label.value, label.sweep.finish()?))).collect()
    }
}

/// Splits a row into spans of equal values.
pub(super) fn spans_of<T: Copy + PartialEq>(
    row: &[T],
    value: impl Fn(T) -> i64,
    into: &mut Vec<ValueSpan>,
) {
    into.clear();
    let mut start = 0;
    while let Some(first) = row.get(start).copied() {
        let mut end = start + 1;
        // Whole blocks first: the comparison of a block has no branch, so it is vectorized.
        for block in row[end..].chunks_exact(64) {
            if block.iter().filter(|v| **v != first).count() > 0 {
                break;
            }
            end += 64;
        }
        end += row[end..].iter().take_while(|v| **v == first).count();
        into.push(ValueSpan { value: value(first), start: start as u32, end: end as u32 });
        start = end;
    }
}
