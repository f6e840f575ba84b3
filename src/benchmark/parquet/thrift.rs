//! Thrift's compact protocol, as far as reading Parquet's metadata needs it.

use std::{collections::BTreeMap, io::Read};

/// Metadata of a file is not nested deeper than a few levels.
const MAX_DEPTH: usize = 16;
/// One text or list of metadata.
const MAX_ITEMS: u64 = 1 << 24;

/// A value of metadata.
#[derive(Clone, Debug)]
pub(super) enum Thrift {
    Bool(bool),
    Int(i64),
    /// A number that nothing here reads.
    Double,
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Struct(BTreeMap<i16, Self>),
}

impl Thrift {
    /// A struct from a stream.
    pub(super) fn read(from: &mut impl Read) -> Result<Self, String> {
        structure(from, 0)
    }

    /// A field of a struct.
    pub(super) fn field(&self, id: i16) -> Option<&Self> {
        match self {
            Self::Struct(fields) => fields.get(&id),
            _ => None,
        }
    }

    pub(super) fn int(&self, id: i16) -> Option<i64> {
        match self.field(id)? {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn bool(&self, id: i16) -> Option<bool> {
        match self.field(id)? {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn list(&self, id: i16) -> &[Self] {
        match self.field(id) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        }
    }
}

fn byte(from: &mut impl Read) -> Result<u8, String> {
    let mut byte = [0];
    from.read_exact(&mut byte).map_err(|e| format!("metadata that breaks off ({e})"))?;
    Ok(byte[0])
}

/// Seven bits a byte, the lowest first.
fn varint(from: &mut impl Read) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = byte(from)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a number of metadata that does not end".to_owned())
}

fn zigzag(from: &mut impl Read) -> Result<i64, String> {
    let value = varint(from)?;
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}

fn size(from: &mut impl Read) -> Result<usize, String> {
    match varint(from)? {
        n @ 0..=MAX_ITEMS => Ok(n as usize),
        n => Err(format!("{n} items of metadata")),
    }
}

fn structure(from: &mut impl Read, depth: usize) -> Result<Thrift, String> {
    if depth > MAX_DEPTH {
        return Err("metadata nested too deep".to_owned());
    }
    let mut fields = BTreeMap::new();
    let mut id = 0_i16;
    loop {
        let head = byte(from)?;
        if head == 0 {
            return Ok(Thrift::Struct(fields));
        }
        id = match head >> 4 {
            0 => i16::try_from(zigzag(from)?).map_err(|e| e.to_string())?,
            step => id.wrapping_add(i16::from(step)),
        };
        let value = match head & 0x0f {
            1 => Thrift::Bool(true),
            2 => Thrift::Bool(false),
            kind => value(from, kind, depth + 1)?,
        };
        fields.insert(id, value);
    }
}

fn value(from: &mut impl Read, kind: u8, depth: usize) -> Result<Thrift, String> {
    Ok(match kind {
        // Within a list, a truth value is a byte of its own.
        1 | 2 => Thrift::Bool(byte(from)? == 1),
        3 => Thrift::Int(i64::from(byte(from)? as i8)),
        4..=6 => Thrift::Int(zigzag(from)?),
        7 => {
            from.read_exact(&mut [0; 8]).map_err(|e| e.to_string())?;
            Thrift::Double
        }
        8 => {
            let n = size(from)?;
            let mut bytes = Vec::new();
            from.take(n as u64).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            if bytes.len() < n {
                return Err("a text of metadata that breaks off".to_owned());
            }
            Thrift::Bytes(bytes)
        }
        9 | 10 => {
            let head = byte(from)?;
            let n = match head >> 4 {
                15 => size(from)?,
                n => usize::from(n),
            };
            let items = (0..n).map(|_| item(from, head & 0x0f, depth));
            Thrift::List(items.collect::<Result<_, _>>()?)
        }
        12 => structure(from, depth)?,
        other => return Err(format!("metadata of the unknown kind {other}")),
    })
}

fn item(from: &mut impl Read, kind: u8, depth: usize) -> Result<Thrift, String> {
    if depth > MAX_DEPTH {
        return Err("metadata nested too deep".to_owned());
    }
    value(from, kind, depth + 1)
}
