//! A model folder without its weights: what can be known of a run before anything is computed.

use std::path::{Path, PathBuf};

use super::error::Result;
use crate::{
    domain::{AttentionMode, Precision, RecordSpec},
    model::{MllmConfig, ModelFolder},
    text::{ChatTemplate, TextTokenizer, prompt},
};

/// Configuration, tokenizer and template of a folder.
#[derive(Debug)]
pub struct Unloaded {
    path: PathBuf,
    config: MllmConfig,
    tokenizer: TextTokenizer,
    template: &'static ChatTemplate,
}

/// What a run will keep of its attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSize {
    /// Bytes, at most: exact when as many tokens are written as may be.
    pub bytes: u64,
    /// How the weights are kept.
    pub precision: Precision,
    /// Positions of the prompt, the picture's latents among them.
    pub n_positions: usize,
    /// The picture's latents.
    pub n_latents: usize,
    /// Layers of the decoder.
    pub n_layers: usize,
    /// Query heads of each.
    pub n_heads: usize,
}

impl Unloaded {
    /// Opens a folder; the weight files' headers are read, the weights are not.
    ///
    /// # Errors
    /// Whatever is missing or contradictory, with file and field.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = ModelFolder::open(path)?;
        let config = folder.config().clone();
        let template = ChatTemplate::for_model_type(&config.decoder.model_type)?;
        let tokenizer = TextTokenizer::open(path, template, config.decoder.base_vocab)?;
        Ok(Self { path: path.to_owned(), config, tokenizer, template })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a run of a question records where nobody asks for anything else.
    ///
    /// # Errors
    /// A question that is empty or holds template markers.
    pub fn recording(
        &self,
        question: &str,
        mode: AttentionMode,
        max_new_tokens: usize,
    ) -> Result<RecordSize> {
        let n_latents = self.config.resampler.n_latents;
        let prompt = prompt(&self.tokenizer, self.template, question, mode.order(), n_latents)?;
        let n_positions = prompt.layout.len();
        // The last token of an answer is not fed back, so it has no row.
        let shapes = self.config.trace_shapes(n_positions, max_new_tokens.saturating_sub(1));
        let spec = RecordSpec::picture_and_words(&prompt.layout, &shapes);
        Ok(RecordSize {
            bytes: spec.bytes(&shapes),
            precision: spec.precision,
            n_positions,
            n_latents,
            n_layers: shapes.decoder.n_layers,
            n_heads: shapes.decoder.n_heads,
        })
    }
}
