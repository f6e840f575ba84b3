//! The lines of the conversation: one JSON object a line, UTF-8.
//!
//! The program begins with a [`Hello`] or a [`Failure`]. Then every line of its input is answered by
//! exactly one line, in order: a [`Request`] by an [`Answer`] or a [`Failure`], anything else by a
//! [`Failure`]. It ends when its input ends.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

/// Changes when a reader of the old lines would misread the new ones.
pub const PROTOCOL: u32 = 1;

/// The first line: which program and model answer.
#[derive(Debug, Serialize)]
pub struct Hello<'a> {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Name and version of the program.
    pub program: &'a str,
    /// The model folder, as it was given.
    pub model: String,
    /// The model's labels, by number.
    pub labels: &'a [String],
}

/// What is asked.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Any text.
    pub question: String,
}

/// A question with its words.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    /// The question, as it was read.
    pub question: &'a str,
    /// In the order of the text; white space and what the tokenizer drops are between them.
    pub words: Vec<Word<'a>>,
    /// How many pieces a long question was cut into; the model saw each without the others.
    pub pieces: usize,
}

/// One word of a question, as the model parts them.
#[derive(Debug, Serialize, PartialEq)]
pub struct Word<'a> {
    /// The question's own bytes `start..end`.
    pub text: &'a str,
    /// First byte.
    pub start: usize,
    /// One after the last byte.
    pub end: usize,
    /// The model's label; nothing where its score is not a usable number.
    pub tag: Option<String>,
    /// Between 0 and 1, as rust-bert gives it: for a word of several sub-tokens the product over
    /// them. Nothing where it is not a usable number.
    pub score: Option<f64>,
}

/// Why there is no model, or no answer to a line.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// In one line.
    pub error: String,
}

/// Writes one line and sends it off.
pub fn write_line(output: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    output.write_all(&bytes)?;
    output.flush()
}
