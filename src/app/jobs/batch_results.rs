//! What is made of a batch's record: summary, tables, figures and predictions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    batch_figure::{BatchFigure, Drawing, figure_of},
    batch_groups::GroupBy,
    write_whole,
};
use crate::{
    analysis::Reading,
    benchmark::BenchmarkFile,
    domain::{AttentionMode, ResultTable},
    eval::batch::{
        BatchHeader, BatchSummary, accuracy_table, bucket_table, region_table, write_predictions,
    },
    export::{PaperSize, table_csv, table_latex, table_markdown, write_figure},
};

/// The record's name in its folder.
pub(super) const RECORD: &str = "record.jsonl";

/// Writes everything that follows from a record. Without the questions there are no predictions.
///
/// Returns what a person should know.
///
/// # Errors
/// Files that cannot be read or written.
pub(super) fn write_results(
    summary: &BatchSummary,
    out: &Path,
    data: Option<&BenchmarkFile>,
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let json = serde_json::to_string_pretty(summary).context("while writing the summary")?;
    write(&out.join("summary.json"), &format!("{json}\n"))?;
    let tables = out.join("tables");
    make(&tables)?;
    let summary_alone = std::slice::from_ref(summary);
    write_table(&accuracy_table(summary_alone), &tables, "right-answers")?;
    for reading in [Reading::Mass, Reading::Share, Reading::Lift] {
        let table = bucket_table(summary_alone, reading);
        write_table(&table, &tables, &format!("attention-by-bucket-{reading}"))?;
    }
    if let Some(table) = region_table(summary_alone) {
        write_table(&table, &tables, "answered-from")?;
    }
    warnings.extend(write_figures(out)?);
    for (mode, of_mode) in &summary.by_attention {
        let coverage = of_mode.coverage;
        let missing = coverage.expected - coverage.answered - coverage.failed;
        if missing > 0 {
            warnings.push(format!(
                "{mode}: {} of {} rows are there, {missing} are missing; the tables say so",
                coverage.answered, coverage.expected
            ));
        }
    }
    match data {
        Some(data) => {
            for mode in &summary.conditions.attention {
                let path = out.join(prediction_name(&summary.conditions, *mode));
                write_predictions(data, &out.join(RECORD), *mode, &path)?;
            }
        }
        None => warnings.push(format!(
            "no predictions were written: {} is not there; name the question file with --data",
            summary.conditions.data
        )),
    }
    Ok(warnings)
}

/// `MODEL-MODE_DATA.tsv`, as `VLMEvalKit` names prediction files.
fn prediction_name(conditions: &BatchHeader, mode: AttentionMode) -> String {
    let plain = |text: &str| -> String {
        let keeps = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        text.chars().map(|c| if keeps(c) { c } else { '-' }).collect()
    };
    let model = short_model(&conditions.model);
    let data = Path::new(&conditions.data).file_stem().unwrap_or_default().to_string_lossy();
    format!("{}-{mode}_{}.tsv", plain(&model), plain(&data))
}

/// A model as results call it: a folder by its last part, any other by all of its name.
pub(super) fn short_model(model: &str) -> String {
    let path = Path::new(model);
    let last = path.file_name().filter(|_| path.is_absolute() || path.is_dir());
    last.map_or_else(|| model.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn write_figures(out: &Path) -> Result<Vec<String>> {
    let figures = out.join("figures");
    make(&figures)?;
    for reading in [Reading::Share, Reading::Lift] {
        let request = BatchFigure {
            folders: vec![out.to_owned()],
            attention: Vec::new(),
            drawing: Drawing::Bars,
            by: GroupBy::Attention,
            reading,
            out: PathBuf::new(),
        };
        let Some(figure) = figure_of(&request)? else {
            return Ok(vec!["no figure was drawn: nothing was answered".to_owned()]);
        };
        for ending in ["svg", "png", "csv", "json"] {
            let path = figures.join(format!("attention-by-bucket-{reading}.{ending}"));
            write_figure(&figure, &path, PaperSize::FULL_WIDTH)?;
        }
    }
    Ok(Vec::new())
}

fn write_table(table: &ResultTable, folder: &Path, name: &str) -> Result<()> {
    write(&folder.join(format!("{name}.csv")), &table_csv(table)?)?;
    write(&folder.join(format!("{name}.md")), &table_markdown(table))?;
    write(&folder.join(format!("{name}.tex")), &table_latex(table))
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_whole(path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
