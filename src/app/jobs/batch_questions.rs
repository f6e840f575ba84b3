//! The questions of an opened batch, read from the file that was asked, and one of them with its
//! picture, to be asked again.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};

use super::{batch::weights_sum, model_folder};
use crate::{
    app::picture::Picture,
    benchmark::RowPlace,
    domain::{AttentionMode, OnProgress, Progress, UserText},
    eval::batch::{BatchHeader, BatchSource, SourceStep},
    inference::Asked,
    vision,
};

/// Questions from one word on the progress to the next.
const QUESTIONS_A_STEP: usize = 32;
/// The same of rows that are only looked at.
const ROWS_A_STEP: usize = 512;

/// Which questions to read.
#[derive(Clone, Debug)]
pub struct QuestionsRequest {
    /// The conditions of the batch.
    pub header: BatchHeader,
    /// Its folder.
    pub folder: PathBuf,
    /// Where a person says that the questions are; `None` for where the record has them.
    pub file: Option<PathBuf>,
}

/// The questions of a batch.
#[derive(Debug)]
pub struct BatchQuestions {
    source: BatchSource,
    /// By row.
    questions: Vec<Option<KnownQuestion>>,
}

/// What is known of a question without its picture.
#[derive(Clone, Debug)]
pub struct KnownQuestion {
    place: RowPlace,
    /// The question and its choices.
    pub text: String,
    /// The right answer, where one is stated.
    pub expected: Option<String>,
}

impl BatchQuestions {
    /// The question of a row of the file, from 0.
    pub fn get(&self, row: usize) -> Option<&KnownQuestion> {
        self.questions.get(row)?.as_ref()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.source.file().path()
    }
}

/// Reads the questions of a batch, and makes sure that they are those that were asked.
///
/// # Errors
/// A file that is not where it was, or that asks something else; a stop.
pub fn read_batch_questions(
    request: &QuestionsRequest,
    on_progress: OnProgress<'_>,
) -> Result<BatchQuestions> {
    let header = &request.header;
    let path = found_file(request)?;
    let preset = BatchSource::preset_of(&header.prompt);
    let mut questions: Vec<Option<KnownQuestion>> = Vec::new();
    let mut first_fault = None;
    let mut done = 0;
    let mut on_step = |step: SourceStep<'_>| {
        let (place, question) = match step {
            SourceStep::Looked(rows) if rows % ROWS_A_STEP != 1 => return ControlFlow::Continue(()),
            SourceStep::Looked(rows) => return on_progress(looking(rows, header.rows)),
            SourceStep::Read(place, question) => (place, question),
        };
        if let Err(reason) = &question.asked {
            first_fault.get_or_insert_with(|| format!("row {}: {reason}", question.row + 1));
        }
        // Rows come in the order of the file; one that cannot be read may leave a gap.
        if question.row >= questions.len() {
            questions.resize(question.row + 1, None);
        }
        let expected = question.expected.as_ref().map(|expected| expected.text().to_owned());
        let known = KnownQuestion { place, text: question.text.clone(), expected };
        questions[question.row] = Some(known);
        done += 1;
        if done % QUESTIONS_A_STEP != 1 {
            return ControlFlow::Continue(());
        }
        on_progress(Progress::Step { what: "reading questions", done, of: header.rows.max(done) })
    };
    let called = Path::new(&header.data);
    let source = BatchSource::open_telling(&path, called, preset, &mut on_step)?;
    if source.content() != header.data_sum {
        // A picture that is gone changes what is asked as much as another word.
        let hint = first_fault.map_or_else(String::new, |fault| format!(" ({fault})"));
        bail!(
            "{} does not hold the questions of the record, or not their pictures{hint}; restore them, \
             or choose the file that was asked",
            path.display()
        );
    }
    Ok(BatchQuestions { source, questions })
}

fn looking(done: usize, of: usize) -> Progress {
    Progress::Step { what: "looking through the questions", done, of: of.max(done) }
}

/// The question file: the one that a person names, else where the record has it, as seen from here or
/// from the batch's folder, else beside the batch.
fn found_file(request: &QuestionsRequest) -> Result<PathBuf> {
    if let Some(file) = &request.file {
        return Ok(file.clone());
    }
    let named = PathBuf::from(&request.header.data);
    let mut places = vec![named.clone()];
    let around = [request.folder.parent(), Some(&request.folder)];
    for folder in around.into_iter().flatten() {
        // An absolute name stays what it is.
        let name = named.file_name().map(PathBuf::from);
        places.extend([Some(named.clone()), name].into_iter().flatten().map(|p| folder.join(p)));
    }
    if let Some(found) = places.iter().find(|place| place.exists()) {
        return Ok(found.clone());
    }
    bail!(
        "the questions are not where the batch read them: there is no {}; put them back, or choose the \
         file where it is now",
        named.display()
    )
}

/// Which question to open.
#[derive(Clone, Debug)]
pub struct BatchAsk {
    /// The questions of its batch.
    pub questions: Arc<BatchQuestions>,
    /// The conditions.
    pub header: Arc<BatchHeader>,
    /// The row of the file, from 0.
    pub row: usize,
    /// The mode under which it is asked again.
    pub attention: AttentionMode,
}

/// A question of a batch, ready to be asked again.
#[derive(Debug)]
pub struct OpenedQuestion {
    /// Its picture.
    pub picture: Picture,
    /// The question as it was asked.
    pub text: String,
    /// The whole turn, where prompts were made of rows.
    pub turn: Option<UserText>,
    /// The model as the batch named it.
    pub model: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// What should be known before it is compared with the record.
    pub warnings: Vec<String>,
}

/// Reads a question and its picture again.
///
/// # Errors
/// A row or a picture that is no longer there or could never be asked; a model that is gone.
pub fn open_batch_question(request: &BatchAsk) -> Result<OpenedQuestion> {
    let BatchAsk { questions, header, row, attention } = request;
    let path = questions.path();
    let name = format!(
        "{} row {}",
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy(),
        row + 1
    );
    let known = questions.get(*row).with_context(|| format!("{name} could not be read"))?;
    let (question, bytes) = questions.source.row_at(known.place)?;
    let gone = |reason: String| anyhow::anyhow!("{name}: {reason}");
    let (text, turn) = match question.asked.map_err(gone)? {
        Asked::Question(text) => (text, None),
        Asked::Turn(turn) => (words_of(&turn), Some(turn)),
        Asked::Ids(_) => bail!("{name} is asked as numbers, which no question bar can hold"),
    };
    let bytes = bytes.map_err(gone)?;
    let image = vision::decode(&bytes, path).with_context(|| name.clone())?;
    let folder = model_folder(&header.model)
        .with_context(|| format!("the batch was run with the model {}", header.model))?;
    let mut warnings = Vec::new();
    if weights_sum(&folder)? != header.weights {
        warnings.push(format!(
            "the weights of {} are not those that the batch was run with, so answers may differ from \
             the record",
            header.model
        ));
    }
    Ok(OpenedQuestion {
        picture: Picture::new(name, None, image),
        text,
        turn,
        model: header.model.clone(),
        attention: *attention,
        max_new_tokens: header.max_new_tokens,
        warnings,
    })
}

/// A turn's words, as a question bar shows them.
fn words_of(turn: &UserText) -> String {
    turn.text()[turn.words()].to_owned()
}
