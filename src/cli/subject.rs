//! Flags of the commands that examine one answer.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use serde::Serialize;

use super::{args::ComputeArgs, regions::OverlapArgs};
use crate::{
    app::jobs::{
        RegionSource, SubjectRequest, TaggerChoice, WordEdit, embedded_model, write_whole,
    },
    domain::AttentionMode,
};

/// A question about a picture, and who is asked.
#[derive(Debug, ClapArgs)]
pub struct QuestionArgs {
    /// The picture: PNG, JPEG, WebP, BMP, TIFF or GIF
    #[arg(long, value_name = "FILE")]
    pub image: PathBuf,
    /// The question
    #[arg(long, value_name = "TEXT")]
    pub question: String,
    /// A checkpoint folder, the name of one in models/, tabletop/mma or tabletop/causal
    /// [default: the embedded tabletop model trained for --attention]
    #[arg(long, value_name = "DIR|NAME")]
    pub model: Option<String>,
    /// The attention mode.
    #[arg(
        long,
        value_name = "MODE",
        default_value = "mma",
        help = "Attention mode: causal, mma, sparsity0 to sparsity100, generalised, mixed, cca or text_first"
    )]
    pub attention: AttentionMode,
}

/// Who says what the question's words do.
#[derive(Debug, ClapArgs)]
pub struct TaggingArgs {
    /// Who says what a word does: brill (embedded) or rust-bert
    #[arg(long, value_name = "TAGGER", default_value = "brill")]
    pub tagger: TaggerChoice,
    /// Put a word into another bucket, as in light=Objects, or light#2=Objects for its second
    /// occurrence; may be given several times
    #[arg(long = "bucket", value_name = "WORD=BUCKET")]
    pub edits: Vec<WordEdit>,
}

/// A question whose answer is examined.
#[derive(Debug, ClapArgs)]
pub struct SubjectArgs {
    /// What is asked.
    #[command(flatten)]
    pub asked: QuestionArgs,
    /// Tokens to write at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_new_tokens: u32,
    /// Its words.
    #[command(flatten)]
    pub tagging: TaggingArgs,
    /// Where and how to compute.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

impl QuestionArgs {
    /// As a job takes it.
    pub(super) fn request(
        &self,
        max_new_tokens: u32,
        tagging: &TaggingArgs,
        compute: &ComputeArgs,
    ) -> SubjectRequest {
        let embedded = || embedded_model(self.attention).to_owned();
        SubjectRequest {
            model: self.model.clone().unwrap_or_else(embedded),
            image: self.image.clone(),
            question: self.question.clone(),
            mode: self.attention,
            max_new_tokens: max_new_tokens as usize,
            dtype: compute.dtype,
            tagger: tagging.tagger,
            edits: tagging.edits.clone(),
        }
    }
}

impl SubjectArgs {
    /// As the job takes it.
    pub(super) fn request(&self) -> SubjectRequest {
        self.asked.request(self.max_new_tokens, &self.tagging, &self.compute)
    }
}

/// The picture's regions.
#[derive(Debug, ClapArgs)]
pub struct RegionArgs {
    /// Segmentations of the picture: a file or folder, its format told by content
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "boxes")]
    pub regions: Option<PathBuf>,
    /// A box in pixels of the picture as shown, as in 10,20,100,50, or with a name as in
    /// cup=10,20,100,50; may be given several times
    #[arg(long = "box", value_name = "X,Y,W,H", allow_hyphen_values = true)]
    pub boxes: Vec<String>,
    /// What is made of them.
    #[command(flatten)]
    pub how: OverlapArgs,
}

impl RegionArgs {
    /// As the job takes it.
    pub(super) fn source(&self) -> RegionSource {
        self.how.source(self.regions.clone(), self.boxes.clone())
    }
}

/// Writes a report as JSON: to a file, or for `-` to standard output; then nothing else is printed
/// there. Gives back whether it went to standard output.
#[expect(clippy::print_stdout, reason = "a report that was asked for")]
pub(super) fn write_json(report: &impl Serialize, path: Option<&Path>) -> Result<bool> {
    let Some(path) = path else { return Ok(false) };
    let json = serde_json::to_string_pretty(report).context("while writing the report as JSON")?;
    if path == Path::new("-") {
        println!("{json}");
        return Ok(true);
    }
    write_whole(path, format!("{json}\n").as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(false)
}
