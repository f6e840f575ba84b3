//! Repairs of tags that follow from the grammar of questions.
//!
//! A general tagger has seen few questions and fewer orders. Two facts repair most of its mistakes
//! with words that are noun and verb (`match`, `rise`, `stop`): a noun phrase needs a head, and a
//! clause needs a verb.

use super::{
    clauses::complete_clauses, lexicon::Class, sentence::Sentence, upos::Upos, words::Shape,
};

/// Gives every word the tag that its place in the sentence asks for.
pub(super) fn repair(sentence: &mut Sentence<'_>) {
    for i in 0..sentence.len() {
        if let Some(tag) = closed_tag(sentence, i) {
            sentence.tags[i] = tag;
        }
    }
    for i in 0..sentence.len() {
        if let Some(tag) = open_tag(sentence, i) {
            sentence.tags[i] = tag;
        }
    }
    complete_clauses(sentence);
}

/// Tags of words from closed lists, so that their neighbors can rely on them.
fn closed_tag(s: &Sentence<'_>, i: usize) -> Option<Upos> {
    if s.words[i].shape != Shape::Letters || s.is_letter(i) {
        return None;
    }
    let next_is_nominal =
        || s.is_noun(i + 1) || s.tag(i + 1).is_some_and(|t| matches!(t, Upos::Adj | Upos::Num));
    if s.has(i, Class::Modal) && is_noun_can(s, i) {
        return Some(Upos::Noun);
    }
    if s.has_any(i, [Class::Be, Class::Modal]) {
        return Some(Upos::Aux);
    }
    if s.has_any(i, [Class::Do, Class::Have]) {
        return Some(Upos::Aux);
    }
    if s.is(i, "that") {
        let is_relative = s.is_noun(i.wrapping_sub(1))
            || s.is_one_of(i.wrapping_sub(1), &["true", "say", "one", "something", "those"]);
        return Some(if is_relative || !next_is_nominal() { Upos::Pron } else { Upos::Det });
    }
    if s.is(i, "there") {
        return Some(Upos::Pron);
    }
    if s.has(i, Class::Possessive) {
        return Some(Upos::Det);
    }
    if s.has(i, Class::Determiner) {
        return Some(if s.has(i, Class::Pronoun) && !next_is_nominal() {
            Upos::Pron
        } else {
            Upos::Det
        });
    }
    if s.has(i, Class::Pronoun) {
        return Some(Upos::Pron);
    }
    if s.has(i, Class::QuestionWord) {
        return Some(Upos::Adv);
    }
    if s.has(i, Class::Conjunction) {
        return Some(if s.is_one_of(i, &["and", "or", "but", "nor"]) {
            Upos::Cconj
        } else {
            Upos::Sconj
        });
    }
    if s.is(i, "to") {
        return Some(if is_infinitive(s, i) { Upos::Part } else { Upos::Adp });
    }
    if s.has_any(i, [Class::Quantifier, Class::Adverb]) {
        return Some(Upos::Adv);
    }
    if s.has_any(i, [Class::PlacePreposition, Class::Preposition]) && !s.can_be_verb(i) {
        return Some(Upos::Adp);
    }
    None
}

/// `to see`, but neither `next to plants` nor `to the left`.
fn is_infinitive(s: &Sentence<'_>, i: usize) -> bool {
    let next = i + 1;
    let is_other_form = s.is_participle(next)
        || s.is_ing(next)
        || s.lower(next).ends_with('s') && s.is_tag(next, Upos::Noun);
    let is_place = s.has(i.wrapping_sub(1), Class::TowardsTo)
        || s.has_any(next, [Class::SpatialNoun, Class::AlwaysSpatial]);
    s.can_be_verb(next) && !is_other_form && !is_place
        || s.has_any(next, [Class::Be, Class::Have, Class::Do])
}

