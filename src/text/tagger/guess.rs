//! What a word that no list knows probably is, by its form.

use super::{brill::Brill, upos::Upos};

/// Endings, longest first where one ends another.
const ENDINGS: &[(&str, Upos)] = &[
    ("ously", Upos::Adv),
    ("ly", Upos::Adv),
    ("ing", Upos::Verb),
    ("ized", Upos::Verb),
    ("ed", Upos::Verb),
    ("ize", Upos::Verb),
    ("ify", Upos::Verb),
    ("ous", Upos::Adj),
    ("ful", Upos::Adj),
    ("less", Upos::Adj),
    ("able", Upos::Adj),
    ("ible", Upos::Adj),
    ("ish", Upos::Adj),
    ("ic", Upos::Adj),
    ("ical", Upos::Adj),
    ("ular", Upos::Adj),
    ("esque", Upos::Adj),
    ("like", Upos::Adj),
    ("ese", Upos::Adj),
];

/// Endings of the last part of a compound with hyphens that describe: `red-haired`, `heart-shaped`.
const DESCRIBING: &[&str] = &["ed", "old", "like", "free", "size", "sided", "world", "time", "up"];

/// The tag of a word that is in no list; `text` as written, `lower` in lower case.
pub(super) fn guess(brill: &Brill, text: &str, lower: &str) -> Upos {
    if let Some((_, last)) = lower.rsplit_once('-') {
        return compound(brill, last);
    }
    let inflected = inflection_of(brill, lower);
    if let Some(tag) = inflected {
        return tag;
    }
    if text.starts_with(char::is_uppercase) {
        return Upos::Propn;
    }
    if let Some(rest) = lower.strip_prefix("un").or_else(|| lower.strip_prefix("non"))
        && let Some(tag) = brill.most_frequent(rest)
    {
        return tag;
    }
    let ending = ENDINGS.iter().find(|(ending, _)| {
        lower.strip_suffix(ending).is_some_and(|stem| stem.chars().nth(2).is_some())
    });
    ending.map_or(Upos::Noun, |(_, tag)| *tag)
}

fn compound(brill: &Brill, last: &str) -> Upos {
    if DESCRIBING.iter().any(|ending| last.ends_with(ending)) {
        return Upos::Adj;
    }
    match brill.most_frequent(last) {
        Some(Upos::Adj) => Upos::Adj,
        Some(Upos::Verb) if last.ends_with("ing") => Upos::Adj,
        _ => Upos::Noun,
    }
}

/// The tag of a known word with one of the regular endings.
fn inflection_of(brill: &Brill, lower: &str) -> Option<Upos> {
    let known = |stem: &str| brill.most_frequent(stem);
    let stems = |ending: &str| lower.strip_suffix(ending).map(|stem| stems_of(stem, ending));
    for ending in ["ing", "ed"] {
        let found = stems(ending).into_iter().flatten().find_map(|stem| known(&stem));
        if found.is_some_and(|tag| matches!(tag, Upos::Verb | Upos::Noun)) {
            return Some(Upos::Verb);
        }
    }
    for ending in ["est", "er"] {
        let found = stems(ending).into_iter().flatten().find_map(|stem| known(&stem));
        match found {
            Some(Upos::Adj) => return Some(Upos::Adj),
            Some(Upos::Verb) if ending == "er" => return Some(Upos::Noun),
            _ => {}
        }
    }
    for ending in ["es", "s"] {
        let found = stems(ending).into_iter().flatten().find_map(|stem| known(&stem));
        match found {
            Some(Upos::Verb) => return Some(Upos::Verb),
            Some(Upos::Noun | Upos::Adj) => return Some(Upos::Noun),
            Some(Upos::Propn) => return Some(Upos::Propn),
            _ => {}
        }
    }
    None
}

/// What may have stood before a regular ending: `stopp`, `stop`, `stope`; `fl`+`ies` is `fly`.
pub(super) fn stems_of(stem: &str, ending: &str) -> Vec<String> {
    let mut stems = vec![stem.to_owned()];
    let mut reversed = stem.chars().rev();
    match (reversed.next(), reversed.next()) {
        (Some(a), Some(b)) if a == b => stems.push(stem[..stem.len() - a.len_utf8()].to_owned()),
        (Some('i'), Some(_)) => stems.push(format!("{}y", &stem[..stem.len() - 1])),
        _ => {}
    }
    if ending != "s" {
        stems.push(format!("{stem}e"));
    }
    stems
}
