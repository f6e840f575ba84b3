//! MathVista: what can be scored without a judge, or all of it behind one.

use super::{
    metrics::{Metric, Metrics},
    report::{Extracted, RowDetail, Scored},
};
use crate::benchmark::{
    BenchmarkError, Cell, Extraction, Predictions, infer_choice,
    literal::list_items,
    python::{float_of_text, int_of_float, int_of_text},
};

/// What VLMEvalKit's table of results says in `log` where no judge was asked.
const PREFETCHED: &str = "Prefetch succeed";

/// Scores of MathVista in percent, `Overall` and for each task and skill.
///
/// A judge extracts an answer from a sentence; rules then compare it. Without one, only answers that
/// rules can extract count, and `acc` is a lower bound. A table that has the judge's columns `res`
/// and `log` is scored as VLMEvalKit does. In both, answers that are texts or lists are never right,
/// and neither is a 0 without a judge: that is how the source compares them.
///
/// # Source
/// `post_check` and `MathVista_acc` of VLMEvalKit.
pub(super) fn score_math_vista(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    for column in ["answer", "question_type", "answer_type"] {
        predictions.require(column)?;
    }
    let is_judged = predictions.has("res") && predictions.has("log");
    let (last, _) = predictions.last_of_index();
    let mut tallies: Vec<(String, Tally)> = Vec::new();
    let mut rows = Vec::with_capacity(last.len());
    for ((row, last), index) in last.iter().enumerate().zip(predictions.indices()) {
        let fetched = prefetched(predictions, *last, extraction)?;
        let (is_fetched, is_hit) = if is_judged {
            let is_fetched = predictions.text(row, "log") == PREFETCHED;
            (is_fetched, judged_right(predictions, row, extraction)?)
        } else {
            (fetched != Extracted::Nothing, fetched_right(predictions, row, &fetched))
        };
        for name in names(predictions, row) {
            let at = tallies.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                tallies.push((name, Tally::default()));
                tallies.len() - 1
            });
            let tally = &mut tallies[at].1;
            tally.n += 1;
            tally.n_fetched += usize::from(is_fetched);
            tally.n_hits += usize::from(is_hit);
        }
        rows.push(RowDetail {
            index,
            prediction: predictions.raw(row, "prediction").to_owned(),
            extracted: fetched,
            hit: Some(is_hit.into()),
            more: Metrics::default(),
        });
    }
    let mut metrics = Metrics::default();
    for (name, tally) in tallies {
        metrics.set(name, Metric::Part(tally.metrics()));
    }
    let note = match is_judged {
        true => "acc counts the judge's answers in column \"res\"",
        false => "acc is a lower bound: only what rules extract without a judge counts",
    };
    Ok(Scored { metrics, rows, coverage: None, gaps: Vec::new(), notes: vec![note.to_owned()] })
}

#[derive(Clone, Copy, Default)]
struct Tally {
    n: usize,
    n_fetched: usize,
    n_hits: usize,
}

impl Tally {
    fn metrics(self) -> Metrics {
        let percent = |n: usize| Metric::Value(Some(n as f64 / self.n as f64 * 100.0));
        Metrics::from([
            ("tot", Metric::Count(self.n)),
            ("prefetch", Metric::Count(self.n_fetched)),
            ("hit", Metric::Count(self.n_hits)),
            ("prefetch_rate", percent(self.n_fetched)),
            ("acc", percent(self.n_hits)),
        ])
    }
}

/// What a row counts for: everything, its skills, its task.
fn names(predictions: &Predictions, row: usize) -> Vec<String> {
    let mut names = vec!["Overall".to_owned()];
    if let Some(skills) = predictions.cell(row, "skills").present() {
        match list_items(&skills) {
            Some(items) => names.extend(items.iter().map(ToString::to_string)),
            None => names.push(skills),
        }
    }
    names.extend(predictions.cell(row, "task").present());
    names
}

/// `post_check(line, prefetch=True)`: a letter, right or wrong; a number only where it is right and
/// not zero, since zero is false in Python.
fn prefetched(
    predictions: &Predictions,
    row: usize,
    extraction: Extraction,
) -> Result<Extracted, BenchmarkError> {
    let response = predictions.cell(row, "prediction");
    let answer = predictions.cell(row, "answer");
    Ok(match kind(predictions, row) {
        Kind::Choice => Extracted::from(letter(predictions, row, &response, extraction)?),
        Kind::Integer => match (int_of(&response), int_of(&answer)) {
            (Some(said), Some(right)) if said == right && said != "0" => {
                said.parse().map_or(Extracted::Text(said), Extracted::Int)
            }
            _ => Extracted::Nothing,
        },
        Kind::Float => match (float_of(&response), float_of(&answer)) {
            (Some(said), Some(right)) if said == right && said != 0.0 => Extracted::Float(said),
            _ => Extracted::Nothing,
        },
        Kind::Other => Extracted::Nothing,
    })
}

fn fetched_right(predictions: &Predictions, row: usize, fetched: &Extracted) -> bool {
    match (kind(predictions, row), fetched) {
        (_, Extracted::Nothing) => false,
        (Kind::Choice, Extracted::Text(letter)) => {
            predictions.cell(row, "answer_option") == Cell::Text(letter.clone())
        }
        _ => true,
    }
}

/// `post_check(line, prefetch=False)`, of what the judge extracted.
fn judged_right(
    predictions: &Predictions,
    row: usize,
    extraction: Extraction,
) -> Result<bool, BenchmarkError> {
    let response = predictions.cell(row, "res");
    let answer = predictions.cell(row, "answer");
    Ok(match kind(predictions, row) {
        Kind::Choice => letter(predictions, row, &response, extraction)?.is_some_and(|letter| {
            predictions.cell(row, "answer_option") == Cell::Text(letter.to_string())
        }),
        Kind::Integer => int_of(&response).is_some_and(|said| int_of(&answer) == Some(said)),
        Kind::Float => float_of(&response).is_some_and(|said| float_of(&answer) == Some(said)),
        Kind::Other => false,
    })
}

enum Kind {
    Choice,
    Integer,
    Float,
    Other,
}

fn kind(predictions: &Predictions, row: usize) -> Kind {
    let question_type = predictions.text(row, "question_type");
    match (question_type.as_str(), predictions.text(row, "answer_type").as_str()) {
        ("multi_choice", _) => Kind::Choice,
        (_, "integer") => Kind::Integer,
        (_, "float") => Kind::Float,
        _ => Kind::Other,
    }
}

fn letter(
    predictions: &Predictions,
    row: usize,
    response: &Cell,
    extraction: Extraction,
) -> Result<Option<char>, BenchmarkError> {
    let choices = predictions.text(row, "choices");
    let items = list_items(&choices).ok_or_else(|| {
        predictions
            .fault(row, format!("\"choices\" is \"{choices}\", not a list such as ['a', 'b']"))
    })?;
    let options: Vec<(char, String)> =
        ('A'..='Z').zip(items.iter().map(ToString::to_string)).collect();
    Ok(infer_choice(&response.to_string(), &options, extraction))
}

/// `int(cell)`.
fn int_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Missing => None,
        Cell::Bool(value) => Some(u8::from(*value).to_string()),
        Cell::Int(value) => Some(value.to_string()),
        Cell::Float(value) => int_of_float(*value),
        Cell::Text(text) => int_of_text(text),
    }
}

/// `float(cell)`.
fn float_of(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Missing => None,
        Cell::Bool(value) => Some(f64::from(u8::from(*value))),
        Cell::Int(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        Cell::Text(text) => float_of_text(text),
    }
}
