//! Where a model's maps were seen to point, measured on scenes whose things are known.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AttentionMode, MapKind, Reading};

/// A part of many cases, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Cases.
    pub n: usize,
    /// The part of them, 0..=1.
    pub share: f64,
    /// The lower end of Wilson's interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// How often one kind of map pointed at the thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapRates {
    /// Of the map averaged over all decoder layers and heads, by the reading's name.
    pub by_reading: BTreeMap<String, Rate>,
    /// Of each decoder layer's map over all heads, read as mass.
    pub by_layer: Vec<Rate>,
}

/// How often the peak of a map lay on the thing that an answer rests on: `pointing.json`, which
/// `aki-lens eval` writes and a model's folder may hold.
///
/// It holds for the weights it names, under the mask it names, and for maps carried back through all
/// layers of the resampler with nothing left out; for no others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointingRates {
    /// Of this description: 2.
    pub version: u32,
    /// The checksum of the weights that were asked.
    pub weights: String,
    /// The mask they were asked under.
    pub attention: AttentionMode,
    /// Which questions were counted.
    pub over: String,
    /// What a random place of the picture would hit.
    pub chance: f64,
    /// What a map would hit that gives every latent the same.
    pub uniform_latents: Rate,
    /// The things whose names in the question were asked for in *looks at* and *read by*; what was
    /// measured of them holds for no other word. Empty in descriptions of version 1.
    #[serde(default)]
    pub names: BTreeSet<String>,
    /// By the map's name: `looks_at`, `answered_from`, `read_by`.
    pub maps: BTreeMap<String, MapRates>,
}

/// The latest version of `pointing.json`.
pub const POINTING_VERSION: u32 = 2;

impl PointingRates {
    /// The rate of a map over all heads: of all layers in one reading, or of one layer's mass; `None`
    /// where that was not measured.
    pub fn rate(&self, map: &str, reading: Reading, layer: Option<usize>) -> Option<Rate> {
        let rates = self.maps.get(map)?;
        match (layer, reading) {
            (None, _) => rates.by_reading.get(&reading.to_string()).copied(),
            (Some(layer), Reading::Mass) => rates.by_layer.get(layer).copied(),
            (Some(_), _) => None,
        }
    }
}

impl PointingRates {
    /// Whether a word is the name of a thing that was asked for, or its plural.
    pub fn has_name(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let singular = [word.strip_suffix("es"), word.strip_suffix('s')];
        let mut forms = singular.into_iter().flatten().chain([word.as_str()]);
        forms.any(|form| self.names.contains(form))
    }
}

/// A measured rate, and what it has to be compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointing {
    /// How often the peak of such a map lay on the thing.
    pub rate: Rate,
    /// How often that of a map that gives every latent the same did.
    pub uniform_latents: Rate,
    /// How often a random place would.
    pub chance: f64,
}

impl Pointing {
    /// The line under a map of this kind, in whole percent. *Read by* is never offered as a locator.
    pub fn sentence(&self, kind: MapKind) -> String {
        let Self { rate, uniform_latents, chance } = self;
        let (what, whole) = (what_is_counted(kind), whole_percent);
        format!(
            "{what} {} % [{}, {}] of {} test questions about one thing; all latents alike {} %, chance {} %",
            whole(rate.share),
            whole(rate.low),
            whole(rate.high),
            rate.n,
            whole(uniform_latents.share),
            whole(*chance)
        )
    }

    /// The same in few words: how often, beside chance.
    pub fn in_few(&self, kind: MapKind) -> String {
        let Self { rate, chance, .. } = self;
        let (what, whole) = (what_is_counted(kind), whole_percent);
        let range = format!("[{}, {}]", whole(rate.low), whole(rate.high));
        format!("{what} {} % {range}, chance {} %", whole(rate.share), whole(*chance))
    }
}

fn what_is_counted(kind: MapKind) -> &'static str {
    match kind {
        MapKind::ReadBy => "no locator; peak on the thing in",
        _ => "peak on the thing in",
    }
}

fn whole_percent(part: f64) -> String {
    format!("{:.0}", 100.0 * part)
}
