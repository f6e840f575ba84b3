//! The words of a question with what is known of each, and the ways to look around in them.

use super::{
    brill::Brill,
    guess::{guess, stems_of},
    lexicon::{Class, Classes, Lexicon},
    upos::Upos,
    words::{Shape, Word, words_of},
};

/// How far a rule looks: farther than any clause goes on, and what keeps long texts linear.
const REACH: usize = 32;

/// A question on its way to buckets.
///
/// An index may point before or behind the words (`i.wrapping_sub(1)`, `i + 1`): nothing is true there.
pub(super) struct Sentence<'q> {
    pub(super) words: Vec<Word<'q>>,
    pub(super) tags: Vec<Upos>,
    classes: Vec<Classes>,
    /// Whether a clause, an option or a line starts here.
    starts: Vec<bool>,
    /// Whether it stands between double quotation marks.
    quoted: Vec<bool>,
    /// Whether it is a letter that names an option, a point or a variable.
    letters: Vec<bool>,
    brill: &'q Brill,
    lexicon: &'q Lexicon,
}

impl<'q> Sentence<'q> {
    pub(super) fn new(question: &'q str, brill: &'q Brill, lexicon: &'q Lexicon) -> Self {
        let words = words_of(question);
        let classes = words.iter().map(|word| lexicon.classes(&word.lower)).collect();
        let letters: Vec<bool> = (0..words.len()).map(|i| is_letter(&words, i)).collect();
        let mut sentence = Self {
            tags: vec![Upos::X; words.len()],
            starts: clause_starts(&words, &letters),
            quoted: between_quotes(&words),
            classes,
            letters,
            words,
            brill,
            lexicon,
        };
        for i in 0..sentence.words.len() {
            sentence.tags[i] = sentence.likely_tag(i);
        }
        sentence
    }

    /// What the word most often is, its surroundings aside.
    fn likely_tag(&self, i: usize) -> Upos {
        let Word { text, lower, shape, .. } = &self.words[i];
        match shape {
            Shape::Digits => return Upos::Num,
            Shape::Sign => return Upos::Punct,
            Shape::Clitic if lower == "n't" => return Upos::Part,
            Shape::Clitic => return Upos::Aux,
            Shape::Letters => {}
        }
        if self.letters[i] {
            return Upos::Sym;
        }
        if self.has(i, Class::Number) {
            return Upos::Num;
        }
        if let Some(known) = self.brill.most_frequent(lower) {
            return known;
        }
        // a capital letter says something only inside a clause
        guess(self.brill, if self.starts[i] { lower } else { text }, lower)
    }

