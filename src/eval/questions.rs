//! Question files: tables with the columns that `VLMEvalKit` reads.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// A question file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct QuestionError {
    /// The file.
    pub path: PathBuf,
    /// Row, column, expected and found.
    pub reason: String,
}

/// A question and what should be answered.
#[derive(Clone, Debug)]
pub struct QuestionRow {
    /// The first column.
    pub index: String,
    /// The picture file's bytes; rows about one picture share them.
    pub picture: Arc<Vec<u8>>,
    /// The question, its choices included.
    pub text: String,
    /// The expected answer.
    pub answer: String,
    /// What kind of question it is, as the file says.
    pub category: String,
    /// Whether it rests on something that training lacked.
    pub is_held_out: bool,
}

/// All rows of a file.
#[derive(Clone, Debug)]
pub struct QuestionFile {
    /// The file.
    pub path: PathBuf,
    /// The rows, in order.
    pub rows: Vec<QuestionRow>,
}

#[derive(Deserialize)]
struct Columns {
    index: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    image_path: String,
    question: String,
    #[serde(rename = "A", default)]
    a: String,
    #[serde(rename = "B", default)]
    b: String,
    #[serde(rename = "C", default)]
    c: String,
    #[serde(rename = "D", default)]
    d: String,
    answer: String,
    #[serde(default)]
    category: String,
    #[serde(rename = "l2-category", default)]
    l2_category: String,
}

impl Columns {
    /// The question as the tabletop world asks it: its choices a line each, then what to do.
    fn text(&self) -> String {
        let choices = [("A", &self.a), ("B", &self.b), ("C", &self.c), ("D", &self.d)];
        let given: Vec<_> = choices.iter().filter(|(_, text)| !text.is_empty()).collect();
        if given.is_empty() {
            return self.question.clone();
        }
        let lines: Vec<String> =
            given.iter().map(|(letter, text)| format!("{letter}. {text}")).collect();
        format!("{}\n{}\nAnswer with the letter.", self.question, lines.join("\n"))
    }
}

impl QuestionFile {
    /// Reads a table separated by tabs.
    ///
    /// A picture is base64, the `index` of an earlier row with the same picture, or a path in
    /// `image_path`, relative to the file.
    ///
    /// # Errors
    /// [`QuestionError`] with the row and what is wrong with it.
    pub fn open(path: &Path) -> Result<Self, QuestionError> {
        let bad = |reason: String| QuestionError { path: path.to_owned(), reason };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b'\t')
            .from_path(path)
            .map_err(|e| bad(format!("cannot be read: {e}")))?;
        let mut pictures: BTreeMap<String, Arc<Vec<u8>>> = BTreeMap::new();
        let mut rows = Vec::new();
        for (i, columns) in reader.deserialize::<Columns>().enumerate() {
            let columns = columns.map_err(|e| bad(format!("row {}: {e}", i + 1)))?;
            let picture = picture_of(&columns, path, &pictures).map_err(|reason| {
                bad(format!("row {} (index {}): {reason}", i + 1, columns.index))
            })?;
            pictures.insert(columns.index.clone(), Arc::clone(&picture));
            rows.push(QuestionRow {
                picture,
                text: columns.text(),
                index: columns.index,
                answer: columns.answer,
                category: columns.category,
                is_held_out: columns.l2_category == "held_out",
            });
        }
        if rows.is_empty() {
            return Err(bad("it holds no question".to_owned()));
        }
        Ok(Self { path: path.to_owned(), rows })
    }
}

fn picture_of(
    columns: &Columns,
    file: &Path,
    earlier: &BTreeMap<String, Arc<Vec<u8>>>,
) -> Result<Arc<Vec<u8>>, String> {
    if let Some(picture) = earlier.get(&columns.image) {
        return Ok(Arc::clone(picture));
    }
    if !columns.image.is_empty() {
        let bytes = STANDARD.decode(columns.image.trim());
        return bytes.map(Arc::new).map_err(|e| {
            format!("\"image\" is neither base64 ({e}) nor the index of an earlier row")
        });
    }
    if columns.image_path.is_empty() {
        return Err("it has neither \"image\" nor \"image_path\"".to_owned());
    }
    let path = file.parent().unwrap_or(Path::new("")).join(&columns.image_path);
    fs::read(&path).map(Arc::new).map_err(|e| format!("cannot read {}: {e}", path.display()))
}
