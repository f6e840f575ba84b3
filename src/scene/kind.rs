//! Which thing a thing is: its name, its plural, and what it is like.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{icons::ICONS, palette::PlateColor};

/// A kind of thing, as an index into the icons in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind(u8);

/// What things have in common that may be taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Fruit and vegetables.
    Garden,
    /// Dishes and sweets.
    Food,
    /// Cups and what stands beside them.
    Kitchen,
    /// Animals of four feet.
    Beast,
    /// Birds, and animals of water and air.
    Creature,
    /// Toys and music.
    Toy,
    /// What lies about in a house.
    House,
    /// What one rides on.
    Vehicle,
    /// What one wears.
    Clothes,
    /// Plants that are not eaten.
    Plant,
}

impl Kind {
    /// All kinds, in the order of their names.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        (0..ICONS.len()).map(|index| Self(index as u8))
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    /// The place among all kinds.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The word for one, such as `dog`.
    pub fn name(self) -> &'static str {
        ICONS[self.index()].name
    }

    /// The word for several, such as `dogs`.
    pub fn plural(self) -> &'static str {
        ICONS[self.index()].plural
    }

    /// The article before the name.
    pub fn article(self) -> &'static str {
        if self.name().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
    }

    /// What it is like.
    pub fn theme(self) -> Theme {
        ICONS[self.index()].theme
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether a thing of this kind never stands on a plate of this color in training.
///
/// One pair in ten, spread so that every color is held out for a tenth of all kinds and no kind
/// lacks more than one color.
pub fn is_held_out(kind: Kind, color: PlateColor) -> bool {
    (kind.index() * 3 + color as usize) % 10 == 7
}
