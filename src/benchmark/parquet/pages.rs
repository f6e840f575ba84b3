//! A column's values, page by page.

use std::{
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::Arc,
};

use super::{
    levels::hybrid,
    schema::{Leaf, Physical},
    snappy,
    thrift::Thrift,
};

const MAX_PAGE_BYTES: i64 = 512 << 20;

/// A value of a column.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Bytes(Arc<[u8]>),
}

/// A value and its levels.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// 0 where a row begins.
    pub(super) repetition: u32,
    /// Which of what may be missing is there.
    pub(super) definition: u32,
    pub(super) value: Value,
}

/// Reads a column from its first value on, a page in memory at a time.
#[derive(Debug)]
pub(super) struct ColumnReader {
    leaf: Leaf,
    source: BufReader<File>,
    /// The next part.
    next_chunk: usize,
    codec: i64,
    /// Values of this part that are in no page yet, and its bytes.
    n_left: usize,
    dictionary: Vec<Value>,
    page: std::vec::IntoIter<Placed>,
    ahead: Option<Placed>,
}

impl ColumnReader {
    pub(super) fn new(path: &Path, leaf: Leaf) -> std::io::Result<Self> {
        let source = BufReader::new(File::open(path)?);
        Ok(Self {
            leaf,
            source,
            next_chunk: 0,
            codec: 0,
            n_left: 0,
            dictionary: Vec::new(),
            page: Vec::new().into_iter(),
            ahead: None,
        })
    }

