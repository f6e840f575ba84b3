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
    export::{FigureRow, PaperSize, check_format, write_figure, write_figure_row},
};

/// Refuses a figure that cannot be written before anything is computed for it.
///
/// # Errors
/// An ending that names no format.
pub fn check_figure(path: Option<&Path>) -> Result<()> {
    path.map_or(Ok(()), check_format).context("--figure")
}

/// Deletion and insertion as one figure with curves: the numbers behind the two that are drawn.
///
/// # Errors
/// Numbers that make no figure.
pub fn checks_figure(report: &ChecksReport) -> Result<Figure> {
    let mut curves = Vec::new();
    for (name, of) in [("deletion", &report.deletion), ("insertion", &report.insertion)] {
        let named = |curve: Curve| Curve { name: format!("{name}, {}", curve.name), ..curve };
        curves.extend(curves_of(report, of).into_iter().map(named));
    }
    Ok(Figure::Curves(CurveFigure::new(CurveParts {
        title: Some(report.asked.title(&report.answer)),
        x_label: "patches removed (deletion) or put in (insertion), %".to_owned(),
        value_label: CHECKED.to_owned(),
        value_span: None,
        curves,
        caption: checks_caption(report),
        notes: vec![CHECKS_NOTE.to_owned()],
    })?))
}

const CHECKED: &str = "log-probability of the answer (nats)";
const CHECKS_NOTE: &str = "A map that shows what the answer rests on makes deletion fall and \
     insertion rise faster than its controls. Pictures with parts removed are unlike those the \
     model was trained on.";

/// Deletion at the left, insertion at the right, both over the same values.
///
/// # Errors
/// As [`checks_figure`].
pub fn checks_row(report: &ChecksReport) -> Result<FigureRow> {
    let sides = [
        ("Deletion: a good map falls fast", "patches removed, %", &report.deletion),
        ("Insertion: a good map rises fast", "patches put in, %", &report.insertion),
    ];
    let curves = sides.map(|(_, _, of)| curves_of(report, of));
    let heights = || {
        let of_curve = |curve: &Curve| {
            let ends = curve.intervals.iter().flat_map(|i| [i.low, i.high]);
            curve.points.iter().map(|point| point[1]).chain(ends).collect::<Vec<f64>>()
        };
        curves.iter().flatten().flat_map(of_curve)
    };
    let span = [heights().fold(0.0, f64::min), heights().fold(0.0, f64::max)];
    let panel = |((title, x_label, of), curves): ((&str, &str, &CurveReport), &Vec<Curve>)| {
        Ok::<Figure, anyhow::Error>(Figure::Curves(CurveFigure::new(CurveParts {
            title: Some(title.to_owned()),
            x_label: x_label.to_owned(),
            value_label: CHECKED.to_owned(),
            value_span: Some(span),
            curves: curves.clone(),
            caption: vec![
                CaptionField::new("mean over the curve, the map", format!("{:.3}", of.area)),
                CaptionField::new(
                    "at random",
                    format!("{:.3} (rank {:.2})", of.random_area, of.random_rank),
                ),
                CaptionField::new(
                    "elsewhere",
                    format!("{:.3} (rank {:.2})", of.moved_area, of.moved_rank),
                ),
            ],
            notes: Vec::new(),
        })?))
    };
    Ok(FigureRow {
        title: Some(report.asked.title(&report.answer)),
        figures: sides.into_iter().zip(&curves).map(panel).collect::<Result<_>>()?,
        caption: checks_caption(report),
        notes: vec![CHECKS_NOTE.to_owned()],
    })
}

fn checks_caption(report: &ChecksReport) -> Vec<CaptionField> {
    let n = report.deletion.random.len();
    let mut fields = report.asked.caption().to_vec();
    fields.extend([
        CaptionField::new("map", format!("{}, {}", report.map.kind, report.map.reading)),
        CaptionField::new("removed patches are", report.fill.to_string()),
        CaptionField::new(
            "whiskers",
            format!("lowest and highest of {n} draws, seed {}", report.seed),
        ),
        CaptionField::new(
            "rank",
            "(1 + draws at least as good as the map) / (1 + draws); small where the map says what \
             matters",
        ),
    ]);
    fields
}

/// The map's curve, then means and ranges of what it is compared with.
fn curves_of(report: &ChecksReport, of: &CurveReport) -> Vec<Curve> {
    let points =
        |values: &[f64]| report.parts.iter().zip(values).map(|(x, y)| [100.0 * x, *y]).collect();
    let mut curves = vec![Curve::new("the map's patches first", points(&of.by_map))];
    for (name, draws) in [("at random", &of.random), ("same shapes elsewhere", &of.moved)] {
        let (means, intervals) = mean_and_range(draws);
        curves.push(Curve { intervals, ..Curve::new(name, points(&means)) });
    }
    curves
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

/// Writes [`checks_row`] as SVG or PNG, or the numbers of [`checks_figure`] as CSV or JSON, by the
/// file's ending.
///
/// # Errors
/// As [`checks_figure`]; a place that cannot be written to.
pub fn write_checks_figure(report: &ChecksReport, path: &Path) -> Result<()> {
    write_figure_row(&checks_row(report)?, &checks_figure(report)?, path, PaperSize::FULL_WIDTH)?;
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
    let mut caption = report.asked.caption().to_vec();
    caption.extend([
        CaptionField::new("rows", report.rows.clone()),
        CaptionField::new("columns", report.columns.clone()),
        CaptionField::new("layers", layers.join(", ")),
        CaptionField::new("log-probability before", format!("{:.4}", report.logprob)),
        CaptionField::new("control", control),
    ]);
    Ok(Figure::Matrix(MatrixFigure::new(MatrixParts {
        title: Some(report.asked.title(&report.answer)),
        row_label: format!("without {} \u{2192} {}", report.rows, report.columns),
        column_label: "decoder layers".to_owned(),
        rows: report.entries.iter().map(|entry| entry.label.clone()).collect(),
        columns,
        values: values.collect(),
        value_label: "change of the answer's log-probability (nats)".to_owned(),
        center: Some(0.0),
        caption,
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
