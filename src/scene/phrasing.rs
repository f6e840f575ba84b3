//! All wording: templates, number words, and the vocabulary that follows from them.
//!
//! A template's places stand in braces; [`say`] fills them.

use std::collections::BTreeSet;

use super::{facts::Direction, kind::Kind, palette::PlateColor};

/// Words for 0 to 5.
pub(super) const NUMBERS: [&str; 6] = ["zero", "one", "two", "three", "four", "five"];
pub(super) const LETTERS: [&str; 4] = ["A", "B", "C", "D"];
pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";
/// Words for the nine parts of a picture, row by row.
pub(super) const PLACES: [&str; 9] = [
    "top left",
    "top",
    "top right",
    "left",
    "center",
    "right",
    "bottom left",
    "bottom",
    "bottom right",
];
pub(super) const SMALL: &str = "small";
pub(super) const BIG: &str = "big";
pub(super) const BIGGER: &str = "bigger";
pub(super) const SMALLER: &str = "smaller";
/// What is counted when everything is.
pub(super) const THINGS: &str = "things";

pub(super) const EXISTENCE: &[&str] =
    &["Is there {a}?", "Is there {a} on the table?", "Can you see {a}?", "Do you see {a} here?"];
pub(super) const A_ON_PLATE: &str = "{a} on {a_color} plate";
pub(super) const COUNTING: &[&str] = &[
    "How many {xs} are there?",
    "How many {xs} are on the table?",
    "How many {xs} can you see?",
    "Count the {xs}.",
];
pub(super) const COLOR_PLATES: &str = "{color} plates";
pub(super) const RELATION: &[&str] = &[
    "Where is the {x} compared to the {y}?",
    "Seen from the {y}, where is the {x}?",
    "Where is the {x}, seen from the {y}?",
    "In which direction from the {y} is the {x}?",
];
pub(super) const BESIDE: &[&str] = &[
    "What is {to} the {y}?",
    "Which thing is {to} the {y}?",
    "What can you see {to} the {y}?",
    "Name the thing {to} the {y}.",
];
pub(super) const PLATE_COLOR: &[&str] = &[
    "What color is the plate under the {x}?",
    "Which color is the plate under the {x}?",
    "What is the color of the plate under the {x}?",
    "Name the color of the plate under the {x}.",
];
pub(super) const ON_PLATE: &[&str] = &[
    "What is on the {color} plate?",
    "Which thing is on the {color} plate?",
    "What can you see on the {color} plate?",
    "Name the thing on the {color} plate.",
];
pub(super) const SIZE: &[&str] = &[
    "Which is {er}, the {x} or the {y}?",
    "What is {er}, the {x} or the {y}?",
    "Which thing is {er}, the {x} or the {y}?",
    "Is the {x} or the {y} {er}?",
];
pub(super) const LISTING: &[&str] = &[
    "What things are on the table?",
    "What is on the table?",
    "Which things can you see?",
    "List the things on the table.",
    "Name all things on the table.",
];
pub(super) const IS_BESIDE: &[&str] = &[
    "Is the {x} {to} the {y}?",
    "Can you see the {x} {to} the {y}?",
    "Is it true that the {x} is {to} the {y}?",
];
pub(super) const IS_BIGGER: &[&str] =
    &["Is the {x} {er} than the {y}?", "Is it true that the {x} is {er} than the {y}?"];
pub(super) const IS_COLOR: &[&str] =
    &["Is the plate under the {x} {color}?", "Is the {x} on {a_color} plate?"];
/// "exactly", since three cups are two cups and one more.
pub(super) const ARE_THERE: &[&str] = &[
    "Are there exactly {number} {xs}?",
    "Are there exactly {number} {xs} on the table?",
    "Do you see exactly {number} {xs}?",
];
pub(super) const WHICH_OF_THESE: &[&str] = &[
    "Which of these is on the table?",
    "Which of these things can you see?",
    "Which of these things is there?",
];
pub(super) const OPTION: &str = "\n{letter}. {option}";
pub(super) const ANSWER_WITH_LETTER: &str = "\nAnswer with the letter.";

