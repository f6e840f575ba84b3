//! What a word of the question does: the buckets, tagged words, and a person's corrections.

use std::{collections::BTreeMap, fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a word does in a question: the seven parts that attention mass is split into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bucket {
    /// Things and their names, abstract ones (`color`, `number`) included.
    Objects,
    /// Where things are: `left`, `on`, `where`, `next`.
    Relations,
    /// What things are like, and how many: `red`, `wooden`, `three`.
    Attributes,
    /// What is done: lexical verbs in all forms.
    Actions,
    /// Words that hold the sentence together: `the`, `is`, `of`, `which`.
    Function,
    /// Punctuation, option letters, numbers that count nothing, emoji.
    Other,
    /// Not the user's text: markers and wording of the chat template.
    Template,
}

impl Bucket {
    /// All of them, in the order of the legend.
    pub const ALL: [Self; 7] = [
        Self::Objects,
        Self::Relations,
        Self::Attributes,
        Self::Actions,
        Self::Function,
        Self::Other,
        Self::Template,
    ];

    /// The name, as it is spelled on screen and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Objects => "Objects",
            Self::Relations => "Relations",
            Self::Attributes => "Attributes",
            Self::Actions => "Actions",
            Self::Function => "Function",
            Self::Other => "Other",
            Self::Template => "Template",
        }
    }

    /// Whether its words say nothing about the picture, so that they serve as a comparison.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Function | Self::Other)
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Bucket {
    type Err = BucketError;

    /// Reads a name exactly as [`Bucket::name`] spells it.
    ///
    /// # Errors
    /// [`BucketError::UnknownName`].
    fn from_str(name: &str) -> Result<Self, BucketError> {
        let found = Self::ALL.into_iter().find(|bucket| bucket.name() == name);
        found.ok_or_else(|| BucketError::UnknownName { name: name.to_owned() })
    }
}

/// What can be wrong with a bucket's name or with a correction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// No bucket is called so.
    #[error(
        "there is no bucket `{name}`; there are {}",
        Bucket::ALL.map(Bucket::name).join(", ")
    )]
    UnknownName {
        /// The name.
        name: String,
    },
    /// A correction speaks of a word that the question does not have.
    #[error("there is no word {word_idx}: the question has {n_words} words")]
    NoSuchWord {
        /// The word's index, from 0.
        word_idx: usize,
        /// How many words the question has.
        n_words: usize,
    },
    /// A word of the question was to become part of the template.
    #[error("word {word_idx} is the user's own, so it cannot be Template")]
    WordAsTemplate {
        /// The word's index, from 0.
        word_idx: usize,
    },
}

/// A word of the question and what it does there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaggedWord {
    /// The word as it stands in the question.
    pub text: String,
    /// Its bytes in the question.
    pub byte_range: Range<usize>,
    /// The part of speech as the tagger names it: a universal (`NOUN`) or a Penn (`NNS`) tag.
    pub tag: String,
    /// What it does.
    pub bucket: Bucket,
    /// Whether a person chose the bucket.
    pub edited: bool,
}

/// A person's corrections of one question: word index, from 0, to bucket.
///
/// Kept apart from the words, so that they outlive a new tagging of the same question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BucketEdits(BTreeMap<usize, Bucket>);

impl BucketEdits {
    /// No correction.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same corrections, and this word in that bucket.
    #[must_use]
    pub fn with(mut self, word_idx: usize, bucket: Bucket) -> Self {
        self.0.insert(word_idx, bucket);
        self
    }

    /// The same corrections without one for this word.
    #[must_use]
    pub fn without(mut self, word_idx: usize) -> Self {
        self.0.remove(&word_idx);
        self
    }

    /// The corrections by ascending word.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Bucket)> {
        self.0.iter().map(|(&word_idx, &bucket)| (word_idx, bucket))
    }

    /// Whether nothing was corrected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words with the corrections made and marked; `words` as the tagger gave them.
    ///
    /// # Errors
    /// [`BucketError::NoSuchWord`] or [`BucketError::WordAsTemplate`] for the first correction that
    /// cannot be made; then none is.
    pub fn apply(&self, words: &[TaggedWord]) -> Result<Vec<TaggedWord>, BucketError> {
        let mut words = words.to_vec();
        let n_words = words.len();
        for (word_idx, bucket) in self.iter() {
            if bucket == Bucket::Template {
                return Err(BucketError::WordAsTemplate { word_idx });
            }
            let word =
                words.get_mut(word_idx).ok_or(BucketError::NoSuchWord { word_idx, n_words })?;
            word.bucket = bucket;
            word.edited = true;
        }
        Ok(words)
    }
}

/// How much of a word a position's token covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordShare {
    /// The word's index in the question, from 0.
    pub word_idx: usize,
    /// Bytes of the word that the token's text covers, at least 1. Tokens that share one character
    /// each cover all of it, so a word's shares can add up to more than its bytes.
    pub n_bytes: usize,
}

/// What one position of the decoder's sequence has to do with the question's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionWords {
    /// The words that its token touches, ascending.
    pub words: Vec<WordShare>,
    /// Where its attention mass counts; none for a latent, which is no text.
    pub bucket: Option<Bucket>,
}

impl PositionWords {
    /// Whether the token touches two words or more, so that its bucket speaks for one of them only.
    pub fn is_shared(&self) -> bool {
        self.words.len() > 1
    }
}

/// The question's words on the positions of a prompt: one entry for every position, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordAlignment {
    /// By position.
    pub positions: Vec<PositionWords>,
}

impl WordAlignment {
    /// The positions whose tokens touch a word, ascending.
    pub fn positions_of_word(&self, word_idx: usize) -> impl Iterator<Item = usize> {
        let touches = move |at: &PositionWords| at.words.iter().any(|w| w.word_idx == word_idx);
        (0..).zip(&self.positions).filter(move |(_, at)| touches(at)).map(|(position, _)| position)
    }

    /// The positions that count for a bucket, ascending.
    pub fn positions_in(&self, bucket: Bucket) -> impl Iterator<Item = usize> {
        let counts = move |at: &PositionWords| at.bucket == Some(bucket);
        (0..).zip(&self.positions).filter(move |(_, at)| counts(at)).map(|(position, _)| position)
    }
}
