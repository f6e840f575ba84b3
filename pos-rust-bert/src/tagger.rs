//! A `MobileBERT` token classifier in a local folder, asked one question at a time.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use rust_bert::{
    RustBertError,
    pipelines::{
        common::{ModelResource, ModelType},
        token_classification::{
            LabelAggregationOption, Token, TokenClassificationConfig, TokenClassificationModel,
        },
    },
    resources::LocalResource,
};
use tch::Device;

use crate::{
    TaggerError, error::first_line, folder::Folder, offsets::CharStarts, pieces::pieces,
    protocol::Word,
};

/// `[CLS]` and `[SEP]` around every piece.
const MARKERS: usize = 2;

/// The model, loaded.
pub struct Tagger {
    model: TokenClassificationModel,
    labels: Vec<String>,
    positions: usize,
}

/// The words of a question.
#[derive(Debug)]
pub struct Tagged<'a> {
    /// In the order of the text.
    pub words: Vec<Word<'a>>,
    /// How many pieces the question was cut into, so as to fit the model's positions.
    pub pieces: usize,
}

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tagger").field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl Tagger {
    /// Loads the model of a folder with `config.json`, `vocab.txt`, and `model.safetensors` or
    /// `rust_model.ot`. Nothing is downloaded.
    pub fn open(path: &Path) -> Result<Self, TaggerError> {
        let folder = Folder::open(path)?;
        let model = guarded(|| load(&folder))?.map_err(|error| TaggerError::Load {
            path: path.to_owned(),
            reason: first_line(&error.to_string()),
        })?;
        Ok(Self { model, labels: folder.labels, positions: folder.positions })
    }

    /// The model's labels, by number.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The words of a question with their tags.
    ///
    /// A question of more tokens than the model has positions is cut into pieces at white space.
    pub fn tag<'a>(&self, question: &'a str) -> Result<Tagged<'a>, TaggerError> {
        guarded(|| {
            let count = |text: &str| self.model.get_tokenizer().tokenize(text).len();
            let ranges = pieces(question, self.positions - MARKERS, count);
            let mut words = Vec::new();
            for range in &ranges {
                let piece = &question[range.clone()];
                let starts = CharStarts::of(piece);
                // One text a call: rust-bert mixes texts up beyond its batch size, and padding
                // moves scores.
                let tokens = self.model.predict(&[piece], true, false).into_iter().flatten();
                let here = tokens.filter_map(|token| {
                    let offset = token.offset?;
                    let bytes = starts.bytes(offset.begin, offset.end)?;
                    let (start, end) = (range.start + bytes.start, range.start + bytes.end);
                    let (tag, score) = self.judge(&token, &piece[bytes]);
                    Some(Word { text: &question[start..end], start, end, tag, score })
                });
                words.extend(here);
            }
            Tagged { words, pieces: ranges.len() }
        })
    }

    /// A token's label and score, where they mean something.
    ///
    /// rust-bert's softmax is `exp / sum`: a logit above 88 makes it infinite, and scores become NaN
    /// or, where only the sum overflows, 0 for every label. Neither is a choice of the model.
    fn judge(&self, token: &Token, text: &str) -> (Option<String>, Option<f64>) {
        if !(token.score.is_finite() && token.score > 0.0) {
            return (None, None);
        }
        // As rust-bert's own `POSModel` does.
        let is_unsure_of_punctuation =
            token.score < 0.5 && text.chars().all(|c| c.is_ascii_punctuation());
        if is_unsure_of_punctuation {
            return (Some(".".to_owned()), Some(token.score));
        }
        let label = usize::try_from(token.label_index).ok().and_then(|at| self.labels.get(at));
        (label.cloned(), Some(token.score))
    }
}

fn load(folder: &Folder) -> Result<TokenClassificationModel, RustBertError> {
    let local = |path: &Path| Box::new(LocalResource { local_path: path.to_owned() });
    TokenClassificationModel::new(TokenClassificationConfig {
        model_type: ModelType::MobileBert,
        model_resource: ModelResource::Torch(local(&folder.weights)),
        config_resource: local(&folder.config),
        vocab_resource: local(&folder.vocabulary),
        merges_resource: None,
        lower_case: true,
        strip_accents: Some(true),
        add_prefix_space: None,
        device: Device::Cpu,
        kind: None,
        label_aggregation_function: LabelAggregationOption::First,
        batch_size: 64,
    })
}

/// Turns a panic of rust-bert or libtorch into an error.
///
/// The model is only read, so a question that panicked leaves nothing half done behind.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, TaggerError> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| TaggerError::Panicked { reason: message(payload.as_ref()) })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    first_line(text.unwrap_or_default())
}
