//! MMBench: a question counts as right when it is right under every rotation of its options.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    accuracy::{by_split, flat_if_one},
    metrics::{Metric, Metrics, mean, number},
    report::{Coverage, Extracted, RowDetail, Scored},
    vanilla::{Chosen, chosen, is_letter},
};
use crate::benchmark::{BenchmarkError, Cell, Extraction, Predictions, python::int_of_float};

/// Rotations of question `q` have the indices `q + 1_000_000`, `q + 2_000_000` and so on.
const ROTATION: i128 = 1_000_000;

/// The rows of one question, the one with the question's own index among them or not.
#[derive(Debug, Default)]
struct Question {
    rows: Vec<usize>,
    main: Option<usize>,
    indices: BTreeSet<i128>,
}

/// Scores of MMBench, as shares: circular, and vanilla of all rows (`vanilla_all`) and of the
/// questions' own rows (`vanilla_circ0`).
///
/// Without all rotations of a question there is no circular score: fewer rotations would make it
/// easier. A question has as many rotations as options.
///
/// # Source
/// `mcq_circular_eval` and, for the vanilla ones, `PRINT_VANILLA` of VLMEvalKit.
pub(super) fn score_mm_bench(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("answer")?;
    let chosen = chosen(predictions, extraction);
    let questions = questions(predictions)?;
    let of_each = |question: &Question| right_each_time(predictions, question, extraction);
    let hits: BTreeMap<i128, bool> =
        questions.iter().map(|(q, question)| (*q, of_each(question))).collect();
    let broken: Vec<i128> = questions
        .iter()
        .filter(|(_, question)| !is_whole(predictions, question))
        .map(|(q, _)| *q)
        .collect();

    let mut metrics = Metrics::default();
    let mut gaps = Vec::new();
    if let Some(first) = broken.first() {
        gaps.push(format!(
            "{} of {} questions lack rotations of their options, {first} for one; so there is no circular score",
            broken.len(),
            questions.len()
        ));
    } else {
        let main: Vec<(usize, bool)> =
            questions.iter().filter_map(|(q, question)| Some((question.main?, hits[q]))).collect();
        metrics = flat_if_one(by_split(predictions, &main, "category"));
    }
    let share = |rows: &mut dyn Iterator<Item = usize>| {
        Metric::Value(mean(rows.map(|row| number(chosen[row].hit))))
    };
    metrics.set("vanilla_all", share(&mut (0..chosen.len())));
    metrics.set("vanilla_circ0", share(&mut questions.values().filter_map(|q| q.main)));

    let question_of: BTreeMap<usize, i128> = questions
        .iter()
        .flat_map(|(q, question)| question.rows.iter().map(|row| (*row, *q)))
        .collect();
    let hit_of = |row: usize| {
        let q = question_of.get(&row)?;
        (!broken.contains(q)).then(|| hits[q])
    };
    Ok(Scored {
        metrics,
        rows: details(predictions, &chosen, hit_of),
        coverage: Some(Coverage {
            groups: "questions with all rotations of their options",
            whole: questions.len() - broken.len(),
            of: questions.len(),
        }),
        gaps,
        notes: vec!["a hit is a question's, right under all its rotations".to_owned()],
    })
}

fn questions(predictions: &Predictions) -> Result<BTreeMap<i128, Question>, BenchmarkError> {
    let mut questions: BTreeMap<i128, Question> = BTreeMap::new();
    for (row, cell) in predictions.indices().iter().enumerate() {
        let whole = |cell: &Cell, column: &str| {
            whole_number(cell).ok_or_else(|| {
                predictions.fault(row, format!("\"{column}\" is \"{cell}\", not a whole number"))
            })
        };
        let index = whole(cell, "index")?;
        let q = match predictions.has("g_index") {
            true => whole(&predictions.cell(row, "g_index"), "g_index")?,
            false => index.rem_euclid(ROTATION),
        };
        let question = questions.entry(q).or_default();
        question.rows.push(row);
        question.indices.insert(index);
        if index == q {
            question.main = Some(row);
        }
    }
    Ok(questions)
}

fn whole_number(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::Int(value) => Some(*value),
        Cell::Float(value) => int_of_float(*value)?.parse().ok(),
        Cell::Text(text) => crate::benchmark::python::int_of_text(text)?.parse().ok(),
        Cell::Missing | Cell::Bool(_) => None,
    }
}

fn is_whole(predictions: &Predictions, question: &Question) -> bool {
    question.main.is_some_and(|main| question.indices.len() >= predictions.options(main).len())
}

/// Whether every row of a question was inferred, and is right.
fn right_each_time(predictions: &Predictions, question: &Question, extraction: Extraction) -> bool {
    question.rows.iter().all(|row| {
        let options = predictions.options(*row);
        let answer = predictions.text(*row, "prediction");
        let letter = crate::benchmark::infer_choice(&answer, &options, extraction);
        letter.is_some() && is_letter(&predictions.cell(*row, "answer"), letter)
    })
}

fn details(
    predictions: &Predictions,
    chosen: &[Chosen],
    hit_of: impl Fn(usize) -> Option<bool>,
) -> Vec<RowDetail> {
    let rows = predictions.indices().into_iter().zip(chosen).enumerate();
    rows.map(|(row, (index, chosen))| RowDetail {
        index,
        prediction: predictions.raw(row, "prediction").to_owned(),
        extracted: Extracted::from(chosen.letter),
        hit: hit_of(row).map(u8::from),
        more: Metrics::from([("row_hit", Metric::Count(chosen.hit.into()))]),
    })
    .collect()
}
