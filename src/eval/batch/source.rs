//! The questions of a batch, picture by picture, in constant memory.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path, sync::Arc};

use super::{BatchError, Shard, order::PictureOrder};
use crate::{
    benchmark::{
        Benchmark, BenchmarkError, BenchmarkFile, BenchmarkRow, BenchmarkRows, Extraction, Prompts,
        QuestionForm, ReadOptions, RowFault, RowPlace, infer_choice, infer_yes_no,
    },
    inference::Asked,
    scene::{QuestionKind, matches},
};

/// The prompts of questions that are not the tabletop world's own.
const DEFAULT_PROMPTS: &str = "vlmevalkit_committed";
/// Longer cells are no groups.
const LONGEST_GROUP: usize = 64;

/// A question that a batch asks.
#[derive(Clone, Debug)]
pub struct BatchQuestion {
    /// Its row in the file, from 0.
    pub row: usize,
    /// Its first column.
    pub index: String,
    /// The question and its choices, as the tabletop world writes them: what `truth.json` tells of.
    pub text: String,
    /// What is asked, or why it cannot be.
    pub asked: Result<Asked, String>,
    /// What should be answered, and by which rule.
    pub expected: Option<Expected>,
    /// Columns that results can be grouped by.
    pub groups: BTreeMap<String, String>,
}

/// An answer that counts as right.
#[derive(Clone, Debug)]
pub enum Expected {
    /// As the tabletop world counts.
    Tabletop(QuestionKind, String),
    /// Yes or no, as `VLMEvalKit` reads answers.
    YesNo(String),
    /// A letter, as `VLMEvalKit` reads answers.
    Choice(String, Vec<(char, String)>),
    /// Letter by letter, but for case.
    Text(String),
}

impl Expected {
    /// The answer as it is stated.
    pub fn text(&self) -> &str {
        match self {
            Self::Tabletop(_, text)
            | Self::YesNo(text)
            | Self::Choice(text, _)
            | Self::Text(text) => text,
        }
    }

    /// Whether an answer is right.
    pub fn is_met_by(&self, given: &str) -> bool {
        let rules = Extraction::default();
        match self {
            Self::Tabletop(kind, expected) => matches(*kind, expected, given),
            Self::YesNo(expected) => infer_yes_no(given, rules).name() == expected.trim(),
            Self::Choice(expected, options) => infer_choice(given, options, rules)
                .is_some_and(|letter| expected.trim_matches(['(', ')', ' ']) == letter.to_string()),
            Self::Text(expected) => given.trim().eq_ignore_ascii_case(expected.trim()),
        }
    }
}

/// Questions about one picture.
#[derive(Clone, Debug)]
pub struct PictureRows {
    /// The picture's place in the order of all, from 0.
    pub number: usize,
    /// The picture file's bytes, or why there are none.
    pub picture: Result<Arc<Vec<u8>>, String>,
    /// At least one question.
    pub questions: Vec<BatchQuestion>,
}

/// A row's question, and its picture's bytes or why there are none.
pub type PictureRow = (BatchQuestion, Result<Arc<Vec<u8>>, String>);

/// A step of reading a question file, which is gone through twice.
#[derive(Debug)]
pub enum SourceStep<'a> {
    /// At first, for its columns: so many rows were looked at.
    Looked(usize),
    /// Then for its questions, in the order of the file: where one stands, and what it asks.
    Read(RowPlace, &'a BatchQuestion),
}