    pub(super) fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// All values of the next row: one, or those of a list; none at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Vec<Placed>>, String> {
        let Some(first) = self.take()? else { return Ok(None) };
        let mut values = vec![first];
        while let Some(next) = self.take()? {
            if next.repetition == 0 {
                self.ahead = Some(next);
                break;
            }
            values.push(next);
        }
        Ok(Some(values))
    }

    fn take(&mut self) -> Result<Option<Placed>, String> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        loop {
            if let Some(value) = self.page.next() {
                return Ok(Some(value));
            }
            while self.n_left == 0 {
                let Some(chunk) = self.leaf.chunks.get(self.next_chunk).copied() else {
                    return Ok(None);
                };
                self.next_chunk += 1;
                self.source.seek(SeekFrom::Start(chunk.offset)).map_err(|e| e.to_string())?;
                (self.codec, self.n_left) = (chunk.codec, chunk.n_values);
                self.dictionary.clear();
            }
            self.read_page()?;
        }
    }

    fn read_page(&mut self) -> Result<(), String> {
        let header = Thrift::read(&mut self.source)?;
        let size = |id: i16| {
            let size = header.int(id).filter(|n| (0..=MAX_PAGE_BYTES).contains(n));
            size.map(|n| n as usize).ok_or_else(|| "a page without a size".to_owned())
        };
        let (unpacked, packed) = (size(2)?, size(3)?);
        let mut bytes = Vec::new();
        self.source
            .by_ref()
            .take(packed as u64)
            .read_to_end(&mut bytes)
            .map_err(|e| e.to_string())?;
        if bytes.len() < packed {
            return Err("a page that breaks off".to_owned());
        }
        match (header.int(1), header.field(5), header.field(7), header.field(8)) {
            (Some(2), _, Some(of), _) => {
                let bytes = self.unpack(&bytes, unpacked)?;
                let n = of.int(1).unwrap_or(0).max(0) as usize;
                self.dictionary = plain(&bytes, self.leaf.physical, n)?;
                Ok(())
            }
            (Some(0), Some(of), _, _) => {
                let bytes = self.unpack(&bytes, unpacked)?;
                self.data_page(of, &bytes)
            }
            (Some(3), _, _, Some(of)) => self.data_page_v2(of, &bytes, unpacked),
            (kind, ..) => Err(format!("a page of the kind {kind:?}")),
        }
    }

    fn unpack(&self, bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
        const CODECS: [&str; 8] =
            ["none", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4 (raw)"];
        match self.codec {
            0 => Ok(bytes.to_vec()),
            1 => snappy::unpack(bytes, size),
            other => {
                let name = usize::try_from(other).ok().and_then(|i| CODECS.get(i));
                let name = name.map_or_else(|| other.to_string(), |name| (*name).to_owned());
                Err(format!("it is packed with {name}; write it with Snappy or unpacked"))
            }
        }
    }

    fn data_page(&mut self, header: &Thrift, bytes: &[u8]) -> Result<(), String> {
        let n = self.n_of_page(header)?;
        let mut rest = bytes;
        // Each kind of level has its size in front, and is not there where it could only be 0.
        let mut levels = |max: u32| {
            if max == 0 {
                return Ok(vec![0; n]);
            }
            let broken = || "levels that break off".to_owned();
            let (size, behind) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
            let size = u32::from_le_bytes(*size) as usize;
            rest = behind.get(size..).ok_or_else(broken)?;
            hybrid(&behind[..size], width_of(max), n)
        };
        let repetitions = levels(self.leaf.max_repetition)?;
        let definitions = levels(self.leaf.max_definition)?;
        self.fill(header.int(2), rest, &repetitions, &definitions)
    }

    fn data_page_v2(&mut self, header: &Thrift, bytes: &[u8], size: usize) -> Result<(), String> {
        let n = self.n_of_page(header)?;
        let length = |id: i16| header.int(id).unwrap_or(0).max(0) as usize;
        let (n_definition, n_repetition) = (length(5), length(6));
        let broken = || "levels that break off".to_owned();
        let (repetition, rest) = bytes.split_at_checked(n_repetition).ok_or_else(broken)?;
        let (definition, rest) = rest.split_at_checked(n_definition).ok_or_else(broken)?;
        let unpacked;
        let values = if header.bool(7) == Some(false) {
            rest
        } else {
            let size = size.checked_sub(n_definition + n_repetition).ok_or_else(broken)?;
            unpacked = self.unpack(rest, size)?;
            &unpacked
        };
        let levels = |max: u32, bytes: &[u8]| hybrid(bytes, width_of(max), n);
        let repetitions = levels(self.leaf.max_repetition, repetition)?;
        let definitions = levels(self.leaf.max_definition, definition)?;
        self.fill(header.int(4), values, &repetitions, &definitions)
    }

    fn n_of_page(&mut self, header: &Thrift) -> Result<usize, String> {
        let n = header.int(1).and_then(|n| usize::try_from(n).ok());
        let n = n.filter(|n| (1..=self.n_left).contains(n));
        let n = n.ok_or("a page with more values than its column, or none")?;
        self.n_left -= n;
        Ok(n)
    }

    fn fill(
        &mut self,
        encoding: Option<i64>,
        bytes: &[u8],
        repetitions: &[u32],
        definitions: &[u32],
    ) -> Result<(), String> {
        let is_there = |definition: &&u32| **definition == self.leaf.max_definition;
        let n_there = definitions.iter().filter(is_there).count();
        let values = match encoding {
            Some(0) => plain(bytes, self.leaf.physical, n_there)?,
            // Truths in runs, their size in front.
            Some(3) if self.leaf.physical == Physical::Bool => {
                let runs = bytes.get(4..).unwrap_or_default();
                let bits = hybrid(runs, 1, n_there)?;
                bits.into_iter().map(|bit| Value::Bool(bit == 1)).collect()
            }
            // Places in the dictionary, their width in front.
            Some(2 | 8) => {
                let places = match bytes.split_first() {
                    Some((width, places)) => hybrid(places, u32::from(*width), n_there)?,
                    None => vec![0; n_there],
                };
                let value = |place: &u32| self.dictionary.get(*place as usize).cloned();
                let values: Option<Vec<Value>> = places.iter().map(value).collect();
                values.ok_or("a place that its dictionary does not have")?
            }
            other => {
                let column = self.leaf.path.join(".");
                return Err(format!(
                    "column {column} is encoded as {other:?}; plain and dictionary are read"
                ));
            }
        };
        let mut values = values.into_iter();
        let placed = repetitions.iter().zip(definitions).map(|(repetition, definition)| Placed {
            repetition: *repetition,
            definition: *definition,
            value: match is_there(&definition) {
                true => values.next().unwrap_or(Value::Missing),
                false => Value::Missing,
            },
        });
        self.page = placed.collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

fn width_of(max: u32) -> u32 {
    u32::BITS - max.leading_zeros()
}

/// `n` values, one behind the other.
fn plain(bytes: &[u8], physical: Physical, n: usize) -> Result<Vec<Value>, String> {
    let broken = || "values that break off".to_owned();
    if physical == Physical::Bool {
        let bit = |i: usize| Some(Value::Bool(bytes.get(i / 8)? >> (i % 8) & 1 == 1));
        return (0..n).map(|i| bit(i).ok_or_else(broken)).collect();
    }
    let mut rest = bytes;
    let mut next = || {
        Some(match physical {
            Physical::Int32 => Value::Int(i32::from_le_bytes(chunk(&mut rest)?).into()),
            Physical::Int64 => Value::Int(i64::from_le_bytes(chunk(&mut rest)?)),
            Physical::Float => Value::Float(f32::from_le_bytes(chunk(&mut rest)?).into()),
            Physical::Double => Value::Float(f64::from_le_bytes(chunk(&mut rest)?)),
            Physical::Bytes | Physical::Bool => {
                let size = u32::from_le_bytes(chunk(&mut rest)?) as usize;
                let (value, behind) = rest.split_at_checked(size)?;
                rest = behind;
                Value::Bytes(value.into())
            }
        })
    };
    // No value is shorter than a byte but truths, so a wrong number ends before memory does.
    (0..n).map(|_| next().ok_or_else(broken)).collect()
}

fn chunk<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (chunk, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*chunk)
}
