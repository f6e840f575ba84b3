//! Pictures within a text, as MMMU marks them: `<image 2>`.

use super::prompts::AskedRow;
use crate::domain::{TextRole, UserText};

const OPENS: &str = "<image ";

/// Puts the picture at the first marker of a text and takes out the others, as the AKI adapter of
/// VLMEvalKit does: it sends one picture, the first that the text names.
///
/// None for a text without markers.
///
/// # Errors
/// One line: a marker that is not one digit and `>`, or of a picture that is not there.
pub(super) fn with_markers(
    words: &UserText,
    n_pictures: usize,
) -> Result<Option<AskedRow>, String> {
    let text = words.text();
    if !text.contains(OPENS) {
        return Ok(None);
    }
    let mut turn = UserText::default();
    let mut pictures: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(OPENS).map(|found| at + found) {
        copy(words, at..found, &mut turn);
        let behind = &text[found + OPENS.len()..];
        let [digit, b'>', ..] = behind.as_bytes() else { return Err(no_marker(&text[found..])) };
        let Some(number) = char::from(*digit).to_digit(10) else {
            return Err(no_marker(&text[found..]));
        };
        // Picture 0 is Python's index -1: the last one.
        let picture = (number as usize).checked_sub(1).unwrap_or(n_pictures.wrapping_sub(1));
        if picture >= n_pictures {
            return Err(format!("<image {number}> where the row has {n_pictures} pictures"));
        }
        turn.push_picture();
        if !pictures.contains(&picture) {
            pictures.push(picture);
        }
        at = found + OPENS.len() + 2;
    }
    copy(words, at..text.len(), &mut turn);
    let picture = pictures.first().copied().unwrap_or_default();
    Ok(Some(AskedRow { turn, picture, n_left_out: pictures.len().saturating_sub(1) }))
}

fn no_marker(text: &str) -> String {
    let shown: String = text.chars().take(12).collect();
    format!("\"{shown}..\" is no marker of a picture, as <image 1> is")
}

/// Appends a stretch of a text, its parts with the roles they have there.
fn copy(words: &UserText, bytes: std::ops::Range<usize>, turn: &mut UserText) {
    let mut at = bytes.start;
    let mut push = |role: Option<TextRole>, to: usize| {
        let to = to.clamp(at, bytes.end);
        turn.push(role, &words.text()[at..to]);
        at = to;
    };
    for span in words.spans() {
        push(None, span.byte_range.start);
        push(Some(span.role), span.byte_range.end);
    }
    push(None, bytes.end);
}