/// Told of each step of reading a question file; breaking ends it.
pub type OnStep<'a> = &'a mut dyn FnMut(SourceStep<'_>) -> ControlFlow<()>;

/// A question file, and in which words it is asked.
#[derive(Debug)]
pub struct BatchSource {
    file: BenchmarkFile,
    prompts: Prompts,
    preset: Option<String>,
    benchmark: Option<Benchmark>,
    pub(super) order: PictureOrder,
}

impl BatchSource {
    /// Looks through a question file. Without a preset, questions of the tabletop world are asked in
    /// its own words and all others in those of `VLMEvalKit`.
    ///
    /// # Errors
    /// [`BatchError::Questions`], [`BatchError::Prompts`].
    pub fn open(path: &Path, preset: Option<&str>) -> Result<Self, BatchError> {
        Self::open_telling(path, path, preset, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`open`](Self::open), for a file that was `called` something: the name says which benchmark's
    /// questions it holds. Breaking ends it.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`BatchError::Stopped`].
    pub fn open_telling(
        path: &Path,
        called: &Path,
        preset: Option<&str>,
        on_step: OnStep<'_>,
    ) -> Result<Self, BatchError> {
        let mut on_row = |n: usize| on_step(SourceStep::Looked(n));
        let file = match BenchmarkFile::open_while(path, &ReadOptions::default(), &mut on_row) {
            Err(BenchmarkError::Stopped { .. }) => return Err(BatchError::Stopped),
            file => file?,
        };
        let prompts = Prompts::embedded()?;
        if let Some(name) = preset
            && !prompts.presets().any(|(known, _)| known == name)
        {
            let known: Vec<&str> = prompts.presets().map(|(name, _)| name).collect();
            let (found, known) = (name.to_owned(), known.join(", "));
            return Err(BatchError::Prompts { found, known });
        }
        let stem = called.file_stem().unwrap_or_default().to_string_lossy();
        let benchmark = Benchmark::of_file_name(&stem);
        let (preset, order) = (preset.map(str::to_owned), PictureOrder::default());
        let mut source = Self { file, prompts, preset, benchmark, order };
        source.order = PictureOrder::of(&source, on_step)?;
        Ok(source)
    }

    /// Names all that is asked, pictures included: other questions, another name.
    pub fn content(&self) -> &str {
        &self.order.content
    }

    /// The file.
    pub fn file(&self) -> &BenchmarkFile {
        &self.file
    }

    /// In which words questions are asked, for a record.
    pub fn prompt_name(&self) -> String {
        self.preset.clone().unwrap_or_else(own_words)
    }

    /// The preset that a record names; `None` for the tabletop world's own words.
    pub fn preset_of(prompt_name: &str) -> Option<&str> {
        Some(prompt_name).filter(|name| *name != own_words())
    }

    /// One row again, from where it stands: its question, and its picture's bytes or why there are none.
    ///
    /// # Errors
    /// A file that cannot be opened again.
    pub fn row_at(&self, place: RowPlace) -> Result<PictureRow, BatchError> {
        let mut rows = self.file.rows()?;
        let row = match rows.go_to(place) {
            Ok(()) => rows.next(),
            Err(e) => Some(Err(unreadable(place, e.to_string()))),
        };
        Ok(match row.unwrap_or_else(|| Err(unreadable(place, "no longer there".to_owned()))) {
            Ok(row) => {
                let (question, at) = self.question(&row);
                let found = row.pictures.get(at.unwrap_or(0));
                let picture = found.map(|found| Arc::clone(&found.bytes));
                (question, picture.ok_or_else(|| "the row has no picture".to_owned()))
            }
            Err(fault) => (faulty(fault.clone()), Err(fault.reason)),
        })
    }

    /// The pictures that a shard holds, in the order in which they first come in the file.
    ///
    /// # Errors
    /// A file that cannot be opened again.
    pub fn pictures(&self, shard: Shard) -> Result<BatchRows<'_>, BatchError> {
        Ok(BatchRows { source: self, rows: self.file.rows()?, next: 0, shard })
    }

    /// The rows that a shard asks, from 0, in the order in which it asks them.
    pub fn row_numbers(&self, shard: Shard) -> impl Iterator<Item = usize> + '_ {
        self.order.of_shard(shard).flat_map(|(_, rows)| rows.iter().map(|row| row.number - 1))
    }

    /// Rows that a shard asks.
    pub fn n_rows(&self, shard: Shard) -> usize {
        self.order.n_rows(shard)
    }

    /// A row's question, and which of its pictures is asked about.
    pub(super) fn question(&self, row: &BenchmarkRow) -> (BatchQuestion, Option<usize>) {
        let kind = row.category.as_deref().and_then(|c| c.parse::<QuestionKind>().ok());
        let own_kind = kind.filter(|_| self.preset.is_none());
        let (asked, picture) = if own_kind.is_some() {
            (Ok(Asked::Question(tabletop_words(row))), Some(0))
        } else {
            let preset = self.preset.as_deref().unwrap_or(DEFAULT_PROMPTS);
            match self.prompts.ask(preset, self.benchmark, row) {
                Ok(asked) => (Ok(Asked::Turn(asked.turn)), Some(asked.picture)),
                Err(reason) => (Err(reason), None),
            }
        };
        let form = self.benchmark.map(Benchmark::form);
        let expected = row.answer.clone().map(|answer| match (kind, form) {
            (Some(kind), _) => Expected::Tabletop(kind, answer),
            (None, Some(QuestionForm::YesNo)) => Expected::YesNo(answer),
            _ if !row.options.is_empty() => Expected::Choice(answer, row.options.clone()),
            _ => Expected::Text(answer),
        });
        let (groups, index) = (groups_of(row), row.index.clone());
        let text = tabletop_words(row);
        (BatchQuestion { row: row.number - 1, index, text, asked, expected, groups }, picture)
    }
}

