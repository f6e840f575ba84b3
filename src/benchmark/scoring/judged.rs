//! MM-Vet and LLaVA-Bench: what is made of a judge's scores.

use std::collections::BTreeSet;

use super::{
    metrics::{Metric, Metrics, mean},
    report::{Extracted, RowDetail, Scored},
};
use crate::benchmark::{Benchmark, BenchmarkError, Cell, Predictions, python::float_of_text};

/// Capabilities of MM-Vet; a row counts for each that its category names.
const CAPABILITIES: [&str; 6] = ["rec", "ocr", "know", "gen", "spat", "math"];

/// The two scores in the first line of a judge's review: the reference's and the model's. Both are
/// -1 where there are not exactly two.
///
/// # Source
/// `parse_score` of VLMEvalKit's LLaVA-Bench.
pub fn judge_scores(review: &str) -> [f64; 2] {
    let line = review.split('\n').next().unwrap_or_default().replace(',', " ");
    let parts: Vec<&str> = line.split(' ').collect();
    match parts.as_slice() {
        [a, b] => match (float_of_text(a), float_of_text(b)) {
            (Some(a), Some(b)) => [a, b],
            _ => [-1.0, -1.0],
        },
        _ => [-1.0, -1.0],
    }
}

/// Scores of MM-Vet in percent, for each capability and `Overall`.
///
/// A row that asks for one capability alone counts twice for it: the source counts capabilities and
/// combinations of them in one table, where that row's combination has the capability's name.
///
/// # Source
/// `MMVet_acc` of VLMEvalKit.
pub(super) fn score_mm_vet(predictions: &Predictions) -> Result<Scored, BenchmarkError> {
    predictions.require("category")?;
    let scores = scores(predictions, Benchmark::MmVet, "score")?;
    let categories: Vec<String> =
        (0..scores.len()).map(|row| predictions.text(row, "category")).collect();
    let part = |capability: &str| {
        let times = |row: usize| match &categories[row] {
            _ if capability == "Overall" => 1,
            category if category == capability => 2,
            category => usize::from(category.contains(capability)),
        };
        let rows: Vec<usize> =
            (0..scores.len()).flat_map(|row| std::iter::repeat_n(row, times(row))).collect();
        let acc = mean(rows.iter().map(|row| scores[*row])).map(|acc| acc * 100.0);
        Metric::Part(Metrics::from([
            ("tot", Metric::Count(rows.len())),
            ("acc", Metric::Value(acc)),
        ]))
    };
    let mut metrics = Metrics::default();
    for name in ["Overall"].into_iter().chain(CAPABILITIES) {
        metrics.set(name, part(name));
    }
    Ok(scored(predictions, metrics, &scores))
}

/// Scores of LLaVA-Bench, overall and for each category, rounded to a tenth.
///
/// # Source
/// `LLaVABench_score` of VLMEvalKit.
pub(super) fn score_llava_bench(predictions: &Predictions) -> Result<Scored, BenchmarkError> {
    predictions.require("category")?;
    let model = scores(predictions, Benchmark::LlavaBench, "score")?;
    let reference = scores(predictions, Benchmark::LlavaBench, "gpt4_score")?;
    let categories: Vec<String> =
        (0..model.len()).map(|row| predictions.text(row, "category")).collect();
    let part = |category: &str| {
        let is_of = |row: &usize| category == "overall" || categories[*row] == category;
        let rows: Vec<usize> = (0..model.len()).filter(is_of).collect();
        let mean_of = |scores: &[f64]| mean(rows.iter().map(|row| scores[*row]));
        let (model, reference) = (mean_of(&model), mean_of(&reference));
        let relative = model.zip(reference).map(|(model, reference)| model / reference * 100.0);
        let tenth =
            |value: Option<f64>| Metric::Value(value.map(|v| (v * 10.0).round_ties_even() / 10.0));
        Metric::Part(Metrics::from([
            ("Relative Score (main)", tenth(relative)),
            ("VLM Score", tenth(model.map(|v| v * 10.0))),
            ("GPT4 Score", tenth(reference.map(|v| v * 10.0))),
        ]))
    };
    let mut metrics = Metrics::from([("overall", part("overall"))]);
    for category in categories.iter().collect::<BTreeSet<_>>() {
        metrics.set(category.as_str(), part(category));
    }
    Ok(scored(predictions, metrics, &model))
}

/// A column of a judge's numbers.
fn scores(
    predictions: &Predictions,
    benchmark: Benchmark,
    column: &'static str,
) -> Result<Vec<f64>, BenchmarkError> {
    if !predictions.has(column) {
        let path = predictions.path().to_owned();
        return Err(BenchmarkError::NeedsJudge { benchmark, path, column });
    }
    let score = |row: usize| match predictions.cell(row, column) {
        Cell::Int(value) => Ok(value as f64),
        Cell::Float(value) => Ok(value),
        other => Err(predictions.fault(row, format!("\"{column}\" is \"{other}\", not a number"))),
    };
    (0..predictions.n_rows()).map(score).collect()
}

fn scored(predictions: &Predictions, metrics: Metrics, scores: &[f64]) -> Scored {
    let rows = predictions.indices().into_iter().zip(scores).enumerate();
    let detail = |(row, (index, score)): (usize, (Cell, &f64))| RowDetail {
        index,
        prediction: predictions.raw(row, "prediction").to_owned(),
        extracted: Extracted::Float(*score),
        hit: None,
        more: Metrics::default(),
    };
    Scored {
        metrics,
        rows: rows.map(detail).collect(),
        coverage: None,
        gaps: Vec::new(),
        notes: vec!["the scores are a judge's; hits are not counted".to_owned()],
    }
}