/// `can` of tin, `May`, `will` of a dead man.
fn is_noun_can(s: &Sentence<'_>, i: usize) -> bool {
    s.is_one_of(i, &["can", "will", "may", "might"])
        && (s.has(i.wrapping_sub(1), Class::Determiner)
            && !s.has(i.wrapping_sub(1), Class::Pronoun)
            || s.is(i, "may") && s.words[i].starts_upper() && !s.starts_clause(i)
            || s.is_one_of(
                i.wrapping_sub(1),
                &["trash", "garbage", "soda", "beer", "tin", "watering"],
            )
            || s.is_one_of(i.wrapping_sub(1), &["which", "what"])
                && s.has_any(i + 1, [Class::Be, Class::Modal])
                && !s.is(i + 1, "be"))
}

/// Whether what stands before asks for the head of a noun phrase.
fn wants_head(s: &Sentence<'_>, i: usize) -> bool {
    let before = i.wrapping_sub(1);
    if s.is_one_of(before, &["that", "which", "what", "both", "all", "either", "each"]) {
        return false;
    }
    s.has(before, Class::Possessive)
        || s.is_tag(before, Upos::Det)
        || s.words.get(before).is_some_and(|w| w.shape == Shape::Clitic)
            && s.is(before, "'s")
            && s.is_noun(before.wrapping_sub(1))
            && !s.is_ing(i)
            && !s.is_participle(i)
        || s.is_tag(before, Upos::Adj) && !s.ends_at(before) && in_noun_phrase(s, before)
        || s.is_tag(before, Upos::Num) && in_noun_phrase(s, before)
        || s.is_tag(before, Upos::Adp)
            && !s.is(before, "to")
            && !s.is_one_of(before, &["up", "down", "out", "off"])
}

/// Whether a modifier stands after a determiner, a number or a preposition.
fn in_noun_phrase(s: &Sentence<'_>, i: usize) -> bool {
    s.before(i).take(4).find(|&j| !s.is_tag(j, Upos::Adj) && !s.is_tag(j, Upos::Num)).is_some_and(
        |j| {
            s.is_tag(j, Upos::Det)
                || s.is_tag(j, Upos::Adp)
                || s.has(j, Class::Quantifier)
                || s.tag(j) == Some(Upos::Verb)
                || s.is(j, "'s")
        },
    )
}

/// Whether a noun follows, perhaps after adjectives.
fn noun_follows(s: &Sentence<'_>, i: usize) -> bool {
    let next = s.after(i).find(|&j| !s.is_tag(j, Upos::Adj) && !s.is(j, ","));
    next.is_some_and(|j| s.is_noun(j) && !s.is_ing(j))
}

/// Tags of nouns, verbs and adjectives by what stands around them: first what the place decides,
/// then what the form and the lists say.
fn open_tag(s: &Sentence<'_>, i: usize) -> Option<Upos> {
    let word = &s.words[i];
    if word.shape != Shape::Letters
        || s.is_letter(i)
        || s.has(i, Class::Number)
        || (s.is_closed(i) && !s.has(i, Class::VerbNoun))
        || s.is_tag(i, Upos::Aux)
    {
        return None;
    }
    tag_by_place(s, i).or_else(|| tag_by_form(s, i))
}

fn tag_by_place(s: &Sentence<'_>, i: usize) -> Option<Upos> {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let tag = s.tag(i)?;
    // `Answer:` heads what follows; `Answer the question` is an order
    if s.starts_clause(i) && s.is(next, ":") {
        return Some(Upos::Noun);
    }
    if is_part_of_name(s, i) {
        return Some(Upos::Propn);
    }
    if s.is_tag(before, Upos::Part) && s.is(before, "to") && s.can_be_verb(i) {
        return Some(Upos::Verb);
    }
    if is_order(s, i) {
        return Some(Upos::Verb);
    }
    if s.has(i, Class::Ordinal) {
        return Some(Upos::Adj);
    }
    if s.has(i, Class::SpatialNoun)
        && !s.is_participle(i)
        && !noun_follows(s, i)
        && tag != Upos::Verb
    {
        return Some(Upos::Noun);
    }
    if s.is_one_of(before, &["which", "what"]) && tag == Upos::Verb && s.is_tag(next, Upos::Aux) {
        return Some(Upos::Noun);
    }
    (tag == Upos::Verb && is_noun_by_place(s, i)).then_some(Upos::Noun)
}

