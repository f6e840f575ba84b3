//! The pointing game: does the peak of a map lie on the thing that the answer rests on, and how
//! much of the map does?

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde::Serialize;

use super::{
    report::Share,
    tally::Tally,
    truth::{Target, contains},
};
use crate::{
    analysis::{MapRequest, Projection, Projector},
    domain::{
        AttentionMode, Choice, Coverage, Grid, Heatmap, ImageSize, MapKind, MapRates,
        POINTING_VERSION, PointingRates, Reading, RegionMask, Run, TokenRow, Tower,
    },
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
    /// The part of that map's mass on patches that lies on the thing, on average over questions.
    pub uniform_energy: f64,
    /// What a peak at a random place of the picture would hit, and what part of an even map lies on
    /// the thing.
    pub chance: f64,
    /// Which questions were counted.
    pub over: &'static str,
    /// The things whose names in the question had a map.
    pub names: BTreeSet<String>,
}

/// One map's hits. The best of several layers is a choice made on the same questions: no estimate
/// of what it would hit on others.
#[derive(Clone, Debug, Serialize)]
pub struct MapReport {
    /// Of the map averaged over decoder layers, read as mass.
    pub mean: Share,
    /// Of the map averaged over decoder layers, by reading: `mass` (the same again), `share`, `lift`.
    pub by_reading: BTreeMap<String, Share>,
    /// Of each decoder layer's map.
    pub by_layer: Vec<Share>,
    /// Of the map averaged over decoder layers, the part of its mass on patches that lies on the
    /// thing, on average over questions.
    pub energy: f64,
    /// The same of each decoder layer's map.
    pub energy_by_layer: Vec<f64>,
}

impl PointingReport {
    /// What is kept beside the weights that were asked, so that a map can be shown with its rate.
    pub fn rates(&self, weights: String, attention: AttentionMode) -> PointingRates {
        let of_map = |(name, map): (&&'static str, &MapReport)| {
            let by_reading = map.by_reading.iter();
            let rates = MapRates {
                by_reading: by_reading.map(|(name, share)| (name.clone(), share.rate())).collect(),
                by_layer: map.by_layer.iter().map(Share::rate).collect(),
            };
            ((*name).to_owned(), rates)
        };
        PointingRates {
            version: POINTING_VERSION,
            weights,
            attention,
            over: self.over.to_owned(),
            chance: self.chance,
            uniform_latents: self.uniform_latents.rate(),
            names: self.names.clone(),
            maps: self.maps.iter().map(of_map).collect(),
        }
    }
}

/// One map beside the truth.
#[derive(Clone, Copy, Debug)]
struct Point {
    /// Whether its peak lies on the thing.
    hit: bool,
    /// The part of its mass on patches that does.
    energy: f64,
}

/// One question's maps: of each, every decoder layer's and last that of their mean.
#[derive(Clone, Debug)]
pub(super) struct Pointed {
    /// The thing.
    name: String,
    maps: BTreeMap<&'static str, Vec<Point>>,
    /// Of each map's mean over decoder layers, whether its peak lies on the thing, in the order of
    /// [`Reading::ALL`].
    hits_by_reading: BTreeMap<&'static str, Vec<bool>>,
    uniform: Point,
    /// The region's part of the picture.
    part: f64,
}

/// Plays the game for one run; `None` where the run did not record what it needs.
pub(super) fn pointed(run: &Run, target: &Target<'_>) -> Option<Pointed> {
    let projector = Projector::new(run, Projection::Composed).ok()?;
    let coverage = Coverage::of([target.region], run.patches, &run.fit);
    let point = |map: &Heatmap| {
        let on_patches: f64 = map.values.iter().sum();
        let inside = map.values.iter().zip(coverage.of_region(0));
        let inside: f64 = inside.map(|(value, share)| value * f64::from(*share)).sum();
        Some(Point {
            hit: is_in(target.region, map.peak()?, run.patches),
            energy: if on_patches > 0.0 { inside / on_patches } else { 0.0 },
        })
    };
    let layers = run.trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
    let layers = layers.map(|site| Choice::Only(vec![site.layer]));
    let layers: Vec<Choice> = layers.chain([Choice::All]).collect();
    let named = positions_of(run, target.name);
    let kinds = [
        ("answered_from", MapKind::AnsweredFrom(TokenRow::WhileChoosing), vec![0]),
        ("looks_at", MapKind::LooksAt, named.clone()),
        ("read_by", MapKind::ReadBy, named),
    ];
    let (mut maps, mut hits_by_reading) = (BTreeMap::new(), BTreeMap::new());
    for (name, kind, positions) in kinds {
        let of = |layers: &Choice, reading| {
            let request = MapRequest::new(kind, positions.clone());
            let request = MapRequest { layers: layers.clone(), reading, ..request };
            let map = projector.map(run, &request).ok()?;
            // A map that the mask makes impossible is no map that missed.
            if map.by_construction { None } else { point(&map) }
        };
        let by_layer: Option<Vec<Point>> = layers.iter().map(|l| of(l, Reading::Mass)).collect();
        let hit = |reading| Some(of(&Choice::All, reading)?.hit);
        let by_reading: Option<Vec<bool>> = Reading::ALL.into_iter().map(hit).collect();
        if let (Some(by_layer), Some(by_reading)) = (by_layer, by_reading) {
            maps.insert(name, by_layer);
            hits_by_reading.insert(name, by_reading);
        }
    }
    let n_latents = projector.n_latents();
    let even = projector.place(&vec![1.0 / n_latents as f64; n_latents]).mass;
    let even = Heatmap::new(run.patches, even, MapKind::LooksAt, Reading::Mass);
    let ImageSize { width, height } = target.region.size();
    let pixels = f64::from(height) * f64::from(width);
    Some(Pointed {
        name: target.name.to_owned(),
        maps,
        hits_by_reading,
        uniform: point(&even)?,
        part: f64::from(target.region.area()) / pixels.max(1.0),
    })
}

fn is_in(region: &RegionMask, (row, col): (usize, usize), patches: Grid) -> bool {
    let middle = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
    contains(region, middle(col, patches.cols), middle(row, patches.rows))
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
        let of_map: Vec<&Vec<Point>> = played.iter().filter_map(|p| p.maps.get(name)).collect();
        let n = of_map.iter().map(|points| points.len()).min().unwrap_or(1) - 1;
        let layer = |i: usize| share(&mut of_map.iter().map(|points| points[i].hit));
        let energy = |i: usize| mean(&mut of_map.iter().map(|points| points[i].energy));
        let by_reading = Reading::ALL.into_iter().enumerate().map(|(i, reading)| {
            let hits = played.iter().filter_map(|p| Some(p.hits_by_reading.get(name)?[i]));
            (reading.to_string(), share(&mut { hits }))
        });
        let report = MapReport {
            mean: layer(n),
            by_reading: by_reading.collect(),
            by_layer: (0..n).map(layer).collect(),
            energy: energy(n),
            energy_by_layer: (0..n).map(energy).collect(),
        };
        maps.insert(*name, report);
    }
    let named = played.iter().filter(|p| p.maps.contains_key("looks_at"));
    Some(PointingReport {
        maps,
        uniform_latents: share(&mut played.iter().map(|p| p.uniform.hit)),
        uniform_energy: mean(&mut played.iter().map(|p| p.uniform.energy)),
        chance: mean(&mut played.iter().map(|p| p.part)),
        over: "questions whose answer rests on exactly one thing",
        names: named.map(|p| p.name.clone()).collect(),
    })
}

fn mean(values: &mut dyn Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    if n > 0 { sum / f64::from(n) } else { 0.0 }
}
