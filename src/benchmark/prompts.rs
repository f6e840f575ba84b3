//! Prompts as data: which pieces stand in the user's turn, in which order, and what each is for.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{Benchmark, BenchmarkError, BenchmarkRow, QuestionForm, markers::with_markers};
use crate::domain::{TextRole, UserText};

/// The presets that come with the program.
const EMBEDDED: &str = include_str!("../../assets/prompts/presets.toml");

/// Presets of prompts, by name.
#[derive(Clone, Debug)]
pub struct Prompts {
    suffixes: Vec<String>,
    presets: BTreeMap<String, Preset>,
}

/// A user's turn for one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRow {
    /// The words, with the picture among them.
    pub turn: UserText,
    /// Which of the row's pictures it is.
    pub picture: usize,
    /// Pictures of the row that the prompt shows as well, and that are not asked about: one picture
    /// at a time.
    pub n_left_out: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    suffixes: Vec<String>,
    presets: BTreeMap<String, Preset>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    about: String,
    /// A preset whose pieces fill what is missing here.
    like: Option<String>,
    yes_no: Option<Vec<Piece>>,
    choice: Option<Vec<Piece>>,
    open: Option<Vec<Piece>>,
    /// For one benchmark, by its name.
    #[serde(default)]
    only: BTreeMap<String, Vec<Piece>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    #[serde(default)]
    picture: bool,
    role: Option<TextRole>,
    text: Option<String>,
    each: Option<String>,
    needs: Option<Needed>,
    #[serde(default)]
    once: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Needed {
    Hint,
    Options,
    Prompt,
}

impl Prompts {
    /// The presets that come with the program.
    ///
    /// # Errors
    /// None but for a broken build; a test reads them.
    pub fn embedded() -> Result<Self, BenchmarkError> {
        Self::parse(EMBEDDED, Path::new("assets/prompts/presets.toml"))
    }

    /// Presets from a file like the embedded one, `assets/prompts/presets.toml`.
    ///
    /// # Errors
    /// A file that cannot be read or does not hold presets.
    pub fn open(path: &Path) -> Result<Self, BenchmarkError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| BenchmarkError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, BenchmarkError> {
        let bad = |reason: String| BenchmarkError::Prompts { path: path.to_owned(), reason };
        let one_line = |e: toml::de::Error| {
            let line = e.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            format!("line {line}: {}", e.message().lines().next().unwrap_or_default())
        };
        let file: File = toml::from_str(text).map_err(|e| bad(one_line(e)))?;
        if file.version != 1 {
            return Err(bad(format!("version {} where 1 is read", file.version)));
        }
        for (name, preset) in &file.presets {
            if let Some(like) =
                preset.like.as_ref().filter(|like| !file.presets.contains_key(*like))
            {
                return Err(bad(format!("preset {name} is like {like}, which is not there")));
            }
            for benchmark in preset.only.keys() {
                benchmark.parse::<Benchmark>().map_err(|e| bad(format!("preset {name}: {e}")))?;
            }
            for piece in preset.pieces() {
                piece.check().map_err(|reason| bad(format!("preset {name}: {reason}")))?;
            }
        }
        Ok(Self { suffixes: file.suffixes, presets: file.presets })
    }

