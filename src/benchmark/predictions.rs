//! A table of predictions, all of it in memory but for pictures.

use std::{collections::HashMap, path::Path};

use super::{
    cell::Cell,
    column::{ColumnKind, ColumnScan, Missing},
    error::{BenchmarkError, RowFault},
    literal::list_items,
    table::{Table, TableFault, column_of},
};

/// Answers to a benchmark, as a table with its columns and one named `prediction`.
#[derive(Clone, Debug)]
pub struct Predictions {
    path: std::path::PathBuf,
    header: Vec<String>,
    kinds: Vec<ColumnKind>,
    rows: Vec<Vec<String>>,
}

impl Predictions {
    /// Reads a table.
    ///
    /// # Errors
    /// A file that cannot be read or is empty, one without `prediction`, and the first row that is
    /// none: a score of what is left would be another number.
    pub fn open(path: &Path) -> Result<Self, BenchmarkError> {
        let mut table = Table::open(path)?;
        let picture = table.column("image");
        let header = table.header.clone();
        let mut scans = vec![ColumnScan::default(); header.len()];
        let mut rows = Vec::new();
        while let Some(row) = table.next_row() {
            let row = row.map_err(|fault| BenchmarkError::Row {
                path: path.to_owned(),
                fault: TableFault::into_fault(fault),
            })?;
            let keep = |(i, text): (usize, &&str)| {
                if Some(i) == picture {
                    return String::new();
                }
                scans[i].see(text, Missing::Pandas2);
                (*text).to_owned()
            };
            rows.push(row.cells.iter().enumerate().map(keep).collect());
        }
        let kinds = scans.iter().map(|scan| scan.kind(Missing::Pandas2)).collect();
        let predictions = Self { path: path.to_owned(), header, kinds, rows };
        predictions.require("prediction")?;
        if predictions.rows.is_empty() {
            return Err(BenchmarkError::Empty { path: path.to_owned() });
        }
        Ok(predictions)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows it has.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has a column.
    pub(super) fn has(&self, column: &str) -> bool {
        column_of(&self.header, column).is_some()
    }

    /// Asks for a column.
    pub(super) fn require(&self, column: &'static str) -> Result<(), BenchmarkError> {
        if self.has(column) {
            return Ok(());
        }
        Err(BenchmarkError::NoColumn {
            path: self.path.clone(),
            column,
            found: self.header.clone(),
        })
    }

    /// A cell as pandas reads it; missing where there is no such column.
    pub(super) fn cell(&self, row: usize, column: &str) -> Cell {
        column_of(&self.header, column)
            .map_or(Cell::Missing, |i| self.kinds[i].cell(&self.rows[row][i], Missing::Pandas2))
    }

    /// A cell as Python's `str` writes it: `nan` for a missing one.
    pub(super) fn text(&self, row: usize, column: &str) -> String {
        self.cell(row, column).to_string()
    }

    /// A cell as it stands in the file.
    pub(super) fn raw(&self, row: usize, column: &str) -> &str {
        column_of(&self.header, column).map_or("", |i| &self.rows[row][i])
    }

    /// Each row's index: the column's, else the row's number from 0.
    pub(super) fn indices(&self) -> Vec<Cell> {
        let of_row = |row: usize| match self.has("index") {
            true => self.cell(row, "index"),
            false => Cell::Int(row as i128),
        };
        (0..self.n_rows()).map(of_row).collect()
    }

    /// For each row the last one of the same index, which is the one that `VLMEvalKit` keeps: its
    /// results are kept by index. And the indices that come again.
    pub(super) fn last_of_index(&self) -> (Vec<usize>, Vec<String>) {
        let texts: Vec<String> = self.indices().iter().map(ToString::to_string).collect();
        let mut last: HashMap<&str, usize> = HashMap::new();
        let mut repeated: Vec<String> = Vec::new();
        for (row, text) in texts.iter().enumerate() {
            if last.insert(text, row).is_some() && !repeated.contains(text) {
                repeated.push(text.clone());
            }
        }
        (texts.iter().map(|text| last[text.as_str()]).collect(), repeated)
    }

    /// A row's options by letter, those that are missing left out: its columns of one letter, or
    /// the list in `choices` where the file has no such column.
    pub(super) fn options(&self, row: usize) -> Vec<(char, String)> {
        let letters = ('A'..='Z').filter(|letter| self.has(letter.encode_utf8(&mut [0; 4])));
        let mut letters = letters.peekable();
        if letters.peek().is_none() {
            let items = list_items(self.raw(row, "choices")).unwrap_or_default();
            return ('A'..='Z').zip(items.iter().map(ToString::to_string)).collect();
        }
        let option = |letter: char| {
            let cell = self.cell(row, letter.encode_utf8(&mut [0; 4]));
            Some((letter, cell.present()?))
        };
        letters.filter_map(option).collect()
    }

    /// A fault of a row.
    pub(super) fn fault(&self, row: usize, reason: String) -> BenchmarkError {
        let index = self.has("index").then(|| self.text(row, "index"));
        BenchmarkError::Row {
            path: self.path.clone(),
            fault: RowFault { row: row + 1, index, reason },
        }
    }
}
