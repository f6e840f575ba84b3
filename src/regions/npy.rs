//! `NumPy` arrays: one mask, a stack of masks, or a label map, read value by value.

use std::io::Read;

use crate::domain::{ImageSize, RegionFormat, RegionId, RegionMask};

use super::collect::Collector;
use super::error::{MaskFault, RegionsError};
use super::fix::transposed;
use super::label_sweep::{LabelSweep, spans_of};
use super::limits::MAX_ARRAY_BYTES;
use super::npy_header::{Header, Kind};

/// The longest row of values, of all masks where they are the innermost axis, in bytes.
const MAX_ROW_BYTES: usize = 128 << 20;

/// How the axes of an array lie in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    /// Masks of the stack.
    n: usize,
    /// Size of each mask.
    size: ImageSize,
    /// Whether the masks are the innermost axis.
    is_inner: bool,
}

/// Reads the array whose bytes come from `reader`.
pub(super) fn import_array(
    reader: &mut dyn Read,
    format: RegionFormat,
    into: &mut Collector<'_>,
) -> Result<RegionFormat, RegionsError> {
    let header = Header::read(reader, into.path)?;
    let layout = layout(&header, into)?;
    into.check_size(&"the array", layout.size)?;
    into.check_count(layout.n)?;
    let n_bytes = header.kind.bytes() as u64 * header.n_values();
    if n_bytes > MAX_ARRAY_BYTES {
        return Err(RegionsError::too_much(into.path, "bytes", MAX_ARRAY_BYTES));
    }
    let n_across = if layout.is_inner || header.is_fortran { layout.n.max(1) } else { 1 };
    let longest = layout.size.width.max(layout.size.height) as usize;
    if n_across * longest * header.kind.bytes() > MAX_ROW_BYTES {
        return Err(RegionsError::too_much(into.path, "bytes in a row", MAX_ROW_BYTES as u64));
    }
    let mut array =
        Array { reader, header: &header, layout, has_fraction: false, has_outside: false };
    if array.layout_in_file().is_inner {
        array.read_inner(format, into)
    } else {
        array.read_outer(format, into)
    }
}

/// Which axis is which, told by the size of the picture.
fn layout(header: &Header, into: &Collector<'_>) -> Result<Layout, RegionsError> {
    let unsupported = |what: String, advice| {
        Err(RegionsError::Unsupported { path: into.path.to_owned(), what, advice })
    };
    let mut shape = header.shape.clone();
    while shape.len() > 3
        && let Some(at) = shape.iter().position(|n| *n == 1)
    {
        shape.remove(at);
    }
    let size = |height: usize, width: usize| {
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ImageSize { width: side(width), height: side(height) }
    };
    let outer = |n, h, w| Layout { n, size: size(h, w), is_inner: false };
    let inner = |n, h, w| Layout { n, size: size(h, w), is_inner: true };
    let shown = into.target.size;
    let is = |h: usize, w: usize| size(h, w) == shown;
    let is_swapped = |h: usize, w: usize| size(w, h) == shown;
    match shape[..] {
        [h, w] => Ok(outer(1, h, w)),
        [h, w, 3 | 4] if is(h, w) && !is(w, shape[2]) => unsupported(
            format!("an array of shape {:?}, which may be a color picture,", header.shape),
            "save masks with their number as the first axis",
        ),
        [n, h, w] if is(h, w) => Ok(outer(n, h, w)),
        [h, w, n] if is(h, w) || is_swapped(h, w) => Ok(inner(n, h, w)),
        [n, h, w] => Ok(outer(n, h, w)),
        _ => unsupported(
            format!("an array of shape {:?}", header.shape),
            "save it as [masks, height, width]",
        ),
    }
}

struct Array<'a> {
    reader: &'a mut dyn Read,
    header: &'a Header,
    layout: Layout,
    has_fraction: bool,
    has_outside: bool,
}

