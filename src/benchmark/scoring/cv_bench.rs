//! CV-Bench by three rules: the authors' script, Cambrian's, and VLMEvalKit's.

use std::collections::BTreeSet;

use super::{
    accuracy::{by_split, with_split},
    metrics::{Metric, Metrics, mean, number},
    report::{Extracted, RowDetail, Scored},
    vanilla::is_letter,
};
use crate::benchmark::{BenchmarkError, Cell, Extraction, Predictions, first_letter, infer_choice};

/// One row under the three rules.
struct Judged {
    source: String,
    half: Half,
    exact: bool,
    cambrian: (Option<char>, bool),
    vlmevalkit: (Option<char>, bool),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    TwoD,
    ThreeD,
}

/// Scores of CV-Bench, as shares, under the names `aki_exact`, `cambrian`, `vlmevalkit_2D` and
/// `vlmevalkit_3D`.
///
/// A row's `hit` is that of the authors' script, which gave the paper's numbers: the answer must be
/// the letter and nothing else, not even a space.
///
/// # Source
/// `eval_cv_bench/eval.py` of AKI, `extract_mcq_answer` of Cambrian, `CVBench` of VLMEvalKit.
pub(super) fn score_cv_bench(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("answer")?;
    predictions.require("source")?;
    let rows: Vec<Judged> = (0..predictions.n_rows())
        .map(|row| judged(predictions, row, extraction))
        .collect::<Result<_, _>>()?;
    let mut metrics = Metrics::from([
        ("aki_exact", Metric::Part(by_source(&rows, |row| row.exact))),
        ("cambrian", Metric::Part(by_source(&rows, |row| row.cambrian.1))),
    ]);
    if let Some(part) = vlmevalkit_2d(&rows) {
        metrics.set("vlmevalkit_2D", Metric::Part(part));
    }
    let of_3d: Vec<(usize, bool)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.half == Half::ThreeD)
        .map(|(at, row)| (at, row.vlmevalkit.1))
        .collect();
    if !of_3d.is_empty() {
        let category = if predictions.has("category") { "category" } else { "task" };
        let mut part = Metrics::default();
        for (_, of_split) in by_split(predictions, &of_3d, category).iter().take(1) {
            part = with_split("3D", of_split);
        }
        metrics.set("vlmevalkit_3D", Metric::Part(part));
    }
    let indices = predictions.indices().into_iter();
    Ok(Scored {
        metrics,
        rows: indices.zip(&rows).enumerate().map(|(at, row)| detail(predictions, at, row)).collect(),
        coverage: None,
        gaps: Vec::new(),
        notes: vec!["hit and extracted are those of the authors' script: the answer is the letter, and nothing else".to_owned()],
    })
}

fn judged(
    predictions: &Predictions,
    row: usize,
    extraction: Extraction,
) -> Result<Judged, BenchmarkError> {
    let source = predictions.text(row, "source");
    let column = if predictions.has("type") { "type" } else { "split" };
    let half = match (predictions.raw(row, column), source.as_str()) {
        ("2D", _) | ("", "ADE20K" | "COCO") => Half::TwoD,
        ("3D", _) | ("", "Omni3D") => Half::ThreeD,
        (other, _) => {
            let reason = format!("\"{column}\" is \"{other}\", neither 2D nor 3D");
            return Err(predictions.fault(row, reason));
        }
    };
    // Written "(A)" on the hub and "A" in VLMEvalKit's table.
    let expected = predictions.raw(row, "answer").replace(['(', ')'], "");
    let answer = predictions.raw(row, "prediction");
    let first = first_letter(answer);
    let is_first = first.is_some() && expected.to_lowercase().chars().next() == first;
    let options = predictions.options(row);
    let letter = infer_choice(&predictions.text(row, "prediction"), &options, extraction);
    Ok(Judged {
        source,
        half,
        exact: answer == expected,
        cambrian: (first, is_first),
        vlmevalkit: (letter, is_letter(&Cell::Text(expected), letter)),
    })
}

/// Shares of each source and what is made of them: 2D is the mean of `ADE20K` and `COCO`, 3D is `Omni3D`,
/// and `combined` the mean of the two. None where a part is not there.
fn by_source(rows: &[Judged], hit: impl Fn(&Judged) -> bool) -> Metrics {
    let share = |source: &str| {
        mean(rows.iter().filter(|row| row.source == source).map(|row| number(hit(row))))
    };
    let both = |a: Option<f64>, b: Option<f64>| Some(f64::midpoint(a?, b?));
    let [ade, coco, omni] = ["ADE20K", "COCO", "Omni3D"].map(share);
    let acc_2d = both(ade, coco);
    Metrics::from([
        ("ADE20K", Metric::Value(ade)),
        ("COCO", Metric::Value(coco)),
        ("Omni3D", Metric::Value(omni)),
        ("acc_2d", Metric::Value(acc_2d)),
        ("acc_3d", Metric::Value(omni)),
        ("combined", Metric::Value(both(acc_2d, omni))),
    ])
}

/// The unweighted mean over sources, whatever they are.
fn vlmevalkit_2d(rows: &[Judged]) -> Option<Metrics> {
    let rows: Vec<&Judged> = rows.iter().filter(|row| row.half == Half::TwoD).collect();
    let sources: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    let share = |source: &str| {
        mean(rows.iter().filter(|row| row.source == source).map(|row| number(row.vlmevalkit.1)))
    };
    let overall = mean(sources.iter().filter_map(|source| share(source)))?;
    let mut metrics = Metrics::from([("split", Metric::Text("2D".to_owned()))]);
    for source in sources {
        metrics.set(source, Metric::Value(share(source)));
    }
    metrics.set("Overall", Metric::Value(Some(overall)));
    Some(metrics)
}

fn detail(predictions: &Predictions, at: usize, (index, row): (Cell, &Judged)) -> RowDetail {
    let prediction = predictions.raw(at, "prediction").to_owned();
    let letter = |letter: Option<char>| Metric::Text(letter.map_or(String::new(), String::from));
    let hits = Metrics::from([
        ("aki_exact", Metric::Count(row.exact.into())),
        ("cambrian", Metric::Count(row.cambrian.1.into())),
        ("vlmevalkit", Metric::Count(row.vlmevalkit.1.into())),
    ]);
    let letters = Metrics::from([
        ("cambrian", letter(row.cambrian.0)),
        ("vlmevalkit", letter(row.vlmevalkit.0)),
    ]);
    RowDetail {
        index,
        extracted: Extracted::Text(prediction.clone()),
        prediction,
        hit: Some(row.exact.into()),
        more: Metrics::from([("hits", Metric::Part(hits)), ("letters", Metric::Part(letters))]),
    }
}
