//! A question longer than the model's positions is cut into pieces that fit.
//!
//! rust-bert would cut by itself into windows that overlap, and mixes windows up from the 65th on.

use std::ops::Range;

/// Cuts `text` at white space into byte ranges of at most `most` tokens each, by `count`.
///
/// A word of more than `most` tokens is cut within itself. Text without tokens has no piece.
pub(crate) fn pieces(text: &str, most: usize, count: impl Fn(&str) -> usize) -> Vec<Range<usize>> {
    match count(text) {
        0 => return Vec::new(),
        whole if whole <= most => return vec![Range { start: 0, end: text.len() }],
        _ => {}
    }
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut used = most;
    for word in words(text) {
        for part in halves(text, word, most, &count) {
            let tokens = count(&text[part.clone()]);
            match pieces.last_mut() {
                Some(piece) if used + tokens <= most => piece.end = part.end,
                _ if tokens == 0 => continue,
                _ => {
                    pieces.push(part);
                    used = 0;
                }
            }
            used += tokens;
        }
    }
    pieces
}

/// The stretches between white space.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_whitespace().map(|word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        start..start + word.len()
    })
}

/// A word, or its parts, each halved until it has at most `most` tokens.
fn halves(
    text: &str,
    word: Range<usize>,
    most: usize,
    count: &impl Fn(&str) -> usize,
) -> Vec<Range<usize>> {
    let mut open = vec![word];
    let mut done = Vec::new();
    while let Some(part) = open.pop() {
        let middle = text.floor_char_boundary(usize::midpoint(part.start, part.end));
        if middle == part.start || count(&text[part.clone()]) <= most {
            done.push(part);
        } else {
            open.extend([middle..part.end, part.start..middle]);
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::pieces;

    /// Every character but white space is a token.
    fn check(text: &str, most: usize, expected: &[&str]) {
        let count = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let found = pieces(text, most, count);
        let found: Vec<_> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text:?} in pieces of {most}");
    }

    #[test]
    fn what_fits_stays_whole() {
        check(" one two ", 6, &[" one two "]);
        check("", 6, &[]);
        check(" \t\n", 6, &[]);
    }

    #[test]
    fn what_does_not_fit_is_cut_at_white_space() {
        check("one two three", 6, &["one two", "three"]);
        check("a b c d e f g", 3, &["a b c", "d e f", "g"]);
    }

    #[test]
    fn a_word_that_does_not_fit_is_cut_within() {
        check("abcdefgh", 3, &["ab", "cd", "ef", "gh"].map(|part| part));
        check("x äöüé y", 3, &["x äö", "üé y"]);
    }
}
