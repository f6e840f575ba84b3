//! Batches as a window looks at them: records read once and held, without their layers.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::{
    batch_groups::{GroupBy, stem},
    batch_results::{RECORD, short_model},
    trained_under::TrainedUnder,
};
use crate::{
    domain::{AttentionMode, OnProgress, Progress},
    eval::{
        Share, Tally,
        batch::{BatchError, BatchHeader, BatchRow, RowCoverage, open_record},
    },
};

/// Columns with more values are not grouped by, as in summaries.
const MOST_VALUES: usize = 60;
/// Reasons that are told of rows that could not be asked.
const MOST_REASONS: usize = 5;
/// Rows from one word on the progress to the next.
const ROWS_A_STEP: usize = 64;

/// Batches that are looked at together.
#[derive(Debug)]
pub struct OpenedBatch {
    /// The folders that `batch` or `merge` wrote.
    pub folders: Vec<PathBuf>,
    /// The conditions of each.
    pub headers: Vec<BatchHeader>,
    /// The rows of all, batch by batch in the order of their records.
    pub rows: Vec<OpenedRow>,
    /// What each batch came to under each mode.
    pub headlines: Vec<Headline>,
    /// What bars can be grouped by, the mode first.
    pub groupings: Vec<GroupBy>,
}

/// A row of one of them.
#[derive(Debug)]
pub struct OpenedRow {
    /// Of which batch, by its place.
    pub batch: usize,
    /// The row; its readings are those over all layers.
    pub row: BatchRow,
}

/// What a batch came to under one mode.
#[derive(Clone, Debug)]
pub struct Headline {
    /// The batch, by its place.
    pub batch: usize,
    /// The model as results call it.
    pub model: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// The question file by its name alone.
    pub data: String,
    /// How much of the questions it speaks of.
    pub coverage: RowCoverage,
    /// Right answers among those whose right answer is stated; `None` where none is.
    pub accuracy: Option<Share>,
    /// Why the first few rows could not be asked.
    pub reasons: Vec<String>,
    /// What the run is, where it is not what the weights were trained for.
    pub beside_training: Option<String>,
}

impl OpenedBatch {
    /// The modes of all batches, each once, in the order in which they were named.
    pub fn modes(&self) -> Vec<AttentionMode> {
        super::batch_groups::all_modes(&self.headers)
    }
}

/// Whether a path is that of a batch's result: its folder, or the record in it.
pub fn is_batch(path: &Path) -> bool {
    folder_of(path).join(RECORD).is_file()
}

/// The folder of a batch, where its record was named.
fn folder_of(path: &Path) -> &Path {
    let is_record = path.file_name().is_some_and(|name| name == RECORD);
    match path.parent().filter(|_| is_record && !path.is_dir()) {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// Reads batches through; each once, however often it is named.
///
/// # Errors
/// What [`batch_figure`](super::batch_figure) says of a folder that is no batch, and of a damaged
/// record; a stop.
pub fn open_batch(paths: &[PathBuf], on_progress: OnProgress<'_>) -> Result<OpenedBatch> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        let folder = folder_of(path);
        let is_it = |known: &PathBuf| match (known.canonicalize(), folder.canonicalize()) {
            (Ok(known), Ok(folder)) => known == folder,
            _ => known == folder,
        };
        if !folders.iter().any(is_it) {
            folders.push(folder.to_owned());
        }
    }
    if folders.is_empty() {
        bail!("no batch was named: choose the folder that batch or merge wrote");
    }
    let (mut headers, mut rows) = (Vec::new(), Vec::new());
    for (batch, folder) in folders.iter().enumerate() {
        headers.push(read_record(folder, batch, &mut rows, on_progress)?);
    }
    let headlines = headlines(&headers, &rows);
    let groupings = groupings(&headers, &rows);
    Ok(OpenedBatch { folders, headers, rows, headlines, groupings })
}

fn read_record(
    folder: &Path,
    batch: usize,
    rows: &mut Vec<OpenedRow>,
    on_progress: OnProgress<'_>,
) -> Result<BatchHeader> {
    let mut reader = open_record(&folder.join(RECORD))?;
    let header = reader.header().clone();
    let of = header.rows_here.saturating_mul(header.attention.len());
    let mut done = 0;
    while let Some(mut row) = reader.next_row()? {
        if done % ROWS_A_STEP == 0
            && on_progress(Progress::Step { what: "reading rows", done, of }).is_break()
        {
            return Err(BatchError::Stopped.into());
        }
        done += 1;
        if let Some(readings) = row.answer.as_mut().and_then(|answer| answer.by_bucket.as_mut()) {
            readings.layers = Vec::new();
        }
        rows.push(OpenedRow { batch, row });
    }
    Ok(header)
}

/// Rows, right answers and reasons of each batch under each of its modes.
fn headlines(headers: &[BatchHeader], rows: &[OpenedRow]) -> Vec<Headline> {
    let mut found = Vec::new();
    for (batch, header) in headers.iter().enumerate() {
        let trained = TrainedUnder::of(&header.model, Path::new(&header.model));
        for attention in &header.attention {
            let mut coverage = RowCoverage { expected: header.rows_here, ..RowCoverage::default() };
            let (mut tally, mut reasons) = (Tally::default(), Vec::new());
            let is_of = |row: &&OpenedRow| row.batch == batch && row.row.attention == *attention;
            for OpenedRow { row, .. } in rows.iter().filter(is_of) {
                if let Some(answer) = &row.answer {
                    coverage.answered += 1;
                    answer.hit.into_iter().for_each(|hit| tally.add(hit));
                } else {
                    coverage.failed += 1;
                    let reason = row.failed.as_deref().unwrap_or("no answer");
                    let told = || format!("row {} (index {}): {reason}", row.row + 1, row.index);
                    reasons.extend((reasons.len() < MOST_REASONS).then(told));
                }
            }
            coverage.complete = coverage.answered == coverage.expected;
            found.push(Headline {
                batch,
                model: short_model(&header.model),
                attention: *attention,
                data: stem(&header.data),
                coverage,
                accuracy: (tally.n > 0).then(|| tally.into()),
                reasons,
                beside_training: trained.beside(*attention),
            });
        }
    }
    found
}

/// What there is to group by: right and wrong where that is known, files where there are several, the
/// paper's groups where they are told, and columns that say something of more than one row.
fn groupings(headers: &[BatchHeader], rows: &[OpenedRow]) -> Vec<GroupBy> {
    let mut found = vec![GroupBy::Attention];
    let is_known = |row: &OpenedRow| row.row.answer.as_ref().is_some_and(|a| a.hit.is_some());
    if rows.iter().any(is_known) {
        found.push(GroupBy::Answer);
    }
    let files: BTreeSet<String> = headers.iter().map(|header| stem(&header.data)).collect();
    if files.len() > 1 {
        found.push(GroupBy::Data);
    }
    let is_papers = |file: &String| {
        let name = file.split(['_', '-', '.']).next().unwrap_or("");
        ["MME", "MMMU", "POPE"].contains(&name)
    };
    if files.iter().any(is_papers) {
        found.push(GroupBy::Paper);
    }
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in rows.iter().flat_map(|row| &row.row.groups) {
        let of_column = values.entry(name).or_default();
        if of_column.len() <= MOST_VALUES && !value.is_empty() {
            of_column.insert(value);
        }
    }
    let says_something =
        |(_, values): &(&str, BTreeSet<&str>)| (2..=MOST_VALUES).contains(&values.len());
    let columns = values.into_iter().filter(says_something);
    found.extend(columns.map(|(name, _)| GroupBy::Column(name.to_owned())));
    found
}