/// What a record calls the words of a file without a preset.
fn own_words() -> String {
    format!("the tabletop world's own, else {DEFAULT_PROMPTS}")
}

/// A question as the tabletop world asks it: its choices a line each, then what to do.
fn tabletop_words(row: &BenchmarkRow) -> String {
    if row.options.is_empty() {
        return row.question.clone();
    }
    let lines: Vec<String> =
        row.options.iter().map(|(letter, text)| format!("{letter}. {text}")).collect();
    format!("{}\n{}\nAnswer with the letter.", row.question, lines.join("\n"))
}

/// Short cells that are neither question nor answer.
fn groups_of(row: &BenchmarkRow) -> BTreeMap<String, String> {
    let is_text = |name: &str| {
        let texts = ["index", "question", "answer", "hint", "prompt", "image_path", "prediction"];
        texts.contains(&name) || (name.len() == 1 && name.chars().all(|c| c.is_ascii_uppercase()))
    };
    let cells = row.cells.iter().filter(|(name, _)| !is_text(name));
    let values = cells.filter_map(|(name, cell)| Some((name.to_string(), cell.present()?)));
    values.filter(|(_, value)| value.len() <= LONGEST_GROUP).collect()
}

/// The pictures of a shard, each with its questions.
#[derive(Debug)]
pub struct BatchRows<'a> {
    source: &'a BatchSource,
    rows: BenchmarkRows,
    next: usize,
    shard: Shard,
}

impl BatchRows<'_> {
    /// All questions about a picture, and the picture of the first that can be read.
    fn read(&mut self, number: usize) -> PictureRows {
        let mut picture = Err("no row has a picture".to_owned());
        let mut questions = Vec::new();
        for place in &self.source.order.pictures[number] {
            let row = match self.rows.go_to(*place) {
                Ok(()) => self.rows.next(),
                Err(e) => Some(Err(unreadable(*place, e.to_string()))),
            };
            match row.unwrap_or_else(|| Err(unreadable(*place, "no longer there".to_owned()))) {
                Ok(row) => {
                    let (question, at) = self.source.question(&row);
                    if let (Err(_), Some(found)) = (&picture, row.pictures.get(at.unwrap_or(0))) {
                        picture = Ok(Arc::clone(&found.bytes));
                    }
                    questions.push(question);
                }
                Err(fault) => {
                    if picture.is_err() {
                        picture = Err(fault.reason.clone());
                    }
                    questions.push(faulty(fault));
                }
            }
        }
        PictureRows { number, picture, questions }
    }
}

impl Iterator for BatchRows<'_> {
    type Item = PictureRows;

    fn next(&mut self) -> Option<PictureRows> {
        let n_pictures = self.source.order.pictures.len();
        let number = (self.next..n_pictures).find(|picture| self.shard.holds(*picture))?;
        self.next = number + 1;
        Some(self.read(number))
    }
}

fn unreadable(place: RowPlace, reason: String) -> RowFault {
    RowFault { row: place.number, index: None, reason }
}

/// A row that cannot be read, as a question that cannot be asked.
pub(super) fn faulty(fault: RowFault) -> BatchQuestion {
    BatchQuestion {
        row: fault.row.saturating_sub(1),
        index: fault.index.unwrap_or_else(|| fault.row.to_string()),
        text: String::new(),
        asked: Err(fault.reason),
        expected: None,
        groups: BTreeMap::new(),
    }
}
