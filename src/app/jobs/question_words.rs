//! The words of a run's question: tagged, corrected by a person, and put on positions.

use anyhow::{Context as _, Result, bail};

use super::tagging::{Tagged, TaggerChoice, Tagging};
use crate::{
    domain::{Bucket, BucketEdits, Run, TaggedWord, WordAlignment},
    text::align,
};

/// A person's correction of a word's bucket, as it is typed: `light=Objects`, or `light#2=Objects`
/// for its second occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordEdit {
    /// The word as it stands in the question.
    pub word: String,
    /// Which occurrence, from 1; all where nothing is said.
    pub occurrence: Option<usize>,
    /// What it does.
    pub bucket: Bucket,
}

impl std::str::FromStr for WordEdit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((word, bucket)) = text.rsplit_once('=') else {
            return Err(format!("write WORD=BUCKET, as in light=Objects, not \"{text}\""));
        };
        let bucket = bucket.parse().map_err(|e: crate::domain::BucketError| e.to_string())?;
        let (word, occurrence) = match word.rsplit_once('#') {
            Some((word, n)) if !word.is_empty() && n.parse::<usize>().is_ok() => {
                (word, n.parse().ok())
            }
            _ => (word, None),
        };
        Ok(Self { word: word.to_owned(), occurrence, bucket })
    }
}

/// What is known of the words of a run's question.
#[derive(Clone, Debug)]
pub struct QuestionWords {
    /// The tagger that answered.
    pub tagger: TaggerChoice,
    /// The words, corrections made and marked.
    pub words: Vec<TaggedWord>,
    /// Where they stand in the prompt.
    pub alignment: WordAlignment,
    /// Why another tagger answered than the one asked for.
    pub notice: Option<String>,
}

impl QuestionWords {
    /// Tags a run's question, makes corrections, and finds each word's positions.
    ///
    /// # Errors
    /// A correction of a word that the question does not have, or one that cannot be made.
    pub fn of_run(run: &Run, tagging: &mut Tagging, edits: &[WordEdit]) -> Result<Self> {
        let Tagged { words, by, notice } = tagging.tag(&run.question);
        let words = corrections(&words, edits)?.apply(&words)?;
        let alignment = align(&run.prompt, &words).context("while aligning words and tokens")?;
        Ok(Self { tagger: by, words, alignment, notice })
    }

    /// Each position's bucket.
    pub fn buckets(&self) -> Vec<Option<Bucket>> {
        self.alignment.positions.iter().map(|at| at.bucket).collect()
    }

    /// A person's corrections among them.
    pub(super) fn edits(&self) -> BucketEdits {
        let edited = self.words.iter().enumerate().filter(|(_, word)| word.edited);
        edited.fold(BucketEdits::new(), |edits, (i, word)| edits.with(i, word.bucket))
    }

    /// Words whose bucket a person chose.
    pub fn n_edited(&self) -> usize {
        self.words.iter().filter(|word| word.edited).count()
    }
}

/// Checks corrections against a question before a model is loaded for it.
///
/// # Errors
/// As [`QuestionWords::of_run`].
pub(super) fn check_edits(words: &[TaggedWord], edits: &[WordEdit]) -> Result<()> {
    corrections(words, edits)?.apply(words)?;
    Ok(())
}

/// The numbers of a word's occurrences in the question: of all, or with `word#2` of the second.
///
/// # Errors
/// A word that the question does not have; the message names its words.
pub(super) fn find_word(words: &[TaggedWord], asked: &str) -> Result<Vec<usize>> {
    let (word, occurrence) = match asked.rsplit_once('#') {
        Some((word, n)) if !word.is_empty() && n.parse::<usize>().is_ok() => (word, n.parse().ok()),
        _ => (asked, None),
    };
    occurrences(words, word, occurrence)
}

fn occurrences(words: &[TaggedWord], word: &str, occurrence: Option<usize>) -> Result<Vec<usize>> {
    let is_meant = |(_, found): &(usize, &TaggedWord)| found.text.eq_ignore_ascii_case(word);
    let found: Vec<usize> = words.iter().enumerate().filter(is_meant).map(|(i, _)| i).collect();
    let meant = match occurrence {
        None => &found[..],
        Some(n) => found.get(n.wrapping_sub(1)).map_or(&[][..], std::slice::from_ref),
    };
    if meant.is_empty() {
        let all: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let which = occurrence.map_or(String::new(), |n| format!("#{n}"));
        bail!("no word \"{word}{which}\" in the question; its words are: {}", all.join(" "));
    }
    Ok(meant.to_vec())
}

fn corrections(words: &[TaggedWord], edits: &[WordEdit]) -> Result<BucketEdits> {
    let mut made = BucketEdits::new();
    for WordEdit { word, occurrence, bucket } in edits {
        let meant = occurrences(words, word, *occurrence)?;
        made = meant.iter().fold(made, |made, i| made.with(*i, *bucket));
    }
    Ok(made)
}
