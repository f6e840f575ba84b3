//! A Brill tagger: each word's most frequent tag, then learnt patches in their order.
//!
//! The data are those of harper-brill; `assets/part-of-speech/README.md` says how they were brought
//! into these files. A patch that cannot be read is left out; a test sees that none is.

use std::collections::HashMap;

use super::upos::Upos;

const WORDS: &str = include_str!("../../../assets/part-of-speech/words.txt");
const PATCHES: &str = include_str!("../../../assets/part-of-speech/patches.txt");

#[derive(Debug)]
pub(super) struct Brill {
    tags: HashMap<&'static str, Upos>,
    patches: Vec<Patch>,
}

#[derive(Debug)]
struct Patch {
    from: Upos,
    to: Upos,
    conditions: Vec<Condition>,
}

/// Where a patch applies; offsets count words from the one that is patched.
#[derive(Debug)]
enum Condition {
    /// That word has this tag.
    Tag(isize, Upos),
    /// A word from here to that offset has this tag; the farther end is left out.
    Any(isize, Upos),
    /// The neighbors have these tags.
    Between(Upos, Upos),
    /// That word and this text agree as far as the shorter goes: `to` is `tots`, too. The patches
    /// were learnt with it.
    Word(isize, &'static str),
}

impl Brill {
    pub(super) fn embedded() -> Self {
        let mut tags = HashMap::with_capacity(WORDS.len() / 8);
        for line in WORDS.lines() {
            let mut parts = line.split(' ');
            if let Some(Ok(tag)) = parts.next().map(str::parse) {
                tags.extend(parts.map(|word| (word, tag)));
            }
        }
        Self { tags, patches: PATCHES.lines().filter_map(Patch::read).collect() }
    }

    /// A word's most frequent tag; `lower` in lower case.
    pub(super) fn most_frequent(&self, lower: &str) -> Option<Upos> {
        self.tags.get(lower).copied()
    }

    /// Changes tags by their surroundings.
    pub(super) fn patch(&self, words: &[&str], tags: &mut [Upos]) {
        for patch in &self.patches {
            for i in 0..tags.len() {
                if tags[i] == patch.from && patch.conditions.iter().all(|c| c.holds(words, tags, i))
                {
                    tags[i] = patch.to;
                }
            }
        }
    }
}

impl Patch {
    /// `FROM TO condition & condition`, as `make.py` writes it.
    fn read(line: &'static str) -> Option<Self> {
        let mut parts = line.splitn(3, ' ');
        let (from, to) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let conditions = parts.next()?.split(" & ").map(Condition::read).collect::<Option<_>>()?;
        Some(Self { from, to, conditions })
    }
}

impl Condition {
    fn read(text: &'static str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (kind, a, b) = (parts.next()?, parts.next()?, parts.next()?);
        match kind {
            "tag" => Some(Self::Tag(a.parse().ok()?, b.parse().ok()?)),
            "any" => Some(Self::Any(a.parse().ok()?, b.parse().ok()?)),
            "between" => Some(Self::Between(a.parse().ok()?, b.parse().ok()?)),
            "word" => Some(Self::Word(a.parse().ok()?, b)),
            _ => None,
        }
    }

    fn holds(&self, words: &[&str], tags: &[Upos], i: usize) -> bool {
        match *self {
            Self::Tag(offset, tag) => {
                i.checked_add_signed(offset).and_then(|at| tags.get(at)) == Some(&tag)
            }
            Self::Any(offset, tag) => i.checked_add_signed(offset).is_some_and(|far| {
                let between = far.min(i).min(tags.len())..far.max(i).min(tags.len());
                tags[between].contains(&tag)
            }),
            Self::Between(before, after) => {
                i > 0 && tags[i - 1] == before && tags.get(i + 1) == Some(&after)
            }
            Self::Word(offset, text) => {
                i.checked_add_signed(offset).and_then(|at| words.get(at)).is_some_and(|word| {
                    word.chars().zip(text.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_read() {
        let brill = Brill::embedded();
        assert_eq!(brill.patches.len(), PATCHES.lines().count());
        let n_words: usize = WORDS.lines().map(|line| line.split(' ').count() - 1).sum();
        assert_eq!(brill.tags.len(), n_words);
    }
}
