//! What a small model says of its world, and whether a question leaves it.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{inference::Engine, vision::DecodedImage};

#[derive(Deserialize)]
struct WorldCard {
    world: String,
    words: BTreeSet<String>,
    picture: Looks,
}

/// What training pictures look like. A picture farther out than 99 % of thousands of them is likely of
/// another world; one within may be, too.
#[derive(Deserialize)]
struct Looks {
    mean: Vec<f32>,
    spread: Vec<f32>,
    usual_distance: f64,
}

/// Warnings for a picture or words that a model with a `world.json` beside it never saw; none for
/// models without.
///
/// # Errors
/// A `world.json` that is not one.
pub(super) fn beyond_its_world(
    folder: &Path,
    engine: &Engine,
    image: &DecodedImage,
    question: &str,
) -> Result<Vec<String>> {
    let path = folder.join("world.json");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Vec::new()) };
    let card: WorldCard = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a description of a world", path.display()))?;
    let mut warnings = Vec::new();
    let unknown = unknown_words(&card.words, question);
    if !unknown.is_empty() {
        warnings.push(format!(
            "this small model knows only {}; it never saw the words {}, so do not trust its answer",
            card.world,
            unknown.join(", ")
        ));
    }
    let outline = engine.outline(image)?;
    card.picture.check(outline.len()).with_context(|| {
        format!("{}: write it anew with `aki-lens train describe`", path.display())
    })?;
    if card.picture.distance(&outline) > card.picture.usual_distance {
        warnings.push(format!(
            "this small model knows only {}; this picture looks unlike those it was trained on, so \
             do not trust its answer",
            card.world
        ));
    }
    Ok(warnings)
}

/// Words that are not in a list, but for case, in the order of the question.
fn unknown_words<'a>(known: &BTreeSet<String>, question: &'a str) -> Vec<&'a str> {
    let known: BTreeSet<String> = known.iter().map(|word| word.to_lowercase()).collect();
    let words = question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut seen = BTreeSet::new();
    words.filter(|w| !known.contains(&w.to_lowercase())).filter(|word| seen.insert(*word)).collect()
}

impl Looks {
    /// Refuses numbers that no picture could be measured by, and those of another model.
    fn check(&self, expected: usize) -> Result<()> {
        for (field, values) in [("mean", &self.mean), ("spread", &self.spread)] {
            let found = values.len();
            if found != expected {
                bail!(
                    "picture.{field} has {found} numbers, expected {expected}: it was written for \
                     another model"
                );
            }
        }
        if let Some(i) = self.mean.iter().position(|value| !value.is_finite()) {
            bail!("picture.mean[{i}] is {}, expected a finite number", self.mean[i]);
        }
        let is_width = |value: f64| value.is_finite() && value > 0.0;
        if let Some(i) = self.spread.iter().position(|value| !is_width(f64::from(*value))) {
            bail!("picture.spread[{i}] is {}, expected a number above 0", self.spread[i]);
        }
        if !is_width(self.usual_distance) {
            bail!("picture.usual_distance is {}, expected a number above 0", self.usual_distance);
        }
        Ok(())
    }

    /// The root mean square over dimensions, in units of the spread.
    fn distance(&self, vector: &[f32]) -> f64 {
        let off = vector.iter().zip(&self.mean).zip(&self.spread);
        let squares = off.map(|((x, m), s)| (f64::from(x - m) / f64::from(*s)).powi(2));
        (squares.sum::<f64>() / self.mean.len().max(1) as f64).sqrt()
    }
}
