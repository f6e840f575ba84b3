//! Checks beside a map: does the answer rest on what the map shows?
//!
//! Deletion removes patches, those with the largest values first; insertion puts them into a picture
//! that has nothing else. A map that shows what the answer rests on makes the answer's probability
//! fall fast in the one and rise fast in the other, faster than the same patches elsewhere.

use anyhow::{Result, bail};
use serde::Serialize;

use super::{
    asked_report::AskedReport,
    patch_map::{MapAsked, MapReport},
    region_checks::{RegionCheck, region_checks},
    regions::RegionSource,
    steps::Steps,
    subject::{Subject, SubjectRequest, open_engine},
};
use crate::{
    analysis::{area_under, by_value, counts, random_order, rank_among, shifted_order},
    domain::{Grid, ImageFit, OnProgress, PixelInput},
    model::ComputeDevice,
    vision::{Fill, painted},
};

/// Which map is checked, and how.
#[derive(Clone, Debug)]
pub struct Checks {
    /// The question.
    pub subject: SubjectRequest,
    /// The map.
    pub map: MapAsked,
    /// What stands where something is removed.
    pub fill: Fill,
    /// Steps from nothing to all.
    pub n_steps: usize,
    /// Random orders, and as many moved ones.
    pub draws: usize,
    /// Where the random numbers start.
    pub seed: u64,
    /// The picture's regions, where they are known.
    pub regions: RegionSource,
}

/// A curve for the map, and curves of what it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurveReport {
    /// The answer's log-probability at each step, the map's patches first.
    pub by_map: Vec<f64>,
    /// The same for random orders.
    pub random: Vec<Vec<f64>>,
    /// The same for the map's order moved as a whole over the picture: the same shapes and areas,
    /// elsewhere.
    pub moved: Vec<Vec<f64>>,
    /// Area under the map's curve: the mean log-probability along the way.
    pub area: f64,
    /// Mean area under the random orders' curves.
    pub random_area: f64,
    /// Mean area under the moved orders' curves.
    pub moved_area: f64,
    /// `(1 + random orders that are at least as good) / (1 + random orders)`: small where the map
    /// says what matters.
    pub random_rank: f64,
    /// The same among moved orders.
    pub moved_rank: f64,
}

/// Checks as `checks --json` tells them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChecksReport {
    version: u32,
    /// Who was asked what.
    #[serde(flatten)]
    pub asked: AskedReport,
    /// The answer that is scored throughout.
    pub answer: String,
    /// Its log-probability with the picture as it is, in nats.
    pub logprob: f64,
    /// Its log-probability with nothing of the picture left.
    pub logprob_without_picture: f64,
    /// The map.
    pub map: MapReport,
    /// What stands where something is removed.
    pub fill: Fill,
    /// Parts of the patches that are removed or put in, 0..=1.
    pub parts: Vec<f64>,
    /// Patches removed, the map's first: a good map's curve falls fast.
    pub deletion: CurveReport,
    /// Patches put in, the map's first: a good map's curve rises fast.
    pub insertion: CurveReport,
    /// Where the random numbers start.
    pub seed: u64,
    /// Known regions and the map.
    pub regions: Vec<RegionCheck>,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// A picture of which parts can be painted over, and what the answer is worth then.
pub(super) struct Canvas<'a> {
    pub subject: &'a Subject<'a>,
    pub pixels: PixelInput,
    pub filled: PixelInput,
    pub fit: ImageFit,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, fill: Fill) -> Self {
        let (pixels, fit) = subject.engine.pixels(&subject.image);
        let filled = fill.of(&pixels);
        Self { subject, pixels, filled, fit }
    }

    /// The answer's log-probability where `is_removed` is painted over.
    ///
    /// # Shapes
    /// `is_removed`: `[side, side]`
    pub(super) fn logprob(&self, is_removed: &[bool], on_layer: OnProgress<'_>) -> Result<f64> {
        let Subject { engine, run, .. } = self.subject;
        let picture = painted(&self.pixels, &self.filled, is_removed);
        let picture = engine.encode_pixels(&picture, self.fit, on_layer)?;
        let score = engine.score(&picture, &run.prompt, &run.plan, &run.answer_ids, on_layer)?;
        Ok(score.total())
    }

    /// The pixels of some patches.
    fn pixels_of(&self, patches: &[usize], grid: Grid) -> Vec<bool> {
        let side = self.pixels.side;
        // Patches are whole pixels; what remains at the right and at the bottom belongs to none.
        let (height, width) = (side / grid.rows, side / grid.cols);
        let mut is_inside = vec![false; side * side];
        for patch in patches {
            let (top, left) = (patch / grid.cols * height, patch % grid.cols * width);
            for row in top..top + height {
                is_inside[row * side + left..][..width].fill(true);
            }
        }
        is_inside
    }
}

