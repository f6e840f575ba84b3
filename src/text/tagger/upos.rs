//! The universal parts of speech, and Penn Treebank tags in terms of them.

use std::{fmt, str::FromStr};

/// A universal part of speech (universaldependencies.org/u/pos).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the tag set's own names, defined at its site")]
pub enum Upos {
    Adj,
    Adp,
    Adv,
    Aux,
    Cconj,
    Det,
    Intj,
    Noun,
    Num,
    Part,
    Pron,
    Propn,
    Punct,
    Sconj,
    Sym,
    Verb,
    X,
}

const NAMES: [(Upos, &str); 17] = [
    (Upos::Adj, "ADJ"),
    (Upos::Adp, "ADP"),
    (Upos::Adv, "ADV"),
    (Upos::Aux, "AUX"),
    (Upos::Cconj, "CCONJ"),
    (Upos::Det, "DET"),
    (Upos::Intj, "INTJ"),
    (Upos::Noun, "NOUN"),
    (Upos::Num, "NUM"),
    (Upos::Part, "PART"),
    (Upos::Pron, "PRON"),
    (Upos::Propn, "PROPN"),
    (Upos::Punct, "PUNCT"),
    (Upos::Sconj, "SCONJ"),
    (Upos::Sym, "SYM"),
    (Upos::Verb, "VERB"),
    (Upos::X, "X"),
];

impl Upos {
    /// A tag of either set; a tag of neither is [`Upos::X`].
    ///
    /// A Penn tag says less about the small words (`IN` is a preposition or a conjunction); buckets
    /// tell those by the word.
    pub fn from_tag(tag: &str) -> Self {
        if let Ok(upos) = tag.parse() {
            return upos;
        }
        match tag {
            "NN" | "NNS" => Self::Noun,
            "NNP" | "NNPS" => Self::Propn,
            "JJ" | "JJR" | "JJS" => Self::Adj,
            "VB" | "VBD" | "VBG" | "VBN" | "VBP" | "VBZ" => Self::Verb,
            "MD" => Self::Aux,
            "IN" => Self::Adp,
            "TO" | "RP" | "POS" => Self::Part,
            "RB" | "RBR" | "RBS" | "WRB" => Self::Adv,
            "DT" | "PDT" | "WDT" => Self::Det,
            "PRP" | "PRP$" | "WP" | "WP$" | "EX" => Self::Pron,
            "CC" => Self::Cconj,
            "CD" => Self::Num,
            "UH" => Self::Intj,
            "FW" | "LS" => Self::X,
            "SYM" | "$" | "#" => Self::Sym,
            _ if !tag.is_empty() && !tag.contains(char::is_alphanumeric) => Self::Punct,
            "-LRB-" | "-RRB-" | "HYPH" | "NFP" => Self::Punct,
            _ => Self::X,
        }
    }

    /// The name, in capitals.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(upos, _)| *upos == self).map_or("X", |(_, name)| name)
    }

    pub(super) fn is_noun(self) -> bool {
        matches!(self, Self::Noun | Self::Propn)
    }
}

impl fmt::Display for Upos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no universal part of speech.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no universal part of speech")]
pub struct UnknownUpos {
    /// The name.
    pub name: String,
}

impl FromStr for Upos {
    type Err = UnknownUpos;

    fn from_str(name: &str) -> Result<Self, UnknownUpos> {
        let found = NAMES.iter().find(|(_, known)| *known == name);
        found.map(|(upos, _)| *upos).ok_or_else(|| UnknownUpos { name: name.to_owned() })
    }
}
