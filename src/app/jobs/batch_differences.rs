//! Bars of what differs between two sides that were asked the same questions: two models, or two
//! attention modes of one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::{
    batch_figure::{BatchFigure, about, out_of_training},
    batch_results::{RECORD, short_model},
};
use crate::{
    analysis::{BucketChart, ByBucket, RunPair, SideNames, bucket_difference_figure},
    domain::{AttentionMode, BarFigure},
    eval::batch::{BatchHeader, SUMMARY_BOOTSTRAP, open_record},
};

/// One side: a batch, by its place, and a mode of it.
type Side = (usize, AttentionMode);

/// The second side less the first, in the order in which batches and their modes were named.
///
/// # Errors
/// A record that cannot be read; more or fewer than two sides; sides that were asked other questions
/// or in other words; no question that both answered.
pub(super) fn difference_figure(request: &BatchFigure) -> Result<BarFigure> {
    let readers = request.folders.iter().map(|folder| open_record(&folder.join(RECORD)));
    let readers: Vec<_> = readers.collect::<Result<_, _>>()?;
    let headers: Vec<BatchHeader> =
        readers.iter().map(|reader| request.chosen(reader.header())).collect();
    let sides: Vec<Side> = headers
        .iter()
        .enumerate()
        .flat_map(|(i, header)| header.attention.iter().map(move |mode| (i, *mode)))
        .collect();
    let [left, right] = sides[..] else {
        let named: Vec<String> = sides.iter().map(|side| name(*side, &headers, true)).collect();
        bail!(
            "a difference is between two sides, and there are {}: {}; choose with --attention, or name \
             fewer batches",
            sides.len(),
            named.join("; ")
        );
    };
    check_alike(&headers, left.0, right.0)?;
    let mut read: [BTreeMap<usize, ByBucket>; 2] = Default::default();
    for (i, mut reader) in readers.into_iter().enumerate() {
        while let Some(row) = reader.next_row()? {
            let Some(of) = [left, right].iter().position(|side| *side == (i, row.attention)) else {
                continue;
            };
            if let Some(readings) = row.answer.and_then(|answer| answer.by_bucket) {
                read[of].insert(row.row, readings.all.by_bucket(&headers[i]));
            }
        }
    }
    let [lefts, mut rights] = read;
    let pairs: Vec<RunPair> = lefts
        .into_iter()
        .filter_map(|(row, left)| Some(RunPair { left, right: rights.remove(&row)? }))
        .collect();
    let expected = headers[left.0].rows_here.min(headers[right.0].rows_here);
    let mut chart = BucketChart::of(request.reading);
    chart.bootstrap = SUMMARY_BOOTSTRAP;
    chart.about = about(&headers, 2 * pairs.len(), 2 * expected);
    chart.about.extend(out_of_training(&headers));
    let names = [left, right].map(|side| name(side, &headers, false));
    let names = SideNames { left: &names[0], right: &names[1] };
    bucket_difference_figure(&pairs, names, &chart)
        .with_context(|| format!("while drawing {} less {}", names.right, names.left))
}

/// A side as a reader tells it from the other, or in full.
fn name((batch, mode): Side, headers: &[BatchHeader], in_full: bool) -> String {
    let model = short_model(&headers[batch].model);
    let same_model = headers.iter().all(|header| header.model == headers[0].model);
    let same_mode = headers.iter().flat_map(|header| &header.attention).all(|other| *other == mode);
    match (same_model && !in_full, same_mode && !in_full) {
        (true, _) => mode.to_string(),
        (false, true) => model,
        (false, false) => format!("{model} under {mode}"),
    }
}

/// A difference between questions would be no difference between sides.
fn check_alike(headers: &[BatchHeader], left: usize, right: usize) -> Result<()> {
    let (left, right) = (&headers[left], &headers[right]);
    let words = |header: &BatchHeader| {
        header.words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let facts = [
        ("prompts", [left, right].map(|header| header.prompt.clone())),
        ("words that count", [left, right].map(words)),
        ("taggers", [left, right].map(|header| header.tagger.clone())),
    ];
    if left.data_sum != right.data_sum {
        bail!("the two sides were asked other questions: {}, {}", left.data, right.data);
    }
    for (what, [a, b]) in facts {
        if a != b {
            let [of_left, of_right] = [left, right].map(|header| short_model(&header.model));
            bail!("the two sides have other {what}: {a} ({of_left}), {b} ({of_right})");
        }
    }
    Ok(())
}
