//! Questions about a scene, with their answers.

use std::{fmt, str::FromStr};

use rand::{Rng, RngExt as _};
use serde::{Deserialize, Serialize};

use super::{
    beside,
    chance::{chance, pick, pick_any, weighted},
    choices,
    kind::{Kind, is_held_out},
    palette::PlateColor,
    phrasing::{
        A_ON_PLATE, COLOR_PLATES, COUNTING, EXISTENCE, LISTING, NO, NUMBERS, ON_PLATE, PLATE_COLOR,
        THINGS, YES, color_with_article, say, with_article,
    },
    tabletop::Scene,
};

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Whether something is there: yes or no.
    Existence,
    /// How many there are: zero to five.
    Counting,
    /// Where one thing is, seen from another: left, right, above or below.
    Relation,
    /// What is next to a thing: its name.
    Beside,
    /// The color of a plate, or the name of what is on one.
    Color,
    /// Which of two things is bigger or smaller: its name.
    Size,
    /// All things, by name.
    Listing,
    /// Whether a sentence about place, size, color or number is true: yes or no.
    YesNo,
    /// Any of these with four answers to choose from: A to D.
    MultipleChoice,
}

/// No kind of question has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of question {0}: expected one of {names}", names = all_names())]
pub struct UnknownQuestionKind(
    /// The name.
    pub String,
);

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What it is about.
    pub kind: QuestionKind,
    /// The question, with the choices if there are any.
    pub text: String,
    /// The answer.
    pub answer: String,
    /// The things that the answer rests on, as indices; none where it rests on something's absence.
    pub about: Vec<usize>,
    /// Whether it rests on a pair of thing and plate color that training lacks.
    pub held_out: bool,
    /// The texts of A to D; empty unless there is a choice.
    pub choices: Vec<String>,
}

impl QuestionKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Existence,
        Self::Counting,
        Self::Relation,
        Self::Beside,
        Self::Color,
        Self::Size,
        Self::Listing,
        Self::YesNo,
        Self::MultipleChoice,
    ];

    /// The name, as in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Existence => "existence",
            Self::Counting => "counting",
            Self::Relation => "relation",
            Self::Beside => "beside",
            Self::Color => "color",
            Self::Size => "size",
            Self::Listing => "listing",
            Self::YesNo => "yes_no",
            Self::MultipleChoice => "multiple_choice",
        }
    }
}

fn all_names() -> String {
    QuestionKind::ALL.map(QuestionKind::name).join(", ")
}

impl fmt::Display for QuestionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for QuestionKind {
    type Err = UnknownQuestionKind;
    fn from_str(name: &str) -> Result<Self, UnknownQuestionKind> {
        let is_named = |kind: &Self| kind.name() == name;
        Self::ALL.into_iter().find(is_named).ok_or_else(|| UnknownQuestionKind(name.to_owned()))
    }
}

impl Question {
    /// A question without choices; `pair` is a thing and a plate color that its words join.
    pub(super) fn new(
        scene: &Scene,
        kind: QuestionKind,
        text: String,
        answer: impl Into<String>,
        about: Vec<usize>,
        pair: Option<(Kind, PlateColor)>,
    ) -> Self {
        let seen = about.iter().filter_map(|i| {
            let thing = &scene.things[*i];
            thing.plate.map(|color| (thing.kind, color))
        });
        let held_out = seen.chain(pair).any(|(kind, color)| is_held_out(kind, color));
        Self { kind, text, answer: answer.into(), about, held_out, choices: Vec::new() }
    }
}

impl Scene {
    /// A question of a kind; `None` where this scene does not allow one with a clear answer.
    pub fn ask(&self, kind: QuestionKind, rng: &mut impl Rng) -> Option<Question> {
        match kind {
            QuestionKind::Existence => Some(existence(self, rng)),
            QuestionKind::Counting => counting(self, rng),
            QuestionKind::Relation => beside::relation(self, rng),
            QuestionKind::Beside => beside::neighbor(self, rng),
            QuestionKind::Color => color(self, rng),
            QuestionKind::Size => beside::size(self, rng),
            QuestionKind::Listing => Some(listing(self, rng)),
            QuestionKind::YesNo => choices::yes_no(self, rng),
            QuestionKind::MultipleChoice => choices::multiple_choice(self, rng),
        }
    }
}

/// Half of the answers are yes, with a plate in the words or without; half of the negatives are
/// about something that is almost there: of a theme that is, or on a plate of another color.
fn existence(scene: &Scene, rng: &mut impl Rng) -> Question {
    let is_there = chance(50, rng);
    let template = pick(EXISTENCE, rng);
    let ask = |what: &str, about: Vec<usize>, pair| {
        let text = say(template, &[("a", what)]);
        let answer = if is_there { YES } else { NO };
        Question::new(scene, QuestionKind::Existence, text, answer, about, pair)
    };
    if chance(30, rng)
        && let Some((kind, color)) = kind_and_plate(scene, is_there, rng)
    {
        let (a, a_color) = (with_article(kind), color_with_article(color));
        let what = say(A_ON_PLATE, &[("a", &a), ("a_color", &a_color)]);
        // A denial rests on the things of that kind, which stand elsewhere.
        let mut about = scene.things_of(kind);
        if is_there {
            about.retain(|i| scene.things[*i].plate == Some(color));
        }
        return ask(&what, about, Some((kind, color)));
    }
    let kind =
        if is_there { pick(&scene.kinds_from_left(), rng) } else { pick_absent(scene, 29, rng) };
    ask(&with_article(kind), scene.things_of(kind), None)
}

