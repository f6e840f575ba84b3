//! Put the shards of a batch together: the record, and all that follows from it, of one run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{
    batch::failure_warning,
    batch_results::{RECORD, write_results},
};
use crate::eval::batch::{BatchSource, BatchSummary, MergeReport, merge_records, summarize};

/// Shards, and where they go.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Folders that `batch --shard` wrote.
    pub folders: Vec<PathBuf>,
    /// The folder for the whole.
    pub out: PathBuf,
    /// The question file, where it is no longer at the place that the record names.
    pub data: Option<PathBuf>,
}

/// Puts shards together and writes what follows.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn merge(request: &Merge) -> Result<(MergeReport, BatchSummary, Vec<String>)> {
    let records: Vec<PathBuf> = request.folders.iter().map(|dir| dir.join(RECORD)).collect();
    let out = &request.out;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let report = merge_records(&records, &out.join(RECORD))?;
    let summary = summarize(&out.join(RECORD))?;
    let mut warnings = Vec::new();
    let (there, of) = report.shards;
    if there < of {
        warnings.push(format!("{there} of {of} shards are there; the tables say what is missing"));
    }
    warnings.extend(failure_warning(&summary));
    let named = request.data.clone().unwrap_or_else(|| PathBuf::from(&summary.conditions.data));
    let data = questions(&named, &summary.conditions.data_sum, request.data.is_some())?;
    warnings.extend(write_results(&summary, out, data.as_ref().map(BatchSource::file))?);
    Ok((report, summary, warnings))
}

/// The questions that were asked; `None` where they are no longer where the record names them.
///
/// # Errors
/// Questions that a person named and that are not those of the record.
fn questions(path: &Path, sum: &str, is_named: bool) -> Result<Option<BatchSource>> {
    let found = BatchSource::open(path, None).map_err(anyhow::Error::from);
    let same = found.and_then(|source| {
        if source.content() == sum {
            return Ok(source);
        }
        bail!("{} does not hold the questions of the record", path.display())
    });
    match same {
        Err(e) if is_named => Err(e.context("--data")),
        same => Ok(same.ok()),
    }
}
