//! The tokenizer of a model folder: text to ids with byte ranges, and ids to text.
//!
//! Special tokens are never added on their own: the prompt string spells them out.

use std::{collections::BTreeMap, fs, io, ops::Range, path::Path, path::PathBuf};

use serde::{Deserialize, de::DeserializeOwned};
use tokenizers::{AddedToken, PostProcessorWrapper, Tokenizer};

use super::stream::Spelling;
use crate::{
    domain::TokenId,
    text::{ChatTemplate, StreamDecoder, TextError},
};

/// The token that stands for the picture in a prompt.
pub const IMAGE: &str = crate::domain::PICTURE;
/// The token that AKI adds beside [`IMAGE`] and does not use in prompts.
pub const ENDOFCHUNK: &str = "<|endofchunk|>";

/// The part of `tokenizer_config.json` that is read.
#[derive(Default, Deserialize)]
struct TokenizerConfig {
    #[serde(default)]
    added_tokens_decoder: BTreeMap<TokenId, AddedToken>,
}

/// A token of an encoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedToken {
    /// Its number.
    pub id: TokenId,
    /// Its bytes in the text, on character boundaries; see [`TextTokenizer::encode`].
    pub byte_range: Range<usize>,
}

/// A tokenizer whose tokens agree with its model and its chat template.
#[derive(Clone, Debug)]
pub struct TextTokenizer {
    inner: Tokenizer,
    spelling: Spelling,
    path: PathBuf,
}

impl TextTokenizer {
    /// Opens the tokenizer of a model folder.
    ///
    /// Tokens that `tokenizer.json` lacks are taken from `tokenizer_config.json` and
    /// `added_tokens.json` beside it. Where none of them knows `<image>` and `<|endofchunk|>`, these
    /// are added at `initial_tokenizer_len` (the number of tokens before them, from the model's
    /// configuration), as AKI's code does.
    ///
    /// # Errors
    /// Each names the file: missing, unreadable or malformed; a decoder of an unknown kind; special
    /// tokens of the template that are missing (all of them); ids that disagree with the model or
    /// between the files; no place for `<image>`.
    pub fn open(
        folder: &Path,
        template: &ChatTemplate,
        initial_tokenizer_len: usize,
    ) -> Result<Self, TextError> {
        let path = folder.join("tokenizer.json");
        let Some(bytes) = read_if_there(&path)? else {
            return Err(TextError::NoTokenizer { path });
        };
        let mut inner = Tokenizer::from_bytes(&bytes).map_err(malformed(&path))?;
        // what these three do is for training and for adding special tokens; here they could only
        // shorten the prompt or its byte ranges
        inner.with_padding(None).with_post_processor(None::<PostProcessorWrapper>);
        inner.with_truncation(None).map_err(malformed(&path))?;

        let spelling = Spelling::of(&inner)
            .map_err(|found| TextError::UnknownDecoder { found, path: path.clone() })?;
        let mut tokenizer = Self { inner, spelling, path };
        tokenizer.add_declared_tokens(folder)?;
        tokenizer.add_image_tokens(initial_tokenizer_len)?;
        tokenizer.check_special_tokens(template)?;
        for (token, expected) in [IMAGE, ENDOFCHUNK].into_iter().zip(initial_tokenizer_len..) {
            tokenizer.check_id(token, expected, &tokenizer.path)?;
        }
        Ok(tokenizer)
    }

