//! Prediction files as VLMEvalKit writes and reads them (`PRED_FORMAT=tsv`).

use std::io::{self, Write};

use super::{cell::Cell, row::BenchmarkRow};

/// The column of answers.
const PREDICTION: &str = "prediction";

/// Writes rows and their answers: every column of the row but the picture, then `prediction`, all
/// quoted, tabs between, a line feed behind each row.
///
/// This is what `VLMEvalKit` takes unchanged as `{model}_{dataset}.tsv`, for a judge among others.
#[derive(Debug)]
pub struct PredictionWriter<W> {
    to: W,
    columns: Option<Vec<String>>,
}

impl<W: Write> PredictionWriter<W> {
    /// A file whose header comes with the first row.
    pub fn new(to: W) -> Self {
        Self { to, columns: None }
    }

    /// Goes on with a file that has its header.
    pub fn appending(to: W, columns: Vec<String>) -> Self {
        Self { to, columns: Some(columns) }
    }

    /// Appends a row; columns that the first row did not have are left out.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&mut self, row: &BenchmarkRow, prediction: &str) -> io::Result<()> {
        let columns = match self.columns.take() {
            Some(columns) => columns,
            None => self.write_header(row)?,
        };
        for (i, column) in columns.iter().enumerate() {
            let own =
                if column == "index" { Some(index_of(row)) } else { row.cell(column).cloned() };
            let text = match own {
                _ if column == PREDICTION => prediction.to_owned(),
                // pandas writes what is missing as nothing.
                Some(cell) => cell.present().unwrap_or_default(),
                None => String::new(),
            };
            self.write_cell(i, &text)?;
        }
        self.columns = Some(columns);
        self.to.write_all(b"\n")
    }

    fn write_header(&mut self, row: &BenchmarkRow) -> io::Result<Vec<String>> {
        let mut columns: Vec<String> = row.cells.iter().map(|(name, _)| name.to_string()).collect();
        if !columns.iter().any(|column| column == "index") {
            columns.insert(0, "index".to_owned());
        }
        columns.retain(|column| column != PREDICTION);
        columns.push(PREDICTION.to_owned());
        for (i, column) in columns.iter().enumerate() {
            self.write_cell(i, column)?;
        }
        self.to.write_all(b"\n")?;
        Ok(columns)
    }

    fn write_cell(&mut self, i: usize, text: &str) -> io::Result<()> {
        if i > 0 {
            self.to.write_all(b"\t")?;
        }
        write!(self.to, "\"{}\"", text.replace('"', "\"\""))
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.to
    }
}

fn index_of(row: &BenchmarkRow) -> Cell {
    row.cell("index").cloned().unwrap_or_else(|| Cell::Text(row.index.clone()))
}
