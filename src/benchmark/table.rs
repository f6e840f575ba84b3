//! A table of tab- or comma-separated text, and what a first look at all of it tells.

use std::{
    collections::HashMap,
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    cell::Cell,
    column::{ColumnKind, ColumnScan, Missing},
    error::{BenchmarkError, RowFault},
    records::{MAX_FIELDS, Record, RecordFault, Records},
    row_source::RowPlace,
};

/// Told how many rows of a file were seen; breaking ends the reading.
pub(super) type OnRow<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

/// An open table behind its header.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    records: Records<File>,
    record: Record,
    n_rows: usize,
    /// Column names, as they stand there; a name that comes again has `.1`, `.2` behind it.
    pub(super) header: Vec<String>,
}

/// One row's cells as they stand there.
#[derive(Debug)]
pub(super) struct RawRow<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Its place in the file.
    pub(super) offset: u64,
    /// A cell a column; those that the row lacks are empty.
    pub(super) cells: Vec<&'a str>,
}

impl Table {
    /// Opens a table: `.csv` is separated by commas, everything else by tabs.
    ///
    /// # Errors
    /// A file that cannot be read, is empty, or does not begin with a header.
    pub(super) fn open(path: &Path) -> Result<Self, BenchmarkError> {
        let unreadable = |source| BenchmarkError::Unreadable { path: path.to_owned(), source };
        let is_csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::Error::other("it is a folder")));
        }
        let records = Records::new(file, if is_csv { b',' } else { b'\t' }).map_err(unreadable)?;
        let mut table = Self {
            path: path.to_owned(),
            records,
            record: Record::default(),
            n_rows: 0,
            header: Vec::new(),
        };
        table.read_header()?;
        Ok(table)
    }

    fn read_header(&mut self) -> Result<(), BenchmarkError> {
        let path = || self.path.clone();
        let bad = |reason: &str| BenchmarkError::Header { path: path(), reason: reason.to_owned() };
        match self.records.next_into(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Err(BenchmarkError::Empty { path: path() }),
            Err(RecordFault::Io(source)) => {
                return Err(BenchmarkError::Unreadable { path: path(), source });
            }
            Err(RecordFault::OpenQuote) => return Err(bad("opens a quote that is never closed")),
            Err(RecordFault::TooLong) => return Err(bad("is longer than 256 MiB")),
        }
        if self.record.n_fields > MAX_FIELDS {
            let n = self.record.n_fields;
            return Err(bad(&format!("has {n} columns; at most {MAX_FIELDS} are read")));
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        for i in 0..self.record.n_fields {
            let name = text_of(self.record.field(i).unwrap_or_default()).map_err(|e| bad(&e))?;
            let name = if name.is_empty() { format!("Unnamed: {i}") } else { name.to_owned() };
            let n_before = seen.entry(name.clone()).or_insert(0);
            self.header.push(if *n_before == 0 { name } else { format!("{name}.{n_before}") });
            *n_before += 1;
        }
        Ok(())
    }

    /// Goes to a row whose offset is known, and whose number does not matter.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<()> {
        self.records.seek(offset)
    }

    /// Where the next row stands.
    pub(super) fn place(&self) -> RowPlace {
        RowPlace { number: self.n_rows + 1, at: self.records.offset() }
    }

    /// Makes the row at a place the next one.
    pub(super) fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        self.n_rows = place.number - 1;
        self.records.seek(place.at)
    }

    /// The next row; none at the end. A fault tells whether the file can be read on.
    pub(super) fn next_row(&mut self) -> Option<Result<RawRow<'_>, TableFault>> {
        let number = self.n_rows + 1;
        let fault = |reason: String| RowFault { row: number, index: None, reason };
        match self.records.next_into(&mut self.record) {
            Ok(true) => self.n_rows += 1,
            Ok(false) => return None,
            Err(RecordFault::Io(e)) => return Some(Err(TableFault::Last(fault(e.to_string())))),
            Err(RecordFault::OpenQuote) => {
                let reason = "a quote opens and is never closed".to_owned();
                return Some(Err(TableFault::Last(fault(reason))));
            }
            Err(RecordFault::TooLong) => {
                let reason = "longer than 256 MiB; is a quote not closed?".to_owned();
                return Some(Err(TableFault::Last(fault(reason))));
            }
        }
        let (n, expected) = (self.record.n_fields, self.header.len());
        if n > expected {
            let reason = format!("{n} cells under {expected} columns");
            return Some(Err(TableFault::Row(fault(reason))));
        }
        let mut cells = Vec::with_capacity(expected);
        for (i, column) in self.header.iter().enumerate() {
            match text_of(self.record.field(i).unwrap_or_default()) {
                Ok(text) => cells.push(text),
                Err(reason) => {
                    let reason = format!("column \"{column}\" {reason}");
                    return Some(Err(TableFault::Row(fault(reason))));
                }
            }
        }
        Some(Ok(RawRow { number, offset: self.record.offset, cells }))
    }

    /// The column of a name; names of more than one letter are looked up without regard to case,
    /// as VLMEvalKit does.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        column_of(&self.header, name)
    }
}