    /// The tokenizer file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of tokens, added ones included.
    pub fn n_tokens(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Encodes exactly this text; special tokens spelled out in it become such.
    ///
    /// Byte ranges speak of the text as given, also where the tokenizer normalizes it. Together they
    /// cover every byte, starts and ends never go back, and all stand on character boundaries:
    /// - tokens that share one character (byte fallback, an emoji in byte-level pieces) each have
    ///   that whole character;
    /// - whitespace that a special token swallows is part of its range;
    /// - a space that the tokenizer puts before a word on its own has an empty range when it is a
    ///   token by itself.
    ///
    /// # Errors
    /// [`TextError::Encode`].
    pub fn encode(&self, text: &str) -> Result<Vec<EncodedToken>, TextError> {
        let encoding =
            self.inner.encode(text, false).map_err(|source| TextError::Encode { source })?;
        let offsets = encoding.get_offsets();
        let (mut covered, mut last_start) = (0, 0);
        let mut tokens: Vec<EncodedToken> = Vec::with_capacity(offsets.len());
        for (i, (&id, &(start, end))) in encoding.get_ids().iter().zip(offsets).enumerate() {
            let start = text.floor_char_boundary(start.max(last_start));
            // bytes that normalizing dropped follow what they were merged into, as accents do
            if start > covered {
                let sharing = tokens.iter_mut().rev().take_while(|t| t.byte_range.end == covered);
                sharing.for_each(|t| t.byte_range.end = start);
            }
            let start = if tokens.is_empty() { 0 } else { start };
            // two tokens that start together share a character, and a space is one byte: a lone
            // space that does so stands for nothing in the text
            let starts_with_next = offsets.get(i + 1).is_some_and(|next| next.0 == start);
            let is_invented = starts_with_next && self.is_spaces(id);
            let end = if is_invented { start } else { text.ceil_char_boundary(end) };
            let end = end.max(start).max(covered);
            tokens.push(EncodedToken { id, byte_range: start..end });
            (last_start, covered) = (start, end);
        }
        if let Some(last) = tokens.last_mut() {
            last.byte_range.end = text.len();
        }
        Ok(tokens)
    }

    /// The text of a list of ids.
    ///
    /// # Errors
    /// [`TextError::NoSuchId`] for the first unknown id, [`TextError::Decode`].
    pub fn decode(&self, ids: &[TokenId], skip_special: bool) -> Result<String, TextError> {
        for &id in ids {
            self.token(id)?;
        }
        self.inner.decode(ids, skip_special).map_err(|source| TextError::Decode { source })
    }

    /// A decoder for ids that arrive one by one; special tokens are left out.
    pub fn stream(&self) -> StreamDecoder<'_> {
        StreamDecoder::new(self)
    }

    /// The id of a token, by its name.
    pub fn id_of(&self, token: &str) -> Option<TokenId> {
        self.inner.token_to_id(token)
    }

    /// The id of a token that must be there.
    ///
    /// # Errors
    /// [`TextError::NoSuchToken`].
    pub fn require_id(&self, token: &str) -> Result<TokenId, TextError> {
        self.id_of(token).ok_or_else(|| TextError::NoSuchToken {
            token: token.to_owned(),
            path: self.path.clone(),
        })
    }

    /// A token as the tokenizer spells it, such as `▁chat`, `Ġchat` or `<0xE2>`.
    ///
    /// # Errors
    /// [`TextError::NoSuchId`].
    pub fn token(&self, id: TokenId) -> Result<String, TextError> {
        self.inner
            .id_to_token(id)
            .ok_or_else(|| TextError::NoSuchId { id, path: self.path.clone() })
    }

    /// Whether an id is a special token, which decoding leaves out.
    pub fn is_special(&self, id: TokenId) -> bool {
        self.inner
            .get_added_vocabulary()
            .get_added_tokens_decoder()
            .get(&id)
            .is_some_and(|t| t.special)
    }

    /// The first special token that a text spells out, and the longest of those that begin there.
    pub fn first_marker_in(&self, text: &str) -> Option<String> {
        let added = self.inner.get_added_vocabulary().get_added_tokens_decoder();
        added
            .values()
            .filter(|token| token.special && !token.content.is_empty())
            .filter_map(|token| Some((text.find(&token.content)?, &token.content)))
            .min_by_key(|(at, content)| (*at, usize::MAX - content.len()))
            .map(|(_, content)| content.clone())
    }

    pub(super) fn spelling(&self) -> Spelling {
        self.spelling
    }

