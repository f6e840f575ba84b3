//! Score a table of predictions by a benchmark's own rules.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::benchmark::{Benchmark, Extraction, Predictions, ScoreReport, score as by_rules};

/// Which table, by which rules.
#[derive(Clone, Debug)]
pub struct Score {
    /// A table with the benchmark's columns and one named `prediction`.
    pub file: PathBuf,
    /// The benchmark; none to tell it by the file's name.
    pub benchmark: Option<Benchmark>,
    /// Whose rules read the answers.
    pub extraction: Extraction,
}

/// Scores a table.
///
/// # Errors
/// One line: a file that is no such table, or a benchmark that its name does not tell.
pub fn score(request: &Score) -> Result<ScoreReport> {
    let stem = request.file.file_stem().unwrap_or_default().to_string_lossy();
    let Some(benchmark) = request.benchmark.or_else(|| Benchmark::of_file_name(&stem)) else {
        bail!("{}: its name tells no benchmark; name one with --benchmark", request.file.display());
    };
    let predictions = Predictions::open(&request.file)?;
    Ok(by_rules(&predictions, benchmark, request.extraction)?)
}
