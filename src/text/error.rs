//! What can be wrong with a tokenizer, a question or a list of ids.

use std::{io, path::PathBuf};

use crate::{domain::TokenId, text::Family};

/// Why text could not become tokens, or tokens text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The model folder has no tokenizer.
    #[error("the model folder has no tokenizer: there is no file {}", path.display())]
    NoTokenizer {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// A file of the tokenizer is there and cannot be read.
    #[error("cannot read the tokenizer file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the tokenizer does not hold what it should.
    #[error("not a valid tokenizer file: {}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why reading stopped.
        source: tokenizers::Error,
    },
    /// The tokenizer turns tokens into text in a way that this version cannot follow byte by byte.
    #[error(
        "the tokenizer's decoder is {found}; byte-level and byte-fallback decoders are supported: {}",
        path.display()
    )]
    UnknownDecoder {
        /// The decoder's kind, as the file names it.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// The tokenizer lacks special tokens that the family's chat template needs.
    #[error(
        "the tokenizer lacks special tokens of the {family} template: {}: {}",
        missing.join(" "),
        path.display()
    )]
    MissingSpecialTokens {
        /// Whose template asks for them.
        family: Family,
        /// All that are missing, in the template's order.
        missing: Vec<String>,
        /// The tokenizer file.
        path: PathBuf,
    },
    /// `<image>` and `<|endofchunk|>` are nowhere, and there is no place for them: the model expects
    /// them right after the tokenizer's own tokens.
    #[error(
        "the tokenizer has no `<image>` and {found} tokens, but the model adds it after {expected}: {}",
        path.display()
    )]
    VocabularyLength {
        /// The model's `initial_tokenizer_len`.
        expected: usize,
        /// Tokens in the tokenizer, added ones included.
        found: usize,
        /// The tokenizer file.
        path: PathBuf,
    },
    /// A token has another id than the model or another file of the folder says.
    #[error("token `{token}` should have id {expected} but has {found}: {}", path.display())]
    TokenId {
        /// The token.
        token: String,
        /// The id that the model or the second file gives it.
        expected: usize,
        /// The id that the tokenizer gives it.
        found: TokenId,
        /// The file that disagrees.
        path: PathBuf,
    },
    /// The tokenizer has no token of this name.
    #[error("the tokenizer has no token `{token}`: {}", path.display())]
    NoSuchToken {
        /// The name.
        token: String,
        /// The tokenizer file.
        path: PathBuf,
    },
    /// The tokenizer has no token with this id.
    #[error("there is no token with id {id}: {}", path.display())]
    NoSuchId {
        /// The id.
        id: TokenId,
        /// The tokenizer file.
        path: PathBuf,
    },
    /// The tokenizer could not encode a text.
    #[error("the tokenizer cannot encode this text")]
    Encode {
        /// What the tokenizer said.
        source: tokenizers::Error,
    },
    /// The tokenizer could not decode a list of ids.
    #[error("the tokenizer cannot decode these tokens")]
    Decode {
        /// What the tokenizer said.
        source: tokenizers::Error,
    },
    /// No chat template is known for the decoder.
    #[error("no chat template for a decoder of type `{found}`; known are {}", known.join(", "))]
    UnknownModelType {
        /// The decoder's `model_type`.
        found: String,
        /// The types that have one.
        known: Vec<&'static str>,
    },
    /// The question has no word.
    #[error("the question is empty")]
    EmptyQuestion,
    /// The question holds a special token's text, which would change the prompt's layout.
    #[error(
        "the question contains the marker `{marker}`, which has a meaning of its own to the model"
    )]
    MarkerInQuestion {
        /// The first such marker.
        marker: String,
    },
    /// The tokens hold no `<image>`.
    #[error("the prompt has no `<image>` token")]
    NoImage,
    /// The tokens hold more than one `<image>`.
    #[error("the prompt has {count} `<image>` tokens; several images are not in this version")]
    SeveralImages {
        /// How many there are.
        count: usize,
    },
    /// A picture was to be given no position at all.
    #[error("a picture needs at least one latent")]
    NoLatents,
    /// Where the question stands in a prompt is not known, since the prompt was given as ids.
    #[error("it is not known where the question stands in this prompt")]
    UnknownQuestion,
    /// A word does not stand at its bytes of the prompt's question, or before the word ahead of it.
    #[error("word {word_idx}, `{word}`, does not stand at its place in this prompt's question")]
    WordElsewhere {
        /// The word's index, from 0.
        word_idx: usize,
        /// The word.
        word: String,
    },
}
