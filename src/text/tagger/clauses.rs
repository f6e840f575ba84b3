//! A clause needs a verb: which word it is, where a general tagger saw none.

use super::{lexicon::Class, sentence::Sentence, upos::Upos, words::Shape};

/// Gives every clause that lacks one its verb.
pub(super) fn complete_clauses(sentence: &mut Sentence<'_>) {
    for i in 0..sentence.len() {
        give_verb_to_question(sentence, i);
    }
    for i in 0..sentence.len() {
        join_verbs(sentence, i);
        give_verb_to_clause(sentence, i);
    }
    for i in 0..sentence.len() {
        give_verb_to_relative(sentence, i);
    }
}

/// `does the price increase`, `will she get`: after an auxiliary and its subject stands a verb.
fn give_verb_to_question(s: &mut Sentence<'_>, i: usize) {
    if !s.has_any(i, [Class::Do, Class::Modal]) || !s.is_tag(i, Upos::Aux) {
        return;
    }
    let clause: Vec<usize> = s.after(i).collect();
    let end = clause.iter().position(|&j| s.has(j, Class::Subordinator) && j > i + 1);
    let infinitive = clause.iter().position(|&j| s.is(j, "to") && s.is_tag(j, Upos::Part));
    let end = end.into_iter().chain(infinitive).min();
    let clause = &clause[..end.unwrap_or(clause.len())];
    let is_verb = |j: usize| {
        s.is_tag(j, Upos::Verb) && !s.is_participle(j) && !s.is_ing(j)
            || s.has_any(j, [Class::Be, Class::Have, Class::Do])
    };
    if clause.iter().any(|&j| is_verb(j)) {
        return;
    }
    // the last word of the first run of nouns that can be a verb and leaves a subject before it
    let found = clause.iter().copied().find(|&j| {
        let before = j.wrapping_sub(1);
        let has_subject = s.is_noun(before)
            || s.is_tag(before, Upos::Pron)
            || s.is_tag(before, Upos::Num)
            || s.is_letter(before)
            || before == i
            || s.is_tag(before, Upos::Adv)
            || s.has_any(before, [Class::AdjectiveNoun, Class::SpatialNoun, Class::AlwaysSpatial])
            || s.is_closed(before) && s.has(before, Class::Pronoun)
            || s.is(before, "n't");
        let goes_on = s.is_noun(j + 1) && s.can_be_verb(j + 1);
        let is_plural = s.lower(j).ends_with('s') && !s.lower(j).ends_with("ss");
        has_subject
            && !goes_on
            && !is_plural
            && s.can_be_verb(j)
            && !s.is_participle(j)
            && !s.is_tag(j, Upos::Aux)
    });
    let found = found.or_else(|| {
        // a verb that no list knows: `should he steer`, `does the gland secrete`
        clause.iter().copied().skip(1).find(|&j| {
            let has_subject = s.has(j - 1, Class::Subject) || s.is_noun(j - 1);
            has_subject
                && s.is_noun(j)
                && !s.has(j, Class::Noun)
                && !s.is_noun(j + 1)
                && !s.words[j].starts_upper()
                && !s.lower(j).ends_with('s')
        })
    });
    if let Some(j) = found {
        s.tags[j] = Upos::Verb;
        if s.has(j - 1, Class::AdjectiveNoun) {
            s.tags[j - 1] = Upos::Noun;
        }
    }
}

/// `rise or fall`: what a verb is joined with is a verb, if it can be.
fn join_verbs(s: &mut Sentence<'_>, i: usize) {
    if !s.is_one_of(i, &["and", "or"]) || !s.is_tag(i.wrapping_sub(1), Upos::Verb) {
        return;
    }
    let j = i + 1;
    let same_form = s.is_ing(i - 1) == s.is_ing(j)
        && s.lower(i - 1).ends_with('s') == s.lower(j).ends_with('s');
    if s.is_noun(j)
        && s.can_be_verb(j)
        && same_form
        && (s.ends_at(j + 1) || s.is_tag(j + 1, Upos::Adp) || s.is_tag(j + 1, Upos::Det))
    {
        s.tags[j] = Upos::Verb;
    }
}

