//! Which map of which word or token a person asks for, and where that is in a run.

use std::{fmt, ops::Range, str::FromStr};

use anyhow::{Result, bail};

use super::question_words::QuestionWords;
use crate::{
    domain::{Bucket, MapKind, Run, TaggedWord, TokenRow},
    inference::Engine,
};

/// A map, by the name that is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapChoice(pub MapKind);

const NAMES: [(&str, MapKind); 5] = [
    ("read-by", MapKind::ReadBy),
    ("looks-at", MapKind::LooksAt),
    ("answered-from", MapKind::AnsweredFrom(TokenRow::WhileChoosing)),
    ("answered-from-after", MapKind::AnsweredFrom(TokenRow::AfterWriting)),
    ("made-from", MapKind::MadeFrom),
];

impl FromStr for MapChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| Self(*kind)).ok_or_else(|| {
            let known = NAMES.map(|(known, _)| known).join(", ");
            format!("unknown map \"{name}\": choose {known}")
        })
    }
}

/// What a map is of, as it is typed: a word (`fish`, or `fish#2` for its second occurrence), a
/// number (`#7`), or several of them, whose map is the mean (`fish+bowl`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapOf {
    /// A word of the question or of the answer.
    Word {
        /// As it stands there, but for capitals.
        text: String,
        /// Which occurrence, from 1; all where nothing is said.
        occurrence: Option<usize>,
    },
    /// A position of the prompt; of *answered from*, a token of the answer; of *made from*, a latent;
    /// from 0.
    Token(usize),
    /// Several, taken together.
    Several(Vec<Self>),
}

impl FromStr for MapOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('+').collect();
        // A plus at an end belongs to a word, as in C++.
        if parts.len() > 1 && parts.iter().all(|part| !part.trim().is_empty()) {
            return parts
                .into_iter()
                .map(Self::from_str)
                .collect::<Result<_, _>>()
                .map(Self::Several);
        }
        let number = |text: &str| text.parse::<usize>().ok();
        match text.rsplit_once('#') {
            Some(("", n)) => number(n)
                .map(Self::Token)
                .ok_or_else(|| format!("write #NUMBER, as in #7, not \"{text}\"")),
            Some((word, n)) if number(n).is_some() => {
                Ok(Self::Word { text: word.to_owned(), occurrence: number(n) })
            }
            _ if text.trim().is_empty() => Err("name a word or a token's #NUMBER".to_owned()),
            _ => Ok(Self::Word { text: text.trim().to_owned(), occurrence: None }),
        }
    }
}

impl fmt::Display for MapOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word { text, occurrence: None } => f.write_str(text),
            Self::Word { text, occurrence: Some(n) } => write!(f, "{text}#{n}"),
            Self::Token(n) => write!(f, "#{n}"),
            Self::Several(parts) => {
                let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                f.write_str(&parts.join("+"))
            }
        }
    }
}

/// A map of a run: which, where, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapTarget {
    /// Which map.
    pub kind: MapKind,
    /// Positions of the prompt, tokens of the answer, or latents.
    pub positions: Vec<usize>,
    /// The word or token; several with ` + ` between them.
    pub text: String,
}

impl MapTarget {
    /// Names the map on a figure.
    pub fn title(&self) -> String {
        format!("{}: \"{}\"", self.kind, self.text.trim())
    }
}

/// The texts in which words are looked for.
#[derive(Clone, Copy, Debug)]
pub struct MapTexts<'a> {
    /// The run.
    pub run: &'a Run,
    /// The words of its question.
    pub words: &'a QuestionWords,
    /// The text of each token of its answer.
    pub answer: &'a [String],
}

