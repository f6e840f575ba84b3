//! Sweeps and checks as figures.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::{
    checks::{ChecksReport, CurveReport},
    knockout_sweep::KnockoutSweepReport,
};
use crate::{
    domain::{
        CaptionField, Curve, CurveFigure, CurveParts, Figure, Interval, MatrixFigure, MatrixParts,
    },
    export::{PaperSize, check_format, write_figure},
};

/// Refuses a figure that cannot be written before anything is computed for it.
///
/// # Errors
/// An ending that names no format.
pub fn check_figure(path: Option<&Path>) -> Result<()> {
    path.map_or(Ok(()), check_format).context("--figure")
}

fn about(name: &str, value: impl Into<String>) -> CaptionField {
    CaptionField { name: name.to_owned(), value: value.into() }
}

/// Deletion and insertion beside each other as one figure with curves.
///
/// # Errors
/// Numbers that make no figure.
pub fn checks_figure(report: &ChecksReport) -> Result<Figure> {
    let mut curves = Vec::new();
    for (name, of) in [("deletion", &report.deletion), ("insertion", &report.insertion)] {
        let points = |values: &[f64]| {
            report.parts.iter().zip(values).map(|(x, y)| [100.0 * x, *y]).collect()
        };
        curves.push(Curve::new(format!("{name}, the map's patches first"), points(&of.by_map)));
        for (what, draws) in [("at random", &of.random), ("same shapes elsewhere", &of.moved)] {
            let (means, intervals) = mean_and_range(draws);
            curves.push(Curve {
                name: format!("{name}, {what}"),
                points: points(&means),
                intervals,
            });
        }
    }
    let rank = |of: &CurveReport| {
        format!(
            "mean {:.3}, random {:.3} (rank {:.2}), elsewhere {:.3} (rank {:.2})",
            of.area, of.random_area, of.random_rank, of.moved_area, of.moved_rank
        )
    };
    let n = report.deletion.random.len();
    Ok(Figure::Curves(CurveFigure::new(CurveParts {
        title: Some(format!("{} \u{2192} {}", report.question, report.answer.trim())),
        x_label: "patches removed (deletion) or put in (insertion), %".to_owned(),
        value_label: "log-probability of the answer (nats)".to_owned(),
        curves,
        caption: vec![
            about("model", report.model.clone()),
            about("attention", report.attention.to_string()),
            about("map", format!("{}, {}", report.map.kind, report.map.reading)),
            about("removed patches are", report.fill.to_string()),
            about("deletion", rank(&report.deletion)),
            about("insertion", rank(&report.insertion)),
            about("whiskers", format!("lowest and highest of {n} draws, seed {}", report.seed)),
        ],
        notes: vec![
            "A map that shows what the answer rests on makes deletion fall and insertion rise \
             faster than its controls. Pictures with parts removed are unlike those the model was \
             trained on."
                .to_owned(),
        ],
    })?))
}

/// Step by step, the mean of several curves, and their lowest and highest.
fn mean_and_range(curves: &[Vec<f64>]) -> (Vec<f64>, Vec<Interval>) {
    let n_points = curves.first().map_or(0, Vec::len);
    let at = |i: usize| curves.iter().map(move |curve| curve[i]);
    let mean = |i| at(i).sum::<f64>() / curves.len().max(1) as f64;
    let range = |i| Interval {
        low: at(i).fold(f64::INFINITY, f64::min),
        high: at(i).fold(f64::NEG_INFINITY, f64::max),
    };
    ((0..n_points).map(mean).collect(), (0..n_points).map(range).collect())
}

/// Writes [`checks_figure`] in the format that the file's ending names.
///
/// # Errors
/// As [`checks_figure`]; a place that cannot be written to.
pub fn write_checks_figure(report: &ChecksReport, path: &Path) -> Result<()> {
    write_figure(&checks_figure(report)?, path, PaperSize::FULL_WIDTH)?;
    Ok(())
}

/// A sweep as a heat table: an entry a row; all layers, each window and the control as columns.
///
/// # Errors
/// Numbers that make no figure.
pub fn sweep_figure(report: &KnockoutSweepReport) -> Result<Figure> {
    let window = |[first, last]: &[usize; 2]| match first == last {
        true => format!("L{first}"),
        false => format!("L{first}\u{2013}{last}"),
    };
    let mut columns = vec!["all layers".to_owned()];
    columns.extend(report.windows.iter().map(window));
    columns.push("control, all layers".to_owned());
    let values = report.entries.iter().flat_map(|entry| {
        let control = entry.control.as_ref().map(|control| control.mean);
        [entry.change].into_iter().chain(entry.by_window.iter().copied()).chain([control])
    });
    let layers: Vec<String> = report.layers.iter().map(usize::to_string).collect();
    let draws = report.entries.iter().filter_map(|e| e.control.as_ref()).map(|c| c.draws).max();
    let control = match draws {
        Some(n) => {
            format!("mean of {n} random sets of {}, seed {}", report.control_pool, report.seed)
        }
        None => "none: there is nothing to draw as many from".to_owned(),
    };
    let mut notes = Vec::new();
    let closed: Vec<&str> =
        report.entries.iter().filter(|e| e.change.is_none()).map(|e| e.label.as_str()).collect();
    if !closed.is_empty() {
        notes.push(format!("Closed by the mask before, so not measured: {}.", closed.join(", ")));
    }
    notes.push(
        "Blocked before the softmax. A window of few layers can be repaired by later ones."
            .to_owned(),
    );
    Ok(Figure::Matrix(MatrixFigure::new(MatrixParts {
        title: Some(format!("{} \u{2192} {}", report.question, report.answer.trim())),
        row_label: format!("without {} \u{2192} {}", report.rows, report.columns),
        column_label: "decoder layers".to_owned(),
        rows: report.entries.iter().map(|entry| entry.label.clone()).collect(),
        columns,
        values: values.collect(),
        value_label: "change of the answer's log-probability (nats)".to_owned(),
        center: Some(0.0),
        caption: vec![
            about("model", report.model.clone()),
            about("attention", report.attention.to_string()),
            about("rows", report.rows.clone()),
            about("columns", report.columns.clone()),
            about("layers", layers.join(", ")),
            about("log-probability before", format!("{:.4}", report.logprob)),
            about("control", control),
        ],
        notes,
    })?))
}

/// Writes [`sweep_figure`] in the format that the file's ending names.
///
/// # Errors
/// As [`sweep_figure`]; a place that cannot be written to.
pub fn write_sweep_figure(report: &KnockoutSweepReport, path: &Path) -> Result<()> {
    write_figure(&sweep_figure(report)?, path, PaperSize::FULL_WIDTH)?;
    Ok(())
}
