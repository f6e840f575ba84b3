//! Yes or no, as `YOrN_Extraction` of VLMEvalKit reads it.

use serde::Serialize;

use super::Extraction;
use crate::benchmark::python::{digit, words};

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum YesNo {
    /// The word yes, and not the word no.
    Yes,
    /// The word no, and not the word yes.
    No,
    /// Both, or neither.
    Unknown,
}

impl YesNo {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Unknown => "Unknown",
        }
    }
}

/// Reads an answer: lower case, punctuation out, then whole words.
pub fn infer_yes_no(answer: &str, extraction: Extraction) -> YesNo {
    let plain = without_punctuation(&answer.to_lowercase(), extraction);
    let has = |wanted: &str| words(&plain).any(|word| word == wanted);
    match (has("yes"), has("no")) {
        (true, false) => YesNo::Yes,
        (false, true) => YesNo::No,
        _ => YesNo::Unknown,
    }
}

/// Marks that are taken out, in this order. Neither `:` nor `*` nor `'` is among them.
const MARKS: [char; 21] = [
    ';', '/', '[', ']', '"', '{', '}', '(', ')', '=', '+', '\\', '_', '-', '>', '<', '@', '`', ',',
    '?', '!',
];
/// Only so many periods are taken out: the source passes the flag `re.UNICODE` (32) where `re.sub`
/// expects a count.
const MAX_PERIODS: usize = 32;

/// `process_punctuation`: a mark with a space on either side is deleted wherever it stands, any
/// other becomes a space; where digits have a comma between them, all marks are deleted.
pub(super) fn without_punctuation(text: &str, extraction: Extraction) -> String {
    let all_go = has_comma_between_digits(text);
    let mut plain = text.to_owned();
    for mark in MARKS {
        let touches_space =
            text.contains(&format!("{mark} ")) || text.contains(&format!(" {mark}"));
        plain = plain.replace(mark, if all_go || touches_space { "" } else { " " });
    }
    without_periods(&plain, extraction)
}

fn has_comma_between_digits(text: &str) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| digit(c).is_some());
    text.match_indices(',').any(|(at, _)| {
        is_digit(text[..at].chars().next_back()) && is_digit(text[at + 1..].chars().next())
    })
}

/// Deletes periods that are not followed by a digit and, in the newer version, not preceded by one.
fn without_periods(text: &str, extraction: Extraction) -> String {
    let is_digit = |c: Option<&char>| c.is_some_and(|c| digit(*c).is_some());
    let chars: Vec<char> = text.chars().collect();
    let mut n_deleted = 0;
    let mut plain = String::with_capacity(text.len());
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|before| chars.get(before));
        let goes = *c == '.'
            && !is_digit(chars.get(i + 1))
            && (extraction == Extraction::Vlmevalkit2025 || !is_digit(before))
            && n_deleted < MAX_PERIODS;
        if goes {
            n_deleted += 1;
        } else {
            plain.push(*c);
        }
    }
    plain
}