    /// The presets' names, and what each is.
    pub fn presets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.presets.iter().map(|(name, preset)| (name.as_str(), preset.about.as_str()))
    }

    /// A row's turn in a preset's words.
    ///
    /// Without a benchmark, a row with options is a choice and any other open.
    ///
    /// # Errors
    /// One line: a preset that is not there or does not ask such questions, or a marker of a picture
    /// that the row does not have.
    pub fn ask(
        &self,
        preset: &str,
        benchmark: Option<Benchmark>,
        row: &BenchmarkRow,
    ) -> Result<AskedRow, String> {
        let by_row = if row.options.is_empty() { QuestionForm::Open } else { QuestionForm::Choice };
        let form = benchmark.map_or(by_row, Benchmark::form);
        let pieces = self.pieces(preset, benchmark, form, 0)?;
        if benchmark == Some(Benchmark::Mmmu) {
            let words = self.fill(pieces, row, false);
            if let Some(asked) = with_markers(&words, row.pictures.len())? {
                return Ok(asked);
            }
        }
        let turn = self.fill(pieces, row, true);
        if turn.picture().is_none() {
            return Err(format!("preset {preset} has no place for the picture"));
        }
        Ok(AskedRow { turn, picture: 0, n_left_out: row.pictures.len().saturating_sub(1) })
    }

    fn pieces(
        &self,
        name: &str,
        benchmark: Option<Benchmark>,
        form: QuestionForm,
        depth: usize,
    ) -> Result<&[Piece], String> {
        let preset = self.presets.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.presets.keys().map(String::as_str).collect();
            format!("unknown prompts \"{name}\"; known are {}", names.join(", "))
        })?;
        let is_meant = |known: &&String| known.parse::<Benchmark>().ok() == benchmark;
        let only = benchmark.and_then(|_| preset.only.keys().find(is_meant));
        let of_form = match form {
            QuestionForm::YesNo => &preset.yes_no,
            QuestionForm::Choice => &preset.choice,
            QuestionForm::Open => &preset.open,
        };
        if let Some(pieces) = only.map(|name| &preset.only[name]).or(of_form.as_ref()) {
            return Ok(pieces);
        }
        match &preset.like {
            Some(like) if depth < self.presets.len() => {
                self.pieces(like, benchmark, form, depth + 1)
            }
            _ => Err(format!("preset {name} has no words for such a question")),
        }
    }

    fn fill(&self, pieces: &[Piece], row: &BenchmarkRow, with_picture: bool) -> UserText {
        let mut turn = UserText::default();
        // A line's end beside a picture goes where the picture goes.
        let mut behind_missing_picture = false;
        for piece in pieces.iter().filter(|piece| piece.is_asked(row)) {
            if piece.picture {
                behind_missing_picture = !with_picture;
                if with_picture {
                    turn.push_picture();
                }
                continue;
            }
            let is_line_end = piece.text.as_deref() == Some("\n") && piece.role.is_none();
            if std::mem::take(&mut behind_missing_picture) && is_line_end {
                continue;
            }
            self.push(&mut turn, piece, row);
        }
        turn
    }

    fn push(&self, turn: &mut UserText, piece: &Piece, row: &BenchmarkRow) {
        if let Some(each) = &piece.each {
            for (letter, option) in &row.options {
                let letter = letter.to_string();
                let text = filled(each, &[("letter", &letter), ("option", option)]);
                turn.push(piece.role, &text);
            }
        }
        let Some(template) = &piece.text else { return };
        let fields = [
            ("question", row.question.as_str()),
            ("hint", row.hint.as_deref().unwrap_or_default()),
            ("prompt", row.prompt.as_deref().unwrap_or(&row.question)),
        ];
        let text = filled(template, &fields);
        let (head, suffix, tail) = self.split_suffix(piece, &text);
        turn.push(piece.role, head);
        turn.push(Some(TextRole::Suffix), suffix);
        turn.push(piece.role, tail);
    }

    /// A question, the sentence at its end that says how to answer, and the white space behind it.
    fn split_suffix<'t>(&self, piece: &Piece, text: &'t str) -> (&'t str, &'t str, &'t str) {
        let words = text.trim_end();
        let found = self.suffixes.iter().find(|suffix| words.ends_with(suffix.as_str()));
        match found {
            Some(suffix) if piece.role == Some(TextRole::Question) => {
                let at = words.len() - suffix.len();
                (&text[..at], &text[at..words.len()], &text[words.len()..])
            }
            _ => (text, "", ""),
        }
    }
}

impl Preset {
    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        let of_form = [&self.yes_no, &self.choice, &self.open].into_iter().flatten();
        of_form.chain(self.only.values()).flatten()
    }
}

impl Piece {
    fn check(&self) -> Result<(), String> {
        let n_said = [self.picture, self.text.is_some(), self.each.is_some()];
        if n_said.iter().filter(|said| **said).count() != 1 {
            return Err("a piece is one of picture, text and each".to_owned());
        }
        let known: [(&Option<String>, &[&str]); 2] =
            [(&self.text, &["question", "hint", "prompt"]), (&self.each, &["letter", "option"])];
        for (template, fields) in known {
            let Some(template) = template else { continue };
            for field in fields_of(template) {
                if !fields.contains(&field) {
                    return Err(format!("{{{field}}} stands for nothing in \"{template}\""));
                }
            }
        }
        Ok(())
    }

    fn is_asked(&self, row: &BenchmarkRow) -> bool {
        let is_there = match self.needs {
            None => true,
            Some(Needed::Hint) => row.hint.is_some(),
            Some(Needed::Options) => !row.options.is_empty(),
            Some(Needed::Prompt) => row.prompt.is_some(),
        };
        let is_said = || {
            let own = self.text.as_deref().unwrap_or_default().trim();
            [Some(&row.question), row.prompt.as_ref(), row.hint.as_ref()]
                .into_iter()
                .flatten()
                .any(|text| text.contains(own))
        };
        is_there && !(self.once && is_said())
    }
}

/// A template with its fields replaced, each once: what stands in a field is not looked at again.
fn filled(template: &str, fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = next_field(rest) {
        text.push_str(before);
        let value = fields.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    text.push_str(rest);
    text
}

fn fields_of(template: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = template;
    while let Some((_, name, after)) = next_field(rest) {
        fields.push(name);
        rest = after;
    }
    fields
}

/// What stands before the first `{name}`, its name, and what stands behind.
fn next_field(template: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = template.split_once('{')?;
    let (name, after) = behind.split_once('}')?;
    Some((before, name, after))
}
