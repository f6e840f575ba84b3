//! True words about a scene, as text to learn from: mostly inventories, and a few sentences.

use rand::{Rng, RngExt as _, seq::SliceRandom as _};

use super::{
    ask::{Counted, pick_absent},
    beside::{bigger_pair, directed_pair},
    chance::{chance, pick, weighted},
    kind::Kind,
    notes::notes,
    palette::PlateColor,
    phrasing::{
        A_ON_PLATE, BIG, BIGGER, FROM_LEFT, NUMBERS, PLACES, SHORT_WAYS, SMALL, SMALLER, THE_AT,
        THE_IS_BESIDE, THE_IS_BIGGER, THE_ON, THERE_ARE, THERE_AT, THERE_IS_NO, THERE_IS_ONE,
        capitalized, color_with_article, say, way, with_article,
    },
    tabletop::{Scene, Thing},
};

/// Things up to this size are called small.
const SMALL_UP_TO: f32 = 0.21;
/// Things from this size on are called big.
const BIG_FROM: f32 = 0.29;
/// Captions that are notes, inventories and sentences, in percent.
const FORMS: [u32; 3] = [60, 20, 20];
const SENTENCES: std::ops::RangeInclusive<usize> = 4..=8;

impl Scene {
    /// Notes (three times in five), an inventory of all things, or four to eight true sentences
    /// in any order, 40 to 60 words where the scene gives as many.
    ///
    /// In an inventory every word but the first of a thing follows from the picture and that word,
    /// and in a note every word behind the colon: a model that is to foretell them has to find the
    /// thing by its name, as a question asks of it. In sentences most words follow from the words
    /// before.
    pub fn caption(&self, rng: &mut impl Rng) -> String {
        match weighted(&FORMS, rng) {
            0 => notes(self, rng),
            1 => inventory(self, rng),
            _ => sentences(self, rng),
        }
    }
}

/// "apple small red top left, cup big center." in any order.
fn inventory(scene: &Scene, rng: &mut impl Rng) -> String {
    let mut things: Vec<&Thing> = scene.things.iter().collect();
    things.shuffle(rng);
    let words = |thing: &&Thing| {
        let color = thing.plate.map(PlateColor::name);
        let parts = [Some(thing.kind.name()), size_word(thing), color, Some(place_of(thing))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let things: Vec<String> = things.iter().map(words).collect();
    format!("{}.", things.join(", "))
}

fn sentences(scene: &Scene, rng: &mut impl Rng) -> String {
    let wanted_words = rng.random_range(38..=52);
    let mut described: Vec<usize> = (0..scene.things.len()).collect();
    described.shuffle(rng);
    let mut facts = other_facts(scene, rng);
    facts.shuffle(rng);
    let (mut sentences, mut n_words) = (Vec::new(), 0);
    // Descriptions and other facts take turns, as long as there are both.
    while sentences.len() < *SENTENCES.end() && n_words < wanted_words {
        let describes = facts.is_empty() || sentences.len() % 2 == 0;
        let next = match described.pop().filter(|_| describes) {
            Some(thing) => describe(scene, thing, rng),
            None => match facts.pop() {
                Some(fact) => fact,
                None => break,
            },
        };
        n_words += next.split_whitespace().count();
        sentences.push(next);
    }
    sentences.shuffle(rng);
    sentences.join(" ")
}

/// "A small apple on a red plate at the top left."
fn describe(scene: &Scene, index: usize, rng: &mut impl Rng) -> String {
    let thing = &scene.things[index];
    let (name, place) = (thing.kind.name(), place_of(thing));
    let is_unique = scene.things_of(thing.kind).len() == 1;
    if is_unique && chance(25, rng) {
        return say(THE_AT, &[("x", name), ("place", place)]);
    }
    let a_thing = match size_word(thing).filter(|_| chance(80, rng)) {
        Some(size) => format!("a {size} {name}"),
        None => with_article(thing.kind),
    };
    let a = match thing.plate {
        Some(color) => say(A_ON_PLATE, &[("a", &a_thing), ("a_color", &color_with_article(color))]),
        None => a_thing,
    };
    say(pick(THERE_AT, rng), &[("a", &a), ("A", &capitalized(&a)), ("place", place)])
}

/// Sentences about numbers, absence, place, size and order, each at most once or twice.
fn other_facts(scene: &Scene, rng: &mut impl Rng) -> Vec<String> {
    let mut facts = Vec::new();
    let mut several = Counted::present(scene);
    several.retain(|counted| counted.about.len() > 1);
    several.shuffle(rng);
    for counted in several.iter().take(2) {
        let number = NUMBERS[counted.about.len()];
        facts.push(say(THERE_ARE, &[("number", number), ("xs", &counted.words)]));
    }
    if several.is_empty() {
        let kind = pick(&scene.kinds_from_left(), rng);
        facts.push(say(THERE_IS_ONE, &[("x", kind.name())]));
    }
    // Tables with little on them leave more to deny.
    for _ in 0..if scene.things.len() < 4 { 2 } else { 1 } {
        facts.push(say(THERE_IS_NO, &[("x", pick_absent(scene, 50, rng).name())]));
    }
    for _ in 0..2 {
        if let Some(([x, y], direction)) = directed_pair(scene, rng) {
            let [x, y] = [x, y].map(|i| scene.things[i].kind.name());
            let to = way(direction, SHORT_WAYS);
            facts.push(say(THE_IS_BESIDE, &[("x", x), ("y", y), ("to", to)]));
        }
    }
    if let Some(pair) = bigger_pair(scene, rng) {
        let [bigger, smaller] = pair.map(|i| scene.things[i].kind.name());
        let (x, y, er) =
            if chance(50, rng) { (bigger, smaller, BIGGER) } else { (smaller, bigger, SMALLER) };
        facts.push(say(THE_IS_BIGGER, &[("x", x), ("y", y), ("er", er)]));
    }
    facts.extend(plate_fact(scene, rng));
    let names: Vec<&str> = scene.kinds_from_left().into_iter().map(Kind::name).collect();
    if names.len() > 1 && chance(60, rng) {
        facts.push(say(FROM_LEFT, &[("list", &names.join(", "))]));
    }
    facts.sort_unstable();
    facts.dedup();
    facts
}

fn plate_fact(scene: &Scene, rng: &mut impl Rng) -> Option<String> {
    let on_plate = |i: usize| Some((scene.things[i].kind, scene.things[i].plate?));
    let named: Vec<(Kind, PlateColor)> =
        scene.unique_things().into_iter().filter_map(on_plate).collect();
    let chosen = (!named.is_empty()).then(|| pick(&named, rng));
    chosen.map(|(kind, color)| {
        say(THE_ON, &[("x", kind.name()), ("a_color", &color_with_article(color))])
    })
}

/// The ninth of the picture that a thing's middle lies in.
pub(super) fn place_of(thing: &Thing) -> &'static str {
    let third = |v: f32| ((v * 3.0) as usize).min(2);
    PLACES[third(thing.center[1]) * 3 + third(thing.center[0])]
}

fn size_word(thing: &Thing) -> Option<&'static str> {
    match thing.size {
        size if size <= SMALL_UP_TO => Some(SMALL),
        size if size >= BIG_FROM => Some(BIG),
        _ => None,
    }
}
