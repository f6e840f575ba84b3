//! Questions to be answered with yes or no: MME and POPE.

use std::collections::BTreeSet;

use super::{
    metrics::{Metric, Metrics, mean, number},
    report::{Coverage, Extracted, RowDetail, Scored},
};
use crate::benchmark::{BenchmarkError, Cell, Extraction, Predictions, YesNo, infer_yes_no};

/// MME's categories of perception, as its table spells them; its others are of reasoning.
pub const MME_PERCEPTION: [&str; 10] = [
    "OCR",
    "artwork",
    "celebrity",
    "color",
    "count",
    "existence",
    "landmark",
    "position",
    "posters",
    "scene",
];
/// MME's categories of reasoning ("cognition" in its paper).
const REASONING: [&str; 4] =
    ["code_reasoning", "commonsense_reasoning", "numerical_calculation", "text_translation"];

struct Answer {
    said: YesNo,
    hit: bool,
}

fn answers(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Vec<Answer>, BenchmarkError> {
    predictions.require("answer")?;
    let (last, _) = predictions.last_of_index();
    let answer = |(row, last): (usize, &usize)| {
        // Extracted by index, compared by row.
        let said = infer_yes_no(&predictions.text(*last, "prediction"), extraction);
        let is_right = predictions.cell(row, "answer") == Cell::Text(said.name().to_owned());
        Answer { said, hit: is_right }
    };
    Ok(last.iter().enumerate().map(answer).collect())
}

fn details(predictions: &Predictions, answers: &[Answer]) -> Vec<RowDetail> {
    let indices = predictions.indices().into_iter();
    let detail = |(row, (index, answer)): (usize, (Cell, &Answer))| RowDetail {
        index,
        prediction: predictions.raw(row, "prediction").to_owned(),
        extracted: Extracted::Text(answer.said.name().to_owned()),
        hit: Some(answer.hit.into()),
        more: Metrics::default(),
    };
    indices.zip(answers).enumerate().map(detail).collect()
}

/// Scores of POPE in percent: of all rows and of each category, each row once for every category
/// that it names.
///
/// `Overall` is F1. An answer that is unknown is wrong for `acc`, and no "yes" for the others.
///
/// # Source
/// `POPE_rating` of VLMEvalKit.
pub(super) fn score_pope(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("category")?;
    let answers = answers(predictions, extraction)?;
    let mut exploded: Vec<(usize, Option<String>)> = Vec::new();
    for row in 0..answers.len() {
        match predictions.cell(row, "category").present() {
            Some(list) => exploded.extend(list.split(',').map(|name| (row, Some(name.to_owned())))),
            None => exploded.push((row, None)),
        }
    }
    let categories: BTreeSet<&String> =
        exploded.iter().filter_map(|(_, name)| name.as_ref()).collect();
    let part = |name: Option<&String>| {
        let rows = exploded.iter().filter(|(_, of)| name.is_none() || of.as_ref() == name);
        Metric::Part(pope_part(predictions, &answers, rows.map(|(row, _)| *row)))
    };
    let mut metrics = Metrics::from([("Overall", part(None))]);
    for name in &categories {
        metrics.set(name.as_str(), part(Some(name)));
    }
    Ok(Scored {
        metrics,
        rows: details(predictions, &answers),
        coverage: None,
        gaps: Vec::new(),
        notes: Vec::new(),
    })
}

fn pope_part(
    predictions: &Predictions,
    answers: &[Answer],
    rows: impl Iterator<Item = usize> + Clone,
) -> Metrics {
    let (mut true_yes, mut false_yes, mut false_no) = (0_u32, 0_u32, 0_u32);
    for row in rows.clone() {
        let is_yes = predictions.cell(row, "answer") == Cell::Text("Yes".to_owned());
        match (is_yes, answers[row].said == YesNo::Yes) {
            (true, true) => true_yes += 1,
            (false, true) => false_yes += 1,
            (true, false) => false_no += 1,
            (false, false) => {}
        }
    }
    let ratio = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
    let precision = ratio(true_yes.into(), (true_yes + false_yes).into());
    let recall = ratio(true_yes.into(), (true_yes + false_no).into());
    let f1 = ratio(2.0 * (precision * recall), precision + recall);
    let acc = mean(rows.map(|row| number(answers[row].hit)));
    let percent = |share: f64| Metric::Value(Some(share * 100.0));
    Metrics::from([
        ("Overall", percent(f1)),
        ("acc", Metric::Value(acc.map(|acc| acc * 100.0))),
        ("precision", percent(precision)),
        ("recall", percent(recall)),
    ])
}

/// Scores of MME: `perception` (at most 2000), `reasoning` (at most 800), and each category (at
/// most 200).
///
/// A category is the share of right answers and the share of pictures with both answers right, each
/// in percent. A category with a picture that has one question alone has no score, and neither sum
/// is given unless all fourteen have one.
///
/// # Source
/// `MME_rating` of VLMEvalKit, which ends with an error where a pair or a category is missing.
pub(super) fn score_mme(
    predictions: &Predictions,
    extraction: Extraction,
) -> Result<Scored, BenchmarkError> {
    predictions.require("category")?;
    predictions.require("image_path")?;
    let answers = answers(predictions, extraction)?;
    let mut categories: Vec<(String, Vec<Picture>)> = Vec::new();
    for (row, answer) in answers.iter().enumerate() {
        let pictures = entry(&mut categories, predictions.text(row, "category"));
        entry(pictures, predictions.text(row, "image_path")).push(answer.hit);
    }
    let mut of_category = Metrics::default();
    let mut gaps = Vec::new();
    let (mut whole, mut of) = (0, 0);
    for (name, pictures) in &categories {
        let lone: Vec<&String> = pictures
            .iter()
            .filter(|(_, hits)| hits.len() < 2)
            .map(|(picture, _)| picture)
            .collect();
        of += pictures.len();
        whole += pictures.len() - lone.len();
        match lone.first() {
            Some(first) => gaps.push(format!(
                "{name}: {} of {} pictures have one question instead of two, {first} for one",
                lone.len(),
                pictures.len()
            )),
            None => of_category.set(name.as_str(), Metric::Value(Some(category_score(pictures)))),
        }
    }
    let missing: Vec<&str> = MME_PERCEPTION
        .into_iter()
        .chain(REASONING)
        .filter(|name| !categories.iter().any(|(known, _)| known == name))
        .collect();
    if !missing.is_empty() {
        gaps.push(format!("no row of {}", missing.join(", ")));
    }
    let mut metrics = Metrics::default();
    if gaps.is_empty() {
        for (name, parts) in [("perception", &MME_PERCEPTION[..]), ("reasoning", &REASONING[..])] {
            let value = |part: &&str| match of_category.get(part) {
                Some(Metric::Value(value)) => *value,
                _ => None,
            };
            metrics.set(name, Metric::Value(parts.iter().map(value).sum()));
        }
    }
    for (name, metric) in of_category.iter() {
        metrics.set(name, metric.clone());
    }
    if !gaps.is_empty() {
        gaps.push("so there is neither a score of perception nor one of reasoning".to_owned());
    }
    Ok(Scored {
        metrics,
        rows: details(predictions, &answers),
        coverage: Some(Coverage { groups: "pairs of questions about a picture", whole, of }),
        gaps,
        notes: Vec::new(),
    })
}

/// A picture's name, and whether its answers are right, in the order of the file.
type Picture = (String, Vec<bool>);

fn category_score(pictures: &[Picture]) -> f64 {
    let all = pictures.iter().flat_map(|(_, hits)| hits).map(|hit| number(*hit));
    // Only a picture's first two questions make its pair.
    let both = pictures.iter().map(|(_, hits)| number(hits.iter().take(2).all(|hit| *hit)));
    let percent = |share: Option<f64>| share.unwrap_or_default() * 100.0;
    percent(mean(all)) + percent(mean(both))
}

/// The value of a name, added at the end where it is new.
fn entry<V: Default>(entries: &mut Vec<(String, V)>, name: String) -> &mut V {
    let at = entries.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
        entries.push((name, V::default()));
        entries.len() - 1
    });
    &mut entries[at].1
}