fn tag_by_form(s: &Sentence<'_>, i: usize) -> Option<Upos> {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let tag = s.tag(i)?;
    if s.has(i, Class::GerundNoun) {
        return Some(gerund_noun_tag(s, i));
    }
    if s.is_ing(i) {
        return Some(ing_tag(s, i));
    }
    if s.is_participle(i) && s.can_be_verb(i) {
        return Some(participle_tag(s, i));
    }
    if s.has(i, Class::Color) {
        return Some(Upos::Adj);
    }
    if is_verb_after_subject(s, i) {
        return Some(Upos::Verb);
    }
    if s.has(i, Class::AdjectiveNoun) && is_head(s, i) {
        return Some(Upos::Noun);
    }
    if s.has(i, Class::AdjectiveNoun) && s.is_tag(before, Upos::Det) && !s.ends_at(next) {
        return Some(Upos::Adj);
    }
    if s.has(i, Class::Adjective) {
        let is_verb = s.can_be_verb(i)
            && tag == Upos::Verb
            && !wants_head(s, i)
            && !noun_follows(s, i)
            && !s.is_tag(before, Upos::Aux);
        return Some(if is_verb { Upos::Verb } else { Upos::Adj });
    }
    if s.has(i, Class::Noun) {
        return Some(Upos::Noun);
    }
    let after_side = s.has(before, Class::SpatialNoun)
        && s.is_tag(before.wrapping_sub(1), Upos::Det)
        && !s.is_tag(before.wrapping_sub(2), Upos::Adp)
        && !s.lower(i).ends_with('s');
    if tag == Upos::Verb && after_side && !s.is_participle(i) {
        return Some(Upos::Noun);
    }
    if tag == Upos::Verb && wants_head(s, i) && !s.has(before, Class::Adverb) {
        return Some(Upos::Noun);
    }
    if s.words[i].starts_upper()
        && !s.starts_clause(i)
        && matches!(tag, Upos::Verb | Upos::Intj | Upos::X | Upos::Adv)
    {
        return Some(Upos::Propn);
    }
    None
}

/// Capitalized words beside each other, inside a sentence: `Golden Gate Bridge`.
fn is_part_of_name(s: &Sentence<'_>, i: usize) -> bool {
    let is_capital = |j: usize| {
        s.words
            .get(j)
            .is_some_and(|w| w.shape == Shape::Letters && w.starts_upper() && !s.is_letter(j))
            && !s.starts_clause(j)
            && !s.is_closed(j)
    };
    is_capital(i) && (is_capital(i + 1) || is_capital(i.wrapping_sub(1)))
}

/// Whether the word opens an order: `Describe the scene`, `and give the value`.
fn is_order(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    if !s.can_be_verb(i) || s.is_ing(i) || s.is_participle(i) && !s.has(i, Class::VerbBase) {
        return false;
    }
    if s.is(before, "please") && s.has(i, Class::VerbBase) {
        return true;
    }
    let opens = s.starts_clause(i)
        || s.is(before, "please")
        || s.is(before, ",") && s.has(i, Class::VerbBase)
        || s.is_one_of(before, &["and", "then", "or"])
            && s.has(i, Class::VerbBase)
            && follows_order(s, i);
    if !opens {
        return false;
    }
    let object = s.is_tag(next, Upos::Det)
        || s.is_tag(next, Upos::Pron)
        || s.is_tag(next, Upos::Adp)
        || s.has_any(next, [Class::Determiner, Class::Possessive, Class::QuestionWord])
        || s.is(next, "where")
        || s.has_any(next, [Class::PlacePreposition, Class::Preposition, Class::Conjunction])
            && s.has(i, Class::VerbBase);
    let bare = s.has(i, Class::VerbBase)
        && !s.is_tag(next, Upos::Aux)
        && !s.is_tag(next, Upos::Verb)
        && !s.ends_at(next)
        && (s.is_noun(next)
            || s.tag(next)
                .is_some_and(|t| matches!(t, Upos::Adj | Upos::Num | Upos::Adv | Upos::Sym)));
    let is_plural_noun = s.lower(i).ends_with('s') && !s.has(i, Class::VerbBase);
    (object && !is_plural_noun || bare) && !(s.is_tag(next, Upos::Aux))
}

