//! One table over several batches: their right answers, attention by bucket, or regions.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::{batch_results::RECORD, write_whole};
use crate::{
    analysis::Reading,
    domain::ResultTable,
    eval::batch::{accuracy_table, bucket_table, region_table, summarize},
    export::{table_csv, table_latex, table_markdown},
};

/// What a table tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableSubject {
    /// Shares of right answers.
    #[default]
    Answers,
    /// Attention from the picture to the question's words.
    Buckets(Reading),
    /// Where in the picture answers came from.
    Regions,
}

/// A table of batches.
#[derive(Clone, Debug)]
pub struct BatchTable {
    /// Folders that `batch` or `merge` wrote.
    pub folders: Vec<PathBuf>,
    /// What it tells.
    pub of: TableSubject,
    /// The file: CSV, Markdown or LaTeX by its ending; `None` for none.
    pub out: Option<PathBuf>,
}

/// Makes a table and writes it; returns it as Markdown.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn batch_table(request: &BatchTable) -> Result<String> {
    let ending = request.out.as_ref().map(|out| {
        let ending = out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        (out, ending)
    });
    if let Some((out, ending)) = &ending
        && !["csv", "md", "tex"].contains(&ending.as_str())
    {
        bail!("--out {}: a table ends in .csv, .md or .tex", out.display());
    }
    let records = request.folders.iter().map(|folder| summarize(&folder.join(RECORD)));
    let summaries = records.collect::<Result<Vec<_>, _>>()?;
    let table: ResultTable = match request.of {
        TableSubject::Answers => accuracy_table(&summaries),
        TableSubject::Buckets(reading) => bucket_table(&summaries, reading),
        TableSubject::Regions => region_table(&summaries)
            .context("no row knows the regions of its things: truth.json lay not beside them")?,
    };
    let markdown = table_markdown(&table);
    if let Some((out, ending)) = ending {
        let text = match ending.as_str() {
            "csv" => table_csv(&table)?,
            "tex" => table_latex(&table),
            _ => markdown.clone(),
        };
        write_whole(out, text.as_bytes())
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(markdown)
}
