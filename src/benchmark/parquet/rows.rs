//! Questions of CV-Bench from a Parquet file.

use std::{io, path::Path, sync::Arc};

use serde_json::{Map, Value as Json};

use super::{
    pages::{ColumnReader, Placed, Value},
    schema::FileSchema,
};
use crate::benchmark::{
    BenchmarkError, BenchmarkRow, RowFault, RowPicture,
    json_lines::question_row,
    row_source::{RowPlace, RowSource},
};

/// A row's columns by name, and its picture's bytes.
type Fields = (Map<String, Json>, Option<Vec<u8>>);

/// The rows that a file says it has.
pub(in crate::benchmark) fn count_rows(path: &Path) -> Result<usize, BenchmarkError> {
    Ok(FileSchema::open(path)?.n_rows)
}

/// Rows of a Parquet file, a page of each column in memory.
#[derive(Debug)]
pub(in crate::benchmark) struct ParquetRows {
    columns: Vec<ColumnReader>,
    n_rows: usize,
    n_read: usize,
    is_over: bool,
}

impl ParquetRows {
    pub(in crate::benchmark) fn new(path: &Path) -> Result<Self, BenchmarkError> {
        let FileSchema { n_rows, leaves } = FileSchema::open(path)?;
        let open = |leaf| {
            ColumnReader::new(path, leaf)
                .map_err(|source| BenchmarkError::Unreadable { path: path.to_owned(), source })
        };
        let columns = leaves.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { columns, n_rows, n_read: 0, is_over: false })
    }

    /// The columns of the next row, and its picture.
    fn fields(&mut self) -> Result<Fields, String> {
        let mut fields = Map::new();
        let mut picture = None;
        for column in &mut self.columns {
            let values = column.next_row()?.ok_or("a column with fewer rows than the file")?;
            let leaf = column.leaf();
            let path: Vec<&str> = leaf.path.iter().map(String::as_str).collect();
            let [name, ..] = path.as_slice() else { continue };
            if *name == "image" {
                // A struct of bytes and a name, or bytes alone.
                if let (
                    ["image"] | ["image", "bytes"],
                    [Placed { value: Value::Bytes(bytes), .. }],
                ) = (path.as_slice(), values.as_slice())
                {
                    picture = Some(bytes.to_vec());
                }
            } else if leaf.max_repetition == 0 {
                fields.insert((*name).to_owned(), json(&values[0].value));
            } else {
                fields.insert((*name).to_owned(), list(&values, leaf.item_definition));
            }
        }
        Ok((fields, picture))
    }
}

fn row(
    fields: &Map<String, Json>,
    picture: Option<Vec<u8>>,
    number: usize,
) -> Result<BenchmarkRow, RowFault> {
    let row = question_row(fields, number)?;
    let Some(bytes) = picture else {
        let reason = "it has no picture: \"image\" holds no bytes".to_owned();
        return Err(RowFault { row: number, index: Some(row.index), reason });
    };
    let picture = RowPicture { key: row.index.clone(), bytes: Arc::new(bytes) };
    Ok(BenchmarkRow { pictures: vec![picture], ..row })
}

impl Iterator for ParquetRows {
    type Item = Result<BenchmarkRow, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.n_read == self.n_rows {
            return None;
        }
        self.n_read += 1;
        let number = self.n_read;
        Some(match self.fields() {
            Ok((fields, picture)) => row(&fields, picture, number),
            Err(reason) => {
                // Behind such a fault the columns stand at different rows.
                self.is_over = true;
                Err(RowFault { row: number, index: None, reason })
            }
        })
    }
}

impl RowSource for ParquetRows {
    fn place(&mut self) -> io::Result<RowPlace> {
        Ok(RowPlace { number: self.n_read + 1, at: 0 })
    }

    /// Reads what lies between: a row of a page has no place of its own.
    fn go_to(&mut self, place: RowPlace) -> io::Result<()> {
        if place.number <= self.n_read {
            let what = format!("row {} of a Parquet file lies behind", place.number);
            return Err(io::Error::new(io::ErrorKind::Unsupported, what));
        }
        while self.n_read + 1 < place.number && !self.is_over {
            self.n_read += 1;
            self.is_over = self.fields().is_err();
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        false
    }
}

/// The items of a list; one that is missing is null, an empty list has none.
fn list(values: &[Placed], item_definition: u32) -> Json {
    let items = values.iter().filter(|placed| placed.definition >= item_definition);
    items.map(|placed| json(&placed.value)).collect()
}

fn json(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => Json::from(*value),
        Value::Bytes(bytes) => Json::from(String::from_utf8_lossy(bytes).into_owned()),
    }
}
