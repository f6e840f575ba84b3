//! How tokens spell bytes, and decoding while the model writes.
//!
//! The tokenizers crate has a `DecodeStream`, which is not used: it stops with an error when a run
//! of byte tokens turns out not to be UTF-8 after its beginning looked like it, and it cannot flush.

use std::fmt::Write as _;

use serde_json::Value;
use tokenizers::Tokenizer;

use crate::{
    domain::TokenId,
    text::{TextError, TextTokenizer},
};

/// How the tokens of a tokenizer stand for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Every character of a token is one byte, in GPT-2's table (Llama 3, Qwen).
    ByteLevel,
    /// U+2581 is a space and `<0xE2>` a byte (`SentencePiece`; Phi-3).
    ByteFallback {
        /// Whether one space at the very beginning of a text is dropped.
        strips_first_space: bool,
    },
}

impl Spelling {
    /// The spelling that a tokenizer's decoder undoes; otherwise the names of what it is made of.
    pub(super) fn of(tokenizer: &Tokenizer) -> Result<Self, String> {
        let decoder = serde_json::to_value(tokenizer.get_decoder()).unwrap_or(Value::Null);
        let steps = match decoder.get("decoders").and_then(Value::as_array) {
            Some(steps) => steps.as_slice(),
            None => std::slice::from_ref(&decoder),
        };
        let names: Vec<_> = steps
            .iter()
            .map(|s| s.get("type").and_then(Value::as_str).unwrap_or("absent"))
            .collect();
        let space = steps.iter().all(|s| match s.get("type").and_then(Value::as_str) {
            Some("Replace") => s["pattern"]["String"] == "\u{2581}" && s["content"] == " ",
            Some("Strip") => s["content"] == " " && s["start"] == 1 && s["stop"] == 0,
            _ => true,
        });
        match names.as_slice() {
            ["ByteLevel"] => Ok(Self::ByteLevel),
            ["Replace", "ByteFallback", "Fuse"] if space => {
                Ok(Self::ByteFallback { strips_first_space: false })
            }
            ["Replace", "ByteFallback", "Fuse", "Strip"] if space => {
                Ok(Self::ByteFallback { strips_first_space: true })
            }
            _ => Err(names.join(" + ")),
        }
    }

    /// The bytes that a token other than a special one stands for.
    pub(super) fn bytes(self, piece: &str) -> Vec<u8> {
        match self {
            Self::ByteLevel => piece
                .chars()
                .map(byte_of_char)
                .collect::<Option<Vec<u8>>>()
                .unwrap_or_else(|| piece.as_bytes().to_vec()),
            Self::ByteFallback { .. } => match fallback_byte(piece) {
                Some(byte) => vec![byte],
                None => piece.replace('\u{2581}', " ").into_bytes(),
            },
        }
    }
}

/// The byte that a character stands for in GPT-2's table: printable Latin-1 stands for itself, the
/// other 68 bytes follow from U+0100 in their order.
fn byte_of_char(c: char) -> Option<u8> {
    let is_itself = |b: u8| matches!(b, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return is_itself(byte).then_some(byte);
    }
    let rank = usize::try_from(u32::from(c) - 0x100).ok()?;
    (0..=u8::MAX).filter(|b| !is_itself(*b)).nth(rank)
}

/// The byte of a piece such as `<0xE2>`.
fn fallback_byte(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Bytes as a person reads them: text where they are characters, `<0xE2>` where they are not.
pub(super) fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // writing to a string cannot fail
            write!(text, "<{byte:#04X}>").ok();
        }
    }
    text
}

/// Turns ids into text one by one, never showing half a character.
///
/// The pieces together are exactly what [`TextTokenizer::decode`] gives for all ids without special
/// tokens. U+FFFD appears only where bytes can no longer become a character. With a byte-fallback
/// tokenizer a run of byte tokens (`<0x0A>`) is held until the next other token, because a later
/// byte can still make the whole run unreadable.
#[derive(Debug)]
pub struct StreamDecoder<'a> {
    tokenizer: &'a TextTokenizer,
    /// Bytes that are not text yet: half a character, or a run of byte tokens.
    pending: Vec<u8>,
    /// Whether no text has come out so far.
    at_start: bool,
}

impl<'a> StreamDecoder<'a> {
    pub(super) fn new(tokenizer: &'a TextTokenizer) -> Self {
        Self { tokenizer, pending: Vec::new(), at_start: true }
    }

    /// Takes the next id and gives the text that is now complete, which may be empty.
    ///
    /// # Errors
    /// [`TextError::NoSuchId`] when the tokenizer has no such token; the stream is as before.
    pub fn push(&mut self, id: TokenId) -> Result<String, TextError> {
        let piece = self.tokenizer.token(id)?;
        if self.tokenizer.is_special(id) {
            return Ok(String::new());
        }
        let spelling = self.tokenizer.spelling();
        let bytes = spelling.bytes(&piece);
        let text = match spelling {
            Spelling::ByteLevel => {
                self.pending.extend(bytes);
                self.take_complete()
            }
            Spelling::ByteFallback { .. } if fallback_byte(&piece).is_some() => {
                self.pending.extend(bytes);
                String::new()
            }
            Spelling::ByteFallback { .. } => {
                let mut text = self.take_run();
                text.push_str(&String::from_utf8_lossy(&bytes));
                text
            }
        };
        Ok(self.without_first_space(text))
    }

    /// Gives what is still held back; bytes that never became a character are U+FFFD.
    pub fn finish(mut self) -> String {
        let text = match self.tokenizer.spelling() {
            Spelling::ByteLevel => String::from_utf8_lossy(&self.pending).into_owned(),
            Spelling::ByteFallback { .. } => self.take_run(),
        };
        self.without_first_space(text)
    }

    /// Takes all but the bytes that may still become a character.
    fn take_complete(&mut self) -> String {
        let mut text = String::new();
        let mut n_taken = 0;
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            n_taken += chunk.valid().len();
            let invalid = chunk.invalid();
            // an error without a length is a character that has only begun
            let has_only_begun =
                str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            let is_last = n_taken + invalid.len() == self.pending.len();
            if invalid.is_empty() || (has_only_begun && is_last) {
                break;
            }
            text.push(char::REPLACEMENT_CHARACTER);
            n_taken += invalid.len();
        }
        self.pending.drain(..n_taken);
        text
    }

    /// Takes a run of byte tokens: its text, or one U+FFFD for every byte of it.
    fn take_run(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.pending)).unwrap_or_else(|error| {
            char::REPLACEMENT_CHARACTER.to_string().repeat(error.as_bytes().len())
        })
    }

    fn without_first_space(&mut self, mut text: String) -> String {
        if self.at_start && !text.is_empty() {
            self.at_start = false;
            let strips = Spelling::ByteFallback { strips_first_space: true };
            if self.tokenizer.spelling() == strips && text.starts_with(' ') {
                text.remove(0);
            }
        }
        text
    }
}