impl MapTexts<'_> {
    /// Finds what is asked for.
    ///
    /// Without a map, a word of the question is shown as *looks at* and a word of the answer as
    /// *answered from*. Without a word, *answered from* is of the answer's first token that says
    /// something, *looks at* and *read by* of the question's first object, *made from* of nothing.
    /// Without either it is *answered from*.
    ///
    /// # Errors
    /// A word or token that there is not, with those that there are.
    pub fn find(&self, map: Option<MapKind>, of: Option<&MapOf>) -> Result<MapTarget> {
        let answered_from = MapKind::AnsweredFrom(TokenRow::WhileChoosing);
        match (map, of) {
            (None, None) => Ok(self.first_of_answer(answered_from)),
            (Some(kind @ MapKind::AnsweredFrom(_)), None) => Ok(self.first_of_answer(kind)),
            (Some(MapKind::MadeFrom), None) => {
                bail!("made-from is of latents of the picture: say which with --of #N")
            }
            (Some(kind), None) => self.first_object(kind),
            (_, Some(MapOf::Several(parts))) => self.together(map, parts),
            (None, Some(MapOf::Token(n))) => {
                bail!("#{n} may be a position or a token of the answer: say which with --map")
            }
            (Some(kind), Some(MapOf::Token(n))) => self.token(kind, *n),
            (Some(kind), Some(MapOf::Word { text, occurrence })) => {
                self.word(kind, text, *occurrence)
            }
            (None, Some(MapOf::Word { text, occurrence })) => self
                .word(MapKind::LooksAt, text, *occurrence)
                .or_else(|_| self.word(answered_from, text, *occurrence))
                .or_else(|_| {
                    let question = self.texts_of_question().join(" ");
                    let answer = &self.run.answer;
                    bail!("no word \"{text}\" in \"{question}\" or in the answer \"{answer}\"")
                }),
        }
    }

    /// What several parts mean as one; without a map, that of the first of them.
    fn together(&self, map: Option<MapKind>, parts: &[MapOf]) -> Result<MapTarget> {
        let (mut kind, mut positions, mut texts) = (map, Vec::new(), Vec::new());
        for part in parts {
            let found = self.find(kind, Some(part))?;
            kind = Some(found.kind);
            positions.extend(found.positions);
            texts.push(found.text.trim().to_owned());
        }
        let Some(kind) = kind else { bail!("name a word or a token's #NUMBER") };
        positions.sort_unstable();
        positions.dedup();
        Ok(MapTarget { kind, positions, text: texts.join(" + ") })
    }

    fn first_of_answer(&self, kind: MapKind) -> MapTarget {
        let says_something = |text: &String| {
            let word = text.trim().to_lowercase();
            word.chars().any(char::is_alphanumeric) && !["a", "an", "the"].contains(&word.as_str())
        };
        let stop = self.run.answer_ids.len();
        let token = self.answer.iter().take(stop).position(says_something).unwrap_or(0);
        let text = self.answer.get(token).cloned().unwrap_or_default();
        MapTarget { kind, positions: vec![token], text }
    }

    fn first_object(&self, kind: MapKind) -> Result<MapTarget> {
        let words = &self.words.words;
        let is_object = |word: &TaggedWord| word.bucket == Bucket::Objects;
        let says_something =
            |word: &TaggedWord| !matches!(word.bucket, Bucket::Function | Bucket::Other);
        let found =
            words.iter().position(is_object).or_else(|| words.iter().position(says_something));
        let Some(word_idx) = found else { bail!("the question names nothing: say --of WORD") };
        self.words_at(kind, &[word_idx])
    }

    fn texts_of_question(&self) -> Vec<&str> {
        self.words.words.iter().map(|word| word.text.as_str()).collect()
    }

    fn token(&self, kind: MapKind, n: usize) -> Result<MapTarget> {
        let text = match kind {
            MapKind::AnsweredFrom(_) => self.answer.get(n).cloned(),
            MapKind::MadeFrom => self.latent(n),
            _ => self.run.prompt.tokens.get(n).map(|token| token.text.clone()),
        };
        let Some(text) = text else {
            let (of, what, len) = match kind {
                MapKind::AnsweredFrom(_) => ("token", "answer", self.answer.len()),
                MapKind::MadeFrom => ("latent", "picture", self.run.prompt.layout.image().len()),
                _ => ("token", "prompt", self.run.prompt.tokens.len()),
            };
            bail!("no {of} #{n}: the {what} has {len}, numbered from 0");
        };
        Ok(MapTarget { kind, positions: vec![n], text })
    }

    fn latent(&self, n: usize) -> Option<String> {
        (n < self.run.prompt.layout.image().len()).then(|| format!("latent {n}"))
    }

    fn word(&self, kind: MapKind, text: &str, occurrence: Option<usize>) -> Result<MapTarget> {
        match kind {
            MapKind::MadeFrom => {
                bail!("made-from is of latents of the picture, not of \"{text}\": write --of #N")
            }
            MapKind::AnsweredFrom(_) => self.word_of_answer(kind, text, occurrence),
            _ => self.word_of_question(kind, text, occurrence),
        }
    }

    fn word_of_question(
        &self,
        kind: MapKind,
        text: &str,
        occurrence: Option<usize>,
    ) -> Result<MapTarget> {
        let is_meant = |(_, word): &(usize, &TaggedWord)| word.text.eq_ignore_ascii_case(text);
        let found: Vec<usize> =
            self.words.words.iter().enumerate().filter(is_meant).map(|(i, _)| i).collect();
        let meant = chosen(&found, occurrence);
        if meant.is_empty() {
            let which = occurrence.map_or(String::new(), |n| format!("#{n}"));
            let all = self.texts_of_question().join(" ");
            bail!("no word \"{text}{which}\" in the question; its words are: {all}");
        }
        self.words_at(kind, meant)
    }

    fn words_at(&self, kind: MapKind, words: &[usize]) -> Result<MapTarget> {
        let alignment = &self.words.alignment;
        let positions: Vec<usize> =
            words.iter().flat_map(|word| alignment.positions_of_word(*word)).collect();
        let text = self.words.words[words[0]].text.clone();
        if positions.is_empty() {
            bail!("\"{text}\" has no position in the prompt");
        }
        Ok(MapTarget { kind, positions, text })
    }

    fn word_of_answer(
        &self,
        kind: MapKind,
        text: &str,
        occurrence: Option<usize>,
    ) -> Result<MapTarget> {
        let answer = self.answer.concat();
        let (lower, text_lower) = (answer.to_ascii_lowercase(), text.to_ascii_lowercase());
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let found: Vec<Range<usize>> = lower
            .match_indices(&text_lower)
            .map(|(at, _)| at..at + text.len())
            .filter(|place| {
                let (before, after) = (&answer[..place.start], &answer[place.end..]);
                !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
            })
            .collect();
        let meant = chosen(&found, occurrence);
        if meant.is_empty() {
            bail!("no word \"{text}\" in the answer \"{}\"", self.run.answer);
        }
        let mut end = 0;
        let mut positions = Vec::new();
        for (token, piece) in self.answer.iter().enumerate() {
            let start = end;
            end += piece.len();
            if meant.iter().any(|place| start < place.end && place.start < end) {
                positions.push(token);
            }
        }
        Ok(MapTarget { kind, positions, text: answer[meant[0].clone()].to_owned() })
    }
}

/// One of what was found, or all of it.
fn chosen<T>(found: &[T], occurrence: Option<usize>) -> &[T] {
    match occurrence {
        None => found,
        Some(n) => found.get(n.wrapping_sub(1)).map_or(&[], std::slice::from_ref),
    }
}

/// The text of each token of an answer; all together they are the answer, but that special tokens,
/// which have none, are there by name after its end.
///
/// # Errors
/// A token that the tokenizer does not know.
pub fn answer_texts(engine: &Engine, run: &Run) -> Result<Vec<String>> {
    let mut stream = engine.tokenizer().stream();
    let text_of = |id: &u32| match engine.tokenizer().is_special(*id) {
        true => engine.tokenizer().token(*id),
        false => stream.push(*id),
    };
    Ok(run.answer_ids.iter().map(text_of).collect::<Result<_, _>>()?)
}