    /// Lets the learnt patches change the tags of whole words.
    pub(super) fn patch(&mut self) {
        // contractions were one word when the patches were learnt
        let is_seen = |word: &&Word<'_>| word.shape != Shape::Clitic;
        let texts: Vec<&str> = self.words.iter().filter(is_seen).map(|w| w.text).collect();
        let seen: Vec<usize> =
            (0..self.words.len()).filter(|&i| self.words[i].shape != Shape::Clitic).collect();
        let mut tags: Vec<Upos> = seen.iter().map(|&i| self.tags[i]).collect();
        self.brill.patch(&texts, &mut tags);
        for (&i, tag) in seen.iter().zip(tags) {
            self.tags[i] = tag;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn has(&self, i: usize, class: Class) -> bool {
        self.classes.get(i).is_some_and(|classes| classes.has(class))
    }

    pub(super) fn has_any<const N: usize>(&self, i: usize, classes: [Class; N]) -> bool {
        classes.into_iter().any(|class| self.has(i, class))
    }

    pub(super) fn is_closed(&self, i: usize) -> bool {
        self.classes.get(i).is_some_and(|classes| classes.is_closed())
    }

    /// Whether it is an auxiliary, a preposition, a number or another word of a closed list.
    pub(super) fn is_small(&self, i: usize) -> bool {
        let lists = [Class::Be, Class::Do, Class::Have, Class::Modal, Class::Number];
        let is_preposition = self.has(i, Class::PlacePreposition) && !self.can_be_verb(i);
        self.is_closed(i) || self.is(i, "to") || self.has_any(i, lists) || is_preposition
    }

    pub(super) fn lower(&self, i: usize) -> &str {
        self.words.get(i).map_or("", |word| &word.lower)
    }

    pub(super) fn is(&self, i: usize, text: &str) -> bool {
        self.words.get(i).is_some_and(|word| word.is(text))
    }

    pub(super) fn is_one_of(&self, i: usize, texts: &[&str]) -> bool {
        self.words.get(i).is_some_and(|word| texts.contains(&word.lower.as_str()))
    }

    pub(super) fn tag(&self, i: usize) -> Option<Upos> {
        self.tags.get(i).copied()
    }

    pub(super) fn is_tag(&self, i: usize, tag: Upos) -> bool {
        self.tag(i) == Some(tag)
    }

    pub(super) fn is_noun(&self, i: usize) -> bool {
        self.tag(i).is_some_and(Upos::is_noun)
    }

    pub(super) fn is_quoted(&self, i: usize) -> bool {
        self.quoted.get(i).copied().unwrap_or(false)
    }

    pub(super) fn is_letter(&self, i: usize) -> bool {
        self.letters.get(i).copied().unwrap_or(false)
    }

    /// Whether a clause, an option or a line starts here, or the words are over.
    pub(super) fn starts_clause(&self, i: usize) -> bool {
        self.starts.get(i).copied().unwrap_or(true)
    }

    /// Whether nothing of the same clause follows: a sign that ends it, or the end.
    pub(super) fn ends_at(&self, i: usize) -> bool {
        self.starts_clause(i)
            || self.words[i].shape == Shape::Sign
                && !self.is_one_of(i, &["'", "\u{2019}", "\"", "%"])
    }

    /// Whether the word's sign ends what a rule may look at.
    fn is_boundary(&self, i: usize) -> bool {
        self.is_one_of(i, &[".", "?", "!", ";", ":"])
    }

    /// Indices after `i` in the same clause, nearest first.
    pub(super) fn after(&self, i: usize) -> impl Iterator<Item = usize> {
        let range = i + 1..self.len().min(i + 1 + REACH);
        range.take_while(|&j| !self.starts_clause(j) && !self.is_boundary(j))
    }

    /// Indices before `i` in the same clause, nearest first.
    pub(super) fn before(&self, i: usize) -> impl Iterator<Item = usize> {
        let first = (i.saturating_sub(REACH)..=i).rfind(|&j| self.starts_clause(j)).unwrap_or(i);
        (first.max(i.saturating_sub(REACH))..i).rev()
    }

    /// Whether a word can be a verb at all, in this form or in its base form.
    pub(super) fn can_be_verb(&self, i: usize) -> bool {
        let Some(word) = self.words.get(i) else { return false };
        let is_noun =
            self.has(i, Class::Noun) && !self.has_any(i, [Class::VerbNoun, Class::VerbBase]);
        if word.shape != Shape::Letters || self.is_letter(i) || self.is_closed(i) || is_noun {
            return false;
        }
        let is_verb = |lower: &str| {
            let classes = self.lexicon.classes(lower);
            [Class::VerbNoun, Class::VerbBase, Class::Past].iter().any(|&class| classes.has(class))
                || self.brill.most_frequent(lower) == Some(Upos::Verb)
        };
        is_verb(&word.lower)
            || ["ing", "ed", "es", "s"].iter().any(|ending| {
                word.lower.strip_suffix(ending).is_some_and(|stem| {
                    stem.len() > 1 && stems_of(stem, ending).iter().any(|stem| is_verb(stem))
                })
            })
    }

    /// A form in -ed, or an irregular participle.
    pub(super) fn is_participle(&self, i: usize) -> bool {
        self.has(i, Class::Participle)
            || self.lower(i).ends_with("ed") && self.lower(i).len() > 4 && !self.has(i, Class::Noun)
    }

    pub(super) fn is_ing(&self, i: usize) -> bool {
        self.lower(i).ends_with("ing") && self.lower(i).len() > 4 && !self.has(i, Class::Noun)
    }
}

/// Letters that name something: `A` of an option, `x` of an equation; neither `I` nor the article.
fn is_letter(words: &[Word<'_>], i: usize) -> bool {
    let word = &words[i];
    let mut chars = word.text.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else { return false };
    if !letter.is_alphabetic() || !letter.is_ascii() || word.shape != Shape::Letters {
        return false;
    }
    let next = words.get(i + 1).filter(|next| !next.starts_line);
    let next_is = |signs: &[&str]| next.is_some_and(|next| signs.contains(&next.text));
    let before = i.checked_sub(1).map(|j| &words[j]);
    match letter {
        'I' => next_is(&[")", "."]) || before.is_some_and(|b| b.is("(")),
        'a' | 'A' => {
            let ends =
                next.is_none_or(|next| next.shape == Shape::Sign && !"\"'“‘(".contains(next.text));
            // a capital letter inside a sentence is no article, unless an option or a sentence starts
            let is_inside = letter == 'A'
                && !word.starts_line
                && before.is_some_and(|b| b.shape == Shape::Letters)
                && next.is_none_or(|n| {
                    !n.text.starts_with(char::is_lowercase)
                        || ["and", "or", "to", "is"].contains(&n.text)
                });
            let names = [
                "angle", "point", "line", "option", "side", "choice", "figure", "letter", "part",
                "group", "class", "team", "vitamin", "graph", "event", "circle", "object", "box",
                "set",
            ];
            let is_named =
                letter == 'A' && before.is_some_and(|b| names.contains(&b.lower.as_str()));
            ends || is_inside || is_named
        }
        _ => true,
    }
}

/// Where clauses, options and lines start.
fn clause_starts(words: &[Word<'_>], letters: &[bool]) -> Vec<bool> {
    let mut starts = vec![false; words.len()];
    for i in 0..words.len() {
        let before = i.checked_sub(1).map(|j| words[j].text);
        let is_marker = |i: usize| {
            letters.get(i).copied().unwrap_or(false)
                || words.get(i).is_some_and(|w| w.shape == Shape::Digits && w.text.len() < 3)
        };
        // "(A) red", "A. red", "A) red", "A: red"
        let after_marker = i >= 2
            && is_marker(i - 2)
            && (words[i - 1].is(")") || matches!(words[i - 1].text, "." | ":"));
        let opens_marker = is_marker(i)
            && words.get(i + 1).is_some_and(|w| matches!(w.text, ")" | "." | ":"))
            && words.get(i + 2).is_some_and(|w| w.shape != Shape::Sign);
        starts[i] = i == 0
            || words[i].starts_line
            || after_marker
            || opens_marker
            || matches!(before, Some("." | "?" | "!" | ";" | ":" | "\u{2022}"));
    }
    starts
}

/// Which words stand between double quotation marks; one without a partner counts as none.
fn between_quotes(words: &[Word<'_>]) -> Vec<bool> {
    let mut quoted = vec![false; words.len()];
    let mut opened = None;
    for (i, word) in words.iter().enumerate() {
        let is_quote = matches!(word.text, "\"" | "\u{201C}" | "\u{201D}" | "«" | "»" | "„");
        match (is_quote, opened) {
            (true, None) => opened = Some(i),
            (true, Some(start)) => {
                quoted[start + 1..i].fill(true);
                opened = None;
            }
            (false, _) => {}
        }
    }
    quoted
}
