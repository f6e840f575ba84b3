//! The record on disk: appended to, and read up to its last whole line.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    BatchError, BatchHeader, BatchRow,
    line::{json_of, line_of},
};
use crate::domain::AttentionMode;

/// Reads a record line by line.
#[derive(Debug)]
pub struct RecordReader {
    path: PathBuf,
    lines: BufReader<File>,
    header: BatchHeader,
    /// Lines so far, and the bytes of the whole ones.
    n_lines: usize,
    whole_bytes: u64,
}

impl RecordReader {
    /// Opens a record; `None` where there is none, or not even its first line is whole.
    ///
    /// # Errors
    /// [`BatchError::Read`], [`BatchError::NoRecord`].
    pub fn open(path: &Path) -> Result<Option<Self>, BatchError> {
        let unreadable = |source| BatchError::Read { path: path.to_owned(), source };
        let file = match File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(unreadable)?,
        };
        let mut lines = BufReader::new(file);
        let mut first = Vec::new();
        read_line(&mut lines, &mut first).map_err(unreadable)?;
        let no_record = |reason: String| BatchError::NoRecord { path: path.to_owned(), reason };
        let Some(json) = json_of(&first) else {
            // A beginning of the first line is what a kill leaves; anything else is somebody's.
            let is_beginning =
                !first.ends_with(b"\n") && b"{\"bytes\":".starts_with(&first[..first.len().min(9)]);
            if is_beginning {
                return Ok(None);
            }
            return Err(no_record("its first line is not whole".to_owned()));
        };
        let version: serde_json::Value =
            serde_json::from_str(json).map_err(|e| no_record(e.to_string()))?;
        if version["batch"] != BatchHeader::VERSION {
            return Err(no_record(format!("version {}, expected 1", version["batch"])));
        }
        let header = serde_json::from_str(json).map_err(|e| no_record(e.to_string()))?;
        let whole_bytes = first.len() as u64;
        Ok(Some(Self { path: path.to_owned(), lines, header, n_lines: 1, whole_bytes }))
    }

    /// The conditions of all rows.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line that was read last, from 1.
    pub fn line(&self) -> usize {
        self.n_lines
    }

    /// The next whole row; `None` at the end, whether or not a torn line follows.
    ///
    /// # Errors
    /// [`BatchError::Damaged`] where whole lines follow one that is not.
    pub fn next_row(&mut self) -> Result<Option<BatchRow>, BatchError> {
        let mut line = Vec::new();
        let unreadable = |source| BatchError::Read { path: self.path.clone(), source };
        read_line(&mut self.lines, &mut line).map_err(unreadable)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.n_lines += 1;
        let torn = self.n_lines;
        if let Some(json) = json_of(&line) {
            self.whole_bytes += line.len() as u64;
            // A whole line that is no row was written by something else.
            return match serde_json::from_str(json) {
                Ok(row) => Ok(Some(row)),
                Err(_) => Err(BatchError::Damaged { path: self.path.clone(), line: torn }),
            };
        }
        loop {
            line.clear();
            read_line(&mut self.lines, &mut line).map_err(unreadable)?;
            if line.is_empty() {
                return Ok(None);
            }
            if json_of(&line).is_some() {
                return Err(BatchError::Damaged { path: self.path.clone(), line: torn });
            }
        }
    }
}

/// Where each row of some stands in a record, so that rows can be read in another order than its own.
#[derive(Debug)]
pub(super) struct RowPlaces {
    reader: RecordReader,
    /// Row and byte, by row.
    places: Vec<(usize, u64)>,
}

impl RowPlaces {
    /// Reads a record through, keeping 16 bytes for each row of a mode.
    ///
    /// # Errors
    /// As [`open_record`] and [`RecordReader::next_row`].
    pub(super) fn of(record: &Path, mode: AttentionMode) -> Result<Self, BatchError> {
        let mut reader = open_record(record)?;
        let mut places = Vec::new();
        loop {
            let at = reader.whole_bytes;
            let Some(row) = reader.next_row()? else { break };
            if row.attention == mode {
                places.push((row.row, at));
            }
        }
        places.sort_unstable();
        Ok(Self { reader, places })
    }