/// The column of a name in a header.
pub(super) fn column_of(header: &[String], name: &str) -> Option<usize> {
    let exact = header.iter().position(|column| column == name);
    let is_option = name.len() == 1 && name.bytes().all(|b| b.is_ascii_uppercase());
    if is_option {
        return exact;
    }
    exact.or_else(|| header.iter().position(|column| column.to_lowercase() == name))
}

/// A row that cannot be read.
#[derive(Debug)]
pub(super) enum TableFault {
    /// The next one can.
    Row(RowFault),
    /// Nothing behind it can.
    Last(RowFault),
}

impl TableFault {
    pub(super) fn into_fault(self) -> RowFault {
        match self {
            Self::Row(fault) | Self::Last(fault) => fault,
        }
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| format!("is not UTF-8 at its byte {}", e.valid_up_to()))?;
    match text.find('\0') {
        Some(at) => Err(format!("holds a NUL at its byte {at}")),
        None => Ok(text),
    }
}

/// What all rows together say: types of columns, and where each index stands.
#[derive(Clone, Debug)]
pub(super) struct TableScan {
    pub(super) missing: Missing,
    pub(super) kinds: Vec<ColumnKind>,
    pub(super) n_rows: usize,
    /// The offset of each index's row; of the last one where an index comes again.
    pub(super) offsets: HashMap<String, u64>,
    /// Indices that come again, each once, in order.
    pub(super) repeated: Vec<String>,
    /// Cells of questions, hints and options that hold a word that is taken for nothing.
    pub(super) n_words_missing: usize,
}

impl TableScan {
    /// Reads the whole table once, keeping no row. `on_row` is told how many rows were seen; breaking
    /// ends it.
    ///
    /// # Errors
    /// [`BenchmarkError::Stopped`].
    pub(super) fn new(
        table: &mut Table,
        missing: Missing,
        on_row: OnRow<'_>,
    ) -> Result<Self, BenchmarkError> {
        let mut scans = vec![ColumnScan::default(); table.header.len()];
        let is_asked = |name: &String| {
            let is_option = name.len() == 1 && name.bytes().all(|b| b.is_ascii_uppercase());
            is_option || ["question", "hint"].contains(&name.as_str())
        };
        let asked: Vec<bool> = table.header.iter().map(is_asked).collect();
        let picture = table.column("image");
        let index = table.column("index");
        let mut rows: Vec<(String, u64)> = Vec::new();
        let mut n_words_missing = 0;
        while let Some(row) = table.next_row() {
            let row = match row {
                Ok(row) => row,
                Err(TableFault::Row(_)) => continue,
                Err(TableFault::Last(_)) => break,
            };
            for (i, text) in row.cells.iter().enumerate() {
                if Some(i) == picture {
                    continue;
                }
                scans[i].see(text, missing);
                n_words_missing += usize::from(asked[i] && !text.is_empty() && missing.holds(text));
            }
            // Without a column of indices, rows are counted from 0.
            let own =
                index.map_or_else(|| (row.number - 1).to_string(), |i| row.cells[i].to_owned());
            rows.push((own, row.offset));
            if on_row(rows.len()).is_break() {
                return Err(BenchmarkError::Stopped { path: table.path.clone() });
            }
        }
        let kinds: Vec<ColumnKind> = scans.iter().map(|scan| scan.kind(missing)).collect();
        let (mut offsets, mut repeated) = (HashMap::with_capacity(rows.len()), Vec::new());
        let n_rows = rows.len();
        for (raw, offset) in rows {
            let key =
                index.map_or_else(|| raw.clone(), |i| kinds[i].cell(&raw, missing).to_string());
            if offsets.insert(key.clone(), offset).is_some() && !repeated.contains(&key) {
                repeated.push(key);
            }
        }
        Ok(Self { missing, kinds, n_rows, offsets, repeated, n_words_missing })
    }

    /// A cell with its column's type.
    pub(super) fn cell(&self, row: &RawRow<'_>, column: usize) -> Cell {
        self.kinds[column].cell(row.cells[column], self.missing)
    }

    /// A row's index.
    pub(super) fn index(&self, row: &RawRow<'_>, column: Option<usize>) -> String {
        column.map_or_else(|| (row.number - 1).to_string(), |i| self.cell(row, i).to_string())
    }
}