pub(super) const THERE_AT: &[&str] = &["{A} at the {place}.", "There is {a} at the {place}."];
pub(super) const THE_AT: &str = "The {x} is at the {place}.";
pub(super) const THE_ON: &str = "The {x} is on {a_color} plate.";
pub(super) const THERE_IS_ONE: &str = "There is one {x}.";
pub(super) const THERE_ARE: &str = "There are {number} {xs}.";
pub(super) const THERE_IS_NO: &str = "There is no {x}.";
pub(super) const THE_IS_BESIDE: &str = "The {x} is {to} the {y}.";
pub(super) const THE_IS_BIGGER: &str = "The {x} is {er} than the {y}.";
pub(super) const FROM_LEFT: &str = "From left to right: {list}.";

/// Before a name: "to the left of the cup", "above the cup".
pub(super) const LONG_WAYS: [&str; 4] = ["to the left of", "to the right of", "above", "below"];
/// After "is": "left of the cup".
pub(super) const SHORT_WAYS: [&str; 4] = ["left of", "right of", "above", "below"];

/// Fills a template's places.
pub(super) fn say(template: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 24);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        let filling = places.iter().find(|(name, _)| *name == place);
        debug_assert!(filling.is_some(), "no words for {place} in {template}");
        out.push_str(before);
        out.push_str(filling.map_or("", |(_, words)| words));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The words of a direction, of [`LONG_WAYS`] or [`SHORT_WAYS`].
pub(super) fn way(direction: Direction, ways: [&'static str; 4]) -> &'static str {
    ways[direction as usize]
}

/// "a dog", "an apple".
pub(super) fn with_article(kind: Kind) -> String {
    format!("{} {}", kind.article(), kind.name())
}

/// "a red", "an orange".
pub(super) fn color_with_article(color: PlateColor) -> String {
    let article = if color == PlateColor::Orange { "an" } else { "a" };
    format!("{article} {}", color.name())
}

/// With a capital letter.
pub(super) fn capitalized(text: &str) -> String {
    let (first, rest) = text.split_at(text.len().min(1));
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// Every word that questions, answers and captions can contain, sorted, each once.
///
/// Words are as they stand in a text: `Is` and `is`, `dog` and `dogs`. Signs are in
/// [`punctuation`].
pub fn vocabulary() -> Vec<String> {
    let templates = [
        EXISTENCE,
        COUNTING,
        RELATION,
        BESIDE,
        PLATE_COLOR,
        ON_PLATE,
        SIZE,
        LISTING,
        IS_BESIDE,
        IS_BIGGER,
        IS_COLOR,
        ARE_THERE,
        WHICH_OF_THESE,
        THERE_AT,
        &LETTERS,
        &NUMBERS,
        &PLACES,
        &LONG_WAYS,
        &SHORT_WAYS,
    ];
    let others = [
        A_ON_PLATE,
        COLOR_PLATES,
        ANSWER_WITH_LETTER,
        THE_AT,
        THE_ON,
        THERE_IS_ONE,
        THERE_ARE,
        THERE_IS_NO,
        THE_IS_BESIDE,
        THE_IS_BIGGER,
        FROM_LEFT,
        THINGS,
        SMALL,
        BIG,
        BIGGER,
        SMALLER,
        YES,
        NO,
        "a an A An",
    ];
    let texts = templates.into_iter().flatten().copied().chain(others);
    let is_word = |piece: &&str| !piece.contains('{') && !piece.is_empty();
    let bare = |piece: &'static str| piece.trim_matches(|c: char| punctuation().contains(&c));
    let mut words: BTreeSet<&str> =
        texts.flat_map(str::split_whitespace).map(bare).filter(is_word).collect();
    words.extend(Kind::all().flat_map(|kind| [kind.name(), kind.plural()]));
    words.extend(PlateColor::ALL.map(PlateColor::name));
    words.into_iter().map(str::to_owned).collect()
}

/// Every sign that stands between words, besides the space.
pub fn punctuation() -> [char; 5] {
    ['\n', ',', '.', ':', '?']
}