    /// The bytes that a token stands for: for a special one, its name.
    pub(super) fn bytes_of(&self, id: TokenId) -> Result<Vec<u8>, TextError> {
        let piece = self.token(id)?;
        let bytes =
            if self.is_special(id) { piece.into_bytes() } else { self.spelling.bytes(&piece) };
        Ok(bytes)
    }

    fn is_spaces(&self, id: TokenId) -> bool {
        self.bytes_of(id).is_ok_and(|bytes| bytes.iter().all(|b| *b == b' '))
    }

    /// Adds what the files beside `tokenizer.json` declare and it lacks.
    fn add_declared_tokens(&mut self, folder: &Path) -> Result<(), TextError> {
        let config_path = folder.join("tokenizer_config.json");
        let config: TokenizerConfig = parse_if_there(&config_path)?.unwrap_or_default();
        self.add_tokens(config.added_tokens_decoder, &config_path)?;

        let added_path = folder.join("added_tokens.json");
        let added: BTreeMap<String, TokenId> = parse_if_there(&added_path)?.unwrap_or_default();
        let by_id = added.into_iter().map(|(name, id)| (id, AddedToken::from(name, true)));
        self.add_tokens(by_id.collect(), &added_path)
    }

    fn add_tokens(
        &mut self,
        by_id: BTreeMap<TokenId, AddedToken>,
        declared_in: &Path,
    ) -> Result<(), TextError> {
        let names: Vec<_> = by_id.iter().map(|(id, t)| (*id, t.content.clone())).collect();
        let missing: Vec<_> =
            by_id.into_values().filter(|t| self.id_of(&t.content).is_none()).collect();
        self.inner.add_tokens(missing).map_err(malformed(declared_in))?;
        names.iter().try_for_each(|(id, token)| self.check_id(token, *id as usize, declared_in))
    }

    /// Adds `<image>` and `<|endofchunk|>` where the model expects them, if no file has them.
    fn add_image_tokens(&mut self, initial_tokenizer_len: usize) -> Result<(), TextError> {
        if self.id_of(IMAGE).is_some() || self.id_of(ENDOFCHUNK).is_some() {
            return Ok(());
        }
        let found = self.n_tokens();
        if found != initial_tokenizer_len {
            let path = self.path.clone();
            return Err(TextError::VocabularyLength {
                expected: initial_tokenizer_len,
                found,
                path,
            });
        }
        let tokens = [IMAGE, ENDOFCHUNK].map(|name| AddedToken::from(name, true));
        self.inner.add_special_tokens(tokens).map_err(malformed(&self.path))?;
        Ok(())
    }

    /// All special tokens of a prompt are there, and encoding will find them in the text.
    fn check_special_tokens(&self, template: &ChatTemplate) -> Result<(), TextError> {
        let first_stop = template.stop_tokens().iter().take(1);
        let mut missing: Vec<String> = Vec::new();
        for name in template.markers().iter().chain(first_stop).chain(&[IMAGE, ENDOFCHUNK]) {
            let is_there = self.id_of(name).is_some_and(|id| self.is_special(id));
            if !is_there && !missing.iter().any(|m| m == name) {
                missing.push((*name).to_owned());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let path = self.path.clone();
        Err(TextError::MissingSpecialTokens { family: template.family(), missing, path })
    }

    fn check_id(&self, token: &str, expected: usize, path: &Path) -> Result<(), TextError> {
        let found = self.require_id(token)?;
        if found as usize == expected {
            return Ok(());
        }
        Err(TextError::TokenId { token: token.to_owned(), expected, found, path: path.to_owned() })
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, TextError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TextError::Unreadable { path: path.to_owned(), source }),
    }
}

fn parse_if_there<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, TextError> {
    let Some(bytes) = read_if_there(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(malformed(path))
}

fn malformed<E: Into<tokenizers::Error>>(path: &Path) -> impl FnOnce(E) -> TextError {
    |error| TextError::Malformed { path: path.to_owned(), source: error.into() }
}
