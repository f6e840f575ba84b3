//! Questions about two things: where one is, what is next to it, which is bigger.

use rand::Rng;

use super::{
    ask::{Question, QuestionKind},
    chance::{chance, pick, pick_any},
    facts::Direction,
    phrasing::{BESIDE, BIGGER, LONG_WAYS, RELATION, SIZE, SMALLER, say, way},
    tabletop::Scene,
};

/// Two things that their names tell apart, in both orders.
pub(super) fn pairs(scene: &Scene) -> Vec<[usize; 2]> {
    let unique = scene.unique_things();
    let with_others = |x: &usize| {
        let x = *x;
        unique.iter().filter(move |y| **y != x).map(move |y| [x, *y])
    };
    unique.iter().flat_map(with_others).collect()
}

/// Two things with a clear direction from the second to the first.
///
/// The direction is chosen first: a wide table would have more neighbors to the sides.
pub(super) fn directed_pair(scene: &Scene, rng: &mut impl Rng) -> Option<([usize; 2], Direction)> {
    let clear = |pair: [usize; 2]| Some((pair, scene.direction(pair[0], pair[1])?));
    let clear: Vec<_> = pairs(scene).into_iter().filter_map(clear).collect();
    let is_there = |wanted: &Direction| clear.iter().any(|(_, found)| found == wanted);
    let directions: Vec<_> = Direction::ALL.into_iter().filter(is_there).collect();
    let wanted = pick_any(&directions, rng)?;
    let there: Vec<_> = clear.into_iter().filter(|(_, found)| *found == wanted).collect();
    pick_any(&there, rng)
}

/// Two things of which the first is clearly bigger.
pub(super) fn bigger_pair(scene: &Scene, rng: &mut impl Rng) -> Option<[usize; 2]> {
    let is_clear = |pair: &[usize; 2]| scene.is_bigger(pair[0], pair[1]);
    let clear: Vec<_> = pairs(scene).into_iter().filter(is_clear).collect();
    pick_any(&clear, rng)
}

pub(super) fn relation(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let ([x, y], direction) = directed_pair(scene, rng)?;
    let [x_name, y_name] = [x, y].map(|i| scene.things[i].kind.name());
    let text = say(pick(RELATION, rng), &[("x", x_name), ("y", y_name)]);
    Some(Question::new(scene, QuestionKind::Relation, text, direction.name(), vec![x, y], None))
}

/// All things next to one that its name tells apart: `(thing, the other, direction)`.
pub(super) fn neighbors(scene: &Scene) -> Vec<(usize, usize, Direction)> {
    let mut found = Vec::new();
    for other in scene.unique_things() {
        for direction in Direction::ALL {
            found.extend(scene.beside(other, direction).map(|thing| (thing, other, direction)));
        }
    }
    found
}

pub(super) fn neighbor(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let (thing, other, direction) = pick_any(&neighbors(scene), rng)?;
    let places = [("to", way(direction, LONG_WAYS)), ("y", scene.things[other].kind.name())];
    let text = say(pick(BESIDE, rng), &places);
    let answer = scene.things[thing].kind.name();
    Some(Question::new(scene, QuestionKind::Beside, text, answer, vec![thing, other], None))
}

pub(super) fn size(scene: &Scene, rng: &mut impl Rng) -> Option<Question> {
    let [bigger, smaller] = bigger_pair(scene, rng)?;
    let (er, answer, other) =
        if chance(50, rng) { (BIGGER, bigger, smaller) } else { (SMALLER, smaller, bigger) };
    // Neither the first nor the second name is the answer more often.
    let [x, y] = if chance(50, rng) { [answer, other] } else { [other, answer] };
    let name = |i: usize| scene.things[i].kind.name();
    let text = say(pick(SIZE, rng), &[("er", er), ("x", name(x)), ("y", name(y))]);
    Some(Question::new(scene, QuestionKind::Size, text, name(answer), vec![x, y], None))
}
