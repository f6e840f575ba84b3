//! The pointing game: does the peak of a map lie on the thing that the answer rests on?

use std::{collections::BTreeMap, ops::Range};

use serde::Serialize;

use super::{
    report::Share,
    tally::Tally,
    truth::{Target, contains},
};
use crate::{
    analysis::{answered_from, looks_at, project_onto_patches, read_by, resampler_patterns},
    domain::{Grid, ImageSize, RegionMask, Run},
};

/// How often the peaks of maps lie on the thing that the answer rests on.
///
/// Every map is attention on latents, averaged over heads, carried back to the patches through the
/// resampler.
#[derive(Clone, Debug, Serialize)]
pub struct PointingReport {
    /// By the map's name: `answered_from` (the row that chose the answer's first token),
    /// `looks_at` (the rows of the thing's name in the question), `read_by` (the latents' weights
    /// on that name). A map that a mask makes impossible is absent.
    pub maps: BTreeMap<&'static str, MapReport>,
    /// What a map would hit that gives every latent the same: the resampler's own preference.
    pub uniform_latents: Share,
    /// What a peak at a random place of the picture would hit.
    pub chance: f64,
    /// Which questions were counted.
    pub over: &'static str,
}

/// One map's hits. The best of several layers is a choice made on the same questions: no estimate
/// of what it would hit on others.
#[derive(Clone, Debug, Serialize)]
pub struct MapReport {
    /// Of the map averaged over decoder layers.
    pub mean: Share,
    /// Of each decoder layer's map.
    pub by_layer: Vec<Share>,
}

/// One question's hits: for each map, each decoder layer's and last that of their mean.
#[derive(Clone, Debug)]
pub(super) struct Pointed {
    maps: BTreeMap<&'static str, Vec<bool>>,
    uniform: bool,
    /// The region's part of the picture.
    part: f64,
}

/// A map of a run over some positions, `[layers][L]`.
type MapOfWord = fn(&Run, &[usize]) -> Option<Vec<Vec<f64>>>;

/// Plays the game for one run; `None` where the run did not record what it needs.
pub(super) fn pointed(run: &Run, target: &Target<'_>) -> Option<Pointed> {
    let resampler = resampler_patterns(run)?;
    let hit = |on_latents: &[f64]| {
        let map = project_onto_patches(on_latents, &resampler, run.patches);
        is_in(target.region, map.peak(), run.patches)
    };
    let named = positions_of(run, target.name);
    let of_name = |map: MapOfWord| if named.is_empty() { None } else { map(run, &named) };
    let maps = [
        ("answered_from", answered_from(run, 0)),
        ("looks_at", of_name(looks_at)),
        ("read_by", of_name(read_by)),
    ];
    let maps = maps.into_iter().filter_map(|(name, layers)| {
        let mut layers = layers?;
        layers.push(mean(&layers));
        Some((name, layers.iter().map(|on_latents| hit(on_latents)).collect()))
    });
    let n_latents = run.prompt.layout.image().len();
    let ImageSize { width, height } = target.region.size();
    let pixels = f64::from(height) * f64::from(width);
    Some(Pointed {
        maps: maps.collect(),
        uniform: hit(&vec![1.0 / n_latents as f64; n_latents]),
        part: f64::from(target.region.area()) / pixels.max(1.0),
    })
}

fn is_in(region: &RegionMask, (row, col): (usize, usize), patches: Grid) -> bool {
    let middle = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
    contains(region, middle(col, patches.cols), middle(row, patches.rows))
}

fn mean(layers: &[Vec<f64>]) -> Vec<f64> {
    let n = layers.len() as f64;
    (0..layers[0].len()).map(|i| layers.iter().map(|l| l[i]).sum::<f64>() / n).collect()
}

/// Positions of the prompt whose bytes touch a name in the question, each time it stands there.
fn positions_of(run: &Run, name: &str) -> Vec<usize> {
    let question = run.prompt.question_bytes.clone();
    let Some(text) = run.prompt.text.get(question.clone()) else { return Vec::new() };
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let stands_alone = |at: usize| {
        // "book" does not stand in "bookshelf", but its plural is the same thing.
        let after = text[at + name.len()..].trim_start_matches("es").trim_start_matches('s');
        !is_letter(text[..at].chars().next_back()) && !is_letter(after.chars().next())
    };
    let places: Vec<Range<usize>> = text
        .match_indices(name)
        .filter(|(at, _)| stands_alone(*at))
        .map(|(at, _)| question.start + at..question.start + at + name.len())
        .collect();
    let touches = |bytes: &Range<usize>| {
        places.iter().any(|place| bytes.start < place.end && place.start < bytes.end)
    };
    let tokens = run.prompt.tokens.iter().filter(|token| touches(&token.byte_range));
    tokens.map(|token| token.position).collect()
}

/// Counts hits over all questions; `None` where none was played.
pub(super) fn pointing_report<'a>(
    played: impl Iterator<Item = &'a Pointed>,
) -> Option<PointingReport> {
    let played: Vec<&Pointed> = played.collect();
    if played.is_empty() {
        return None;
    }
    let share = |hits: &mut dyn Iterator<Item = bool>| {
        let mut tally = Tally::default();
        hits.for_each(|hit| tally.add(hit));
        Share::from(tally)
    };
    let mut maps = BTreeMap::new();
    for name in played.iter().flat_map(|p| p.maps.keys()) {
        if maps.contains_key(name) {
            continue;
        }
        let of_map: Vec<&Vec<bool>> = played.iter().filter_map(|p| p.maps.get(name)).collect();
        let n = of_map.iter().map(|hits| hits.len()).min().unwrap_or(1) - 1;
        let layer = |i: usize| share(&mut of_map.iter().map(|hits| hits[i]));
        maps.insert(*name, MapReport { mean: layer(n), by_layer: (0..n).map(layer).collect() });
    }
    Some(PointingReport {
        maps,
        uniform_latents: share(&mut played.iter().map(|p| p.uniform)),
        chance: played.iter().map(|p| p.part).sum::<f64>() / played.len() as f64,
        over: "questions whose answer rests on exactly one thing",
    })
}
