//! Example scenes: pictures of the world that the embedded models know, with a question each.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::{
    app::picture::Picture,
    domain::{ImageSize, Region, RegionFormat, RegionId, RegionSet},
    scene::{QuestionKind, Split, World},
    vision,
};

/// A scene of the test split, and which of its questions is asked.
#[derive(Clone, Copy, Debug)]
struct Place {
    index: u64,
    kind: QuestionKind,
}

/// Scenes that training never saw. They are examples of questions, not of how often answers are right;
/// the first is one that the pair of models answers differently, and the modality-mutual one too without
/// its block, so that there is something to compare.
const PLACES: [Place; 4] = [
    Place { index: 295, kind: QuestionKind::Beside },
    Place { index: 36, kind: QuestionKind::Color },
    Place { index: 578, kind: QuestionKind::Size },
    Place { index: 3, kind: QuestionKind::Relation },
];

/// Pixels along each side of an example.
const SIDE: u32 = 768;
const SEED: u64 = 1;

/// An example scene.
#[derive(Debug)]
pub struct Example {
    /// The picture.
    pub picture: Picture,
    /// A question about it.
    pub question: String,
    /// The true answer.
    pub truth: String,
    /// Names of the things that the question is about.
    pub about: Vec<String>,
    /// The things in the picture, exactly.
    pub regions: RegionSet,
}

/// How many examples there are.
pub const N_EXAMPLES: usize = PLACES.len();

/// The questions of all examples.
pub fn example_questions() -> Vec<String> {
    let world = World::new();
    PLACES
        .iter()
        .map(|place| question_at(&world, *place).map_or_else(String::new, |q| q.text))
        .collect()
}

fn question_at(world: &World, place: Place) -> Option<crate::scene::Question> {
    let questions = world.questions(Split::Test, place.index, SEED);
    let first = questions.first().cloned();
    questions.into_iter().find(|question| question.kind == place.kind).or(first)
}

/// Draws an example.
///
/// # Errors
/// A number without example.
pub fn example(number: usize) -> Result<Example> {
    let place = *PLACES.get(number).with_context(|| format!("there is no example {number}"))?;
    let world = World::new();
    let scene = world.scene(Split::Test, place.index, SEED);
    let question = question_at(&world, place).context("a scene without a question")?;
    let drawing = world.draw(&scene, SIDE);
    let png = drawing.png().context("a picture that could not be made a PNG")?;
    let name = format!("tabletop scene {}", place.index);
    let image = vision::decode(&png, Path::new(&name))?;
    let size = ImageSize { width: SIDE, height: SIDE };
    let mut regions = Vec::new();
    for (i, thing) in scene.things.iter().enumerate() {
        let mask = drawing.region(i);
        if !mask.is_empty() {
            let label = thing.kind.name().to_owned();
            regions.push(Region { id: RegionId::Number(i as i64), label, mask });
        }
    }
    let about = question.about.iter().map(|i| scene.things[*i].kind.name().to_owned()).collect();
    let source = "the scene's own truth".to_owned();
    Ok(Example {
        picture: Picture::new(name, None, image),
        question: question.text,
        truth: question.answer,
        about,
        regions: RegionSet::new(size, RegionFormat::LabelMap, source, regions),
    })
}
