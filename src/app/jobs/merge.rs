//! Put the shards of a batch together: the record, and all that follows from it, of one run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    batch::failure_warning,
    batch_results::{RECORD, write_results},
};
use crate::benchmark::{BenchmarkFile, ReadOptions};
use crate::eval::batch::{BatchSummary, MergeReport, fingerprint, merge_records, summarize};

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
    let data = match is_the_file(&named, &summary.conditions.data_sum) {
        true => Some(BenchmarkFile::open(&named, &ReadOptions::default())?),
        false => None,
    };
    warnings.extend(write_results(&summary, out, data.as_ref())?);
    Ok((report, summary, warnings))
}

/// Whether the questions are those that were asked.
fn is_the_file(path: &Path, sum: &str) -> bool {
    fingerprint(path).is_ok_and(|found| found == sum)
}
