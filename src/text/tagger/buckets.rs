//! From tags and words to buckets: the first rule that holds.

use super::{lexicon::Class, sentence::Sentence, spatial::is_spatial, upos::Upos, words::Shape};
use crate::domain::Bucket;

/// What a word does in its sentence.
pub(super) fn bucket_of(s: &Sentence<'_>, i: usize) -> Bucket {
    let word = &s.words[i];
    match word.shape {
        Shape::Sign => return Bucket::Other,
        Shape::Clitic if s.is_quoted(i) => return Bucket::Objects,
        Shape::Clitic => return Bucket::Function,
        Shape::Digits => return number_bucket(s, i),
        Shape::Letters => {}
    }
    if word.text.starts_with(|c: char| c.is_ascii_digit())
        && !word.text.contains('-')
        && !s.has(i, Class::Ordinal)
    {
        return Bucket::Other;
    }
    if s.is_quoted(i) {
        return Bucket::Objects;
    }
    if s.is_letter(i) {
        return Bucket::Other;
    }
    if s.is_tag(i, Upos::Propn)
        && word.starts_upper()
        && !s.starts_clause(i)
        && is_beside_name(s, i)
    {
        return Bucket::Objects;
    }
    if s.has(i, Class::Number) {
        return number_bucket(s, i);
    }
    if is_spatial(s, i) {
        return Bucket::Relations;
    }
    if let Some(bucket) = auxiliary_bucket(s, i) {
        return bucket;
    }
    if s.is_tag(i, Upos::Noun) && s.has(i, Class::Modal) {
        return Bucket::Objects;
    }
    if let Some(bucket) = other_sense(s, i) {
        return bucket;
    }
    open_bucket(s, i)
}

fn is_beside_name(s: &Sentence<'_>, i: usize) -> bool {
    [i.wrapping_sub(1), i + 1].into_iter().any(|j| {
        s.words.get(j).is_some_and(|w| w.shape == Shape::Letters && w.starts_upper())
            && !s.is_letter(j)
            && !s.starts_clause(j.max(i))
    })
}

/// A number that counts a following noun describes it; any other is only a number.
fn number_bucket(s: &Sentence<'_>, i: usize) -> Bucket {
    let before = i.wrapping_sub(1);
    if s.is(i, "one") && s.words[i].shape == Shape::Letters {
        let counts = (s.is_noun(i + 1) || s.is_tag(i + 1, Upos::Adj) && s.is_noun(i + 2))
            && !s.has_any(before, [Class::QuestionWord]);
        return if counts { Bucket::Attributes } else { Bucket::Function };
    }
    if s.is_quoted(i) {
        return Bucket::Other;
    }
    let is_year = s.words[i].shape == Shape::Digits
        && s.words[i].text.len() == 4
        && matches!(s.words[i].text.as_bytes(), [b'1', b'0'..=b'9', _, _] | [b'2', b'0', _, _]);
    let is_label = s.has(before, Class::Label)
        || s.is_one_of(before, &["/", "+", "-", "=", "$", "#", "*", "×"]);
    let mut next = i + 1;
    while s.has_any(next, [Class::Number, Class::Ordinal, Class::Color, Class::Adjective])
        || s.is_tag(next, Upos::Adj)
    {
        next += 1;
        if next > i + 4 {
            break;
        }
    }
    let counts = (s.is_noun(next) || s.has(next, Class::Unit) || s.is(next, "of"))
        && !s.starts_clause(i + 1);
    if counts && !is_year && !is_label { Bucket::Attributes } else { Bucket::Other }
}

/// Be, have, do and modals: what helps another verb is Function, what stands alone an action.
fn auxiliary_bucket(s: &Sentence<'_>, i: usize) -> Option<Bucket> {
    if s.has(i, Class::Be) {
        return Some(Bucket::Function);
    }
    if s.has(i, Class::Modal) && !s.is_noun(i) {
        return Some(Bucket::Function);
    }
    let lexical = |is_main: bool| Some(if is_main { Bucket::Actions } else { Bucket::Function });
    if s.has(i, Class::Have) {
        return lexical(is_main_have(s, i));
    }
    if s.has(i, Class::Do) {
        return lexical(is_main_do(s, i));
    }
    None
}

