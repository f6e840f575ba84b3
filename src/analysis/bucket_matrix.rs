//! Readings by bucket of more groups than a chart has colors, as a table of numbers in color.

use super::{
    AnalysisError, Bootstrap, BucketChart, Reading, RunGroup,
    bucket_figure::{caption, first_of, is_shown, notes, value_label},
    over_runs,
};
use crate::domain::{Bucket, MatrixFigure, MatrixParts};

/// A table of one reading: a row a group, a column a bucket, each value the mean over runs that
/// [`bucket_figure`](super::bucket_figure) draws as a bar.
///
/// What the mask closes has no value, since its zero says nothing of the model. There is no room for
/// intervals, so none are made.
///
/// # Errors
/// As [`bucket_figure`](super::bucket_figure), but for as many groups as a matrix has rows.
pub fn bucket_matrix(
    groups: &[RunGroup<'_>],
    chart: &BucketChart,
) -> Result<MatrixFigure, AnalysisError> {
    let first = first_of(groups)?;
    let shown: Vec<Bucket> =
        Bucket::ALL.into_iter().filter(|bucket| is_shown(*bucket, first)).collect();
    // No interval is shown, and none is drawn for.
    let chart =
        BucketChart { bootstrap: Bootstrap { resamples: 0, ..chart.bootstrap }, ..chart.clone() };
    let values = groups.iter().flat_map(|group| {
        let summaries = over_runs(group.runs, chart.reading, chart.per, &chart.bootstrap);
        let shown = summaries.into_iter().filter(|summary| is_shown(summary.bucket, first));
        shown.map(|summary| summary.mean.filter(|_| !summary.by_construction))
    });
    let mut caption = caption(groups, &chart, first);
    caption.retain(|field| field.name != "intervals");
    Ok(MatrixFigure::new(MatrixParts {
        title: chart.title.clone(),
        row_label: "group".to_owned(),
        column_label: "bucket".to_owned(),
        rows: groups.iter().map(|group| group.name.to_owned()).collect(),
        columns: shown.iter().map(ToString::to_string).collect(),
        values: values.collect(),
        value_label: value_label(chart.reading, chart.per).to_owned(),
        center: (chart.reading == Reading::Lift).then_some(1.0),
        caption,
        notes: notes(groups),
    })?)
}
