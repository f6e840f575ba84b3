//! A tokenizer for a small world: the Phi layout, in which every word of the world is one token.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ENDOFCHUNK, IMAGE, template::ChatTemplate};

/// What stands for a space before a word.
const SPACE: char = '\u{2581}';

/// Special tokens before the words, then those after them, as in Phi-3's tokenizer.
const FIRST: [&str; 3] = ["<unk>", "<s>", "</s>"];
const LAST: [&str; 6] =
    ["<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>", "<pad>"];
/// Special tokens that swallow the whitespace after them.
const SWALLOW: [&str; 5] = ["</s>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"];

/// A `tokenizer.json` and the number of tokens before `<image>`.
#[derive(Clone, Debug)]
pub struct WorldTokenizer {
    /// The file.
    pub json: Value,
    /// AKI's `initial_tokenizer_len`.
    pub initial_len: usize,
}

/// A byte-fallback BPE tokenizer that spells each of `words` as one token after a space, and those
/// that begin with a capital also without one (the first word of a question follows a line end).
/// The words of AKI's system text are added. Everything else falls apart into known beginnings,
/// characters and bytes, as in the real tokenizer; nothing is unknown.
///
/// # Source
/// The layout of Phi-3's `tokenizer.json`.
pub fn world_tokenizer(template: &ChatTemplate, words: &[String]) -> WorldTokenizer {
    let system = template.system_text().split(|c: char| !c.is_alphanumeric());
    let words: BTreeSet<&str> =
        words.iter().map(String::as_str).chain(system).filter(|word| is_word(word)).collect();

    let mut tokens: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    let mut merges: Vec<[String; 2]> = Vec::new();
    let mut learn = |token: &str, tokens: &mut Vec<String>| {
        if known.insert(token.to_owned()) {
            tokens.push(token.to_owned());
            return true;
        }
        false
    };
    for token in FIRST {
        learn(token, &mut tokens);
    }
    for byte in 0..=255 {
        learn(&format!("<0x{byte:02X}>"), &mut tokens);
    }
    let printable = (33..127_u8).map(char::from);
    let of_words = words.iter().flat_map(|word| word.chars());
    let characters: BTreeSet<char> = printable.chain(of_words).chain([SPACE]).collect();
    for character in &characters {
        learn(&character.to_string(), &mut tokens);
    }

    // Spellings with a space first: their merges come first, so that the bare ones never split them.
    let spaced = words.iter().map(|word| format!("{SPACE}{word}"));
    let bare = words.iter().filter(|word| word.starts_with(char::is_uppercase));
    for spelling in spaced.chain(bare.map(|word| (*word).to_owned())) {
        let ends: Vec<usize> = spelling.char_indices().map(|(at, _)| at).skip(1).collect();
        for (i, &end) in ends.iter().enumerate() {
            let next = ends.get(i + 1).copied().unwrap_or(spelling.len());
            if learn(&spelling[..next], &mut tokens) {
                merges.push([spelling[..end].to_owned(), spelling[end..next].to_owned()]);
            }
        }
    }
    let n_model = tokens.len();
    let specials = FIRST.iter().enumerate().map(|(id, token)| (id, *token));
    let last = LAST.into_iter().chain([IMAGE, ENDOFCHUNK]).enumerate();
    let added: Vec<Value> = specials
        .chain(last.map(|(i, token)| (n_model + i, token)))
        .map(|(id, token)| added_token(id, token))
        .collect();
    let vocab: serde_json::Map<String, Value> =
        tokens.into_iter().enumerate().map(|(id, token)| (token, json!(id))).collect();
    WorldTokenizer {
        json: json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Prepend", "prepend": SPACE},
                {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
            ]},
            "pre_tokenizer": null,
            "post_processor": null,
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ]},
            "model": {
                "type": "BPE", "dropout": null, "unk_token": "<unk>",
                "continuing_subword_prefix": null, "end_of_word_suffix": null,
                "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                "vocab": vocab, "merges": merges,
            },
        }),
        initial_len: n_model + LAST.len(),
    }
}

/// Words are merged with the space before them; punctuation is a character by itself.
fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_alphanumeric)
}

fn added_token(id: usize, token: &str) -> Value {
    json!({
        "id": id, "content": token, "single_word": false, "lstrip": false,
        "rstrip": SWALLOW.contains(&token), "normalized": false, "special": true,
    })
}