/// `Which line crosses the axis`: a clause without any verb gets the one that it can have.
fn give_verb_to_clause(s: &mut Sentence<'_>, i: usize) {
    if !s.starts_clause(i) {
        return;
    }
    let mut clause = vec![i];
    clause.extend(s.after(i));
    let last = clause[clause.len() - 1];
    // what follows "when" or "that" has a verb of its own
    let n_main = clause.iter().skip(1).position(|&j| {
        s.has(j, Class::Subordinator) && !s.is_one_of(j, &["which", "after", "before"])
    });
    let clause = &clause[..n_main.map_or(clause.len(), |n| n + 1)];
    let is_sentence = s.is_one_of(last + 1, &[".", "?", "!"]) && !s.starts_clause(last + 1)
        || s.has(i, Class::QuestionWord);
    let has_verb = clause.iter().any(|&j| {
        s.is_tag(j, Upos::Aux) && !matches!(s.words[j].shape, Shape::Clitic)
            || s.is_tag(j, Upos::Verb) && !s.is_ing(j)
            || s.words[j].shape == Shape::Clitic && !s.is_noun(j.wrapping_sub(1))
    });
    if has_verb || !is_sentence {
        return;
    }
    let found = clause.iter().copied().skip(1).find(|&j| {
        let before = j - 1;
        let has_subject = s.is_noun(before)
            || s.is_tag(before, Upos::Pron)
            || s.is_tag(before, Upos::Num)
            || s.is_letter(before)
            || s.has(before, Class::Pronoun)
            || s.has_any(before, [Class::AlwaysSpatial, Class::SpatialNoun, Class::AdjectiveNoun])
            || s.is_one_of(before, &["below", "above"]);
        let has_object = s.is_tag(j + 1, Upos::Det)
            || s.is_tag(j + 1, Upos::Adp)
            || s.is_tag(j + 1, Upos::Pron)
            || s.is_tag(j + 1, Upos::Num)
            || s.is_tag(j + 1, Upos::Adj)
            || s.is_tag(j + 1, Upos::Adv)
            || s.is_noun(j + 1) && !s.can_be_verb(j + 1)
            || s.ends_at(j + 1);
        let is_adjective = s.is_tag(j, Upos::Adj) && s.has(j, Class::Adjective);
        has_subject && has_object && s.can_be_verb(j) && !s.is_ing(j) && !is_adjective
    });
    let found = found.or_else(|| clause.iter().copied().skip(1).find(|&j| is_unknown_verb(s, j)));
    if let Some(j) = found {
        s.tags[j] = Upos::Verb;
        if s.has(j - 1, Class::AdjectiveNoun) {
            s.tags[j - 1] = Upos::Noun;
        }
    }
}

/// A verb that no list knows, by its form and its place: `which gland secretes insulin`.
fn is_unknown_verb(s: &Sentence<'_>, j: usize) -> bool {
    let is_finite = s.lower(j).ends_with('s') && !s.lower(j).ends_with("ss");
    let has_object = s.is_tag(j + 1, Upos::Det)
        || s.is_tag(j + 1, Upos::Pron)
        || s.is_noun(j + 1) && !s.starts_clause(j + 1)
        || s.ends_at(j + 1) && s.before(j).last().is_some_and(|first| s.is(first, "which"));
    let is_open = s.is_noun(j) && !s.has(j, Class::Noun) && !s.words[j].starts_upper();
    is_open && is_finite && has_object && s.is_noun(j - 1) && !s.lower(j - 1).ends_with('s')
}

/// `the animal that runs`, `what the boy holds`: a relative clause has a verb of its own.
fn give_verb_to_relative(s: &mut Sentence<'_>, i: usize) {
    let is_relative = s.is_one_of(i, &["that", "which", "who", "what", "how", "why", "where"])
        && s.is_tag(i.wrapping_sub(1), Upos::Verb)
        && !s.starts_clause(i)
        || s.is(i, "if");
    if !is_relative {
        return;
    }
    let clause: Vec<usize> = s.after(i).take_while(|&j| !s.is(j, ",")).collect();
    if clause.iter().any(|&j| s.tag(j).is_some_and(|t| matches!(t, Upos::Verb | Upos::Aux))) {
        return;
    }
    let found =
        clause.iter().copied().skip(1).rfind(|&j| {
            s.is_noun(j - 1) && s.is_noun(j) && s.can_be_verb(j) && !s.has(j, Class::Noun)
        });
    if let Some(j) = found {
        s.tags[j] = Upos::Verb;
    }
}
