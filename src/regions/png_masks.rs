//! Masks in PNG pictures, row by row: 0/255, palette indices, 16-bit and colored label maps.
//!
//! A palette's colors are not asked, only its indices; the picture is never held as a whole.

use std::io::{BufRead, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use png::{BitDepth, ColorType, Decoder, Limits, Reader};

use crate::domain::{ImageSize, RegionFormat, RegionId, RegionMask};

use super::collect::Collector;
use super::error::{MaskFault, RegionsError};
use super::label_sweep::{LabelSweep, ValueSpan, spans_of};
use super::limits::MAX_DECODER_BYTES;
use super::target::{Imported, base, stem};

/// The index that PASCAL VOC keeps for pixels that nobody judged.
const VOID: i64 = 255;

/// From this many grey levels on, a picture with 0 and 255 looks like one smoothed mask.
const MANY_LEVELS: usize = 32;

/// One mask per value of a picture.
#[derive(Debug)]
pub(super) struct PngLabels {
    /// Size of the picture.
    pub(super) size: ImageSize,
    /// Values other than 0, and where they are.
    pub(super) masks: Vec<(i64, RegionMask)>,
    /// Whether the values are indices of a palette.
    pub(super) is_indexed: bool,
    /// Whether the values are colors, as `0xRRGGBB`.
    pub(super) is_color: bool,
}

/// Reads a PNG after `accept` has agreed to its size.
///
/// # Errors
/// What `accept` says; the inner error is of the picture.
pub(super) fn read(
    reader: impl BufRead + Seek,
    accept: impl FnOnce(ImageSize) -> Result<(), RegionsError>,
) -> Result<Result<PngLabels, MaskFault>, RegionsError> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = Decoder::new_with_limits(reader, limits);
    let size = match decoder.read_header_info() {
        Ok(info) => ImageSize { width: info.width, height: info.height },
        Err(error) => return Ok(Err(damaged(&error))),
    };
    accept(size)?;
    // The decoder is not ours; should it panic on a hostile file, that is an error like others.
    let read = catch_unwind(AssertUnwindSafe(|| read_rows(decoder, size)));
    Ok(read.unwrap_or_else(|_| Err(MaskFault::Picture { reason: "the decoder failed".to_owned() })))
}

fn damaged(error: &png::DecodingError) -> MaskFault {
    MaskFault::Picture { reason: error.to_string() }
}

fn read_rows(
    decoder: Decoder<impl BufRead + Seek>,
    size: ImageSize,
) -> Result<PngLabels, MaskFault> {
    let mut reader = decoder.read_info().map_err(|error| damaged(&error))?;
    let samples = Samples::of(&reader);
    let mut sweep = LabelSweep::new(size);
    let mut rows = Rows { samples, last: Vec::new(), spans: Vec::new() };
    if reader.info().interlaced {
        let n_bytes = reader.output_buffer_size().filter(|n| *n <= MAX_DECODER_BYTES);
        let n_bytes = n_bytes.ok_or_else(|| MaskFault::Picture {
            reason: "too large to be interlaced, save it without".to_owned(),
        })?;
        let mut picture = vec![0; n_bytes];
        let info = reader.next_frame(&mut picture).map_err(|error| damaged(&error))?;
        for (y, row) in picture.chunks_exact(info.line_size.max(1)).enumerate() {
            sweep.add(y as u32, rows.spans(row, size.width))?;
        }
    } else {
        for y in 0..size.height {
            let row = reader.next_row().map_err(|error| damaged(&error))?;
            let row =
                row.ok_or_else(|| MaskFault::Picture { reason: "rows are missing".to_owned() })?;
            sweep.add(y, rows.spans(row.data(), size.width))?;
        }
    }
    let is_indexed = samples.color == ColorType::Indexed;
    let is_color = matches!(samples.color, ColorType::Rgb | ColorType::Rgba);
    Ok(PngLabels { size, masks: sweep.finish()?, is_indexed, is_color })
}

/// How the samples of a row are laid out.
#[derive(Clone, Copy)]
struct Samples {
    color: ColorType,
    depth: BitDepth,
}

