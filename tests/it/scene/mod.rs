//! The tabletop: scenes, their pictures, and whether what is said about them is true.

mod captions;
mod pictures;
mod questions;
mod reading;
mod tables;

use std::collections::BTreeMap;

use aki_lens::scene::{Kind, Question, QuestionKind, Scene, Split, Thing, World};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 7;
const NUMBERS: [&str; 6] = ["zero", "one", "two", "three", "four", "five"];

fn scenes(split: Split, n: u64) -> Vec<Scene> {
    let world = World::new();
    (0..n).map(|index| world.scene(split, index, SEED)).collect()
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(11)
}

/// One question of every kind that each scene allows.
fn asked(scenes: &[Scene]) -> Vec<(&Scene, Question)> {
    let rng = &mut rng();
    let mut out = Vec::new();
    for scene in scenes {
        for kind in QuestionKind::ALL {
            out.extend(scene.ask(kind, rng).map(|question| (scene, question)));
        }
    }
    out
}

/// A thing alone on a table.
fn alone(kind: Kind, size: f32) -> Scene {
    let mut scene = World::new().scene(Split::Test, 0, 0);
    scene.things = vec![Thing { kind, plate: None, center: [0.5; 2], size, angle: 0.0 }];
    scene
}

fn counts<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_insert(0) += 1;
    }
    counts
}
