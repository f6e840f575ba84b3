//! Tag questions, one a line.

use serde::Serialize;

use super::tagging::{Tagged, Tagging};
use crate::domain::{Bucket, TaggedWord};

/// A question and its words, as `pos --json` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct TaggedQuestion {
    /// The line.
    pub question: String,
    /// Its words, in order.
    pub words: Vec<WordReport>,
    /// What should be known of how this came about.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// A word of a question.
#[derive(Clone, Debug, Serialize)]
pub struct WordReport {
    /// As it stands there.
    pub text: String,
    /// Its first byte in the question.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// The part of speech.
    pub tag: String,
    /// What it does.
    pub bucket: Bucket,
}

impl From<&TaggedWord> for WordReport {
    fn from(word: &TaggedWord) -> Self {
        Self {
            text: word.text.clone(),
            start: word.byte_range.start,
            end: word.byte_range.end,
            tag: word.tag.clone(),
            bucket: word.bucket,
        }
    }
}

/// Tags one line, whatever it holds.
///
/// Bytes that are no UTF-8 are read as U+FFFD, a line end is not part of the question, and a
/// warning says so.
pub fn pos(line: &[u8], tagging: &mut Tagging) -> TaggedQuestion {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let question = String::from_utf8_lossy(line).into_owned();
    let mut warnings = Vec::new();
    if let Err(error) = std::str::from_utf8(line) {
        warnings.push(format!(
            "not UTF-8 at byte {}; read with \u{fffd} in its place",
            error.valid_up_to()
        ));
    }
    if question.trim().is_empty() {
        warnings.push("no question here".to_owned());
    }
    let Tagged { words, notice, .. } = tagging.tag(&question);
    warnings.extend(notice);
    TaggedQuestion { words: words.iter().map(WordReport::from).collect(), question, warnings }
}