impl Samples {
    fn of<R: BufRead + Seek>(reader: &Reader<R>) -> Self {
        Self { color: reader.info().color_type, depth: reader.info().bit_depth }
    }

    /// One number for each pixel; 0 where it is wholly transparent.
    fn values(self, row: &[u8], width: u32) -> Vec<i64> {
        let n_bits = self.depth as usize;
        let n_channels = self.color.samples();
        let sample = |i: usize| -> i64 {
            match n_bits {
                16 => {
                    row.get(2 * i..2 * i + 2).map_or(0, |b| i64::from(b[0]) << 8 | i64::from(b[1]))
                }
                n => {
                    let byte = row.get(i * n / 8).copied().unwrap_or(0);
                    let shift = 8 - n - i * n % 8;
                    i64::from(byte >> shift) & ((1 << n) - 1)
                }
            }
        };
        let pixel = |x: usize| {
            let at = x * n_channels;
            let eight = |i: usize| sample(at + i) >> (n_bits - 8);
            match self.color {
                ColorType::GrayscaleAlpha if sample(at + 1) == 0 => 0,
                ColorType::Rgba if sample(at + 3) == 0 => 0,
                ColorType::Grayscale | ColorType::Indexed | ColorType::GrayscaleAlpha => sample(at),
                ColorType::Rgb | ColorType::Rgba => eight(0) << 16 | eight(1) << 8 | eight(2),
            }
        };
        (0..width as usize).map(pixel).collect()
    }
}

/// Splits rows into spans, and remembers the last one: most rows of a mask repeat it.
struct Rows {
    samples: Samples,
    last: Vec<u8>,
    spans: Vec<ValueSpan>,
}

impl Rows {
    fn spans(&mut self, row: &[u8], width: u32) -> &[ValueSpan] {
        if row == self.last {
            return &self.spans;
        }
        let is_plain = self.samples.depth == BitDepth::Eight && self.samples.color.samples() == 1;
        if is_plain {
            spans_of(&row[..row.len().min(width as usize)], i64::from, &mut self.spans);
        } else {
            spans_of(&self.samples.values(row, width), |v| v, &mut self.spans);
        }
        self.last.clear();
        self.last.extend_from_slice(row);
        &self.spans
    }
}

/// Reads one picture: a mask, or a label map with one region per value.
pub(super) fn import_picture(
    reader: impl BufRead + Seek,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let path = into.path;
    let labels = read(reader, |size| into.check_size(&"the mask", size))?;
    let labels = labels.map_err(|fault| RegionsError::damaged(path, "PNG", fault.to_string()))?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = stem(base(&file.unwrap_or_default())).to_owned();
    let format = add_labels(labels, &name, &mut into)?;
    into.finish(format)
}

/// Adds the masks of one picture, which is a label map where there is more than one value.
pub(super) fn add_labels(
    labels: PngLabels,
    name: &str,
    into: &mut Collector<'_>,
) -> Result<RegionFormat, RegionsError> {
    let PngLabels { size, mut masks, is_indexed, is_color } = labels;
    if masks.len() < 2 {
        let blank = || RegionMask::empty(size).map_err(MaskFault::from);
        let mask = masks.pop().map_or_else(blank, |(_, mask)| Ok(mask));
        into.add(&"the mask", RegionId::Number(0), name.to_owned(), mask)?;
        return Ok(RegionFormat::MaskPng);
    }
    if is_indexed && masks.last().is_some_and(|(value, _)| *value == VOID) {
        masks.pop();
        into.warn("pixels of index 255 are left out, as void".to_owned());
    }
    let has_white = masks.last().is_some_and(|(value, _)| *value == 255);
    if !is_color && has_white && masks.len() > MANY_LEVELS {
        into.warn(format!(
            "{} grey levels: if this is one smoothed mask, save it with two levels",
            masks.len()
        ));
    }
    for (value, mask) in masks {
        let label = if is_color { format!("#{value:06x}") } else { String::new() };
        into.add(&format!("value {value}"), RegionId::Number(value), label, Ok(mask))?;
    }
    Ok(RegionFormat::LabelMap)
}
