//! Captions as notes: what is looked for, a colon, and what the picture says to it.
//!
//! "dog: no, cups: two, apple cup: left." The word behind each colon follows from the words before
//! it and from the picture alone, so a caption of ten notes is ten lookups of the kinds that
//! questions ask for, things that are absent included.

use rand::{Rng, RngExt as _, seq::SliceRandom as _};

use super::{
    ask::{Counted, kind_and_plate, pick_absent},
    beside::{bigger_pair, directed_pair, neighbors},
    caption::place_of,
    chance::{chance, pick, pick_any, weighted},
    kind::Kind,
    phrasing::{BIGGER, FROM_LEFT, NO, NUMBERS, SMALLER, YES, say},
    tabletop::Scene,
};

const NOTES: std::ops::RangeInclusive<usize> = 8..=12;
/// Existence, number, relation, neighbor, plate, size, place.
const WEIGHTS: [u32; 7] = [24, 22, 16, 12, 14, 12, 6];

/// Eight to twelve notes in any order; one caption in five ends with all names from left to right.
pub(super) fn notes(scene: &Scene, rng: &mut impl Rng) -> String {
    let n = rng.random_range(NOTES);
    let mut notes: Vec<String> = Vec::with_capacity(n);
    for _ in 0..2 * n {
        let note = note(scene, rng).filter(|note| !notes.contains(note));
        notes.extend(note);
        if notes.len() == n {
            break;
        }
    }
    notes.shuffle(rng);
    let notes = notes.join(", ");
    if !chance(20, rng) {
        return format!("{notes}.");
    }
    let names: Vec<&str> = scene.kinds_from_left().into_iter().map(Kind::name).collect();
    format!("{notes}. {}", say(FROM_LEFT, &[("list", &names.join(", "))]))
}

fn note(scene: &Scene, rng: &mut impl Rng) -> Option<String> {
    let name = |i: usize| scene.things[i].kind.name();
    match weighted(&WEIGHTS, rng) {
        0 => Some(existence(scene, rng)),
        1 => number(scene, rng),
        2 => {
            let ([x, y], direction) = directed_pair(scene, rng)?;
            Some(format!("{} {}: {}", name(x), name(y), direction.name()))
        }
        3 => {
            let (thing, other, direction) = pick_any(&neighbors(scene), rng)?;
            Some(format!("{} {}: {}", direction.name(), name(other), name(thing)))
        }
        4 => plate(scene, rng),
        5 => {
            let [bigger, smaller] = bigger_pair(scene, rng)?;
            let (er, answer, other) = match chance(50, rng) {
                true => (BIGGER, bigger, smaller),
                false => (SMALLER, smaller, bigger),
            };
            let [x, y] = if chance(50, rng) { [answer, other] } else { [other, answer] };
            Some(format!("{er} {} {}: {}", name(x), name(y), name(answer)))
        }
        _ => {
            let i = pick_any(&scene.unique_things(), rng)?;
            Some(format!("{} at: {}", name(i), place_of(&scene.things[i])))
        }
    }
}

/// "dog: no", "apple red: yes".
fn existence(scene: &Scene, rng: &mut impl Rng) -> String {
    let is_there = chance(50, rng);
    let answer = if is_there { YES } else { NO };
    if chance(25, rng)
        && let Some((kind, color)) = kind_and_plate(scene, is_there, rng)
    {
        return format!("{} {}: {answer}", kind.name(), color.name());
    }
    let kind =
        if is_there { pick(&scene.kinds_from_left(), rng) } else { pick_absent(scene, 29, rng) };
    format!("{}: {answer}", kind.name())
}

/// "cups: two", "red plates: zero"; the rarer a number, the more often it is noted.
fn number(scene: &Scene, rng: &mut impl Rng) -> Option<String> {
    const WEIGHTS: [u32; 6] = [5, 6, 9, 16, 24, 28];
    if chance(15, rng) {
        return Some(format!("{}: {}", Counted::absent(scene, rng).words, NUMBERS[0]));
    }
    let present = Counted::present(scene);
    let weights: Vec<u32> = present.iter().map(|counted| WEIGHTS[counted.about.len()]).collect();
    let counted = present.get(weighted(&weights, rng))?;
    Some(format!("{}: {}", counted.words, NUMBERS[counted.about.len()]))
}

/// "apple plate: red", "red plate: apple".
fn plate(scene: &Scene, rng: &mut impl Rng) -> Option<String> {
    let on_plate = |i: &usize| Some((scene.things[*i].kind, scene.things[*i].plate?));
    if chance(50, rng) {
        let named: Vec<_> = scene.unique_things().iter().filter_map(on_plate).collect();
        let (kind, color) = pick_any(&named, rng)?;
        return Some(format!("{} plate: {}", kind.name(), color.name()));
    }
    let all: Vec<usize> = (0..scene.things.len()).collect();
    let mut only: Vec<_> = all.iter().filter_map(on_plate).collect();
    only.retain(|(_, color)| scene.on_plates(*color).len() == 1);
    let (kind, color) = pick_any(&only, rng)?;
    Some(format!("{} plate: {}", color.name(), kind.name()))
}