    /// A row of the question file, from 0; `None` where the record has none.
    ///
    /// # Errors
    /// [`BatchError::Read`]; [`BatchError::Damaged`] where the record has changed meanwhile.
    pub(super) fn row(&mut self, number: usize) -> Result<Option<BatchRow>, BatchError> {
        let Ok(i) = self.places.binary_search_by_key(&number, |(row, _)| *row) else {
            return Ok(None);
        };
        let RecordReader { path, lines, .. } = &mut self.reader;
        let mut line = Vec::new();
        let sought = lines.seek(SeekFrom::Start(self.places[i].1));
        sought
            .and_then(|_| read_line(lines, &mut line))
            .map_err(|source| BatchError::Read { path: path.clone(), source })?;
        let row = json_of(&line).and_then(|json| serde_json::from_str(json).ok());
        row.map(Some).ok_or_else(|| BatchError::Damaged { path: path.clone(), line: i + 2 })
    }
}

/// The longest line that can be a row. A row takes some kilobytes; what is longer is none, and is passed
/// over in pieces of this length rather than held.
const MAX_LINE: u64 = 16 << 20;

/// Reads up to a line's end, or a piece of a line that is too long.
fn read_line(lines: &mut BufReader<File>, line: &mut Vec<u8>) -> io::Result<usize> {
    lines.take(MAX_LINE).read_until(b'\n', line)
}

/// Opens a record that must be there.
///
/// # Errors
/// [`BatchError::Read`], [`BatchError::NoRecord`].
pub fn open_record(path: &Path) -> Result<RecordReader, BatchError> {
    RecordReader::open(path)?.ok_or_else(|| BatchError::Read {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::NotFound, "no record; batch writes one"),
    })
}

/// Appends to a record.
#[derive(Debug)]
pub struct RecordWriter {
    path: PathBuf,
    file: File,
}

impl RecordWriter {
    /// Opens a record for appending: a new one with a header, or one that is gone on with, cut
    /// after its last whole line. `on_row` is told of each row that is there.
    ///
    /// # Errors
    /// [`BatchError`]: what the disk says, another program at the same file, damage, other
    /// conditions, and whatever `on_row` finds.
    pub fn open(
        path: &Path,
        header: &BatchHeader,
        on_row: &mut dyn FnMut(&BatchRow, usize) -> Result<(), BatchError>,
    ) -> Result<Self, BatchError> {
        let unwritable = |source| BatchError::Write { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(unwritable)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(BatchError::Busy { path: path.to_owned() });
            }
            // A disk without locks cannot keep two programs apart; --out can.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let whole_bytes = match RecordReader::open(path)? {
            None => 0,
            Some(mut reader) => {
                header.check(reader.header(), path)?;
                while let Some(row) = reader.next_row()? {
                    on_row(&row, reader.line())?;
                }
                reader.whole_bytes
            }
        };
        file.set_len(whole_bytes).map_err(unwritable)?;
        file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        let mut writer = Self { path: path.to_owned(), file };
        if whole_bytes == 0 {
            writer.write(header)?;
            writer.sync()?;
        }
        Ok(writer)
    }

    /// Appends a row.
    ///
    /// # Errors
    /// [`BatchError::Write`]; what is there of the row is cut off when the record is opened again.
    pub fn push(&mut self, row: &BatchRow) -> Result<(), BatchError> {
        self.write(row)
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), BatchError> {
        let json = serde_json::to_string(value).map_err(io::Error::from);
        let written = json.and_then(|json| self.file.write_all(line_of(&json).as_bytes()));
        written.map_err(|source| BatchError::Write { path: self.path.clone(), source })
    }

    /// Waits until the disk has what was appended.
    ///
    /// # Errors
    /// [`BatchError::Write`].
    pub fn sync(&mut self) -> Result<(), BatchError> {
        let synced = self.file.sync_data();
        synced.map_err(|source| BatchError::Write { path: self.path.clone(), source })
    }
}
