//! Answers as `VLMEvalKit` writes them: a row for each question that was asked.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use super::{BatchError, record::RowPlaces};
use crate::{
    benchmark::{BenchmarkFile, PredictionWriter},
    domain::AttentionMode,
};

/// Writes one mode's predictions. A question that could not be asked has an empty one; a row that
/// could not be read has none.
///
/// Rows come in the order of the question file, as `VLMEvalKit` wants them.
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
    let mut answers = RowPlaces::of(record, mode)?;
    for row in data.rows()? {
        let Ok(row) = row else { continue };
        let Some(there) = answers.row(row.number - 1)? else { continue };
        let prediction = there.answer.map(|answer| answer.prediction).unwrap_or_default();
        table.write(&row, &prediction).map_err(unwritable)?;
    }
    let mut buffer = table.into_inner();
    let written = buffer.flush().and_then(|()| buffer.get_ref().sync_all());
    written.and_then(|()| std::fs::rename(&beside, out)).map_err(unwritable)
}
