//! Everything of a view in a folder of its own: figures, the numbers behind them, and how it was made.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{
    drawn::Drawn,
    export_readme::{ViewFacts, readme},
    steps::Steps,
};
use crate::{
    domain::{OnProgress, TaggedWord},
    session::{Moment, slug, write_whole},
};

/// A thing of the view under the name of its files.
#[derive(Clone, Debug)]
pub struct NamedDrawing {
    /// The name of its files, without ending.
    pub stem: &'static str,
    /// What it is called.
    pub title: String,
    /// The thing; or why it cannot be shown.
    pub drawn: Result<Drawn, String>,
}

/// A token of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerToken {
    /// Its number in the vocabulary.
    pub id: u32,
    /// Its text.
    pub text: String,
    /// Its log-probability in nats.
    pub logprob: f64,
}

/// Everything of a view.
#[derive(Clone, Debug)]
pub struct ViewExport {
    /// Where the folder is made.
    pub parent: PathBuf,
    /// What is in it.
    pub drawings: Vec<NamedDrawing>,
    /// The question's words, corrections made.
    pub words: Vec<TaggedWord>,
    /// The answer.
    pub tokens: Vec<AnswerToken>,
    /// How it was made.
    pub facts: ViewFacts,
}

/// Folders that are being written, or whose writing was cut short.
const UNFINISHED: &str = ".writing-aki-lens-";

/// Writes a folder `<date>-<question>` with a `README.md`; returns its path. The folder appears whole
/// or not at all.
///
/// # Errors
/// A parent that is no folder or cannot be written to; numbers that make no figure; `stopped`.
pub fn export_view(export: &ViewExport, on_progress: OnProgress<'_>) -> Result<PathBuf> {
    let parent = &export.parent;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let unfinished = parent.join(format!("{UNFINISHED}{}", std::process::id()));
    // What an earlier program of this number left is its own rubbish.
    fs::remove_dir_all(&unfinished).or_else(ignore_missing)?;
    fs::create_dir(&unfinished).with_context(|| format!("cannot write to {}", parent.display()))?;
    let written = write_all(export, &unfinished, on_progress);
    let moved = written.and_then(|()| move_in(&unfinished, parent, &export.facts.question));
    if moved.is_err() {
        // The reason is told; what is half there says nothing more.
        fs::remove_dir_all(&unfinished).ok();
    }
    moved
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn write_all(export: &ViewExport, folder: &Path, on_progress: OnProgress<'_>) -> Result<()> {
    let drawn = || export.drawings.iter().filter_map(|d| Some((d, d.drawn.as_ref().ok()?)));
    let n_files: usize = drawn().map(|(_, drawn)| drawn.formats().len()).sum();
    let mut steps = Steps::new("writing", n_files + 3, on_progress);
    for (drawing, drawn) in drawn() {
        for format in drawn.formats() {
            let path = folder.join(format!("{}.{format}", drawing.stem));
            steps.step(|told| write_part(drawn, &path, told))?;
        }
    }
    let text = |name: &str, text: String| write_whole(&folder.join(name), text.as_bytes());
    steps.step(|_| Ok(text("words.csv", words_csv(&export.words)?)?))?;
    steps.step(|_| Ok(text("answer.csv", tokens_csv(&export.tokens)?)?))?;
    steps.step(|_| Ok(text("README.md", readme(export))?))
}

/// Writes a file of the folder; its name is told where that fails, and not where it is stopped.
fn write_part(drawn: &Drawn, path: &Path, on_progress: OnProgress<'_>) -> Result<()> {
    let mut is_stopped = false;
    let written = drawn.write_while(path, &mut |progress| {
        let flow = on_progress(progress);
        is_stopped |= flow.is_break();
        flow
    });
    if is_stopped {
        bail!("stopped");
    }
    written.with_context(|| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn words_csv(words: &[TaggedWord]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["word", "text", "start", "end", "tag", "bucket", "edited"])?;
    for (i, word) in words.iter().enumerate() {
        writer.write_record([
            i.to_string(),
            word.text.clone(),
            word.byte_range.start.to_string(),
            word.byte_range.end.to_string(),
            word.tag.clone(),
            word.bucket.to_string(),
            word.edited.to_string(),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn tokens_csv(tokens: &[AnswerToken]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["token", "id", "text", "logprob"])?;
    for (i, token) in tokens.iter().enumerate() {
        let (number, id, logprob) =
            (i.to_string(), token.id.to_string(), token.logprob.to_string());
        writer.write_record([number, id, token.text.clone(), logprob])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Gives a finished folder its name, with a number where that is taken.
fn move_in(finished: &Path, parent: &Path, question: &str) -> Result<PathBuf> {
    let name = format!("{}-{}", Moment::now().date(), slug(question));
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    for name in std::iter::once(name.clone()).chain(numbered) {
        let path = parent.join(name);
        if path.exists() {
            continue;
        }
        match fs::rename(finished, &path) {
            Ok(()) => return Ok(path),
            Err(_taken) if path.exists() => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", path.display()));
            }
        }
    }
    bail!("no name is left in {}", parent.display())
}
