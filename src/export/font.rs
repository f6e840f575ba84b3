//! The bundled font: how wide a text is, and where its lines break.
//!
//! The font has the widths of Arial and Helvetica, so a figure keeps its layout where another
//! program draws its SVG with one of those.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::{ExportError, paper::Tenths};

/// Arimo, the characters of European languages; see `assets/fonts/README.md`.
pub(super) const BYTES: &[u8] = include_bytes!("../../assets/fonts/Arimo-Regular-subset.ttf");

/// The bundled font's own name.
pub(super) const NAME: &str = "Arimo";

/// What an SVG asks for: the bundled font, then those with its widths.
pub(super) const FAMILIES: &str = "Arimo, Liberation Sans, Arial, Helvetica, sans-serif";

/// Ascent and descent in em: what plotters' font reader takes for a font's size.
const LINE_IN_EM: f64 = (1854.0 + 434.0) / 2048.0;

/// The size at which texts are measured, large enough that whole pixels are fine.
const MEASURED_EM: f64 = 1000.0;

/// Space from a line to the next, in em.
pub(super) const LEADING: f64 = 1.22;

/// Makes the bundled font known to plotters.
///
/// # Errors
/// [`ExportError::Font`] when its bytes are no font.
pub(super) fn register() -> Result<(), ExportError> {
    static IS_REGISTERED: OnceLock<bool> = OnceLock::new();
    let is_registered =
        *IS_REGISTERED.get_or_init(|| register_font(FAMILIES, FontStyle::Normal, BYTES).is_ok());
    if is_registered { Ok(()) } else { Err(ExportError::Font) }
}

/// Width of a line.
pub(super) fn width(text: &str, em: Tenths) -> Tenths {
    // From here on scripts are drawn with a system's font, in full squares.
    const FIRST_SQUARE: char = '\u{2e80}';
    let (square, bundled): (String, String) = text.chars().partition(|c| *c >= FIRST_SQUARE);
    let font =
        FontDesc::new(FontFamily::Name(FAMILIES), MEASURED_EM * LINE_IN_EM, FontStyle::Normal);
    // Without the font nothing is drawn at all, so this guess is never seen.
    let measured = font.box_size(&bundled).map_or(bundled.len() as f64 * 600.0, |b| b.0 as f64);
    let in_em = measured / MEASURED_EM + square.chars().count() as f64;
    (in_em * f64::from(em)).ceil() as Tenths
}

/// Height of some lines.
pub(super) fn height(n_lines: usize, em: Tenths) -> Tenths {
    (n_lines as f64 * LEADING * f64::from(em)).ceil() as Tenths
}

/// A text that XML can hold: tabs, line ends and other control characters become spaces.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Breaks a text into lines no wider than `most`: at spaces (but not at those that join), and
/// inside a word where the word alone is too wide.
pub(super) fn wrap(text: &str, em: Tenths, most: Tenths) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let text = clean(text);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&joined, em) <= most {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest, em) > most {
            let (head, tail) = rest.split_at(break_of(rest, em, most));
            lines.push(if is_inside_a_word(head, tail) {
                format!("{head}-")
            } else {
                head.to_owned()
            });
            rest = tail;
        }
        rest.clone_into(&mut line);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The largest em from `most_em` down to `least_em` at which no word has to be broken.
pub(super) fn em_without_broken_words<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    most: Tenths,
    (least_em, most_em): (Tenths, Tenths),
) -> Tenths {
    let words = texts.into_iter().flat_map(|text| text.split(|c: char| c == ' ' || c.is_control()));
    let widest = words.max_by_key(|word| width(word, most_em)).unwrap_or("");
    let is_broken = |em: &Tenths| width(widest, *em) > most;
    // Half points: sizes that a reader sees as one.
    (least_em..=most_em).rev().step_by(5).find(|em| !is_broken(em)).unwrap_or(least_em)
}

fn is_inside_a_word(head: &str, tail: &str) -> bool {
    let ends = head.chars().next_back().is_some_and(char::is_alphabetic);
    ends && tail.chars().next().is_some_and(char::is_alphabetic)
}

/// Where a word that is too wide breaks, as a byte offset: after a `/`, `-`, `_` or `.` if there is
/// one, else where two letters go over to the next line; at least after its first character.
fn break_of(word: &str, em: Tenths, most: Tenths) -> usize {
    let hyphen = width("-", em);
    let ends = word.char_indices().map(|(at, c)| (at + c.len_utf8(), c));
    let fits = |(end, _): &(usize, char)| {
        let needs_hyphen = is_inside_a_word(&word[..*end], &word[*end..]);
        width(&word[..*end], em) + if needs_hyphen { hyphen } else { 0 } <= most
    };
    let fitting: Vec<(usize, char)> = ends.take_while(fits).collect();
    let after_sign = fitting.iter().rev().find(|(_, c)| "/-_.".contains(*c));
    let leaves_two = fitting.iter().rev().find(|(end, _)| word[*end..].chars().nth(1).is_some());
    let first = word.chars().next().map_or(word.len(), char::len_utf8);
    after_sign.or(leaves_two).map_or(first, |(end, _)| *end)
}
