//! Shares of hits by split and category, as `report_acc` of VLMEvalKit makes them.

use std::collections::BTreeSet;

use super::metrics::{Metric, Metrics, mean, number};
use crate::benchmark::Predictions;

/// Short names of MMBench's abilities (`MMB_abbrs`), used wherever a category has one of these names.
const SHORT_NAMES: [(&str, &str); 6] = [
    ("coarse_perception", "CP"),
    ("finegrained_perception (instance-level)", "FP-S"),
    ("finegrained_perception (cross-instance)", "FP-C"),
    ("logic_reasoning", "LR"),
    ("relation_reasoning", "RR"),
    ("attribute_reasoning", "AR"),
];

/// The name of the one split of a file without a column for it.
const NO_SPLIT: &str = "none";

/// For each split its metrics: `Overall`, then each `l2-category`, then each `category`, as shares.
///
/// `hits` has a value for each row of the file that is counted. A category is none in a split that
/// has no row of it; a row without a category counts for the splits alone.
pub(super) fn by_split(
    predictions: &Predictions,
    hits: &[(usize, bool)],
    category: &str,
) -> Vec<(String, Metrics)> {
    let split_of = |row: usize| match predictions.has("split") {
        true => predictions.cell(row, "split").present(),
        false => Some(NO_SPLIT.to_owned()),
    };
    let splits: BTreeSet<String> = hits.iter().filter_map(|(row, _)| split_of(*row)).collect();
    let metrics = |split: &String| {
        let of_split: Vec<(usize, bool)> = hits
            .iter()
            .copied()
            .filter(|(row, _)| split_of(*row).as_ref() == Some(split))
            .collect();
        let mut metrics = Metrics::default();
        let share = |hits: &mut dyn Iterator<Item = bool>| Metric::Value(mean(hits.map(number)));
        metrics.set("Overall", share(&mut of_split.iter().map(|(_, hit)| *hit)));
        for column in ["l2-category", category] {
            let category_of = |row: usize| predictions.cell(row, column).present();
            // Of all splits: one that lacks a category says so.
            let names: BTreeSet<String> =
                hits.iter().filter_map(|(row, _)| category_of(*row)).collect();
            for name in names {
                let of_name = |row: usize| category_of(row).as_ref() == Some(&name);
                let mut hits =
                    of_split.iter().filter(|(row, _)| of_name(*row)).map(|(_, hit)| *hit);
                metrics.set(short_name(&name), share(&mut hits));
            }
        }
        metrics
    };
    splits.iter().map(|split| (split.clone(), metrics(split))).collect()
}

fn short_name(name: &str) -> &str {
    SHORT_NAMES.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short)
}

/// The metrics of the only split with its name among them; of several, each under its name.
pub(super) fn flat_if_one(splits: Vec<(String, Metrics)>) -> Metrics {
    match splits.as_slice() {
        [(split, of_split)] => with_split(split, of_split),
        _ => nested(splits),
    }
}

/// Metrics with the split's name in front.
pub(super) fn with_split(split: &str, of_split: &Metrics) -> Metrics {
    let mut metrics = Metrics::from([("split", Metric::Text(split.to_owned()))]);
    for (name, metric) in of_split.iter() {
        metrics.set(name, metric.clone());
    }
    metrics
}

/// Each split's metrics under its name.
pub(super) fn nested(splits: Vec<(String, Metrics)>) -> Metrics {
    let mut metrics = Metrics::default();
    for (split, of_split) in splits {
        metrics.set(split, Metric::Part(of_split));
    }
    metrics
}
