//! Shards of a batch, put together into the record that one run would have written.

use std::path::{Path, PathBuf};

use super::{BatchError, BatchHeader, BatchRow, RecordReader, RecordWriter, Shard, open_record};

/// What was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeReport {
    /// Shards that were there, of how many.
    pub shards: (usize, usize),
    /// Rows and modes that are there, and how many there should be.
    pub rows: (usize, usize),
}

/// A record and the row that comes next of it.
struct Head {
    reader: RecordReader,
    next: Option<BatchRow>,
}

/// Writes the rows of some records into one, in the order of one run.
///
/// Rows are read one at a time: a record of any length needs no memory.
///
/// # Errors
/// [`BatchError`]: no record, other conditions, the same shard twice, a record at `out`.
pub fn merge_records(records: &[PathBuf], out: &Path) -> Result<MergeReport, BatchError> {
    let mut heads: Vec<Head> = Vec::new();
    for path in records {
        let reader = open_record(path)?;
        if let Some(first) = heads.first() {
            first.reader.header().check_but_shard(reader.header(), path)?;
        }
        let shard = reader.header().shard;
        if let Some(other) = heads.iter().find(|head| head.reader.header().shard == shard) {
            let (other, found) = (other.reader.path().to_owned(), shard.to_string());
            return Err(BatchError::Twice { path: path.clone(), found, other });
        }
        heads.push(Head { reader, next: None });
    }
    let Some(first) = heads.first() else { return Err(BatchError::Nothing) };
    let of = first.reader.header().clone();
    let header = BatchHeader { shard: Shard::WHOLE, rows_here: of.rows, ..of.clone() };
    if out.exists() {
        return Err(BatchError::IsThere { path: out.to_owned() });
    }
    let mut record = RecordWriter::open(out, &header, &mut |_, _| Ok(()))?;
    for head in &mut heads {
        head.next = head.reader.next_row()?;
    }
    let mut n_rows = 0;
    // The first picture of all shards; rows of a picture are in one shard, and in order there.
    while let Some(head) = heads
        .iter_mut()
        .filter(|head| head.next.is_some())
        .min_by_key(|head| head.next.as_ref().map(|row| row.picture))
    {
        let next = head.reader.next_row()?;
        if let Some(row) = std::mem::replace(&mut head.next, next) {
            record.push(&row)?;
            n_rows += 1;
        }
    }
    record.sync()?;
    Ok(MergeReport {
        shards: (heads.len(), of.shard.of),
        rows: (n_rows, of.rows * of.attention.len()),
    })
}
