//! The regions that the tabletop world keeps beside its questions.

use std::{fmt, fs, io, path::Path};

use serde::Deserialize;

use crate::domain::{ImageSize, RegionMask};

/// The part of `truth.json` that says where in a picture its things are, and which of them a
/// question is about.
#[derive(Deserialize)]
pub struct Truth {
    scenes: Vec<SceneTruth>,
    /// Scene and question of each row of the question file.
    #[serde(skip)]
    rows: Vec<(usize, usize)>,
}

impl fmt::Debug for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Truth of {} scenes", self.scenes.len())
    }
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

/// Where the things of a picture are.
#[derive(Default)]
pub(super) struct SceneThings<'a> {
    /// Those that the answer rests on.
    pub(super) about: Vec<&'a RegionMask>,
    /// The others.
    pub(super) others: Vec<&'a RegionMask>,
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
    /// The file beside a question file, or in the folder that holds one; `None` where there is none.
    pub fn beside(questions: &Path) -> Option<Self> {
        Self::read_beside(questions).ok().flatten()
    }

    /// As [`beside`](Self::beside), and says what is wrong with a file that is there.
    ///
    /// # Errors
    /// One line: the file, and what is wrong with it.
    pub fn read_beside(questions: &Path) -> Result<Option<Self>, String> {
        let folder = if questions.is_dir() { Some(questions) } else { questions.parent() };
        let path = folder.unwrap_or(Path::new("")).join("truth.json");
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|e| format!("cannot read {}: {e}", path.display()))?,
        };
        let mut truth: Self = serde_json::from_slice(&bytes)
            .map_err(|e| format!("{} is no truth of scenes: {e}", path.display()))?;
        let scenes = truth.scenes.iter().enumerate();
        truth.rows = scenes
            .flat_map(|(scene, of)| (0..of.questions.len()).map(move |question| (scene, question)))
            .collect();
        Ok(Some(truth))
    }

    /// The things of a row's picture; `None` where this truth tells of another question there.
    pub(super) fn things(&self, row: usize, text: &str) -> Option<SceneThings<'_>> {
        let (scene, question) = *self.rows.get(row)?;
        let scene = &self.scenes[scene];
        let question = scene.questions.get(question).filter(|question| question.text == text)?;
        let mut things = SceneThings::default();
        for (i, thing) in scene.things.iter().enumerate() {
            let list =
                if question.about.contains(&i) { &mut things.about } else { &mut things.others };
            list.push(&thing.region);
        }
        Some(things)
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
