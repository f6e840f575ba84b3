//! The tables of a batch: right answers, and attention by bucket.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    AnswerGroup, BatchHeader, BatchSummary, ModeSummary, RowCoverage,
    summary::{BOOTSTRAP, BucketResult},
};
use crate::{
    analysis::Reading,
    domain::{Bucket, Interval, ResultTable, TableCell, TableRow},
    eval::Share,
};

/// What all intervals here take for granted.
const INDEPENDENT: &str = "Intervals take questions for independent, those about one picture too.";

/// A column of a table: one batch's results under one mode.
struct Column<'a> {
    name: String,
    of_mode: &'a ModeSummary,
}

/// The columns of some batches, named by what tells them apart.
fn columns(summaries: &[BatchSummary]) -> Vec<Column<'_>> {
    let differ = |of: &dyn Fn(&BatchSummary) -> String| {
        summaries.iter().any(|summary| of(summary) != of(&summaries[0]))
    };
    let models = differ(&|s| s.conditions.model.clone());
    let data = differ(&|s| s.conditions.data.clone());
    let of_batch = |i: usize, mode: &str| {
        let conditions = &summaries[i].conditions;
        let model = models.then(|| model_name(conditions));
        let data = data.then(|| data_name(conditions));
        // Prompts, or whatever else tells them apart, is too long for a name.
        let is_numbered = summaries.len() > 1 && model.is_none() && data.is_none();
        let number = is_numbered.then(|| format!("batch {}", i + 1));
        let parts = model.into_iter().chain([mode.to_owned()]).chain(data).chain(number);
        parts.collect::<Vec<_>>().join(", ")
    };
    let columns = summaries.iter().enumerate().flat_map(|(i, summary)| {
        let modes = summary.conditions.attention.iter();
        let known = modes.filter_map(|mode| Some((mode, summary.by_attention.get(mode)?)));
        known.map(move |(mode, of_mode)| Column { name: of_batch(i, &mode.to_string()), of_mode })
    });
    columns.collect()
}

/// A model by the end of its path, and by the folder above, which often says of which family it is.
fn model_name(conditions: &BatchHeader) -> String {
    let parts: Vec<&str> = conditions.model.split(['/', '\\']).filter(|p| !p.is_empty()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

fn data_name(conditions: &BatchHeader) -> String {
    Path::new(&conditions.data).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// "of these models on these questions", each once.
fn subject(summaries: &[BatchSummary]) -> String {
    let each = |of: &dyn Fn(&BatchHeader) -> String| {
        let mut names: Vec<String> = summaries.iter().map(|s| of(&s.conditions)).collect();
        names.dedup();
        names.join(" and ")
    };
    format!("{} on {}", each(&model_name), each(&data_name))
}

/// Shares of right answers in percent, with Wilson's intervals, by each column that rows can be
/// grouped by; a column for each batch and mode.
pub fn accuracy_table(summaries: &[BatchSummary]) -> ResultTable {
    let columns = columns(summaries);
    let row = |name: String, share: &dyn Fn(&ModeSummary) -> Option<Share>| {
        let shares: Vec<Option<Share>> = columns.iter().map(|c| share(c.of_mode)).collect();
        let mut counts: Vec<usize> = shares.iter().flatten().map(|share| share.n).collect();
        counts.dedup();
        // Columns that speak of different numbers of questions have theirs in the notes.
        let n = match counts[..] {
            [n] => TableCell::Count(n),
            _ => TableCell::Nothing,
        };
        let cells = shares.iter().map(|share| share.map_or(TableCell::Nothing, percent));
        TableRow { name, cells: std::iter::once(n).chain(cells).collect() }
    };
    let names = columns.iter().flat_map(|column| column.of_mode.accuracy_by.keys());
    let names: BTreeSet<&String> = names.collect();
    let mut rows = Vec::new();
    for name in names {
        let found = columns.iter().filter_map(|column| column.of_mode.accuracy_by.get(name));
        let values: BTreeSet<&String> = found.flat_map(BTreeMap::keys).collect();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let share = |mode: &ModeSummary| mode.accuracy_by.get(name)?.get(value).copied();
            rows.push(row(format!("{name}: {value}"), &share));
        }
    }
    rows.push(row("all".to_owned(), &|mode| mode.accuracy));
    let names = columns.iter().map(|column| column.name.clone());
    ResultTable {
        title: format!(
            "Right answers of {}, percent of those answered with 95 % interval (Wilson)",
            subject(summaries)
        ),
        corner: "questions".to_owned(),
        columns: std::iter::once("n".to_owned()).chain(names).collect(),
        rows,
        notes: [coverage_notes(&columns), vec![INDEPENDENT.to_owned()]].concat(),
    }
}

/// One reading by bucket, over all runs and over right and wrong answers, of each batch and mode.
pub fn bucket_table(summaries: &[BatchSummary], reading: Reading) -> ResultTable {
    let columns = columns(summaries);
    let mut names = Vec::new();
    let mut results: Vec<&[BucketResult]> = Vec::new();
    for Column { name, of_mode } in &columns {
        for group in AnswerGroup::ALL {
            names.push(format!("{name}, {}", group.name()));
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
    let mut notes = coverage_notes(&columns);
    notes.push(format!(
        "Mean over runs; 95 %, percentile bootstrap over runs ({} resamples, seed {}); all layers, \
         heads and latents; template tokens are excluded from shares. {INDEPENDENT}",
        BOOTSTRAP.resamples, BOOTSTRAP.seed
    ));
    ResultTable {
        title: format!(
            "Attention from the picture to the question by bucket ({reading}), {}",
            subject(summaries)
        ),
        corner: "bucket".to_owned(),
        columns: names,
        rows: rows.collect(),
        notes,
    }
}

/// Where answers came from; `None` where no mode has regions.
pub fn region_table(summaries: &[BatchSummary]) -> Option<ResultTable> {
    let columns = columns(summaries);
    let mut rows = Vec::new();
    for Column { name, of_mode } in &columns {
        for (group, result) in &of_mode.by_region {
            let value = |value: f64, interval: Option<Interval>| TableCell::Value {
                value: 100.0 * value,
                interval: interval.map(|i| Interval { low: 100.0 * i.low, high: 100.0 * i.high }),
                digits: 1,
            };
            rows.push(TableRow {
                name: format!("{name}, {}", group.name()),
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
    let heads = ["n", "asked things", "their area", "other things", "their area", "on latents"];
    let mut notes = coverage_notes(&columns);
    notes.push(
        "Percent of the placed mass of the row that chose the answer's first token (mean of layers \
         and heads, carried back to the patches through the resampler's composed layers); areas are \
         what an even map would give; \"on latents\" is the part of the row's mass on the picture \
         that has no place."
            .to_owned(),
    );
    (!rows.is_empty()).then(|| ResultTable {
        title: format!("Where answers of {} came from", subject(summaries)),
        corner: "runs".to_owned(),
        columns: heads.map(str::to_owned).to_vec(),
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

/// How many rows were answered, for each column.
fn coverage_notes(columns: &[Column<'_>]) -> Vec<String> {
    let note = |column: &Column<'_>| {
        let RowCoverage { expected, answered, failed, complete } = column.of_mode.coverage;
        let incomplete = if complete { "" } else { " INCOMPLETE: not a result of the whole file." };
        let failed = match failed {
            0 => String::new(),
            n => format!(", {n} could not be asked"),
        };
        let name = &column.name;
        format!(
            "Coverage under {name}: {answered} of {expected} rows answered{failed}.{incomplete}"
        )
    };
    columns.iter().map(note).collect()
}
