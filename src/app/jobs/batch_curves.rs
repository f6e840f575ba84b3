//! Curves over batches: right answers as the mask opens (the paper's Fig. 10), and attention by
//! bucket along the layers.

use anyhow::{Context as _, Result, bail};

use super::{
    batch_figure::{BatchFigure, about, out_of_training},
    batch_groups::stem,
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
        for mode in request.chosen(&summary.conditions).attention {
            let Some(of_mode) = summary.by_attention.get(&mode) else { continue };
            let (Some(percent), Some(share)) = (percent_open(mode), of_mode.accuracy) else {
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
    let mut caption = caption(request, &summaries);
    caption.push(CaptionField::new("whiskers", "95 % interval, Wilson".to_owned()));
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

/// One reading by decoder layer, of one batch under one mode, a curve a bucket.
///
/// # Errors
/// A record that cannot be read; several batches or modes; nothing that was read.
pub(super) fn layer_figure(request: &BatchFigure) -> Result<CurveFigure> {
    let summaries = summaries(request)?;
    let [summary] = &summaries[..] else {
        bail!("layers are drawn of one batch; {} were named", summaries.len());
    };
    let header = request.chosen(&summary.conditions);
    let [mode] = header.attention[..] else {
        let all: Vec<String> =
            summary.conditions.attention.iter().map(ToString::to_string).collect();
        bail!("layers are drawn under one mode: name it with --attention ({})", all.join(", "));
    };
    let of_mode = summary.by_attention.get(&mode).context("no row of that mode")?;
    let mut curves = Vec::new();
    for (b, bucket) in Bucket::ALL.into_iter().enumerate() {
        // Template tokens have no share, and their lift is nobody's question.
        if bucket == Bucket::Template && request.reading != Reading::Mass {
            continue;
        }
        let means = of_mode.by_layer.iter().map(|layer| {
            let means = match request.reading {
                Reading::Mass => &layer.mass,
                Reading::Share => &layer.share,
                Reading::Lift => &layer.lift,
            };
            (layer.layer, means.get(b).copied().unwrap_or_default())
        });
        let points: Vec<(usize, MeanOfRuns)> =
            means.filter(|(_, mean)| mean.mean.is_some()).collect();
        // A bucket that is zero by construction, or nowhere in the questions.
        if points.iter().any(|(_, mean)| mean.mean != Some(0.0)) {
            curves.push(layer_curve(bucket.to_string(), &points));
        }
    }
    if curves.is_empty() {
        bail!("nothing was read under {mode}: the mask closes the question to the picture");
    }
    let coverage = of_mode.coverage;
    let headers = [header];
    let mut caption = about(&headers, coverage.answered, coverage.expected);
    caption.extend(out_of_training(&headers));
    caption
        .push(CaptionField::new("heads and rows", "all (mean of mass, then divided)".to_owned()));
    caption.push(CaptionField::new(
        "whiskers",
        "95 % interval, mean over runs and 1.96 of its standard errors".to_owned(),
    ));
    Ok(CurveFigure::new(CurveParts {
        title: None,
        x_label: "decoder layer".to_owned(),
        value_label: format!("attention from the picture to the question, {}", request.reading),
        value_span: None,
        curves,
        caption,
        notes: Vec::new(),
    })?)
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

fn caption(request: &BatchFigure, summaries: &[BatchSummary]) -> Vec<CaptionField> {
    let headers: Vec<BatchHeader> =
        summaries.iter().map(|summary| request.chosen(&summary.conditions)).collect();
    let (mut answered, mut expected) = (0, 0);
    for (summary, header) in summaries.iter().zip(&headers) {
        for mode in header.attention.iter().filter_map(|mode| summary.by_attention.get(mode)) {
            answered += mode.coverage.answered;
            expected += mode.coverage.expected;
        }
    }
    about(&headers, answered, expected)
}
