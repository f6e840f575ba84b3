//! Floor 1: words become tokens, tokens become positions, and answers become words again.
//!
//! - **Owns**: the tokenizer of a model folder, the chat templates, the making of a prompt,
//!   decoding while the model writes, taggers of words (one inside, one beside the program), and
//!   which word stands at which position.
//! - **May import**: `domain`.
//! - **Never**: tensors, pictures; a token's number in code (ids are looked up by name).
//! - **Invariant**: every byte of a prompt's text belongs to at least one of its tokens, byte ranges
//!   ascend and stand on character boundaries, and every position has a segment.

mod align;
mod error;
mod prompt;
mod rust_bert;
mod stream;
mod tagger;
mod template;
mod tokenizer;
mod vocabulary;

pub use self::{
    align::align,
    error::TextError,
    prompt::{prompt, prompt_from_ids, turn_prompt},
    rust_bert::{
        RustBert, RustBertError, RustBertLimits, RustBertPlaces, RustBertState, Surroundings, TagAt,
    },
    stream::StreamDecoder,
    tagger::{GivenTag, PosTagger, Tagger, UnknownUpos, Upos, bucket_words},
    template::{ChatTemplate, Family},
    tokenizer::{ENDOFCHUNK, EncodedToken, IMAGE, TextTokenizer},
    vocabulary::{WorldTokenizer, world_tokenizer},
};
