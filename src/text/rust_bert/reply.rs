//! What the side program says, checked before it is believed.

use std::ops::Range;

use serde::Deserialize;

/// The protocol that is spoken here; the side program's first line names its own.
const PROTOCOL: u32 = 1;

/// A word as rust-bert parts them, by its bytes in the question, with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagAt {
    /// The word's bytes; ranges ascend, do not overlap and stand on character boundaries.
    pub byte_range: Range<usize>,
    /// The model's label, a Penn Treebank tag; nothing where its score is not a number.
    pub tag: Option<String>,
}

/// The program's first line.
#[derive(Debug)]
pub(super) enum Hello {
    Ready { model: String },
    BadModel { reason: String },
}

/// The program's answer to a question.
#[derive(Debug)]
pub(super) enum Reply {
    Words(Vec<TagAt>),
    Refused { reason: String },
}

#[derive(Deserialize)]
struct HelloLine {
    error: Option<String>,
    protocol: Option<u32>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct ReplyLine {
    error: Option<String>,
    question: Option<String>,
    words: Option<Vec<Word>>,
}

#[derive(Deserialize)]
struct Word {
    text: String,
    start: usize,
    end: usize,
    tag: Option<String>,
    score: Option<f64>,
}

/// Reads the first line; otherwise says what is wrong with it.
pub(super) fn hello(line: &[u8]) -> Result<Hello, String> {
    let said: HelloLine = parse(line)?;
    match said {
        HelloLine { error: Some(reason), .. } => Ok(Hello::BadModel { reason }),
        HelloLine { protocol: Some(PROTOCOL), model: Some(model), .. } => {
            Ok(Hello::Ready { model })
        }
        HelloLine { protocol: Some(other), .. } if other != PROTOCOL => Err(format!(
            "it speaks protocol {other} and this program {PROTOCOL}; build both from the same source"
        )),
        _ => Err(format!("its first line is no greeting: {}", excerpt(line))),
    }
}

/// Reads the answer to `question`; otherwise says what is wrong with it.
pub(super) fn reply(line: &[u8], question: &str) -> Result<Reply, String> {
    let said: ReplyLine = parse(line)?;
    if let Some(reason) = said.error {
        return Ok(Reply::Refused { reason });
    }
    let words = said.words.ok_or_else(|| format!("no words in its answer: {}", excerpt(line)))?;
    if said.question.as_deref() != Some(question) {
        return Err(format!("it answers another question: {}", excerpt(line)));
    }
    let mut end = 0;
    let mut tags = Vec::with_capacity(words.len());
    for word in words {
        let byte_range = word.start..word.end;
        let is_in_order = end <= word.start && word.start < word.end;
        if !is_in_order || question.get(byte_range.clone()) != Some(word.text.as_str()) {
            let Word { text, start, end, .. } = word;
            return Err(format!("`{text}` is not bytes {start} to {end} of the question"));
        }
        end = word.end;
        let has_score = word.score.is_some_and(f64::is_finite);
        tags.push(TagAt { byte_range, tag: word.tag.filter(|_| has_score) });
    }
    Ok(Reply::Words(tags))
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| format!("{error}: {}", excerpt(line)))
}

/// The beginning of a line, fit to be shown in one.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let shown: String = text.trim().chars().take(80).filter(|c| !c.is_control()).collect();
    format!("`{shown}`")
}
