//! What the next run will record, told before it is asked for.

use anyhow::Result;

use super::{embedded_model, model_folder};
use crate::{
    domain::AttentionMode,
    inference::{RecordSize, Unloaded},
};

/// The next run, as far as its recording depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstimateRequest {
    /// The question.
    pub question: String,
    /// A model folder or name; `None` for the embedded one that goes with the mode.
    pub model: Option<String>,
    /// The attention mode.
    pub mode: AttentionMode,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
}

/// The folder that was looked into last: its tokenizer is read once.
#[derive(Debug, Default)]
pub struct EstimateSlot(Option<Unloaded>);

/// How much a run will record. No weights are read.
///
/// # Errors
/// A model folder that is not there or incomplete, or a question that no prompt can be made of.
pub fn estimate(slot: &mut EstimateSlot, request: &EstimateRequest) -> Result<RecordSize> {
    let name = request.model.as_deref().unwrap_or_else(|| embedded_model(request.mode));
    let folder = model_folder(name)?;
    let known = slot.0.take().filter(|known| known.path() == folder);
    let known = match known {
        Some(known) => known,
        None => Unloaded::open(&folder)?,
    };
    let known = slot.0.insert(known);
    Ok(known.recording(&request.question, request.mode, request.max_new_tokens)?)
}