fn is_main_have(s: &Sentence<'_>, i: usize) -> bool {
    let is_participle = |j: usize| {
        (s.is_participle(j) || s.is_one_of(j, &["been", "had"]))
            && !s.is_tag(j, Upos::Adj)
            && !s.is(j, "left")
    };
    let next = s.after(i).find(|&j| !s.has_any(j, [Class::Adverb, Class::Particle]));
    if next.is_some_and(is_participle) {
        return false;
    }
    // after do, a modal or to, only a participle right behind makes it an auxiliary
    let is_governed = s.is_tag(i.wrapping_sub(1), Upos::Part)
        || s.before(i).any(|j| s.has_any(j, [Class::Do, Class::Modal]));
    if is_governed {
        return true;
    }
    let is_inverted = s.starts_clause(i)
        || s.before(i)
            .last()
            .is_some_and(|first| s.has(first, Class::QuestionWord) || s.is(first, "where"))
            && s.is_tag(i + 1, Upos::Det)
        || s.has(i + 1, Class::Subject);
    !(is_inverted
        && s.after(i).any(|j| is_participle(j) && !s.is_tag(j.wrapping_sub(1), Upos::Det)))
}

fn is_main_do(s: &Sentence<'_>, i: usize) -> bool {
    let verb_follows = s.after(i).any(|j| {
        s.is_tag(j, Upos::Verb) || s.has_any(j, [Class::Be, Class::Have]) || s.has(j, Class::Do)
    });
    let is_governed = s.is_tag(i.wrapping_sub(1), Upos::Part)
        || s.before(i).any(|j| s.has_any(j, [Class::Do, Class::Modal]));
    let is_first = !s.before(i).any(|j| s.has_any(j, [Class::Do, Class::Modal]));
    is_governed && !is_first
        || s.is(i.wrapping_sub(1), "to")
        || s.is_tag(i.wrapping_sub(1), Upos::Part) && !verb_follows
}

/// Words of the spatial and the closed lists in a sense of their own.
fn other_sense(s: &Sentence<'_>, i: usize) -> Option<Bucket> {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let is_verb = s.is_tag(i, Upos::Verb);
    let is_modifier = s.is_noun(next) || s.is_tag(next, Upos::Num) || s.is_tag(next, Upos::Adj);
    let choose = |condition: bool, then: Bucket, otherwise: Bucket| {
        Some(if condition { then } else { otherwise })
    };
    match s.lower(i) {
        "right" if s.is_one_of(next, &["now", "away"]) => Some(Bucket::Function),
        "right" | "close" if !is_verb => Some(Bucket::Attributes),
        "end" | "ends" => choose(is_verb, Bucket::Actions, Bucket::Objects),
        "next" => {
            let describes = is_modifier || s.is_tag(before, Upos::Det);
            choose(describes, Bucket::Attributes, Bucket::Function)
        }
        "last" if is_modifier => Some(Bucket::Attributes),
        "first" | "last" if s.starts_clause(i) && s.is(next, ",") => Some(Bucket::Function),
        "first" | "last" | "second" if is_adverb_at_end(s, i) => Some(Bucket::Function),
        "second" | "seconds"
            if s.is_tag(before, Upos::Num) || s.is_one_of(before, &["per", "many"]) =>
        {
            Some(Bucket::Objects)
        }
        "given" if s.starts_clause(i) && s.is(next, "that") => Some(Bucket::Function),
        "even" if s.is_one_of(next, &["number", "numbers", "or"]) || s.is(before, "or") => {
            Some(Bucket::Attributes)
        }
        "better" | "best" | "worse" | "fast" | "hard" | "faster" | "fastest" | "well" | "early"
        | "late" => Some(adverb_or_adjective(s, i)),
        "likely" | "unlikely" => {
            let before_verb = s.is_tag(next, Upos::Verb)
                || s.has_any(next, [Class::Have, Class::Do, Class::Be])
                || s.before(i).take(2).any(|j| s.has(j, Class::Modal));
            choose(before_verb, Bucket::Function, Bucket::Attributes)
        }
        "like" if is_verb => Some(Bucket::Actions),
        "kind" | "sort" | "type" if s.is(next, "of") => Some(Bucket::Objects),
        "lot" | "lots" | "couple" | "plenty" if s.is(next, "of") => Some(Bucket::Function),
        "bit" => choose(s.is(before, "a"), Bucket::Function, Bucket::Objects),
        "long" | "old" | "tall" | "big" | "large" | "deep" | "wide" | "high" | "heavy"
            if s.is(before, "how") =>
        {
            Some(Bucket::Attributes)
        }
        lower => sense_when_not_spatial(lower),
    }
}

