//! The conditions under which a record was made: its first line.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BatchError, Shard};
use crate::domain::{AttentionMode, TextRole};

/// The version of the record.
const VERSION: u32 = 1;

/// What all rows of a record have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchHeader {
    /// The version of the record.
    pub batch: u32,
    /// The model as it was named.
    pub model: String,
    /// Of its weights.
    pub weights: String,
    /// The attention modes, in the order in which each question is asked.
    pub attention: Vec<AttentionMode>,
    /// The question file as it was named.
    pub data: String,
    /// Of all that it asks, pictures included.
    pub data_sum: String,
    /// How prompts are made of rows.
    pub prompt: String,
    /// The words that count, where prompts say what theirs are for.
    pub words: Vec<TextRole>,
    /// Tokens an answer has at most.
    pub max_new_tokens: usize,
    /// Who says what words do.
    pub tagger: String,
    /// Decoder layers that are read.
    pub layers: Vec<usize>,
    /// Query heads that are read.
    pub heads: Vec<usize>,
    /// Latents of a picture, all of whose rows are read.
    pub n_latents: usize,
    /// Rows of the question file.
    pub rows: usize,
    /// Rows of this shard.
    pub rows_here: usize,
    /// The part of the rows.
    pub shard: Shard,
}

impl BatchHeader {
    /// The version that this program writes.
    pub const VERSION: u32 = VERSION;

    /// Refuses to mix results of different conditions.
    ///
    /// # Errors
    /// [`BatchError::OtherConditions`], naming the first that differs.
    pub fn check(&self, there: &Self, path: &Path) -> Result<(), BatchError> {
        self.check_but_shard(there, path)?;
        self.same(there, path, "shard", |h| h.shard.to_string())?;
        self.same(there, path, "rows of its shard", |h| h.rows_here.to_string())
    }

    /// As [`check`](Self::check), for different shards of one batch.
    ///
    /// # Errors
    /// [`BatchError::OtherConditions`].
    pub fn check_but_shard(&self, there: &Self, path: &Path) -> Result<(), BatchError> {
        let list = |numbers: &[usize]| format!("{numbers:?}");
        self.same(there, path, "model", |h| h.model.clone())?;
        self.same(there, path, "weights", |h| h.weights.clone())?;
        self.same(there, path, "attention", |h| {
            let modes: Vec<String> = h.attention.iter().map(ToString::to_string).collect();
            modes.join(",")
        })?;
        // Where the file lies may differ from machine to machine; its name says which benchmark it is.
        self.same(there, path, "data", |h| {
            Path::new(&h.data).file_name().unwrap_or_default().to_string_lossy().into_owned()
        })?;
        self.same(there, path, "questions of fingerprint", |h| h.data_sum.clone())?;
        self.same(there, path, "prompts", |h| h.prompt.clone())?;
        self.same(there, path, "--words", |h| {
            h.words.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        })?;
        self.same(there, path, "--max-new-tokens", |h| h.max_new_tokens.to_string())?;
        self.same(there, path, "tagger", |h| h.tagger.clone())?;
        self.same(there, path, "layers", |h| list(&h.layers))?;
        self.same(there, path, "heads", |h| list(&h.heads))?;
        self.same(there, path, "latents", |h| h.n_latents.to_string())?;
        self.same(there, path, "rows", |h| h.rows.to_string())?;
        self.same(there, path, "shards", |h| h.shard.of.to_string())
    }

    fn same(
        &self,
        other: &Self,
        path: &Path,
        field: &'static str,
        of: impl Fn(&Self) -> String,
    ) -> Result<(), BatchError> {
        let (here, there) = (of(self), of(other));
        if here == there {
            return Ok(());
        }
        Err(BatchError::OtherConditions { path: path.to_owned(), field, there, here })
    }
}
