//! Floor 1: a synthetic tabletop, and what is true of it.
//!
//! - **Owns**: pictures of everyday things with exact truth, and questions, answers and captions
//!   about them.
//! - **May import**: `domain`.
//! - **Never**: disk, clocks, the network; the icons are part of the program.
//! - **Invariant**: the same seed, split and index give the same scene on every machine, and every
//!   answer follows from the scene alone.
//!
//! A small model is trained and judged on these scenes. Three rules keep the judgement honest:
//! the splits draw from disjoint random streams; some pairs of a thing and a plate color never occur
//! in training, neither in pictures nor in words; and answers are spread, so that guessing the most
//! frequent one gains little.

mod answer;
mod ask;
mod background;
mod beside;
mod caption;
mod chance;
mod choices;
mod draw;
mod facts;
mod field;
mod icons;
mod kind;
mod layout;
mod noise;
mod notes;
mod paint;
mod palette;
mod phrasing;
mod region;
mod silhouette;
mod split;
mod sprite;
mod tabletop;
mod world;

pub use self::{
    answer::matches,
    ask::{Question, QuestionKind, UnknownQuestionKind},
    background::{Background, Pattern},
    draw::{Drawing, NOTHING},
    facts::Direction,
    kind::{Kind, Theme, is_held_out},
    palette::PlateColor,
    phrasing::{punctuation, vocabulary},
    split::{Split, UnknownSplit},
    tabletop::{PLATE_DIAMETER, Scene, Thing},
    world::World,
};