/// What a word is that would be spatial, or is in a closed list, wherever no rule says otherwise.
fn sense_when_not_spatial(lower: &str) -> Option<Bucket> {
    match lower {
        "top" | "side" | "sides" | "center" | "centre" | "edge" | "edges" | "corners"
        | "relation" | "past" => Some(Bucket::Objects),
        "relative" | "alike" | "nearest" | "away" | "other" => Some(Bucket::Attributes),
        "tomorrow" | "yesterday" | "tonight" | "others" | "according" | "based" => {
            Some(Bucket::Function)
        }
        "left" => Some(Bucket::Actions),
        _ => None,
    }
}

/// `Which crosses the line first?`
fn is_adverb_at_end(s: &Sentence<'_>, i: usize) -> bool {
    let before = i.wrapping_sub(1);
    s.ends_at(i + 1)
        && !s.starts_clause(i)
        && !s.is_tag(before, Upos::Det)
        && !s.is_one_of(before, &["or", "and"])
}

fn adverb_or_adjective(s: &Sentence<'_>, i: usize) -> Bucket {
    let before = i.wrapping_sub(1);
    let is_adjective = s.is_noun(i + 1) && !s.is_tag(before, Upos::Verb)
        || s.has(before, Class::Be)
        || s.is_tag(i + 1, Upos::Adj) && s.is_tag(before, Upos::Det)
        || s.is_tag(before, Upos::Det) && s.ends_at(i + 1) && !s.is_one_of(i, &["best", "fastest"]);
    if is_adjective { Bucket::Attributes } else { Bucket::Function }
}

fn open_bucket(s: &Sentence<'_>, i: usize) -> Bucket {
    let is_verb = s.is_tag(i, Upos::Verb);
    if s.is_closed(i) && !(is_verb && s.has_any(i, [Class::VerbNoun, Class::VerbBase])) {
        return Bucket::Function;
    }
    if s.has(i, Class::PlacePreposition) {
        return Bucket::Function;
    }
    if s.has(i, Class::Color) {
        return color_bucket(s, i);
    }
    if s.has(i, Class::Ordinal) {
        return Bucket::Attributes;
    }
    if s.has(i, Class::SpatialAdjective) {
        return Bucket::Relations;
    }
    match s.tags[i] {
        Upos::Verb => Bucket::Actions,
        Upos::Adj => Bucket::Attributes,
        Upos::Noun | Upos::Propn | Upos::X | Upos::Sym | Upos::Intj => Bucket::Objects,
        Upos::Num | Upos::Punct => Bucket::Other,
        Upos::Adv if s.has(i, Class::NotAdverb) => Bucket::Attributes,
        Upos::Adv
        | Upos::Adp
        | Upos::Aux
        | Upos::Cconj
        | Upos::Det
        | Upos::Part
        | Upos::Pron
        | Upos::Sconj => Bucket::Function,
    }
}

/// `red` describes before a noun, after a copula and as an option; in `made of gold` it is a thing.
fn color_bucket(s: &Sentence<'_>, i: usize) -> Bucket {
    let before = i.wrapping_sub(1);
    let noun_follows = s.is_noun(i + 1)
        || s.is_tag(i + 1, Upos::Adj)
        || s.has(i + 1, Class::Color)
        || s.is_one_of(i + 1, &["one", "ones"]);
    if noun_follows {
        return Bucket::Attributes;
    }
    let is_thing = s.is_tag(before, Upos::Det)
        && s.is_one_of(i, &["orange", "gold", "silver", "rose", "olive", "cream"])
        || s.is_tag(before, Upos::Adp)
        || s.is_tag(before, Upos::Aux) && s.has_any(before, [Class::Modal, Class::Do]);
    if is_thing {
        return Bucket::Objects;
    }
    let speaks_of_material = s.is_one_of(i, &["gold", "silver", "orange", "cream", "olive"])
        && s.starts_clause(i)
        && !(0..i)
            .rev()
            .take(24)
            .any(|j| s.is_one_of(j, &["color", "colors", "colour", "colours"]));
    if speaks_of_material { Bucket::Objects } else { Bucket::Attributes }
}
