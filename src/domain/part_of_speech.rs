//! The buckets of the words of a question.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a token of the question is for, by the part of speech of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bucket {
    /// Things: nouns.
    Objects,
    /// How things stand to each other: prepositions of place, comparisons.
    Relations,
    /// What things are like: adjectives, numbers.
    Attributes,
    /// What happens: verbs.
    Actions,
    /// Words that carry the sentence: articles, auxiliaries, question words.
    Function,
    /// Punctuation and what fits nowhere else.
    Other,
    /// Tokens of the chat template inside the opened text.
    Template,
}

impl Bucket {
    /// All buckets, in the order in which figures show them.
    pub const ALL: [Self; 7] = [
        Self::Objects,
        Self::Relations,
        Self::Attributes,
        Self::Actions,
        Self::Function,
        Self::Other,
        Self::Template,
    ];

    /// Whether this bucket is a control: words of it name nothing that a picture shows.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Function | Self::Other)
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Objects => "Objects",
            Self::Relations => "Relations",
            Self::Attributes => "Attributes",
            Self::Actions => "Actions",
            Self::Function => "Function",
            Self::Other => "Other",
            Self::Template => "Template",
        })
    }
}