fn follows_order(s: &Sentence<'_>, i: usize) -> bool {
    s.before(i).last().is_some_and(|first| s.is_tag(first, Upos::Verb) || s.is(first, "please"))
}

/// A base form that is no verb: an option by itself (`D. love`), or the second half of a compound in
/// a clause that has its verb (`what is the speed limit`).
fn is_noun_by_place(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let is_base = !s.is_ing(i) && !s.lower(i).ends_with("ed") && !s.lower(i).ends_with('s');
    let is_option = s.starts_clause(i) && s.ends_at(next) && s.is_letter(i.wrapping_sub(2));
    let is_compound = s.is_noun(before)
        && !s.lower(before).ends_with('s')
        && !s.has(i, Class::Past)
        && (!s.has(i, Class::Participle) || s.has(i, Class::Noun) && s.ends_at(next))
        && s.before(i).any(|j| s.has(j, Class::Be))
        && !s.before(i).any(|j| {
            s.has_any(j, [Class::Do, Class::Modal, Class::Subordinator, Class::Subject])
                || s.is(j, "to")
        });
    is_base && (is_option || is_compound)
}

/// `a drawing` and `an oil painting`, but `what is the boy drawing`.
fn gerund_noun_tag(s: &Sentence<'_>, i: usize) -> Upos {
    let before = i.wrapping_sub(1);
    let has_subject = s.is_noun(before) && !s.has(before, Class::Medium)
        || s.has(before, Class::Subject)
        || s.has(before, Class::Be);
    let is_progressive = has_subject && s.before(i).any(|j| s.has(j, Class::Be));
    let is_postponed = s.is_tag(i + 1, Upos::Det) && !s.is_tag(before, Upos::Det);
    let of = s.is_tag(before, Upos::Adp) && s.is_tag(i + 1, Upos::Adp);
    if is_progressive || is_postponed || of { Upos::Verb } else { Upos::Noun }
}

/// Whether a word that is adjective or noun is the head of its phrase: no noun follows, and it is
/// not said of something: `is the box light`.
fn is_head(s: &Sentence<'_>, i: usize) -> bool {
    let before = i.wrapping_sub(1);
    if noun_follows(s, i) || s.has(i + 1, Class::Color) || s.is_one_of(i + 1, &["one", "ones"]) {
        return false;
    }
    if s.is(i + 1, "of") {
        return true;
    }
    // "the maximum stress", before it is clear that `stress` is a noun
    let is_modifier = s.is_tag(i + 1, Upos::Verb) && !s.is_ing(i + 1) && !s.is_participle(i + 1);
    if is_modifier && s.is_tag(before, Upos::Det) && !s.lower(i + 1).ends_with("es") {
        return false;
    }
    let first = s.before(i).last();
    if s.is_one_of(i, &["present", "dark", "public", "private", "common"]) && s.is_noun(before) {
        return false;
    }
    let is_said_of = s.has(before, Class::Be)
        || s.has_any(
            before,
            [Class::Adverb, Class::QuestionWord, Class::Conjunction, Class::Quantifier],
        )
        || s.is_noun(before)
            && first.is_some_and(|j| s.has(j, Class::Be) && !s.is(j + 1, "there"))
            && (s.ends_at(i + 1) || s.is_tag(i + 1, Upos::Cconj))
            && !s.has(before, Class::LightCompound);
    !is_said_of && (s.is_noun(before) || s.is_tag(before, Upos::Adp) || wants_head(s, i))
}

fn ing_tag(s: &Sentence<'_>, i: usize) -> Upos {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    if s.has(i, Class::GerundCompound)
        && (s.is_noun(next) || !s.can_be_verb(i))
        && !s.is_tag(before, Upos::Aux)
        && !s.is_noun(before)
    {
        return Upos::Noun;
    }
    let opens_phrase = s.is_tag(before, Upos::Det)
        || s.has(before, Class::Number)
        || s.is(before, "'s") && s.is_noun(before.wrapping_sub(1)) && s.ends_at(next)
        || s.is_tag(before, Upos::Adj) && in_noun_phrase(s, before);
    if s.has(i, Class::Adjective) && (opens_phrase || s.ends_at(next)) {
        return Upos::Adj;
    }
    if opens_phrase {
        return if noun_follows(s, i) { Upos::Adj } else { Upos::Noun };
    }
    if !s.can_be_verb(i) && s.tag(i) != Some(Upos::Verb) {
        return s.tag(i).unwrap_or(Upos::Noun);
    }
    Upos::Verb
}

