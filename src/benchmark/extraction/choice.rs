//! Which option an answer names, as `can_infer` of VLMEvalKit reads it.

use super::Extraction;
use crate::benchmark::python::{is_space, words};

/// What VLMEvalKit writes where a model could not be asked.
const NO_ANSWER: &str = "Failed to obtain answer via API";
/// Answers that refuse; they count as `Z`.
const REFUSALS: [&str; 4] = [
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
];
/// Marks that become spaces before words are compared. Quotes, `-` and `/` are not among them.
const MARKS: [char; 13] = ['.', '(', ')', '[', ']', ',', ':', ';', '!', '*', '#', '{', '}'];

/// The letter of the option that an answer names; `Z` for a refusal; none where it names none, or
/// more than one.
///
/// `options` are letters and texts, in the order of the letters; an answer that is missing is the
/// text `nan`, as pandas reads it back.
pub fn infer_choice(
    answer: &str,
    options: &[(char, String)],
    extraction: Extraction,
) -> Option<char> {
    by_letter(answer, options, extraction).or_else(|| by_text(answer, options, extraction))
}

/// `can_infer_option`: exactly one of the letters stands in the answer as a word.
fn by_letter(answer: &str, options: &[(char, String)], extraction: Extraction) -> Option<char> {
    if answer.contains(NO_ANSWER) {
        return None;
    }
    if REFUSALS.iter().any(|refusal| answer.contains(refusal)) {
        return Some('Z');
    }
    let plain = answer.replace(MARKS, " ");
    let words: Vec<&str> = words(&plain).collect();
    let place = |letter: char| words.iter().position(|word| is_letter(word, letter));
    let found: Vec<(char, usize)> =
        options.iter().filter_map(|(letter, _)| Some((*letter, place(*letter)?))).collect();
    match (found.as_slice(), extraction) {
        ([(letter, _)], Extraction::Vlmevalkit2025) => return Some(*letter),
        // Only among the last four words, counted by the letter's first place.
        ([(letter, at)], Extraction::Vlmevalkit2026) if at + 5 > words.len() => {
            return Some(*letter);
        }
        ([], _) if place('Z').is_some() => return Some('Z'),
        _ => {}
    }
    match extraction {
        Extraction::Vlmevalkit2025 => None,
        Extraction::Vlmevalkit2026 => {
            answer_is(answer).filter(|letter| options.iter().any(|(known, _)| known == letter))
        }
    }
}

fn is_letter(word: &str, letter: char) -> bool {
    let mut chars = word.chars();
    chars.next() == Some(letter) && chars.next().is_none()
}

/// The first match of `(?i)answer\s+is\s+\**([ABCD])\**`, upper case: also the first letter of a
/// word behind "answer is".
fn answer_is(answer: &str) -> Option<char> {
    let chars: Vec<char> = answer.chars().collect();
    (0..chars.len()).find_map(|start| letter_behind(&chars[start..]))
}

fn letter_behind(chars: &[char]) -> Option<char> {
    let rest = without_word(chars, "answer")?;
    let rest = without_word(without_space(rest)?, "is")?;
    let rest = without_space(rest)?;
    let n_stars = rest.iter().take_while(|c| **c == '*').count();
    let letter = rest.get(n_stars)?.to_ascii_uppercase();
    ('A'..='D').contains(&letter).then_some(letter)
}

fn without_word<'a>(chars: &'a [char], word: &str) -> Option<&'a [char]> {
    // A match that ignores case takes the long s for an s, and both Turkish i for an i.
    let same = |c: &char, expected: char| match c {
        '\u{17f}' => expected == 's',
        '\u{130}' | '\u{131}' => expected == 'i',
        c => c.eq_ignore_ascii_case(&expected),
    };
    let n = word.len();
    let begins = chars.len() >= n && chars.iter().zip(word.chars()).all(|(c, w)| same(c, w));
    begins.then(|| &chars[n..])
}

fn without_space(chars: &[char]) -> Option<&[char]> {
    let n = chars.iter().take_while(|c| is_space(**c)).count();
    (n > 0).then(|| &chars[n..])
}

/// `can_infer_text`: exactly one option's text stands somewhere in the answer, be it within a word.
fn by_text(answer: &str, options: &[(char, String)], extraction: Extraction) -> Option<char> {
    let answer = answer.to_lowercase();
    let n_chars = |text: &str| text.chars().count();
    let n_of_options: usize = options.iter().map(|(_, text)| n_chars(text)).sum();
    if extraction == Extraction::Vlmevalkit2026 && n_chars(&answer) > 2 * n_of_options {
        return None;
    }
    let mut named = options.iter().filter(|(_, text)| answer.contains(&text.to_lowercase()));
    match (named.next(), named.next()) {
        (Some((letter, _)), None) => Some(*letter),
        _ => None,
    }
}
