//! A training's log as pictures: what it lost, and how often it was right.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    domain::{CaptionField, Curve, CurveFigure, CurveParts, Figure},
    export::{PaperSize, write_figure},
};

/// Writes `loss.svg` and `accuracy.svg` beside a folder's `log.csv`; nothing where there is none.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn draw_training_curves(folder: &Path, stage: &str) -> Result<()> {
    let Ok(log) = fs::read_to_string(folder.join("log.csv")) else { return Ok(()) };
    for (file, prefix, value_label) in [
        ("loss.svg", "loss", "loss (cross-entropy in nats; dense labels included in training)"),
        ("accuracy.svg", "accuracy", "share right"),
    ] {
        let curves = curves_of(&log, prefix);
        if curves.is_empty() {
            continue;
        }
        let figure = CurveFigure::new(CurveParts {
            title: None,
            x_label: "steps".to_owned(),
            value_label: value_label.to_owned(),
            value_span: None,
            curves,
            caption: vec![
                CaptionField::new("stage", stage),
                CaptionField::new("training", "running mean over steps, each counting 2 %"),
                CaptionField::new("others", "unseen scenes of the validation split"),
            ],
            notes: Vec::new(),
        })?;
        let path = folder.join(file);
        write_figure(&Figure::Curves(figure), &path, PaperSize::FULL_WIDTH)
            .with_context(|| format!("while drawing {}", path.display()))?;
    }
    Ok(())
}

/// The curves of everything whose name begins with a prefix, training first.
fn curves_of(log: &str, prefix: &str) -> Vec<Curve> {
    // By whether it was unseen, then by name.
    let mut curves: BTreeMap<(bool, String), Vec<[f64; 2]>> = BTreeMap::new();
    for line in log.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [step, split, name, value] = cells[..] else { continue };
        let Some(rest) = name.strip_prefix(prefix) else { continue };
        let (Ok(step), Ok(value)) = (step.parse::<f64>(), value.parse::<f64>()) else { continue };
        if !value.is_finite() {
            continue;
        }
        let name = match (split, rest.trim_start_matches('.')) {
            ("train", _) => (false, "training".to_owned()),
            (_, "") => (true, "all, unseen".to_owned()),
            (_, kind) => (true, kind.replace('_', " ")),
        };
        curves.entry(name).or_default().push([step, value]);
    }
    let curve = |((_, name), points)| Curve::new(name, points);
    curves.into_iter().map(curve).take(CurveFigure::MAX_CURVES).collect()
}