/// Loads the model, answers, and checks the map.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn checks(
    request: &Checks,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<ChecksReport> {
    let (engine, image, folder) = open_engine(&request.subject, device, on_progress)?;
    let subject = Subject::ask(&engine, &folder, image, &request.subject, on_progress)?;
    checks_of(&subject, request, on_progress)
}

/// Checks a map of a question that was answered.
///
/// # Errors
/// A map that the mask makes impossible; regions that cannot be read; `stopped`.
pub fn checks_of(
    subject: &Subject<'_>,
    request: &Checks,
    on_progress: OnProgress<'_>,
) -> Result<ChecksReport> {
    let map = request.map.of_run(&subject.run, &subject.words)?;
    let Some(values) = map.values.clone() else {
        bail!(
            "there is no map \"{}\" under {}: the mask closes it; choose another --map",
            map.kind,
            subject.run.mode
        );
    };
    let mut warnings = subject.warnings.clone();
    let known = subject.regions(&request.regions)?;
    let grid = subject.run.patches;
    let counts = counts(grid.len(), request.n_steps);
    let canvas = Canvas::new(subject, request.fill);
    let inner = counts.len() - 2;
    let n_orders = 1 + 2 * request.draws;
    let n_regions = known.as_ref().map_or(0, |known| known.set.regions().len());
    let n_passes = 1 + 2 * n_orders * inner + n_regions * (2 + request.draws);
    let mut steps = Steps::new("removing", n_passes, on_progress);

    let nothing_left = vec![true; canvas.pixels.side * canvas.pixels.side];
    let empty = steps.step(|on_layer| canvas.logprob(&nothing_left, on_layer))?;
    let whole = subject.score.total();
    let by_map = by_value(&values);
    let draws = || (0..request.draws as u64).map(|draw| request.seed.wrapping_add(draw));
    let mut orders = vec![by_map.clone()];
    orders.extend(draws().map(|seed| random_order(grid.len(), seed)));
    orders.extend(draws().map(|seed| shifted_order(&by_map, grid, seed)));
    let mut curves = |inserts: bool| -> Result<Vec<Vec<f64>>> {
        let ends = if inserts { [empty, whole] } else { [whole, empty] };
        let mut curve = |order: &Vec<usize>| -> Result<Vec<f64>> {
            let mut points = vec![ends[0]];
            for &count in &counts[1..counts.len() - 1] {
                let mut is_removed = canvas.pixels_of(&order[..count], grid);
                if inserts {
                    is_removed = is_removed.into_iter().map(|removed| !removed).collect();
                }
                points.push(steps.step(|on_layer| canvas.logprob(&is_removed, on_layer))?);
            }
            points.push(ends[1]);
            Ok(points)
        };
        orders.iter().map(&mut curve).collect()
    };
    let parts: Vec<f64> = counts.iter().map(|n| *n as f64 / grid.len() as f64).collect();
    let deletion = curve_report(&curves(false)?, &parts, 1.0);
    let insertion = curve_report(&curves(true)?, &parts, -1.0);
    let mut regions = Vec::new();
    if let Some(known) = known {
        let draws = (request.draws, request.seed);
        regions = region_checks(&canvas, &known, &values, draws, &mut steps)?;
        warnings.extend(known.warnings);
    }
    Ok(ChecksReport {
        version: 1,
        asked: AskedReport::of(subject),
        answer: subject.run.answer.clone(),
        logprob: whole,
        logprob_without_picture: empty,
        map,
        fill: request.fill,
        parts,
        deletion,
        insertion,
        seed: request.seed,
        regions,
        warnings,
    })
}

/// The first curve is the map's, then as many random ones as moved ones. `better` is 1 where lower
/// areas are better, -1 where higher ones are.
fn curve_report(curves: &[Vec<f64>], parts: &[f64], better: f64) -> CurveReport {
    let area = |curve: &Vec<f64>| {
        let points: Vec<[f64; 2]> = parts.iter().zip(curve).map(|(x, y)| [*x, *y]).collect();
        area_under(&points)
    };
    let (first, others) = (&curves[0], &curves[1..]);
    let (random, moved) = others.split_at(others.len() / 2);
    let areas = |curves: &[Vec<f64>]| curves.iter().map(area).collect::<Vec<f64>>();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let rank = |values: &[f64]| {
        let values: Vec<f64> = values.iter().map(|v| better * v).collect();
        rank_among(better * area(first), &values)
    };
    let (random_areas, moved_areas) = (areas(random), areas(moved));
    CurveReport {
        by_map: first.clone(),
        random: random.to_vec(),
        moved: moved.to_vec(),
        area: area(first),
        random_area: mean(&random_areas),
        moved_area: mean(&moved_areas),
        random_rank: rank(&random_areas),
        moved_rank: rank(&moved_areas),
    }
}
