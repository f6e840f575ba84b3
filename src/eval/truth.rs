//! The regions that the tabletop world keeps beside its questions.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::domain::{ImageSize, RegionMask};

/// The part of `truth.json` that the pointing game needs.
#[derive(Deserialize)]
pub(super) struct Truth {
    scenes: Vec<SceneTruth>,
}

#[derive(Deserialize)]
struct SceneTruth {
    things: Vec<ThingTruth>,
    questions: Vec<QuestionTruth>,
}

#[derive(Deserialize)]
struct ThingTruth {
    name: String,
    region: RegionMask,
}

#[derive(Deserialize)]
struct QuestionTruth {
    text: String,
    about: Vec<usize>,
}

/// The one thing that an answer rests on.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// As questions call it.
    pub(super) name: &'a str,
    /// Where it is to be seen.
    pub(super) region: &'a RegionMask,
}

impl Truth {
    /// The file beside a question file; `None` where there is none.
    pub(super) fn beside(questions: &Path) -> Option<Self> {
        let bytes = fs::read(questions.parent()?.join("truth.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// For each row of the question file, the one thing its answer rests on.
    pub(super) fn targets<'a>(&'a self, texts: &[&str]) -> Vec<Option<Target<'a>>> {
        let all =
            self.scenes.iter().flat_map(|scene| scene.questions.iter().map(move |q| (scene, q)));
        let one = |scene: &'a SceneTruth, question: &QuestionTruth| match question.about[..] {
            [only] => scene
                .things
                .get(only)
                .map(|thing| Target { name: &thing.name, region: &thing.region }),
            _ => None,
        };
        let targets: Vec<_> = all.map(|(scene, q)| (q.text.as_str(), one(scene, q))).collect();
        // Truth that does not tell of these very questions says nothing about them.
        let agrees =
            targets.len() == texts.len() && targets.iter().zip(texts).all(|(r, t)| r.0 == *t);
        match agrees {
            true => targets.into_iter().map(|(_, target)| target).collect(),
            false => vec![None; texts.len()],
        }
    }
}

/// Whether a place, as parts of the picture's sides, lies in a region.
pub(super) fn contains(region: &RegionMask, x: f64, y: f64) -> bool {
    let ImageSize { width, height } = region.size();
    region.contains((x * f64::from(width)) as u32, (y * f64::from(height)) as u32)
}
