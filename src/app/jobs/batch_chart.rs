//! Attention by bucket over opened batches, and the rows behind each bar.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::{
    batch_figure::draw_groups,
    batch_groups::{GroupBy, GroupKey},
    batch_open::OpenedBatch,
};
use crate::{
    analysis::{ByBucket, Per, Reading},
    domain::{AttentionMode, Bucket, Figure},
    eval::batch::BatchHeader,
};

/// What is drawn of opened batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartChoice {
    /// What one group is.
    pub by: GroupBy,
    /// The one mode that is drawn; `None` for all.
    pub attention: Option<AttentionMode>,
    /// The height of the bars.
    pub reading: Reading,
}

/// A figure, and the rows that it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchChart {
    /// Bars, or a table where there are more groups than colors.
    pub figure: Figure,
    /// Groups in the order of the figure.
    pub groups: Vec<ChartGroup>,
}

/// A group of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartGroup {
    /// As the figure calls it.
    pub name: String,
    /// Its rows, by their places in [`OpenedBatch::rows`].
    pub rows: Vec<usize>,
}

impl ChartGroup {
    /// The rows behind one bar with their values, and how many of the group have no word of that
    /// bucket. A value is `None` where the mask closes the bucket in all of them.
    pub fn behind(
        &self,
        batch: &OpenedBatch,
        bucket: Bucket,
        reading: Reading,
    ) -> (Vec<(usize, Option<f64>)>, usize) {
        let Some(b) = Bucket::ALL.into_iter().position(|known| known == bucket) else {
            return (Vec::new(), self.rows.len());
        };
        let mut present = Vec::new();
        for place in &self.rows {
            let answer = batch.rows.get(*place).and_then(|opened| opened.row.answer.as_ref());
            let Some(readings) = answer.and_then(|answer| answer.by_bucket.as_ref()) else {
                continue;
            };
            if let Some(found) = readings.all.bucket(b) {
                let is_closed = found.by_construction();
                present.push((*place, found.value(reading, Per::Bucket), is_closed));
            }
        }
        let n_without = self.rows.len() - present.len();
        let all_closed = present.iter().all(|(.., is_closed)| *is_closed);
        // As the bar counts: runs with a value; where the mask closes all of them, all.
        let behind = present.into_iter().filter_map(|(place, value, _)| match all_closed {
            true => Some((place, None)),
            false => value.map(|value| (place, Some(value))),
        });
        (behind.collect(), n_without)
    }
}

/// Draws opened batches: the figure that [`batch_figure`](super::batch_figure) writes of their folders.
///
/// # Errors
/// Why there is no such figure, in one line.
pub fn batch_chart(batch: &OpenedBatch, choice: &ChartChoice) -> Result<BatchChart> {
    let is_drawn = |mode: &AttentionMode| choice.attention.is_none_or(|chosen| chosen == *mode);
    let chosen = |header: &BatchHeader| {
        let attention = header.attention.iter().copied().filter(is_drawn).collect();
        BatchHeader { attention, ..header.clone() }
    };
    // A batch that has none of the modes takes no part.
    let headers: Vec<BatchHeader> = batch.headers.iter().map(chosen).collect();
    let expected = headers.iter().fold(0_usize, |sum, header| {
        sum.saturating_add(header.rows_here.saturating_mul(header.attention.len()))
    });
    let mut groups: BTreeMap<GroupKey, Vec<usize>> = BTreeMap::new();
    let mut answered = 0;
    for (place, opened) in batch.rows.iter().enumerate() {
        let row = &opened.row;
        let is_read = row.answer.as_ref().is_some_and(|answer| answer.by_bucket.is_some());
        if !is_read || !headers[opened.batch].attention.contains(&row.attention) {
            continue;
        }
        answered += 1;
        if let Some(key) = GroupKey::of(row, &headers, opened.batch, &choice.by) {
            groups.entry(key).or_default().push(place);
        }
    }
    if groups.is_empty() {
        bail!("no row that was answered belongs to a group of \"{}\"", choice.by);
    }
    let name = |(key, rows): (GroupKey, Vec<usize>)| ChartGroup { name: key.text(&headers), rows };
    let groups: Vec<ChartGroup> = groups.into_iter().map(name).collect();
    let readings = |place: &usize| -> Option<ByBucket> {
        let opened = &batch.rows[*place];
        let readings = opened.row.answer.as_ref()?.by_bucket.as_ref()?;
        Some(readings.all.by_bucket(&headers[opened.batch]))
    };
    let named: Vec<(String, Vec<ByBucket>)> = groups
        .iter()
        .map(|group| (group.name.clone(), group.rows.iter().filter_map(readings).collect()))
        .collect();
    let part: Vec<BatchHeader> =
        headers.iter().filter(|header| !header.attention.is_empty()).cloned().collect();
    let figure = draw_groups(&named, &part, choice.reading, (answered, expected))
        .with_context(|| format!("while drawing groups by {}; choose another", choice.by))?;
    Ok(BatchChart { figure, groups })
}