/// A kind that is there with the color of its plate, or with a color that none of its plates has.
pub(super) fn kind_and_plate(
    scene: &Scene,
    is_there: bool,
    rng: &mut impl Rng,
) -> Option<(Kind, PlateColor)> {
    if is_there {
        let with_plate = scene.things.iter().filter_map(|thing| Some((thing.kind, thing.plate?)));
        return pick_any(&with_plate.collect::<Vec<_>>(), rng);
    }
    let kind = pick(&scene.kinds_from_left(), rng);
    let is_false = |color: &PlateColor| {
        scene.may_say(kind, *color)
            && !scene.on_plates(*color).iter().any(|i| scene.things[*i].kind == kind)
    };
    pick_color(scene, is_false, rng).map(|color| (kind, color))
}

/// A color that may be meant, in half of the cases one of the scene's plates.
pub(super) fn pick_color(
    scene: &Scene,
    is_meant: impl Fn(&PlateColor) -> bool,
    rng: &mut impl Rng,
) -> Option<PlateColor> {
    let seen = scene.things.iter().filter_map(|thing| thing.plate).filter(&is_meant);
    let seen: Vec<_> = seen.collect();
    if !seen.is_empty() && chance(50, rng) {
        return pick_any(&seen, rng);
    }
    let all: Vec<_> = PlateColor::ALL.into_iter().filter(is_meant).collect();
    pick_any(&all, rng)
}

/// A kind that is not there; `percent` of them are like one that is.
pub(super) fn pick_absent(scene: &Scene, percent: u32, rng: &mut impl Rng) -> Kind {
    let rivals = scene.absent_rivals();
    if !rivals.is_empty() && chance(percent, rng) {
        return pick(&rivals, rng);
    }
    pick(&scene.absent_kinds(), rng)
}

/// What is counted: its words, and the things that are meant.
pub(super) struct Counted {
    pub(super) words: String,
    pub(super) about: Vec<usize>,
}

impl Counted {
    /// All that can be counted up to five and is there.
    pub(super) fn present(scene: &Scene) -> Vec<Self> {
        let kinds = scene
            .kinds_from_left()
            .into_iter()
            .map(|kind| Self { words: kind.plural().to_owned(), about: scene.things_of(kind) });
        let plates = PlateColor::ALL.into_iter().map(|color| Self::plates(scene, color));
        let all = Self { words: THINGS.to_owned(), about: (0..scene.things.len()).collect() };
        let can_count = |counted: &Self| (1..NUMBERS.len()).contains(&counted.about.len());
        kinds.chain(plates).chain([all]).filter(can_count).collect()
    }

    fn plates(scene: &Scene, color: PlateColor) -> Self {
        Self { words: say(COLOR_PLATES, &[("color", color.name())]), about: scene.on_plates(color) }
    }

    /// Something that is not there.
    pub(super) fn absent(scene: &Scene, rng: &mut impl Rng) -> Self {
        let colors = PlateColor::ALL.into_iter().filter(|color| scene.on_plates(*color).is_empty());
        if let Some(color) = pick_any(&colors.collect::<Vec<_>>(), rng)
            && chance(30, rng)
        {
            return Self::plates(scene, color);
        }
        let words = pick_absent(scene, 50, rng).plural().to_owned();
        Self { words, about: Vec::new() }
    }
}

/// The number is chosen first, so that answers spread: there is always something that is there
/// once, and seldom anything four times.
fn counting(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    const WEIGHTS: [u32; 6] = [5, 6, 9, 16, 24, 28];
    let mut present = Counted::present(scene);
    let has = |n: usize| n == 0 || present.iter().any(|counted| counted.about.len() == n);
    let weights: Vec<u32> = (0..6).map(|n| if has(n) { WEIGHTS[n] } else { 0 }).collect();
    let n = weighted(&weights, rng);
    present.retain(|counted| counted.about.len() == n);
    let counted = if n == 0 {
        Counted::absent(scene, rng)
    } else {
        let chosen = rng.random_range(0..present.len().max(1));
        present.into_iter().nth(chosen)?
    };
    let text = say(pick(COUNTING, rng), &[("xs", &counted.words)]);
    Some(Question::new(scene, QuestionKind::Counting, text, NUMBERS[n], counted.about, None))
}

/// The color of a plate, or what is on the only plate of a color.
fn color(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let on_plate = |i: &usize| Some((*i, scene.things[*i].kind, scene.things[*i].plate?));
    let named: Vec<_> = scene.unique_things().iter().filter_map(on_plate).collect();
    let all: Vec<_> = (0..scene.things.len()).filter_map(|i| on_plate(&i)).collect();
    let is_only = |(_, _, color): &&(usize, Kind, PlateColor)| scene.on_plates(*color).len() == 1;
    let only: Vec<_> = all.iter().filter(is_only).copied().collect();
    let (named, only) = (pick_any(&named, rng), pick_any(&only, rng));
    let ask_color = only.is_none() || named.is_some() && chance(50, rng);
    let (i, kind, color) = if ask_color { named? } else { only? };
    let (text, answer) = if ask_color {
        (say(pick(PLATE_COLOR, rng), &[("x", kind.name())]), color.name())
    } else {
        (say(pick(ON_PLATE, rng), &[("color", color.name())]), kind.name())
    };
    Some(Question::new(scene, QuestionKind::Color, text, answer, vec![i], None))
}

fn listing(scene: &Scene, rng: &mut impl Rng) -> Question {
    let names: Vec<&str> = scene.kinds_from_left().into_iter().map(Kind::name).collect();
    let about: Vec<usize> = (0..scene.things.len()).collect();
    let text = pick(LISTING, rng).to_owned();
    Question::new(scene, QuestionKind::Listing, text, names.join(", "), about, None)
}
