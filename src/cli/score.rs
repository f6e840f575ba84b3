//! A table of predictions in, its score out.

#![expect(clippy::print_stdout, reason = "the result")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::commands::Voice;
use crate::app::jobs::{self, Benchmark, Extraction, Metric, Metrics, Score, ScoreReport};

/// Flags of `score`.
#[derive(Debug, ClapArgs)]
pub struct ScoreArgs {
    /// Predictions: a table with the benchmark's columns and one named `prediction`
    #[arg(value_name = "FILE.tsv")]
    pub file: PathBuf,
    /// MME, POPE, MMBench, SEEDBench_IMG, RealWorldQA, MMMU, CV-Bench, MathVista; MMVet and
    /// LLaVABench behind a judge [default: what the file's name says]
    #[arg(long, value_name = "NAME")]
    pub benchmark: Option<Benchmark>,
    /// Whose rules read the answers: vlmevalkit-2025-03 (the paper's time) or vlmevalkit-2026-08
    #[arg(long, value_name = "RULES", default_value_t)]
    pub extraction: Extraction,
    /// Print the score as JSON, every row included
    #[arg(long)]
    pub json: bool,
}

/// Scores and prints.
///
/// # Errors
/// Whatever is wrong with the table, in one line.
pub(super) fn run_score(args: ScoreArgs, voice: Voice) -> Result<ExitCode> {
    let ScoreArgs { file, benchmark, extraction, json } = args;
    let report = jobs::score(&Score { file, benchmark, extraction })?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report).context("while writing JSON")?);
    } else {
        print_score(&report);
    }
    Ok(voice.warn(&report.warnings))
}

fn print_score(report: &ScoreReport) {
    let of = match report.complete {
        true => "all".to_owned(),
        false => format!("{} of {}", report.rows, report.expected_rows),
    };
    println!("{}: {of} rows, read by the rules {}", report.benchmark, report.extraction);
    if let Some(coverage) = report.coverage {
        println!("{} of {} {}", coverage.whole, coverage.of, coverage.groups);
    }
    if report.not_inferred > 0 {
        println!("{} answers of which nothing could be made", report.not_inferred);
    }
    report.notes.iter().for_each(|note| println!("{note}"));
    print_metrics(&report.metrics, 0);
}

fn print_metrics(metrics: &Metrics, depth: usize) {
    let indent = "  ".repeat(depth);
    let width = 36 - 2 * depth;
    for (name, metric) in metrics.iter() {
        match metric {
            Metric::Value(Some(value)) => println!("{indent}{name:<width$} {value:>10.4}"),
            Metric::Value(None) => println!("{indent}{name:<width$} {:>10}", "-"),
            Metric::Count(n) => println!("{indent}{name:<width$} {n:>10}"),
            Metric::Text(text) => println!("{indent}{name:<width$} {text:>10}"),
            Metric::Part(part) => {
                println!("{indent}{name}");
                print_metrics(part, depth + 1);
            }
        }
    }
}
