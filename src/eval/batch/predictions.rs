//! Answers as `VLMEvalKit` writes them: a row for each question that was asked.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use super::{BatchError, BatchRow, RecordReader};
use crate::{
    benchmark::{BenchmarkFile, PredictionWriter},
    domain::AttentionMode,
};

/// Writes one mode's predictions. A question that could not be asked has an empty one; a row that
/// could not be read has none.
///
/// Both files are read row by row.
///
/// # Errors
/// [`BatchError`]: a question file or record that cannot be read, a file that cannot be written.
pub fn write_predictions(
    data: &BenchmarkFile,
    record: &Path,
    mode: AttentionMode,
    out: &Path,
) -> Result<(), BatchError> {
    let unwritable = |source: io::Error| BatchError::Write { path: out.to_owned(), source };
    // Beside its place, then renamed: half a table could be scored by mistake.
    let beside = out.with_extension("part");
    let file = File::create(&beside).map_err(unwritable)?;
    let mut table = PredictionWriter::new(BufWriter::new(file));
    let mut answers = super::open_record(record)?;
    let mut next = next_of(&mut answers, mode)?;
    for row in data.rows()? {
        let number = match &row {
            Ok(row) => row.number,
            Err(fault) => fault.row,
        };
        let Some(there) = next.take_if(|there| there.row + 1 == number) else { continue };
        if let Ok(row) = row {
            let prediction = there.answer.map(|answer| answer.prediction).unwrap_or_default();
            table.write(&row, &prediction).map_err(unwritable)?;
        }
        next = next_of(&mut answers, mode)?;
    }
    let mut buffer = table.into_inner();
    let written = buffer.flush().and_then(|()| buffer.get_ref().sync_all());
    written.and_then(|()| std::fs::rename(&beside, out)).map_err(unwritable)
}

fn next_of(record: &mut RecordReader, mode: AttentionMode) -> Result<Option<BatchRow>, BatchError> {
    while let Some(row) = record.next_row()? {
        if row.attention == mode {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
