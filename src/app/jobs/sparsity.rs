//! The sparsity sweep of the paper's Fig. 10: a table, its data, and two figures.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::{model_folder, trained_under::TrainedUnder, write_whole};
use crate::{
    domain::{AttentionMode, CaptionField, Curve, CurveFigure, CurveParts, Figure, Interval},
    eval::{EvalProgress, QuestionFile, SparsityPoint, sparsity_sweep},
    export::{PaperSize, write_figure},
    inference::Engine,
    model::ComputeDevice,
};

/// Which model, on which questions, at which widths.
#[derive(Clone, Debug)]
pub struct SparsitySweep {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// A table of questions.
    pub data: PathBuf,
    /// Percents of the question's columns that are open, ascending.
    pub percents: Vec<u8>,
    /// How many questions, from the first.
    pub n: usize,
    /// The folder for `sweep.json`, `sweep.csv` and the figures.
    pub out: PathBuf,
    /// Tokens an answer has at most.
    pub max_new_tokens: usize,
}

/// The sweep as `sweep --json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct SparsityReport {
    version: u32,
    /// As it was named.
    pub model: String,
    trained_under: Option<AttentionMode>,
    /// The question file.
    pub data: String,
    /// How many questions were asked.
    pub questions: usize,
    /// By width.
    pub points: Vec<SparsityPoint>,
}

/// Asks every question at every width and writes what came out.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn sweep(
    request: &SparsitySweep,
    device: ComputeDevice,
    on_progress: &mut (dyn FnMut(EvalProgress) -> ControlFlow<()> + Send),
) -> Result<SparsityReport> {
    let SparsitySweep { model, data, percents, n, out, max_new_tokens } = request;
    if percents.is_empty() || !percents.is_sorted_by(|a, b| a < b) {
        bail!("--sparsity wants percents that rise, as in 0,25,50,75,100");
    }
    let folder = model_folder(model)?;
    let file = QuestionFile::open(data)?;
    let engine = Engine::open(&folder, device, None, &mut |_| ControlFlow::Continue(()))?;
    let points = sparsity_sweep(&engine, &file, *n, percents, *max_new_tokens, on_progress)?;
    let report = SparsityReport {
        version: 1,
        model: model.clone(),
        trained_under: TrainedUnder::of(model, &folder).mode,
        data: data.display().to_string(),
        questions: file.rows.len().min(*n),
        points,
    };
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let json = serde_json::to_string_pretty(&report).context("while writing the sweep as JSON")?;
    write(&out.join("sweep.json"), format!("{json}\n").as_bytes())?;
    write(&out.join("sweep.csv"), &table(&report)?)?;
    for (file, figure) in [("accuracy", accuracy(&report)?), ("logprob", logprob(&report)?)] {
        for ending in ["svg", "png"] {
            write_figure(&figure, &out.join(format!("{file}.{ending}")), PaperSize::ONE_COLUMN)?;
        }
    }
    Ok(report)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[derive(Serialize)]
struct TableRow {
    percent: u8,
    questions: usize,
    accuracy: f64,
    accuracy_low: f64,
    accuracy_high: f64,
    logprob: f64,
    logprob_low: Option<f64>,
    logprob_high: Option<f64>,
}

fn table(report: &SparsityReport) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for point in &report.points {
        table.serialize(TableRow {
            percent: point.percent,
            questions: point.accuracy.n,
            accuracy: point.accuracy.accuracy,
            accuracy_low: point.accuracy.low,
            accuracy_high: point.accuracy.high,
            logprob: point.logprob,
            logprob_low: point.logprob_interval.map(|i| i.low),
            logprob_high: point.logprob_interval.map(|i| i.high),
        })?;
    }
    table.into_inner().context("while making sweep.csv")
}

fn accuracy(report: &SparsityReport) -> Result<Figure> {
    let of = |point: &SparsityPoint| {
        let share = point.accuracy;
        (share.accuracy, Some(Interval { low: share.low, high: share.high }))
    };
    figure(report, "share of right answers", "Wilson", of)
}

fn logprob(report: &SparsityReport) -> Result<Figure> {
    let of = |point: &SparsityPoint| (point.logprob, point.logprob_interval);
    let how = "percentile bootstrap over questions (10,000 resamples, seed 0)";
    figure(report, "log-probability of the right answer (nats)", how, of)
}

fn figure(
    report: &SparsityReport,
    value_label: &str,
    intervals: &str,
    of: impl Fn(&SparsityPoint) -> (f64, Option<Interval>),
) -> Result<Figure> {
    let values: Vec<(f64, Option<Interval>)> = report.points.iter().map(of).collect();
    let x = report.points.iter().map(|point| f64::from(point.percent));
    let points = x.zip(&values).map(|(x, (y, _))| [x, *y]).collect();
    // All or none: one question alone has no interval.
    let known: Option<Vec<Interval>> = values.iter().map(|(_, interval)| *interval).collect();
    let known = known.unwrap_or_default();
    let curve = Curve { intervals: known, ..Curve::new(report.model.clone(), points) };
    let trained = match report.trained_under {
        Some(mode) => format!("{mode}; widths it was not trained at are out of distribution"),
        None => "not known".to_owned(),
    };
    Ok(Figure::Curves(CurveFigure::new(CurveParts {
        title: None,
        x_label: "question columns open to the picture (%)".to_owned(),
        value_label: value_label.to_owned(),
        value_span: None,
        curves: vec![curve],
        caption: vec![
            CaptionField::new("model", report.model.clone()),
            CaptionField::new("trained under", trained),
            CaptionField::new(
                "questions",
                format!("the first {} of {}", report.questions, report.data),
            ),
            CaptionField::new("whiskers", format!("95 % interval, {intervals}")),
        ],
        notes: Vec::new(),
    })?))
}
