//! Benchmarks: reading, prompts, extraction and scores, against vectors of the original programs.

#![expect(clippy::string_add, reason = "tables are put together as they read")]

mod extraction;
mod hostile;
mod prompts;
mod reading;
mod score_command;
mod scores;

use std::{
    fs,
    path::{Path, PathBuf},
};

use aki_lens::benchmark::{Benchmark, Extraction, Predictions, ScoreReport, score};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PAPER_ERA: Extraction = Extraction::Vlmevalkit2025;
pub(crate) const NEWER: Extraction = Extraction::Vlmevalkit2026;

pub(crate) fn vectors() -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/benchmarks/score_vectors.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A cell as a table has it: quoted where it must be, `null` as nothing.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => format!("{:?}", number.as_f64().unwrap()),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().map(|item| format!("'{}'", item.as_str().unwrap())).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    };
    if text.contains(['"', '\t', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// Rows as a table; its columns are those of all rows, in the order in which they first come.
pub(crate) fn table(rows: &[Value]) -> String {
    let mut columns: Vec<&String> = Vec::new();
    for column in rows.iter().flat_map(|row| row.as_object().unwrap().keys()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let line = |cells: Vec<String>| cells.join("\t") + "\n";
    let header = line(columns.iter().map(|column| (*column).clone()).collect());
    let row = |row: &Value| {
        line(columns.iter().map(|column| row.get(column).map_or(String::new(), cell)).collect())
    };
    header + &rows.iter().map(row).collect::<String>()
}

/// A folder with a file in it.
pub(crate) struct Written {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn write(name: &str, bytes: impl AsRef<[u8]>) -> Written {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Written { _folder: folder, path }
}

pub(crate) fn score_text(
    text: &str,
    benchmark: Benchmark,
    extraction: Extraction,
) -> Result<ScoreReport, String> {
    let file = write("predictions.tsv", text);
    let predictions = Predictions::open(&file.path).map_err(|e| e.to_string())?;
    score(&predictions, benchmark, extraction).map_err(|e| e.to_string())
}

pub(crate) fn score_rows(
    rows: &[Value],
    benchmark: Benchmark,
    extraction: Extraction,
) -> ScoreReport {
    score_text(&table(rows), benchmark, extraction).unwrap()
}

/// What a report's JSON says, which is what its readers see.
pub(crate) fn json(report: &ScoreReport) -> Value {
    serde_json::to_value(report).unwrap()
}

/// Everything that is expected is there, numbers to 1e-9.
#[track_caller]
pub(crate) fn assert_same(expected: &Value, found: &Value, place: &str) {
    match (expected, found) {
        (Value::Object(expected), found) => {
            for (name, value) in expected {
                assert_same(value, &found[name], &format!("{place}/{name}"));
            }
        }
        (Value::Number(expected), Value::Number(found)) => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
            assert!((expected - found).abs() < 1e-9, "{place}: {expected} and {found}");
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}
