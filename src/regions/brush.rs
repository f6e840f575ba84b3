//! The packed bit stream of Label Studio's brush.
//!
//! 32 bits for the number of values, 5 for the bits of a value less one, four times 4 for the
//! widths of lengths less one; then blocks: one bit for a run, two that choose the width, the
//! length less one, and the value, or in a block that is no run, that many values. The values are
//! RGBA of all pixels, row by row; a pixel is inside where its alpha is not 0.
//!
//! # Source
//! `label_studio_sdk/converter/brush.py`, `decode_rle`; the format is thi.ng's `rle-pack`.

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::sweep::RowSweep;

/// Red, green, blue, alpha.
const CHANNELS: u64 = 4;

/// The mask in a packed stream.
///
/// # Errors
/// [`MaskFault::Brush`] where the stream contradicts itself or the size.
pub fn decode(packed: &[u8], size: ImageSize) -> Result<RegionMask, MaskFault> {
    let brush = |fault| MaskFault::Brush { fault };
    let mut bits = Bits { bytes: packed, at: 0 };
    let n_values = bits.take(32)?;
    if n_values != u64::from(size.width) * u64::from(size.height) * CHANNELS {
        return Err(brush("it does not unpack to four values per pixel"));
    }
    let value_bits = bits.take(5)? + 1;
    let mut widths = [0; 4];
    for width in &mut widths {
        *width = bits.take(4)? + 1;
    }
    let mut rows = Rows { size, sweep: RowSweep::new(size)?, y: 0, spans: Vec::new() };
    let mut at = 0;
    while at < n_values {
        let is_run = bits.take(1)? == 1;
        let width = widths[bits.take(2)? as usize];
        let end = at + bits.take(width)? + 1;
        if end > n_values {
            return Err(brush("a block passes the end"));
        }
        if is_run {
            if bits.take(value_bits)? != 0 {
                rows.add(at, end)?;
            }
        } else {
            for value in at..end {
                if bits.take(value_bits)? != 0 {
                    rows.add(value, value + 1)?;
                }
            }
        }
        at = end;
    }
    rows.flush()?;
    rows.sweep.finish()
}

/// Bits, high ones first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n: u64) -> Result<u64, MaskFault> {
        let mut value = 0;
        for _ in 0..n {
            let byte = self.bytes.get(self.at / 8);
            let byte = byte.ok_or(MaskFault::Brush { fault: "it is cut off" })?;
            value = value << 1 | u64::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Ok(value)
    }
}

/// Collects pixels whose alpha is set, row by row.
struct Rows {
    size: ImageSize,
    sweep: RowSweep,
    y: u32,
    spans: Vec<(u32, u32)>,
}

impl Rows {
    /// Adds values `start..end` that are set; they come in rising order.
    fn add(&mut self, start: u64, end: u64) -> Result<(), MaskFault> {
        // Value 4 p + 3 is the alpha of pixel p.
        let mut pixel = start / CHANNELS;
        let last = end / CHANNELS;
        let width = u64::from(self.size.width.max(1));
        while pixel < last {
            let y = (pixel / width) as u32;
            let row_end = (u64::from(y) + 1) * width;
            if y != self.y {
                self.flush()?;
                self.y = y;
            }
            let from = (pixel % width) as u32;
            let to = from + (last.min(row_end) - pixel) as u32;
            match self.spans.last_mut() {
                Some(span) if span.1 == from => span.1 = to,
                _ => self.spans.push((from, to)),
            }
            pixel = last.min(row_end);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), MaskFault> {
        if !self.spans.is_empty() {
            self.sweep.add(self.y, &self.spans)?;
            self.spans.clear();
        }
        Ok(())
    }
}
