//! Choices of which each row counts for itself: SEED-Bench, RealWorldQA, MMMU.

use super::{
    accuracy::{by_split, flat_if_one, nested},
    metrics::Metrics,
    report::{Extracted, RowDetail, Scored},
};
use crate::benchmark::{BenchmarkError, Cell, Extraction, Predictions, infer_choice};

/// What one row's answer was taken for, and whether that is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) letter: Option<char>,
    pub(super) hit: bool,
}

/// Reads every row; where an index comes again, the last row's result is that of all.
///
/// # Source
/// `mcq_vanilla_eval` without a judge.
pub(super) fn chosen(predictions: &Predictions, extraction: Extraction) -> Vec<Chosen> {
    let of_row = |row: usize| {
        let letter = infer_choice(
            &predictions.text(row, "prediction"),
            &predictions.options(row),
            extraction,
        );
        Chosen { letter, hit: is_letter(&predictions.cell(row, "answer"), letter) }
    };
    let (last, _) = predictions.last_of_index();
    last.iter().map(|row| of_row(*row)).collect()
}

pub(super) fn is_letter(expected: &Cell, letter: Option<char>) -> bool {
    let Cell::Text(expected) = expected else { return false };
    // What nothing was inferred of counts as Z.
    let letter = letter.unwrap_or('Z');
    let mut chars = expected.chars();
    chars.next() == Some(letter) && chars.next().is_none()
}

/// Scores of SEED-Bench and RealWorldQA, as shares.
pub(super) fn score_choices(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("answer")?;
    let chosen = chosen(predictions, extraction);
    Ok(Scored {
        metrics: flat_if_one(by_split(predictions, &hits(&chosen), "category")),
        ..scored(predictions, &chosen)
    })
}

/// Scores of MMMU, as shares, dev and validation apart.
///
/// An open question becomes one of two options, its answer and "Other Answers", of which the first
/// is right; so is the letter A on every open question.
///
/// # Source
/// `MMMU_preproc` and `mcq_vanilla_eval`.
pub(super) fn score_mmmu(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("answer")?;
    let of_row = |row: usize| {
        let mut options = predictions.options(row);
        let answer = predictions.cell(row, "answer");
        if predictions.cell(row, "A").is_missing() {
            options.retain(|(letter, _)| !matches!(letter, 'A' | 'B'));
            options.insert(0, ('B', "Other Answers".to_owned()));
            if let Some(answer) = answer.present() {
                options.insert(0, ('A', answer));
            }
        }
        let letter = infer_choice(&predictions.text(row, "prediction"), &options, extraction);
        let is_upper =
            |text: &String| text.len() == 1 && text.bytes().all(|b| b.is_ascii_uppercase());
        let expected = match answer {
            Cell::Text(answer) if is_upper(&answer) => Cell::Text(answer),
            _ => Cell::Text("A".to_owned()),
        };
        Chosen { letter, hit: is_letter(&expected, letter) }
    };
    let (last, _) = predictions.last_of_index();
    let chosen: Vec<Chosen> = last.iter().map(|row| of_row(*row)).collect();
    Ok(Scored {
        metrics: nested(by_split(predictions, &hits(&chosen), "category")),
        notes: vec!["the paper's MMMU row for AKI is the split dev (150 questions)".to_owned()],
        ..scored(predictions, &chosen)
    })
}

fn hits(chosen: &[Chosen]) -> Vec<(usize, bool)> {
    chosen.iter().enumerate().map(|(row, chosen)| (row, chosen.hit)).collect()
}

fn scored(predictions: &Predictions, chosen: &[Chosen]) -> Scored {
    let rows = predictions.indices().into_iter().zip(chosen).enumerate();
    let detail = |(row, (index, chosen)): (usize, (Cell, &Chosen))| RowDetail {
        index,
        prediction: predictions.raw(row, "prediction").to_owned(),
        extracted: Extracted::from(chosen.letter),
        hit: Some(chosen.hit.into()),
        more: Metrics::default(),
    };
    Scored {
        metrics: Metrics::default(),
        rows: rows.map(detail).collect(),
        coverage: None,
        gaps: Vec::new(),
        notes: Vec::new(),
    }
}
