//! What stands in the user's turn: words, the picture among them, and what each stretch is for.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

/// The picture's place in a text.
pub const PICTURE: &str = "<image>";

/// What a stretch of a prompt is for, so that an analysis can say which words count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRole {
    /// The template's text before the user's turn.
    System,
    /// What to do, the same for every question.
    Instruction,
    /// What a question is preceded by.
    Hint,
    /// The question.
    Question,
    /// The options and their letters.
    Options,
    /// What to do, behind a question and within its text: "Please answer yes or no."
    Suffix,
}

impl TextRole {
    /// All purposes.
    pub const ALL: [Self; 6] =
        [Self::System, Self::Instruction, Self::Hint, Self::Question, Self::Options, Self::Suffix];
}

impl fmt::Display for TextRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::System => "system",
            Self::Instruction => "instruction",
            Self::Hint => "hint",
            Self::Question => "question",
            Self::Options => "options",
            Self::Suffix => "suffix",
        })
    }
}

impl FromStr for TextRole {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.to_string() == name).ok_or_else(|| {
            let names = Self::ALL.map(|role| role.to_string()).join(", ");
            format!("\"{name}\" is no purpose of words; known are {names}")
        })
    }
}

/// A stretch of a text with one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextSpan {
    /// The purpose.
    pub role: TextRole,
    /// Its bytes; of a [`UserText`] in that text, of a prompt in the exact prompt string.
    pub byte_range: Range<usize>,
}

/// The text of the user's turn, put together from stretches, with the picture at most once.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UserText {
    text: String,
    picture: Option<Range<usize>>,
    spans: Vec<TextSpan>,
}

impl UserText {
    /// Appends words; words without a role belong to no span. Neighbors of one role become one.
    pub fn push(&mut self, role: Option<TextRole>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        let Some(role) = role.filter(|_| !text.is_empty()) else { return };
        let byte_range = start..self.text.len();
        match self.spans.last_mut() {
            Some(last) if last.role == role && last.byte_range.end == start => {
                last.byte_range.end = byte_range.end;
            }
            _ => self.spans.push(TextSpan { role, byte_range }),
        }
    }

    /// Puts the picture here, unless it stands somewhere already.
    pub fn push_picture(&mut self) {
        if self.picture.is_none() {
            let start = self.text.len();
            self.text.push_str(PICTURE);
            self.picture = Some(start..self.text.len());
        }
    }

    /// The words, with [`PICTURE`] where the picture stands.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the picture stands.
    pub fn picture(&self) -> Option<Range<usize>> {
        self.picture.clone()
    }

    /// The stretches with a role, in order, without overlap; the picture is in none.
    pub fn spans(&self) -> &[TextSpan] {
        &self.spans
    }

    /// The words before the picture and behind it.
    pub fn around_picture(&self) -> (&str, &str) {
        match &self.picture {
            Some(picture) => (&self.text[..picture.start], &self.text[picture.end..]),
            None => (&self.text, ""),
        }
    }

    /// Where words stand: all of the text but a picture, and the line's end beside it, at either end.
    pub fn words(&self) -> Range<usize> {
        let all = 0..self.text.len();
        let Some(picture) = &self.picture else { return all };
        let (before, after) = self.around_picture();
        if before.is_empty() {
            return picture.end + usize::from(after.starts_with('\n'))..all.end;
        }
        if after.is_empty() {
            return 0..picture.start - usize::from(before.ends_with('\n'));
        }
        all
    }

    /// The same words in the same order, and the picture on a line behind them.
    #[must_use]
    pub fn with_picture_last(&self) -> Self {
        let Some(picture) = &self.picture else { return self.clone() };
        if picture.start > 0 && picture.end == self.text.len() {
            return self.clone();
        }
        let words = self.words();
        // A picture at the beginning takes its line's end with it.
        let gone = if picture.start == 0 { 0..words.start } else { picture.clone() };
        let at = |byte: usize| match byte {
            byte if byte <= gone.start => byte,
            byte => byte.max(gone.end) - gone.len(),
        };
        let text = [&self.text[..gone.start], &self.text[gone.end..]].concat();
        let spans = self.spans.iter().map(|span| TextSpan {
            role: span.role,
            byte_range: at(span.byte_range.start)..at(span.byte_range.end),
        });
        let mut last = Self { text, picture: None, spans: spans.collect() };
        last.spans.retain(|span| !span.byte_range.is_empty());
        last.text.push('\n');
        last.push_picture();
        last
    }
}
