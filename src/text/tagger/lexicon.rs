//! Words whose grammar or bucket does not follow from a general tagger, by class.

use std::collections::HashMap;

const LEXICON: &str = include_str!("../../../assets/part-of-speech/lexicon.txt");

macro_rules! classes {
    ($($class:ident $name:literal $doc:literal)*) => {
        /// What is known of a word beforehand; the words stand in `lexicon.txt`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Class { $(#[doc = $doc] $class,)* }

        const NAMES: &[(&str, Class)] = &[$(($name, Class::$class),)*];
    };
}

classes! {
    Be "be" "Forms of be."
    Do "do" "Forms of do that can be auxiliaries."
    Have "have" "Forms of have."
    Modal "modal" "Modal verbs."
    Determiner "determiner" "Open a noun phrase."
    Possessive "possessive" "`my`, `their`: always followed by their noun."
    Pronoun "pronoun" "Stand for a noun phrase."
    Subject "subject" "Pronouns that are subjects."
    QuestionWord "question-word" "`what`, `how`; not `where`, which is spatial."
    Quantifier "quantifier" "How many, without a number."
    Conjunction "conjunction" "Join."
    Particle "particle" "`not`, `yes`, `please`."
    Preposition "preposition" "Prepositions that are never spatial."
    Adverb "adverb" "Adverbs that say nothing about places."
    PlacePreposition "place-preposition" "Prepositions of place and direction."
    AlwaysSpatial "always-spatial" "Spatial wherever they stand."
    SpatialNoun "spatial-noun" "Sides and places; some have other meanings."
    SpatialAdjective "spatial-adjective" "Spatial before a noun."
    TowardsTo "towards-to" "The `to` after them is spatial."
    Time "time" "After `at`, `on`, `in`: when, not where."
    InManner "in-manner" "After `in`: how much or how, not where."
    Unit "unit" "Units of measure."
    Motion "motion" "Verbs of motion and of pointing."
    UpParticle "up-particle" "Verbs whose `up` and `out` are no direction."
    OnParticle "on-particle" "Verbs whose `on` is no place."
    OffParticle "off-particle" "Verbs whose `off` is no direction."
    Posture "posture" "Verbs whose `by` is a place."
    Number "number" "Number words."
    Ordinal "ordinal" "Ordinals."
    Color "color" "Colors."
    Label "label" "Nouns that a number names: `step 3`."
    Adjective "adjective" "Adjectives."
    State "state" "Participles that describe a state after be."
    NotAdverb "not-adverb" "Words in -ly that are no adverbs."
    Noun "noun" "Nouns that look like something else."
    GerundNoun "gerund-noun" "Things in -ing that are verbs after a subject: `is the boy drawing`."
    AdjectiveNoun "adjective-noun" "Adjectives that are nouns where no noun follows: `traffic light`."
    GerundCompound "gerund-compound" "First halves of compounds: `dining table`."
    VerbNoun "verb-noun" "Verbs that can be nouns, and verbs that a general tagger takes for nouns."
    VerbBase "verb-base" "Verbs that open an order: `choose`."
    Subordinator "subordinator" "Open a clause inside another."
    LightCompound "light-compound" "Before `light`, which is then a lamp."
    Medium "medium" "Before `painting` and `crossing`, which are then things."
    Switched "switched" "What is on or off."
    Polygon "polygon" "Shapes whose sides are no places."
    Process "process" "What ends in time, not in space."
    CanBeRight "can-be-right" "`right` before them means correct."
    Participle "participle" "Irregular participles."
    Past "past" "Irregular past forms."
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes(u64);

impl Classes {
    pub(super) fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u64) != 0
    }

    /// Whether the word is one of a closed list that says what it is.
    pub(super) fn is_closed(self) -> bool {
        [
            Class::Determiner,
            Class::Pronoun,
            Class::QuestionWord,
            Class::Quantifier,
            Class::Conjunction,
            Class::Particle,
            Class::Preposition,
            Class::Adverb,
        ]
        .into_iter()
        .any(|class| self.has(class))
    }
}

#[derive(Debug)]
pub(super) struct Lexicon(HashMap<&'static str, Classes>);

impl Lexicon {
    pub(super) fn embedded() -> Self {
        let mut words: HashMap<&'static str, Classes> = HashMap::with_capacity(4096);
        for line in LEXICON.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split_whitespace();
            let name = parts.next().unwrap_or("");
            if let Some((_, class)) = NAMES.iter().find(|(known, _)| *known == name) {
                for word in parts {
                    words.entry(word).or_default().0 |= 1 << *class as u64;
                }
            }
        }
        Self(words)
    }

    /// The classes of a word; `lower` in lower case. Of a plural that is not listed, its noun's.
    pub(super) fn classes(&self, lower: &str) -> Classes {
        let listed = |word: &str| self.0.get(word).copied();
        let is_plain_noun =
            |classes: &Classes| classes.has(Class::Noun) && !classes.has(Class::VerbNoun);
        let of_singular = || lower.strip_suffix('s').and_then(listed).filter(is_plain_noun);
        listed(lower).or_else(of_singular).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lexicon_names_a_class_and_every_class_has_words() {
        let named: Vec<&str> = LEXICON
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(named.len(), NAMES.len());
        for (name, _) in NAMES {
            assert!(named.contains(name), "no words for {name}");
        }
    }
}
