//! A question becomes words, each with its bytes.
//!
//! Words end at white space and at signs. Hyphens, apostrophes and points inside a word stay in it
//! (`T-shirt`, `o'clock`, `U.S.`), as do the comma and the point of a number (`1,200`); the clitics
//! `'s 're 'm 'll 've 'd n't` are words of their own.

use std::ops::Range;

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters, perhaps with digits: `dog`, `x-axis`, `3x`.
    Letters,
    /// The second half of a contraction: `'s`, `n't`.
    Clitic,
    /// Digits with points and commas: `2015`, `1.5`.
    Digits,
    /// Anything else: `?`, `°`, an emoji.
    Sign,
}

/// A word before it has a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'q> {
    pub(super) byte_range: Range<usize>,
    pub(super) text: &'q str,
    /// In lower case, with straight apostrophes.
    pub(super) lower: String,
    pub(super) shape: Shape,
    /// Whether a line ends between the word before and this one.
    pub(super) starts_line: bool,
}

impl Word<'_> {
    /// Whether it is this sign or lower-case word.
    pub(super) fn is(&self, text: &str) -> bool {
        self.lower == text
    }

    pub(super) fn starts_upper(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

const CLITICS: [&str; 6] = ["'s", "'re", "'m", "'ll", "'ve", "'d"];

/// The words of a question; every byte that is not white space belongs to exactly one.
pub(super) fn words_of(question: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let (mut at, mut starts_line) = (0, false);
    while let Some(first) = question[at..].chars().next() {
        if first.is_whitespace() {
            starts_line |= first == '\n' || first == '\r';
            at += first.len_utf8();
            continue;
        }
        let n_bytes = length_of_word(&question[at..]);
        let clitic = clitic_start(&question[at..at + n_bytes]);
        let cut = at + clitic.unwrap_or(n_bytes);
        for byte_range in [at..cut, cut..at + n_bytes] {
            if byte_range.is_empty() {
                continue;
            }
            let text = &question[byte_range.clone()];
            let is_clitic = clitic.is_some() && byte_range.start == cut;
            let shape = if is_clitic { Shape::Clitic } else { shape_of(text) };
            let lower = text.replace(is_apostrophe, "'").to_lowercase();
            words.push(Word { byte_range, text, lower, shape, starts_line });
            starts_line = false;
        }
        at += n_bytes;
    }
    words
}

fn shape_of(text: &str) -> Shape {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
    match text.chars().next() {
        _ if is_number => Shape::Digits,
        Some(first) if is_letter(first) => Shape::Letters,
        _ => Shape::Sign,
    }
}

fn is_apostrophe(c: char) -> bool {
    c == '\'' || c == '\u{2019}'
}

/// Marks that change the character before them, and joiners: never a word of their own after one.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{93C}' | '\u{94D}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{200C}' | '\u{200D}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Bytes of the word at the start of `rest`, its clitic included.
fn length_of_word(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    let Some((_, first)) = chars.next() else { return 0 };
    if is_apostrophe(first) {
        // `'s` that stands alone, as in "the dog 's tail"
        let n_letters = rest[first.len_utf8()..].chars().take_while(|c| is_letter(*c)).count();
        let n_bytes = first.len_utf8() + n_letters;
        let is_clitic = rest.get(..n_bytes).is_some_and(|text| clitic_start(text) == Some(0));
        return if is_clitic { n_bytes } else { first.len_utf8() };
    }
    if !is_letter(first) {
        return length_of_sign(rest);
    }
    let mut end = first.len_utf8();
    let mut last = first;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let between = |is_side: fn(char) -> bool| is_side(last) && next.is_some_and(is_side);
        let goes_on = match c {
            c if is_letter(c) || is_mark(c) => true,
            '-' | '\u{2010}' | '\u{2011}' => between(is_letter),
            c if is_apostrophe(c) => between(char::is_alphabetic),
            ',' => between(|c| c.is_ascii_digit()),
            '.' => {
                between(|c| c.is_ascii_digit())
                    || is_abbreviation(&rest[..at], next, &rest[at + 1..])
            }
            _ => false,
        };
        if !goes_on {
            break;
        }
        end = at + c.len_utf8();
        last = if is_mark(c) { last } else { c };
    }
    end
}

/// Whether the point after `before` is part of an abbreviation: `U.S.`, `a.m.`, `e.g.`.
fn is_abbreviation(before: &str, next: Option<char>, rest: &str) -> bool {
    let is_one_letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    let last_part = before.rsplit('.').next().unwrap_or(before);
    if !is_one_letter(last_part) {
        return false;
    }
    // inside: a letter follows, and after it a point
    let follows = next.is_some_and(char::is_alphabetic)
        && rest.chars().nth(1).is_none_or(|c| c == '.' || !is_letter(c));
    follows || before.contains('.')
}

/// Bytes of the sign at the start: one character with its marks, or several joined by a joiner.
fn length_of_sign(rest: &str) -> usize {
    let mut end = 0;
    let mut is_joined = true;
    for (at, c) in rest.char_indices() {
        if !(is_joined || is_mark(c)) || (c.is_whitespace() && at > 0) {
            break;
        }
        end = at + c.len_utf8();
        is_joined = c == '\u{200D}';
    }
    end
}

/// Where in a word its clitic starts.
fn clitic_start(word: &str) -> Option<usize> {
    let (at, apostrophe) = word.char_indices().rfind(|(_, c)| is_apostrophe(*c))?;
    let tail = word[at + apostrophe.len_utf8()..].to_ascii_lowercase();
    if CLITICS.iter().any(|clitic| clitic[1..] == tail) {
        return Some(at);
    }
    let is_negation = tail == "t" && word[..at].ends_with(['n', 'N']);
    (is_negation && at > 1).then(|| at - 1)
}
