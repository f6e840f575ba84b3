//! What a Parquet file says of itself: its columns, and where their parts lie.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

use super::thrift::Thrift;
use crate::benchmark::BenchmarkError;

const MAGIC: &[u8; 4] = b"PAR1";
const MAX_METADATA_BYTES: u64 = 256 << 20;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Bool,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
}

/// A column without columns in it.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Names from the outermost on.
    pub(super) path: Vec<String>,
    pub(super) physical: Physical,
    /// Levels of what may be missing or repeated around a value.
    pub(super) max_definition: u32,
    /// Lists around a value.
    pub(super) max_repetition: u32,
    /// From which level on there is an item of a list, be it a missing one.
    pub(super) item_definition: u32,
    /// A part a group of rows.
    pub(super) chunks: Vec<Chunk>,
}

/// A column's part in one group of rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) offset: u64,
    pub(super) n_values: usize,
    pub(super) codec: i64,
}

/// A file's rows and columns.
#[derive(Clone, Debug)]
pub(super) struct FileSchema {
    pub(super) n_rows: usize,
    pub(super) leaves: Vec<Leaf>,
}

impl FileSchema {
    pub(super) fn open(path: &Path) -> Result<Self, BenchmarkError> {
        let metadata = metadata(path)?;
        let bad = |reason| BenchmarkError::Parquet { path: path.to_owned(), reason };
        let mut leaves = leaves(metadata.list(2)).map_err(bad)?;
        for group in metadata.list(4) {
            let columns = group.list(1);
            if columns.len() != leaves.len() {
                return Err(bad("a group of rows with other columns".to_owned()));
            }
            for (leaf, column) in leaves.iter_mut().zip(columns) {
                leaf.chunks.push(chunk(column).map_err(bad)?);
            }
        }
        let n_rows = metadata.int(3).and_then(|n| usize::try_from(n).ok());
        Ok(Self { n_rows: n_rows.ok_or_else(|| bad("no number of rows".to_owned()))?, leaves })
    }
}

fn metadata(path: &Path) -> Result<Thrift, BenchmarkError> {
    let unreadable = |source| BenchmarkError::Unreadable { path: path.to_owned(), source };
    let bad =
        |reason: &str| BenchmarkError::Parquet { path: path.to_owned(), reason: reason.to_owned() };
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut tail = [0; 8];
    if size < 12 {
        return Err(bad("it is too short"));
    }
    file.seek(SeekFrom::Start(size - 8)).map_err(unreadable)?;
    file.read_exact(&mut tail).map_err(unreadable)?;
    let (length, magic) = tail.split_at(4);
    if magic != MAGIC {
        return Err(bad("it does not end with PAR1; is it cut short?"));
    }
    let length = u64::from(u32::from_le_bytes(length.try_into().unwrap_or_default()));
    if length > MAX_METADATA_BYTES || length > size - 12 {
        return Err(bad("its metadata are longer than it"));
    }
    file.seek(SeekFrom::Start(size - 8 - length)).map_err(unreadable)?;
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes).map_err(unreadable)?;
    Thrift::read(&mut bytes.as_slice()).map_err(|reason| bad(&reason))
}

/// Columns from the list of all nodes, parents before children.
fn leaves(nodes: &[Thrift]) -> Result<Vec<Leaf>, String> {
    let mut leaves = Vec::new();
    let mut rest = nodes.iter();
    let root = rest.next().ok_or("no columns")?;
    for _ in 0..root.int(5).unwrap_or(0) {
        branch(&mut rest, &[], Levels::default(), &mut leaves)?;
    }
    Ok(leaves)
}

/// Levels of what lies above a column.
#[derive(Clone, Copy, Default)]
struct Levels {
    definition: u32,
    repetition: u32,
    item_definition: u32,
}

fn branch<'a>(
    nodes: &mut impl Iterator<Item = &'a Thrift>,
    above: &[String],
    mut levels: Levels,
    leaves: &mut Vec<Leaf>,
) -> Result<(), String> {
    const MAX_NESTED: usize = 16;
    let node = nodes.next().ok_or("a column that is not described")?;
    let name = node.field(4).map(Thrift::text).unwrap_or_default();
    let path = [above, &[name]].concat();
    if path.len() > MAX_NESTED {
        return Err("columns nested too deep".to_owned());
    }
    match node.int(3) {
        Some(1) => levels.definition += 1,
        Some(2) => {
            levels.definition += 1;
            levels.repetition += 1;
            levels.item_definition = levels.definition;
        }
        _ => {}
    }
    let n_children = node.int(5).unwrap_or(0);
    if n_children > 0 {
        for _ in 0..n_children {
            branch(nodes, &path, levels, leaves)?;
        }
        return Ok(());
    }
    let physical = match node.int(1) {
        Some(0) => Physical::Bool,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        other => return Err(format!("column {} has the type {other:?}", path.join("."))),
    };
    leaves.push(Leaf {
        path,
        physical,
        max_definition: levels.definition,
        max_repetition: levels.repetition,
        item_definition: levels.item_definition,
        chunks: Vec::new(),
    });
    Ok(())
}

fn chunk(column: &Thrift) -> Result<Chunk, String> {
    let metadata = column.field(3).ok_or("a part of a column that is not described")?;
    let number = |id: i16| metadata.int(id).and_then(|n| u64::try_from(n).ok());
    let data = number(9).ok_or("a part of a column that lies nowhere")?;
    // A dictionary lies before the data; some writers say 0 where there is none.
    let offset = number(11).filter(|at| *at > 0).map_or(data, |dictionary| dictionary.min(data));
    Ok(Chunk {
        offset,
        n_values: number(5).unwrap_or(0) as usize,
        codec: metadata.int(4).unwrap_or(0),
    })
}
