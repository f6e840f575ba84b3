//! Curves over batches: right answers as the mask opens (the paper's Fig. 10), and attention by
//! bucket along the layers.

use anyhow::{Context as _, Result, bail};

use super::{
    batch_figure::{BatchFigure, about, stem},
    batch_results::{RECORD, short_model},
};
use crate::{
    analysis::Reading,
    domain::{AttentionMode, Bucket, CaptionField, Curve, CurveFigure, CurveParts, Interval},
    eval::batch::{BatchHeader, BatchSummary, MeanOfRuns, summarize},
};

fn summaries(request: &BatchFigure) -> Result<Vec<BatchSummary>> {
    let records = request.folders.iter().map(|folder| summarize(&folder.join(RECORD)));
    Ok(records.collect::<Result<_, _>>()?)
}

/// The part of the question's columns that a mode opens, in percent.
fn percent_open(mode: AttentionMode) -> Option<u8> {
    match mode {
        AttentionMode::Sparsity(percent) => Some(percent),
        // The whole question open is modality-mutual attention, none of it the causal mask.
        AttentionMode::ModalityMutual => Some(100),
        AttentionMode::Causal => Some(0),
        _ => None,
    }
}

/// Shares of right answers over how much of the question is open to the picture, a curve a batch.
///
/// # Errors
/// A record that cannot be read; no batch under at least two widths.
pub(super) fn sparsity_figure(request: &BatchFigure) -> Result<CurveFigure> {
    let summaries = summaries(request)?;
    let mut curves = Vec::new();
    for summary in &summaries {
        let mut points: Vec<(u8, f64, Interval)> = Vec::new();
        for (mode, of_mode) in &summary.by_attention {
            let (Some(percent), Some(share)) = (percent_open(*mode), of_mode.accuracy) else {
                continue;
            };
            // `mma` and `sparsity100` are one mask, and one point.
            if points.iter().all(|(there, ..)| *there != percent) {
                let interval = Interval { low: 100.0 * share.low, high: 100.0 * share.high };
                points.push((percent, 100.0 * share.accuracy, interval));
            }
        }
        points.sort_by_key(|(percent, ..)| *percent);
        if points.len() > 1 {
            curves.push(Curve {
                name: curve_name(&summary.conditions, &summaries),
                points: points.iter().map(|(x, y, _)| [f64::from(*x), *y]).collect(),
                intervals: points.into_iter().map(|(.., interval)| interval).collect(),
                beside: None,
            });
        }
    }
    if curves.is_empty() {
        bail!(
            "no batch was scored under two widths of the mask; run batch with \
             --attention sparsity0,sparsity25,sparsity50,sparsity75,sparsity100"
        );
    }
    let mut caption = caption(&summaries);
    caption.push(field("whiskers", "95 % interval, Wilson".to_owned()));
    let notes = vec![
        "0 % is the causal mask, 100 % modality-mutual attention; the weights are the same at every \
         width, and widths they were not trained at are out of distribution."
            .to_owned(),
    ];
    Ok(CurveFigure::new(CurveParts {
        title: None,
        x_label: "question columns open to the picture (%)".to_owned(),
        value_label: "right answers (%)".to_owned(),
        value_span: None,
        curves,
        caption,
        notes,
    })?)
}

/// One reading by decoder layer, a curve a bucket; several batches or modes side by side.
///
/// # Errors
/// A record that cannot be read; nothing that was read; more curves than can be told apart.
pub(super) fn layer_figure(request: &BatchFigure) -> Result<CurveFigure> {
    let summaries = summaries(request)?;
    let n_modes: usize = summaries.iter().map(|summary| summary.by_attention.len()).sum();
    let mut curves = Vec::new();
    for summary in &summaries {
        for (mode, of_mode) in &summary.by_attention {
            for (b, bucket) in Bucket::ALL.into_iter().enumerate() {
                let points: Vec<(usize, MeanOfRuns)> = of_mode
                    .by_layer
                    .iter()
                    .filter_map(|layer| {
                        let means = match request.reading {
                            Reading::Mass => &layer.mass,
                            Reading::Share => &layer.share,
                            Reading::Lift => &layer.lift,
                        };
                        Some((layer.layer, *means.get(b)?))
                    })
                    .filter(|(_, mean)| mean.mean.is_some())
                    .collect();
                // A bucket that is zero by construction, or nowhere in the questions.
                if points.iter().all(|(_, mean)| mean.mean == Some(0.0)) {
                    continue;
                }
                let name = match n_modes {
                    1 => bucket.to_string(),
                    _ => format!("{bucket}, {}", curve_name(&summary.conditions, &summaries)),
                };
                let name = if summary.by_attention.len() > 1 && n_modes > 1 {
                    format!("{name}, {mode}")
                } else {
                    name
                };
                curves.push(layer_curve(name, &points));
            }
        }
    }
    if curves.is_empty() {
        bail!("nothing was read of any layer: under these masks all of it is zero by construction");
    }
    let mut caption = caption(&summaries);
    caption.push(field(
        "whiskers",
        "95 % interval, mean over runs and 1.96 of its standard errors".to_owned(),
    ));
    Ok(CurveFigure::new(CurveParts {
        title: None,
        x_label: "decoder layer".to_owned(),
        value_label: format!("attention from the picture, {}", request.reading),
        value_span: None,
        curves,
        caption,
        notes: Vec::new(),
    })
    .context("while drawing layers; name fewer batches, or one with fewer modes")?)
}

fn layer_curve(name: String, points: &[(usize, MeanOfRuns)]) -> Curve {
    let height = |mean: &MeanOfRuns| mean.mean.unwrap_or(0.0);
    let known = points.iter().map(|(_, mean)| {
        let half = 1.96 * mean.standard_error?;
        Some(Interval { low: height(mean) - half, high: height(mean) + half })
    });
    let known: Option<Vec<Interval>> = known.collect();
    Curve {
        name,
        points: points.iter().map(|(layer, mean)| [*layer as f64, height(mean)]).collect(),
        intervals: known.unwrap_or_default(),
        beside: None,
    }
}

/// What tells a batch from the others.
fn curve_name(header: &BatchHeader, all: &[BatchSummary]) -> String {
    let model = short_model(&header.model);
    let same_data = all.iter().all(|other| stem(&other.conditions.data) == stem(&header.data));
    if same_data { model } else { format!("{model}, {}", stem(&header.data)) }
}

fn caption(summaries: &[BatchSummary]) -> Vec<CaptionField> {
    let headers: Vec<BatchHeader> = summaries.iter().map(|s| s.conditions.clone()).collect();
    let coverage = summaries.iter().flat_map(|summary| summary.by_attention.values());
    let (answered, expected) = coverage.fold((0, 0), |(answered, expected), mode| {
        (answered + mode.coverage.answered, expected + mode.coverage.expected)
    });
    about(&headers, answered, expected)
}

fn field(name: &str, value: String) -> CaptionField {
    CaptionField { name: name.to_owned(), value }
}
