//! What is true of a scene.

use serde::{Deserialize, Serialize};

use super::{
    kind::{Kind, is_held_out},
    palette::PlateColor,
    split::Split,
    tabletop::Scene,
};

/// The least distance along an axis for a thing to be clearly on one side of another.
const CLEAR_DISTANCE: f32 = 0.14;
/// How many times that distance exceeds the one along the other axis.
const CLEAR_RATIO: f32 = 1.7;
/// How much farther than the nearest thing every rival must be.
const NEARER: f32 = 1.35;
/// The least ratio of sizes that can be seen.
const CLEARLY_BIGGER: f32 = 1.3;

/// Where one thing is, seen from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the left of it.
    Left,
    /// To the right of it.
    Right,
    /// Nearer to the picture's upper edge.
    Above,
    /// Nearer to the picture's lower edge.
    Below,
}

impl Direction {
    /// All directions.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Above, Self::Below];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Above => "above",
            Self::Below => "below",
        }
    }

    /// The other end of its axis.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Above => Self::Below,
            Self::Below => Self::Above,
        }
    }

    /// Distances along the direction and across it.
    fn along_and_across(self, [dx, dy]: [f32; 2]) -> (f32, f32) {
        match self {
            Self::Left => (-dx, dy.abs()),
            Self::Right => (dx, dy.abs()),
            Self::Above => (-dy, dx.abs()),
            Self::Below => (dy, dx.abs()),
        }
    }
}

impl Scene {
    /// The indices of all things of a kind.
    pub fn things_of(&self, kind: Kind) -> Vec<usize> {
        self.things_where(|scene, i| scene.things[i].kind == kind)
    }

    /// The indices of all things on plates of a color.
    pub fn on_plates(&self, color: PlateColor) -> Vec<usize> {
        self.things_where(|scene, i| scene.things[i].plate == Some(color))
    }

    /// Things that are the only ones of their kind, so that "the dog" names them.
    pub(super) fn unique_things(&self) -> Vec<usize> {
        self.things_where(|scene, i| scene.things_of(scene.things[i].kind).len() == 1)
    }

    fn things_where(&self, is_meant: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        (0..self.things.len()).filter(|i| is_meant(self, *i)).collect()
    }

    /// Kinds that the scene has, each once, from left to right.
    pub fn kinds_from_left(&self) -> Vec<Kind> {
        let mut order: Vec<usize> = (0..self.things.len()).collect();
        order.sort_by(|a, b| self.things[*a].center[0].total_cmp(&self.things[*b].center[0]));
        let mut kinds = Vec::new();
        for kind in order.into_iter().map(|i| self.things[i].kind) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// Kinds that the scene lacks.
    pub fn absent_kinds(&self) -> Vec<Kind> {
        Kind::all().filter(|kind| self.things_of(*kind).is_empty()).collect()
    }

    /// Kinds that the scene lacks, like one that it has.
    pub(super) fn absent_rivals(&self) -> Vec<Kind> {
        let is_rival = |kind: &Kind| self.things.iter().any(|t| t.kind.theme() == kind.theme());
        self.absent_kinds().into_iter().filter(is_rival).collect()
    }

    /// Where `thing` is, seen from `other`; `None` where that is not clear.
    pub fn direction(&self, thing: usize, other: usize) -> Option<Direction> {
        let offset = self.offset(thing, other);
        Direction::ALL.into_iter().find(|direction| {
            let (along, across) = direction.along_and_across(offset);
            along >= CLEAR_DISTANCE && along >= CLEAR_RATIO * across
        })
    }

    /// The thing next to another in a direction, where there is no doubt which one it is.
    pub fn beside(&self, other: usize, direction: Direction) -> Option<usize> {
        let distance = |i: usize| {
            let [dx, dy] = self.offset(i, other);
            (dx * dx + dy * dy).sqrt()
        };
        let is_clear = |i: &usize| self.direction(*i, other) == Some(direction);
        let others = || (0..self.things.len()).filter(|i| *i != other);
        let nearest =
            others().filter(is_clear).min_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
        // Whoever is roughly there is a rival, clear or not.
        let is_rival = |i: &usize| {
            let (along, across) = direction.along_and_across(self.offset(*i, other));
            *i != nearest && along > 0.05 && along >= 0.7 * across
        };
        others()
            .filter(is_rival)
            .all(|i| distance(i) >= NEARER * distance(nearest))
            .then_some(nearest)
    }

    /// Whether `thing` is clearly bigger than `other`.
    pub fn is_bigger(&self, thing: usize, other: usize) -> bool {
        self.things[thing].size >= CLEARLY_BIGGER * self.things[other].size
    }

    /// Whether words may pair a kind with a plate color: in training, held-out pairs are not even
    /// denied, since "no" would teach something about them.
    pub(super) fn may_say(&self, kind: Kind, color: PlateColor) -> bool {
        self.split != Split::Train || !is_held_out(kind, color)
    }

    fn offset(&self, thing: usize, other: usize) -> [f32; 2] {
        let (a, b) = (self.things[thing].center, self.things[other].center);
        [a[0] - b[0], a[1] - b[1]]
    }
}