impl Array<'_> {
    /// The layout of the bytes: Fortran's order is the order of the array with its axes reversed.
    fn layout_in_file(&self) -> Layout {
        let Layout { n, size, is_inner } = self.layout;
        match self.header.is_fortran {
            false => self.layout,
            true => Layout {
                n,
                size: ImageSize { width: size.height, height: size.width },
                // A picture alone has no axis of masks that could change places.
                is_inner: n > 1 && !is_inner,
            },
        }
    }

    fn read_outer(
        &mut self,
        format: RegionFormat,
        into: &mut Collector<'_>,
    ) -> Result<RegionFormat, RegionsError> {
        let Layout { n, size, .. } = self.layout_in_file();
        let mut row = Row::default();
        for index in 0..n {
            let mut sweep = LabelSweep::new(size);
            let mut fault = None;
            for y in 0..size.height {
                self.read_row(size.width as usize, &mut row, into)?;
                if let Err(error) = self.add_row(y, &mut row, &mut sweep) {
                    fault.get_or_insert(error);
                }
            }
            let masks = fault.map_or_else(|| sweep.finish(), Err);
            if n == 1 && masks.as_ref().is_ok_and(|masks| masks.len() > 1) {
                return self.add_labels(masks.unwrap_or_default(), into);
            }
            self.add_mask(index, masks, into)?;
        }
        Ok(format)
    }

    fn read_inner(
        &mut self,
        format: RegionFormat,
        into: &mut Collector<'_>,
    ) -> Result<RegionFormat, RegionsError> {
        let Layout { n, size, .. } = self.layout_in_file();
        let width = size.width as usize;
        let mut sweeps: Vec<_> = (0..n).map(|_| LabelSweep::new(size)).collect();
        let mut faults: Vec<Option<MaskFault>> = (0..n).map(|_| None).collect();
        let mut row = Row::default();
        let mut one = Row::default();
        for y in 0..size.height {
            self.read_row(width * n, &mut row, into)?;
            let bytes = self.header.kind.bytes();
            for (index, sweep) in sweeps.iter_mut().enumerate() {
                one.bytes.clear();
                let own = row.bytes.chunks_exact(bytes).skip(index).step_by(n);
                one.bytes.extend(own.flatten());
                if let Err(error) = self.add_row(y, &mut one, sweep) {
                    faults[index].get_or_insert(error);
                }
            }
        }
        for (index, (sweep, fault)) in sweeps.into_iter().zip(faults).enumerate() {
            self.add_mask(index, fault.map_or_else(|| sweep.finish(), Err), into)?;
        }
        Ok(format)
    }

    fn read_row(
        &mut self,
        n_values: usize,
        row: &mut Row,
        into: &Collector<'_>,
    ) -> Result<(), RegionsError> {
        row.bytes.resize(n_values * self.header.kind.bytes(), 0);
        self.reader
            .read_exact(&mut row.bytes)
            .map_err(|error| RegionsError::damaged(into.path, "array", error.to_string()))
    }

    fn add_row(&mut self, y: u32, row: &mut Row, sweep: &mut LabelSweep) -> Result<(), MaskFault> {
        if row.bytes != row.last || y == 0 {
            match self.header.kind {
                Kind::Bool => spans_of(&row.bytes, |v| i64::from(v != 0), &mut row.spans),
                Kind::Unsigned(1) => spans_of(&row.bytes, i64::from, &mut row.spans),
                Kind::Signed(size) | Kind::Unsigned(size) => {
                    let values = row.bytes.chunks_exact(size);
                    let values = values.map(|bytes| self.header.whole(bytes));
                    row.values.clear();
                    row.values.extend(values);
                    spans_of(&row.values, |v| v, &mut row.spans);
                }
                Kind::Float(size) => {
                    row.values.clear();
                    for bytes in row.bytes.chunks_exact(size) {
                        let value = self.header.real(bytes);
                        row.values.push(self.code(value)?);
                    }
                    spans_of(&row.values, |v| v, &mut row.spans);
                }
            }
            row.last.clone_from(&row.bytes);
        }
        sweep.add(y, &row.spans)
    }

    /// What a real number says: a label where it is whole, and otherwise whether it is above 1/2.
    fn code(&mut self, value: f64) -> Result<i64, MaskFault> {
        if !value.is_finite() {
            return Err(MaskFault::Value { value });
        }
        let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
        self.has_fraction |= !is_whole;
        self.has_outside |= !(0.0..=1.0).contains(&value);
        match self.has_fraction && self.has_outside {
            true => Err(MaskFault::Logits { value }),
            false if is_whole => Ok(value as i64),
            false => Ok(i64::from(value > 0.5)),
        }
    }

    fn upright(&self, mask: &RegionMask) -> Result<RegionMask, MaskFault> {
        if self.header.is_fortran { transposed(mask) } else { Ok(mask.clone()) }
    }

    fn add_labels(
        &self,
        masks: Vec<(i64, RegionMask)>,
        into: &mut Collector<'_>,
    ) -> Result<RegionFormat, RegionsError> {
        for (value, mask) in masks {
            let mask = self.upright(&mask);
            into.add(&format!("value {value}"), RegionId::Number(value), String::new(), mask)?;
        }
        Ok(RegionFormat::LabelMap)
    }

    fn add_mask(
        &self,
        index: usize,
        masks: Result<Vec<(i64, RegionMask)>, MaskFault>,
        into: &mut Collector<'_>,
    ) -> Result<(), RegionsError> {
        let place = format!("mask {index}");
        let mask = masks.and_then(|masks| {
            let masks: Vec<_> = masks.into_iter().map(|(_, mask)| mask).collect();
            if masks.len() > 1 {
                let n = masks.len();
                into.warn(format!("{place} has {n} values other than 0, all taken as inside"));
            }
            let size = self.layout_in_file().size;
            match RegionMask::union(&masks) {
                Some(mask) => self.upright(&mask),
                None => self.upright(&RegionMask::empty(size)?),
            }
        });
        into.add(&place, RegionId::Number(index as i64), String::new(), mask)
    }
}

/// A row of values and what was made of the last one: most rows of a mask repeat it.
#[derive(Default)]
struct Row {
    bytes: Vec<u8>,
    last: Vec<u8>,
    values: Vec<i64>,
    spans: Vec<super::label_sweep::ValueSpan>,
}
