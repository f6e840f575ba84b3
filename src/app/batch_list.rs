//! The rows behind a bar of the open batch: filtered, sorted, and remembered.

use std::{cmp::Ordering, sync::Arc};

use super::{
    batch::{OpenBatch, Questions},
    batch_choice::{BatchBar, BatchColumn},
    derived::Maybe,
    jobs::{AnswerGroup, BatchChart, KnownQuestion, OpenedRow, Reading},
    memo::Same,
    state::AppState,
};

/// A chart, its reading, the bar of it, which answers, the words that are looked for, by which column
/// it is sorted and whether falling, how many folders' questions are known.
pub(super) type ListKey =
    (Same<Maybe<BatchChart>>, Reading, BatchBar, AnswerGroup, String, (BatchColumn, bool), usize);

/// The rows behind a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchList {
    /// Those that are shown, in order.
    pub rows: Vec<ListedRow>,
    /// All that the bar is made of.
    pub n_behind: usize,
    /// Rows of the bar's group without a word of its bucket.
    pub n_without: usize,
    /// The largest value, to draw the others beside.
    pub top: f64,
}

/// A row behind a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedRow {
    /// Its place among the batch's rows.
    pub place: usize,
    /// The bucket's value in it; `None` where the mask closes it.
    pub value: Option<f64>,
}

impl OpenBatch {
    /// What a row asks; `None` where its question is not known.
    pub fn question(&self, opened: &OpenedRow) -> Option<&KnownQuestion> {
        match self.questions.get(opened.batch)? {
            Questions::Known(questions) => questions.get(opened.row.row),
            Questions::Reading | Questions::Unknown(_) => None,
        }
    }
}

impl AppState {
    /// The rows behind the chosen bar, as they are filtered and sorted; none while no bar is chosen.
    pub fn batch_list(&self) -> Option<Arc<BatchList>> {
        let open = self.batch.as_ref()?;
        let choice = &self.workspace.batch;
        let bar = choice.bar?;
        let drawn = self.batch_chart()?;
        let chart = drawn.as_ref().as_ref().ok()?;
        let group = chart.groups.get(bar.group)?;
        let reading = self.workspace.view.reading;
        let words = choice.words.trim().to_lowercase();
        let sort = (choice.column, choice.is_falling);
        let same = Same(Arc::clone(drawn));
        let key = (same, reading, bar, choice.answers, words.clone(), sort, open.n_known());
        Some(open.lists.get(key, || {
            let (behind, n_without) = group.behind(&open.results, bar.bucket, reading);
            let n_behind = behind.len();
            let listed = behind.into_iter().map(|(place, value)| ListedRow { place, value });
            let rows = listed.filter(|row| {
                let opened = &open.results.rows[row.place];
                let hit = opened.row.answer.as_ref().and_then(|answer| answer.hit);
                choice.answers.holds(hit) && says(open, opened, &words)
            });
            let mut rows: Vec<ListedRow> = rows.collect();
            rows.sort_by(|a, b| {
                let by = by_column(open, choice.column, a, b);
                if choice.is_falling { by.reverse() } else { by }.then(a.place.cmp(&b.place))
            });
            let top = rows.iter().filter_map(|row| row.value).fold(0.0, f64::max);
            BatchList { rows, n_behind, n_without, top }
        }))
    }
}

/// Whether every word that is looked for stands in the question, the answer or the index.
fn says(open: &OpenBatch, opened: &OpenedRow, words: &str) -> bool {
    if words.is_empty() {
        return true;
    }
    let question = open.question(opened).map_or("", |known| &known.text).to_lowercase();
    let answer = prediction(opened).to_lowercase();
    let index = opened.row.index.to_lowercase();
    let stands = |word: &str| {
        question.contains(word) || answer.contains(word) || index == word.trim_start_matches('#')
    };
    words.split_whitespace().all(stands)
}

fn prediction(opened: &OpenedRow) -> &str {
    opened.row.answer.as_ref().map_or("", |answer| answer.prediction.trim())
}

fn by_column(open: &OpenBatch, column: BatchColumn, a: &ListedRow, b: &ListedRow) -> Ordering {
    let row = |listed: &ListedRow| &open.results.rows[listed.place];
    let hit = |listed: &ListedRow| row(listed).row.answer.as_ref().and_then(|answer| answer.hit);
    let text = |listed: &ListedRow| open.question(row(listed)).map(|known| known.text.as_str());
    match column {
        BatchColumn::Row => {
            let place = |listed: &ListedRow| (row(listed).batch, row(listed).row.row);
            place(a).cmp(&place(b))
        }
        BatchColumn::Question => text(a).cmp(&text(b)),
        BatchColumn::Answer => prediction(row(a)).cmp(prediction(row(b))),
        BatchColumn::Hit => hit(a).cmp(&hit(b)),
        BatchColumn::Value => {
            let value = |listed: &ListedRow| listed.value.unwrap_or(f64::NEG_INFINITY);
            value(a).total_cmp(&value(b))
        }
    }
}
