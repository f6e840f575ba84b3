//! What lies on a table.

use std::collections::BTreeSet;

use aki_lens::scene::{Kind, PlateColor, Split, Thing, World, is_held_out};

use super::{asked, scenes};

#[test]
fn a_scene_is_the_same_wherever_and_whenever_it_is_laid() {
    let scene = World::new().scene(Split::Train, 3, 1);
    assert_eq!(scene, World::new().scene(Split::Train, 3, 1));
    // Pinned: a trained model and its scores are worth nothing on another world.
    let told: Vec<String> = scene
        .things
        .iter()
        .map(|t| {
            let plate = t.plate.map_or("-", PlateColor::name);
            let [x, y] = t.center;
            format!("{} {plate} {x:.6} {y:.6} {:.6} {:.6}", t.kind, t.size, t.angle)
        })
        .collect();
    assert_eq!(told, PINNED);
}

const PINNED: &[&str] = &[
    "key yellow 0.458386 0.569455 0.287208 0.195215",
    "tractor - 0.742839 0.234100 0.363281 0.193844",
    "key green 0.198248 0.395432 0.191536 -0.174004",
];

#[test]
fn splits_seeds_and_indices_give_different_scenes() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    for split in Split::ALL {
        for index in 0..300 {
            for seed in [0, 1] {
                let scene = world.scene(split, index, seed);
                let things: Vec<_> = scene
                    .things
                    .iter()
                    .map(|t| (t.kind, t.center.map(f32::to_bits), t.size.to_bits()))
                    .collect();
                assert!(seen.insert(things), "{split} {index} {seed} was there before");
            }
        }
    }
}

#[test]
fn held_out_pairs_never_occur_in_training_and_do_elsewhere() {
    let n_pairs = Kind::all().len() * PlateColor::ALL.len();
    let held: usize = Kind::all()
        .map(|kind| PlateColor::ALL.iter().filter(|color| is_held_out(kind, **color)).count())
        .sum();
    assert!((0.08..0.12).contains(&(held as f64 / n_pairs as f64)), "{held} of {n_pairs}");
    let n_held = |split| {
        let is_held = |t: &Thing| t.plate.is_some_and(|color| is_held_out(t.kind, color));
        scenes(split, 2000).iter().flat_map(|s| s.things.clone()).filter(is_held).count()
    };
    assert_eq!(n_held(Split::Train), 0);
    assert!(n_held(Split::Validation) > 200);
    assert!(n_held(Split::Test) > 200);
}

#[test]
fn held_out_pairs_are_not_even_spoken_of_in_training() {
    let train = scenes(Split::Train, 2000);
    for (_, question) in asked(&train) {
        assert!(!question.held_out, "{}", question.text);
        for (kind, color) in pairs_in(&question.text) {
            assert!(!is_held_out(kind, color), "{}", question.text);
        }
    }
    let test = scenes(Split::Test, 500);
    let n = asked(&test).iter().filter(|(_, question)| question.held_out).count();
    assert!(n > 100, "{n}");
}

/// Pairs of a thing and a plate color in "a dog on a red plate", "the plate under the dog red".
fn pairs_in(text: &str) -> Vec<(Kind, PlateColor)> {
    let line = text.lines().next().unwrap().trim_end_matches(['?', '.']);
    let words: Vec<&str> = line.split(' ').collect();
    let kind = words.iter().find_map(|word| Kind::named(word));
    let color = PlateColor::ALL.into_iter().find(|color| words.contains(&color.name()));
    kind.zip(color).into_iter().collect()
}

#[test]
fn tables_are_as_full_and_as_varied_as_promised() {
    let scenes = scenes(Split::Train, 2000);
    let mut n_things = BTreeSet::new();
    let (mut with_plate, mut all, mut repeated) = (0, 0, 0);
    let mut kinds = BTreeSet::new();
    for scene in &scenes {
        n_things.insert(scene.things.len());
        repeated += usize::from(scene.things.iter().any(|t| scene.things_of(t.kind).len() > 1));
        for thing in &scene.things {
            all += 1;
            with_plate += usize::from(thing.plate.is_some());
            kinds.insert(thing.kind);
            assert!((0.17..=0.38).contains(&thing.size));
            assert!(thing.angle.abs() <= 25f32.to_radians() + 1e-6);
            let reach = thing.size * if thing.plate.is_some() { 0.625 } else { 0.5 };
            assert!(thing.center.iter().all(|c| (reach..=1.0 - reach).contains(c)));
        }
    }
    assert_eq!(n_things, (2..=8).collect());
    assert_eq!(kinds.len(), Kind::all().len());
    assert!((0.55..0.65).contains(&(with_plate as f64 / all as f64)));
    assert!((0.5..0.7).contains(&(repeated as f64 / scenes.len() as f64)));
    let patterns: BTreeSet<String> =
        scenes.iter().map(|s| format!("{:?}", s.background.pattern)).collect();
    assert_eq!(patterns.len(), 7);
}

#[test]
fn names_and_plurals_are_single_words_of_their_own() {
    assert!(Kind::all().len() >= 64);
    let words: Vec<&str> = Kind::all().flat_map(|kind| [kind.name(), kind.plural()]).collect();
    let distinct: BTreeSet<_> = words.iter().collect();
    assert_eq!(distinct.len(), words.len());
    for word in words {
        assert!(word.chars().all(|c| c.is_ascii_lowercase()), "{word}");
    }
    assert!(Kind::all().map(Kind::name).is_sorted());
    assert!(PlateColor::ALL.iter().all(|color| Kind::named(color.name()).is_none()));
}
