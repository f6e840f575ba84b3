//! Sinks: tokens and latents that draw attention whatever is asked.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{AttentionSite, Choice, Run, Tower};

use super::{
    AnalysisError,
    block::{Rectangle, chosen_heads, chosen_layers},
    sight::Sight,
};

/// What counts as a sink.
///
/// Sinks take attention that has nowhere else to go, often the first token, line ends and
/// punctuation (Xiao et al. 2023), and among the latents a few that carry little of the picture
/// ("See What You Are Told", 2503.03321). They can also carry what the whole picture is about, so
/// they are marked and can be left out, and are never called noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SinkRule {
    /// A key is a sink from this many times what uniform attention under the same mask would bring
    /// it.
    pub times_uniform: f64,
}

impl Default for SinkRule {
    /// Ten: words of a question were seen at three to five.
    fn default() -> Self {
        Self { times_uniform: 10.0 }
    }
}

impl fmt::Display for SinkRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mean incoming attention at least {} times uniform", self.times_uniform)
    }
}

/// What one position of the prompt gets from the rows that may attend to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The position.
    pub position: usize,
    /// Whether it is a latent of the picture.
    pub is_latent: bool,
    /// Recorded rows that may attend to it.
    pub rows: usize,
    /// Mean over those rows, layers and heads of the weight they pay it.
    pub mass: f64,
    /// That, over the mean of what they would pay under uniform attention and the same mask.
    pub lift: f64,
}

/// The sinks of a run, and the rule that found them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sinks {
    /// The rule.
    pub rule: SinkRule,
    /// What was found, by position.
    pub found: Vec<Incoming>,
}

impl Sinks {
    /// Those of some positions that a rule calls sinks.
    pub fn among(all: &[Incoming], rule: SinkRule) -> Self {
        let found = all.iter().filter(|key| key.lift >= rule.times_uniform);
        Self { rule, found: found.copied().collect() }
    }

    /// Whether a position is one of them.
    pub fn contains(&self, position: usize) -> bool {
        self.found.iter().any(|sink| sink.position == position)
    }
}

/// What every position of the prompt gets, by position, from the recorded rows of some layers and
/// heads. A position that no recorded row may attend to is left out: nothing is known of it.
///
/// Rows are positions of the prompt and generated tokens, as far as they were recorded; the default
/// recording has no rows of the picture over the picture, so latents are judged by the rows of text.
///
/// # Errors
/// A layer or head that was not recorded; a recorded number that is no weight.
pub fn incoming(
    run: &Run,
    layers: &Choice,
    heads: &Choice,
) -> Result<Vec<Incoming>, AnalysisError> {
    let layers = chosen_layers(&run.trace, layers)?;
    let heads = chosen_heads(&run.trace, &layers, heads)?;
    let len = run.prompt.layout.len();
    let sights = Sight::of_layers(&run.plan, &layers);
    let mut totals = vec![Total::default(); len];
    for (i, &layer) in layers.iter().enumerate() {
        let site = AttentionSite { tower: Tower::Decoder, layer };
        let sight = &sights[i.min(sights.len() - 1)];
        for pattern in run.trace.patterns.get(&site).into_iter().flatten() {
            let keys: Vec<usize> = pattern.keys.clone().filter(|key| *key < len).collect();
            let rows: Vec<usize> = pattern.queries.clone().collect();
            let mut mass = vec![0.0; rows.len() * keys.len()];
            let rectangle = Rectangle::new(&rows, &keys);
            for &head in &heads {
                rectangle.add_head(&run.trace, site, head, &mut mass)?;
            }
            for (mass, &query) in mass.chunks_exact(keys.len().max(1)).zip(&rows) {
                let row = sight.row(query);
                for (mass, &key) in mass.iter().zip(&keys).filter(|(_, key)| row.allows(**key)) {
                    totals[key].add(mass / heads.len() as f64, row.uniform(key));
                }
            }
        }
    }
    let image = run.prompt.layout.image();
    let seen = totals.into_iter().enumerate().filter(|(_, total)| total.n > 0);
    let of_position = |(position, total): (usize, Total)| Incoming {
        position,
        is_latent: image.contains(&position),
        rows: total.n / layers.len(),
        mass: total.mass / total.n as f64,
        lift: total.mass / total.expected,
    };
    Ok(seen.map(of_position).collect())
}

/// What a position gets, over open rows and layers.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    mass: f64,
    expected: f64,
    n: usize,
}

impl Total {
    fn add(&mut self, mass: f64, expected: f64) {
        self.mass += mass;
        self.expected += expected;
        self.n += 1;
    }
}

/// The sinks of a run, over all recorded layers and heads.
///
/// # Errors
/// As [`incoming`].
pub fn find_sinks(run: &Run, rule: SinkRule) -> Result<Sinks, AnalysisError> {
    Ok(Sinks::among(&incoming(run, &Choice::All, &Choice::All)?, rule))
}
