//! rust-bert counts characters; the protocol counts bytes.

use std::ops::Range;

/// Where each character of a text begins, and where the text ends.
#[derive(Debug)]
pub(crate) struct CharStarts(Vec<usize>);

impl CharStarts {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    /// The bytes of a range of characters; nothing where it is empty or leaves the text.
    pub(crate) fn bytes(&self, begin: u32, end: u32) -> Option<Range<usize>> {
        let at = |index: u32| self.0.get(usize::try_from(index).ok()?).copied();
        Some(at(begin)?..at(end)?).filter(|range| !range.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::CharStarts;

    #[test]
    fn characters_of_several_bytes_are_one_step() {
        let text = "né 🦊!";
        let starts = CharStarts::of(text);
        assert_eq!(starts.bytes(0, 2).map(|range| &text[range]), Some("né"));
        assert_eq!(starts.bytes(3, 4).map(|range| &text[range]), Some("🦊"));
        assert_eq!(starts.bytes(4, 5).map(|range| &text[range]), Some("!"));
    }

    #[test]
    fn what_leaves_the_text_has_no_bytes() {
        let starts = CharStarts::of("né");
        assert_eq!(starts.bytes(1, 3), None);
        assert_eq!(starts.bytes(1, 1), None);
        assert_eq!(starts.bytes(2, 1), None);
        assert_eq!(CharStarts::of("").bytes(0, 1), None);
    }
}
