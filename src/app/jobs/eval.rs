//! Evaluate a model on a file of questions: a report, and every answer.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{model_folder, pointing::write_pointing, weights::weights_checksum, write_whole};
use crate::{
    domain::AttentionMode,
    eval::{Answered, EvalProgress, EvalReport, QuestionFile, evaluate},
    inference::Engine,
    model::ComputeDevice,
};

/// Which model, on which questions.
#[derive(Clone, Debug)]
pub struct Eval {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// The attention mode.
    pub mode: AttentionMode,
    /// A table of questions.
    pub data: PathBuf,
    /// The folder for `report.json`, `answers.tsv` and, where maps could point, `pointing.json`.
    pub out: PathBuf,
    /// Tokens an answer has at most.
    pub max_new_tokens: usize,
}

/// Asks every question and writes what came out.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn eval(
    request: &Eval,
    device: ComputeDevice,
    on_progress: &mut (dyn FnMut(EvalProgress) -> ControlFlow<()> + Send),
) -> Result<EvalReport> {
    let Eval { model, mode, data, out, max_new_tokens } = request;
    let folder = model_folder(model)?;
    let file = QuestionFile::open(data)?;
    let engine = Engine::open(&folder, device, None, &mut |_| ControlFlow::Continue(()))?;
    let (report, answers) = evaluate(&engine, model, *mode, &file, *max_new_tokens, on_progress)?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let json = serde_json::to_string_pretty(&report).context("while writing the report")?;
    write(&out.join("report.json"), format!("{json}\n").as_bytes())?;
    write(&out.join("answers.tsv"), &table(&answers)?)?;
    if let Some(pointing) = &report.pointing {
        write_pointing(out, &pointing.rates(weights_checksum(&folder)?, *mode))?;
    }
    Ok(report)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn table(answers: &[Answered]) -> Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
    for answer in answers {
        table.serialize(answer).context("while making answers.tsv")?;
    }
    table.into_inner().context("while making answers.tsv")
}
