//! Questions as lines of JSON beside a folder of pictures: CV-Bench's `test_2d.jsonl`.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{
    cell::Cell,
    error::{BenchmarkError, RowFault},
    pictures::Pictures,
    row::BenchmarkRow,
    row_source::{RowPlace, RowSource},
};

/// A line of JSON has no picture; one longer than this is no question.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// Rows of lines of JSON; pictures are files named `filename`.
#[derive(Debug)]
pub(super) struct JsonLines {
    source: BufReader<File>,
    path: PathBuf,
    pictures: Pictures,
    n_read: usize,
    is_over: bool,
}

impl JsonLines {
    pub(super) fn new(path: &Path, pictures: Pictures) -> Result<Self, BenchmarkError> {
        let file = File::open(path)
            .map_err(|source| BenchmarkError::Unreadable { path: path.to_owned(), source })?;
        let path = path.to_owned();
        Ok(Self { source: BufReader::new(file), path, pictures, n_read: 0, is_over: false })
    }

    /// Lines that are not blank.
    pub(super) fn count_rows(mut self) -> usize {
        let mut n_rows = 0;
        while self.next_line().is_some() {
            n_rows += 1;
        }
        n_rows
    }

    fn next_line(&mut self) -> Option<Result<Vec<u8>, String>> {
        while !self.is_over {
            let mut line = Vec::new();
            let mut limited = self.source.by_ref().take(MAX_LINE_BYTES);
            match limited.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.len() as u64 == MAX_LINE_BYTES => {
                    self.is_over = true;
                    return Some(Err("longer than 16 MiB".to_owned()));
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => return Some(Ok(line)),
                Err(e) => {
                    self.is_over = true;
                    return Some(Err(format!("cannot read {}: {e}", self.path.display())));
                }
            }
        }
        None
    }

    fn row(&mut self, line: &[u8], number: usize) -> Result<BenchmarkRow, RowFault> {
        let fault = |reason| RowFault { row: number, index: None, reason };
        let fields: Map<String, Value> =
            serde_json::from_slice(line).map_err(|e| fault(format!("not a JSON object: {e}")))?;
        let row = question_row(&fields, number)?;
        let fault = |reason| RowFault { row: number, index: Some(row.index.clone()), reason };
        let name = ["filename", "image_path", "image"]
            .iter()
            .find_map(|column| fields.get(*column)?.as_str())
            .ok_or_else(|| fault("it names no picture: no \"filename\"".to_owned()))?;
        let pictures = self.pictures.in_files(name).map_err(fault)?;
        Ok(BenchmarkRow { pictures, ..row })
    }
}

impl Iterator for JsonLines {
    type Item = Result<BenchmarkRow, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.next_line()?;
        self.n_read += 1;
        let number = self.n_read;
        Some(match line {
            Ok(line) => self.row(&line, number),
            Err(reason) => Err(RowFault { row: number, index: None, reason }),
        })
    }
}

impl RowSource for JsonLines {
    fn place(&mut self) -> io::Result<RowPlace> {
        Ok(RowPlace { number: self.n_read + 1, at: self.source.stream_position()? })
    }

    fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        self.is_over = false;
        self.n_read = place.number - 1;
        self.source.seek(SeekFrom::Start(place.at)).map(|_| ())
    }
}

/// All but the picture of a row of CV-Bench.
pub(super) fn question_row(
    fields: &Map<String, Value>,
    number: usize,
) -> Result<BenchmarkRow, RowFault> {
    let cell = |column: &str| fields.get(column).map_or(Cell::Missing, cell_of);
    let text = |column: &str| cell(column).present();
    let index = text("idx").or_else(|| text("index")).unwrap_or_else(|| (number - 1).to_string());
    let Some(question) = text("question").filter(|question| !question.is_empty()) else {
        return Err(RowFault {
            row: number,
            index: Some(index),
            reason: "the question is empty".to_owned(),
        });
    };
    let choices = fields.get("choices").and_then(Value::as_array).cloned().unwrap_or_default();
    let options = ('A'..='Z').zip(choices.iter().map(|choice| cell_of(choice).to_string()));
    Ok(BenchmarkRow {
        number,
        question,
        options: options.collect(),
        prompt: text("prompt"),
        answer: text("answer"),
        category: text("category").or_else(|| text("task")),
        split: text("split").or_else(|| text("type")),
        cells: fields
            .iter()
            .filter(|(name, _)| *name != "image")
            .map(|(name, value)| (Arc::from(name.as_str()), cell_of(value)))
            .collect(),
        ..BenchmarkRow::empty(index)
    })
}

/// A value as a cell; a list as Python writes it.
fn cell_of(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(value) => Cell::Bool(*value),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Cell::Int(value.into()),
            (None, Some(value)) => Cell::Float(value),
            _ => Cell::Text(number.to_string()),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_literal).collect();
            Cell::Text(format!("[{}]", items.join(", ")))
        }
        Value::Object(_) => Cell::Text(value.to_string()),
    }
}

/// `repr(value)`, for what the columns of CV-Bench hold.
fn python_literal(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let mut literal = String::from(quote);
            for c in text.chars() {
                match c {
                    '\\' => literal.push_str("\\\\"),
                    '\n' => literal.push_str("\\n"),
                    '\r' => literal.push_str("\\r"),
                    '\t' => literal.push_str("\\t"),
                    c if c == quote => literal.extend(['\\', c]),
                    c => literal.push(c),
                }
            }
            literal.push(quote);
            literal
        }
        Value::Null => "None".to_owned(),
        other => cell_of(other).to_string(),
    }
}