fn participle_tag(s: &Sentence<'_>, i: usize) -> Upos {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    if s.is(i, "left") && !is_remaining(s, i) {
        return Upos::Noun;
    }
    let opens_phrase = s.is_tag(before, Upos::Det)
        || s.is_tag(before, Upos::Num)
        || s.is_tag(before, Upos::Adp) && noun_follows(s, i)
        || s.is_tag(before, Upos::Adj) && in_noun_phrase(s, before)
        || s.is(before, "'s") && noun_follows(s, i)
        || s.has(before, Class::Quantifier) && noun_follows(s, i) && !s.is(before, "most");
    let has_noun = s.is_noun(next) || s.is_tag(next, Upos::Adj) || s.is_participle(next);
    if opens_phrase && (has_noun || s.is_tag(before, Upos::Det)) && !s.is_tag(before, Upos::Pron) {
        return Upos::Adj;
    }
    if s.has(i, Class::State)
        && (is_auxiliary_before(s, i)
            || s.starts_clause(i)
            || s.is_one_of(before, &["or", "and"])
            || s.ends_at(next) && !s.has(i, Class::VerbNoun))
    {
        return Upos::Adj;
    }
    if s.starts_clause(i) && s.is_noun(next) || s.tag(before) == Some(Upos::Verb) && s.is_noun(next)
    {
        return Upos::Adj;
    }
    Upos::Verb
}

/// `are left`, `any food left on the plate`, `does he have left`, `who left the door open`.
fn is_remaining(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let asks_amount = s.before(i).any(|j| s.has(j, Class::Quantifier) || s.is(j, "there"));
    let is_bare = !s.is_tag(before, Upos::Det)
        && !s.is_tag(before, Upos::Adp)
        && !s.is_tag(before, Upos::Adj);
    let ends =
        s.ends_at(next) || s.is_one_of(next, &["on", "in", "over", "after", "behind", "for"]);
    s.has(before, Class::Subject)
        || is_bare && ends && (asks_amount || s.has(before, Class::Have))
        || s.has(before, Class::Be) && s.ends_at(next) && s.before(i).count() > 2
        || s.is_noun(before) && s.is_tag(next, Upos::Det)
}

/// Whether a form of be governs this word: `is open`, `is the door open`.
fn is_auxiliary_before(s: &Sentence<'_>, i: usize) -> bool {
    s.before(i).any(|j| {
        s.has(j, Class::Be)
            || s.is_one_of(
                j,
                &["look", "looks", "seem", "seems", "appear", "appears", "feel", "feels"],
            )
    })
}

/// `you see`, `that matches`, `it shows`, `best describes`.
fn is_verb_after_subject(s: &Sentence<'_>, i: usize) -> bool {
    let before = i.wrapping_sub(1);
    if !s.can_be_verb(i) || s.has(i, Class::Adjective) && !s.lower(i).ends_with('s') {
        return false;
    }
    // "is it close"
    if s.has(before.wrapping_sub(1), Class::Be) && s.has(before, Class::Pronoun) {
        return false;
    }
    if s.has(before, Class::Subject) && !s.is_tag(before, Upos::Det) {
        return !s.is_one_of(before, &["it", "you"]) || !s.has(i, Class::Noun);
    }
    let relative = s.is_one_of(before, &["that", "which"]) && s.is_tag(before, Upos::Pron);
    let is_finite =
        s.lower(i).ends_with('s') || s.has(i, Class::Past) || s.lower(i).ends_with("ed");
    if relative && s.is_noun(before.wrapping_sub(1)) && (is_finite || !noun_follows(s, i)) {
        return true;
    }
    s.is_one_of(before, &["best", "also", "most"]) && is_finite && !s.has(i, Class::Noun)
}
