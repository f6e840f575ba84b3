//! The header of a `NumPy` array: the type of its values, its shape, and their order.
//!
//! # Source
//! `numpy/lib/format.py`, versions 1 to 3.

use std::io::Read;
use std::path::Path;

use half::f16;

use super::error::RegionsError;

/// The first bytes of every array.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read, in bytes; `NumPy`'s own limit is 10,000.
const MAX_HEADER: usize = 10_000;

/// What a value is, with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// True or false, one byte.
    Bool,
    /// A whole number.
    Signed(usize),
    /// A whole number that is not negative.
    Unsigned(usize),
    /// A floating-point number.
    Float(usize),
}

impl Kind {
    /// Bytes of one value.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Signed(n) | Self::Unsigned(n) | Self::Float(n) => n,
        }
    }
}

/// What precedes the values.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The type of the values.
    pub(super) kind: Kind,
    is_big_endian: bool,
    /// Whether the first axis runs fastest.
    pub(super) is_fortran: bool,
    /// The length of each axis.
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// Reads a header, up to the first value.
    pub(super) fn read(reader: &mut dyn Read, path: &Path) -> Result<Self, RegionsError> {
        let damaged = |reason: &str| RegionsError::damaged(path, "array", reason);
        let mut fill = |bytes: &mut [u8]| {
            reader
                .read_exact(bytes)
                .map_err(|error| RegionsError::damaged(path, "array", error.to_string()))
        };
        let mut start = [0; 8];
        fill(&mut start)?;
        let version = start[6];
        if !start.starts_with(MAGIC) || !(1..=3).contains(&version) {
            return Err(damaged("it has no header of version 1 to 3"));
        }
        let mut length = [0; 4];
        fill(&mut length[..if version == 1 { 2 } else { 4 }])?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_HEADER {
            return Err(damaged("its header is too long"));
        }
        let mut text = vec![0; length];
        fill(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let descr = value_of(&text, "descr").ok_or_else(|| damaged("its header has no descr"))?;
        let order = value_of(&text, "fortran_order");
        let is_fortran = match order {
            Some(order) if order.starts_with("True") => true,
            Some(order) if order.starts_with("False") => false,
            _ => return Err(damaged("its header has no fortran_order")),
        };
        let shape = value_of(&text, "shape").and_then(shape);
        let shape = shape.ok_or_else(|| damaged("its header has no shape"))?;
        let mut pieces = shape.iter().try_fold(1_usize, |n, side| n.checked_mul(*side));
        pieces = pieces.filter(|n| n.checked_mul(16).is_some());
        if pieces.is_none() {
            return Err(damaged("its shape is beyond counting"));
        }
        let (is_big_endian, kind) = kind(descr, path)?;
        Ok(Self { kind, is_big_endian, is_fortran, shape })
    }

    /// Number of values.
    pub(super) fn n_values(&self) -> u64 {
        self.shape.iter().map(|n| *n as u64).product()
    }

    /// A whole number; those beyond 2^63 are that.
    pub(super) fn whole(&self, bytes: &[u8]) -> i64 {
        let value = self.little(bytes);
        match (self.kind, bytes.len()) {
            (Kind::Signed(_), 1) => i64::from(value as i8),
            (Kind::Signed(_), 2) => i64::from(value as i16),
            (Kind::Signed(_), 4) => i64::from(value as i32),
            (Kind::Signed(_), _) => value as i64,
            _ => i64::try_from(value).unwrap_or(i64::MAX),
        }
    }

    /// A floating-point number.
    pub(super) fn real(&self, bytes: &[u8]) -> f64 {
        let value = self.little(bytes);
        match bytes.len() {
            2 => f16::from_bits(value as u16).to_f64(),
            4 => f64::from(f32::from_bits(value as u32)),
            _ => f64::from_bits(value),
        }
    }

    fn little(&self, bytes: &[u8]) -> u64 {
        let place = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        match self.is_big_endian {
            true => bytes.iter().fold(0, place),
            false => bytes.iter().rev().fold(0, place),
        }
    }
}

/// What follows `'key':` in the header's dictionary.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = [format!("'{key}'"), format!("\"{key}\"")]
        .into_iter()
        .find_map(|quoted| Some(text.find(&quoted)? + quoted.len()))?;
    Some(text[at..].trim_start().strip_prefix(':')?.trim_start())
}

fn shape(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.split_once(')')?.0;
    let sides = inner.split(',').map(|side| side.trim().trim_end_matches('L'));
    sides.filter(|side| !side.is_empty()).map(|side| side.parse().ok()).collect()
}

fn kind(descr: &str, path: &Path) -> Result<(bool, Kind), RegionsError> {
    let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next());
    let name = quoted.unwrap_or("a structure");
    let unsupported =
        |what: String, advice| RegionsError::Unsupported { path: path.to_owned(), what, advice };
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let kind = match (name.trim_start_matches(['<', '>', '|', '=']), digits.parse().unwrap_or(0)) {
        ("b1" | "?", _) => Kind::Bool,
        ("i1" | "i2" | "i4" | "i8", n) => Kind::Signed(n),
        ("u1" | "u2" | "u4" | "u8", n) => Kind::Unsigned(n),
        ("f2" | "f4" | "f8", n) => Kind::Float(n),
        (other, _) if other.starts_with('O') => {
            let what = "an array of pickled Python objects".to_owned();
            return Err(unsupported(what, "save numbers, as with masks.astype(bool)"));
        }
        _ => {
            let name: String = name.chars().take(20).collect();
            return Err(unsupported(format!("an array of type {name}"), "save it as bool"));
        }
    };
    Ok((name.starts_with('>'), kind))
}
