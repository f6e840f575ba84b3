//! When an answer counts as right.

use super::ask::QuestionKind;

/// Whether an answer is the expected one: letter by letter, but for case and the space around it.
///
/// A listing is right when it names the same things equally often, in any order.
pub fn matches(kind: QuestionKind, expected: &str, given: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    if kind != QuestionKind::Listing {
        return plain(expected) == plain(given);
    }
    let names = |text: &str| {
        let mut names: Vec<String> = text.split(',').map(plain).collect();
        names.sort_unstable();
        names
    };
    names(expected) == names(given)
}
