//! The tables of a batch: right answers, and attention by bucket.

use super::{
    AnswerGroup, BatchSummary, ModeSummary, RowCoverage,
    summary::{BOOTSTRAP, BucketResult},
};
use crate::{
    analysis::Reading,
    domain::{Bucket, Interval, ResultTable, TableCell, TableRow},
    eval::Share,
};

/// Shares of right answers in percent, with Wilson's intervals, by each column that rows can be
/// grouped by.
pub fn accuracy_table(summary: &BatchSummary) -> ResultTable {
    let modes: Vec<&ModeSummary> = summary.by_attention.values().collect();
    let row = |name: String, share: &dyn Fn(&ModeSummary) -> Option<Share>| {
        let shares: Vec<Option<Share>> = modes.iter().map(|mode| share(mode)).collect();
        let n = shares.iter().flatten().map(|share| share.n).max().unwrap_or(0);
        let cells = shares.iter().map(|share| share.map_or(TableCell::Nothing, percent));
        TableRow { name, cells: std::iter::once(TableCell::Count(n)).chain(cells).collect() }
    };
    let mut rows = Vec::new();
    let columns = modes.first().map(|mode| mode.accuracy_by.keys()).into_iter().flatten();
    for column in columns {
        let values = modes.iter().filter_map(|mode| mode.accuracy_by.get(column)).flatten();
        let mut values: Vec<&String> = values.map(|(value, _)| value).collect();
        values.sort();
        values.dedup();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let share = |mode: &ModeSummary| mode.accuracy_by.get(column)?.get(value).copied();
            rows.push(row(format!("{column}: {value}"), &share));
        }
    }
    rows.push(row("all".to_owned(), &|mode| mode.accuracy));
    let mut columns = vec!["n".to_owned()];
    columns.extend(summary.by_attention.keys().map(ToString::to_string));
    ResultTable {
        title: format!(
            "Right answers of {} on {}, percent of those answered with 95 % interval (Wilson)",
            summary.conditions.model, summary.conditions.data
        ),
        corner: "questions".to_owned(),
        columns,
        rows,
        notes: coverage_notes(summary),
    }
}

/// One reading by bucket, over all runs and over right and wrong answers.
pub fn bucket_table(summary: &BatchSummary, reading: Reading) -> ResultTable {
    let mut columns = Vec::new();
    let mut results: Vec<&[BucketResult]> = Vec::new();
    for (mode, of_mode) in &summary.by_attention {
        for group in AnswerGroup::ALL {
            columns.push(format!("{mode}, {}", group.name()));
            results.push(of_mode.by_bucket.get(&group).map_or(&[], Vec::as_slice));
        }
    }
    let is_shown = |bucket: &Bucket| reading == Reading::Mass || *bucket != Bucket::Template;
    let rows = Bucket::ALL.into_iter().filter(is_shown).map(|bucket| {
        let cells = results.iter().map(|results| {
            let found = results.iter().find(|r| r.bucket == bucket && r.reading == reading);
            found.map_or(TableCell::Nothing, cell)
        });
        TableRow { name: bucket.to_string(), cells: cells.collect() }
    });
    let mut notes = coverage_notes(summary);
    notes.push(format!(
        "Mean over runs; 95 %, percentile bootstrap over runs ({} resamples, seed {}); all layers, \
         heads and latents; template tokens are excluded from shares.",
        BOOTSTRAP.resamples, BOOTSTRAP.seed
    ));
    ResultTable {
        title: format!(
            "Attention from the picture to the question by bucket ({reading}), {} on {}",
            summary.conditions.model, summary.conditions.data
        ),
        corner: "bucket".to_owned(),
        columns,
        rows: rows.collect(),
        notes,
    }
}

/// Where answers came from; `None` where no mode has regions.
pub fn region_table(summary: &BatchSummary) -> Option<ResultTable> {
    let mut rows = Vec::new();
    for (mode, of_mode) in &summary.by_attention {
        for (group, result) in &of_mode.by_region {
            let value = |value: f64, interval: Option<Interval>| TableCell::Value {
                value: 100.0 * value,
                interval: interval.map(|i| Interval { low: 100.0 * i.low, high: 100.0 * i.high }),
                digits: 1,
            };
            rows.push(TableRow {
                name: format!("{mode}, {}", group.name()),
                cells: vec![
                    TableCell::Count(result.n),
                    value(result.about, result.interval),
                    value(result.area, None),
                    value(result.others, None),
                    value(result.others_area, None),
                    value(result.unplaced, None),
                ],
            });
        }
    }
    let columns = ["n", "asked things", "their area", "other things", "their area", "on latents"];
    let mut notes = coverage_notes(summary);
    notes.push(
        "Percent of the placed mass of the row that chose the answer's first token (mean of layers \
         and heads, carried back to the patches); areas are what uniform attention would give."
            .to_owned(),
    );
    (!rows.is_empty()).then(|| ResultTable {
        title: format!(
            "Where answers of {} on {} came from",
            summary.conditions.model, summary.conditions.data
        ),
        corner: "runs".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        notes,
    })
}

fn percent(share: Share) -> TableCell {
    let interval = Interval { low: 100.0 * share.low, high: 100.0 * share.high };
    TableCell::Value { value: 100.0 * share.accuracy, interval: Some(interval), digits: 1 }
}

fn cell(result: &BucketResult) -> TableCell {
    match result.mean {
        _ if result.by_construction => TableCell::ByConstruction,
        Some(value) => TableCell::Value { value, interval: result.interval, digits: 3 },
        None => TableCell::Nothing,
    }
}

/// How many rows were answered, for each mode.
fn coverage_notes(summary: &BatchSummary) -> Vec<String> {
    let note = |mode: &str, coverage: &RowCoverage| {
        let RowCoverage { expected, answered, failed, complete } = *coverage;
        let incomplete = if complete { "" } else { " INCOMPLETE: not a result of the whole file." };
        let failed = match failed {
            0 => String::new(),
            n => format!(", {n} could not be asked"),
        };
        format!(
            "Coverage under {mode}: {answered} of {expected} rows answered{failed}.{incomplete}"
        )
    };
    let modes = summary.by_attention.iter();
    modes.map(|(mode, of)| note(&mode.to_string(), &of.coverage)).collect()
}
