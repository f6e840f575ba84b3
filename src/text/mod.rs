//! Floor 1: words become tokens, tokens become positions, and answers become words again.
//!
//! - **Owns**: the tokenizer of a model folder, the chat templates, the making of a prompt,
//!   decoding while the model writes, and the client of the rust-bert tagger.
//! - **May import**: `domain`.
//! - **Never**: tensors, pictures; a token's number in code (ids are looked up by name).
//! - **Invariant**: every byte of a prompt's text belongs to at least one of its tokens, byte ranges
//!   ascend and stand on character boundaries, and every position has a segment.

mod error;
mod prompt;
mod rust_bert;
mod stream;
mod template;
mod tokenizer;
mod vocabulary;

pub use self::{
    error::TextError,
    prompt::{prompt, prompt_from_ids},
    rust_bert::{
        RustBert, RustBertError, RustBertLimits, RustBertPlaces, RustBertState, Surroundings, TagAt,
    },
    stream::StreamDecoder,
    template::{ChatTemplate, Family},
    tokenizer::{ENDOFCHUNK, EncodedToken, IMAGE, TextTokenizer},
    vocabulary::{WorldTokenizer, world_tokenizer},
};
