//! Known regions beside a map: how much of it they hold, and what the answer loses without them.

use anyhow::Result;
use serde::Serialize;

use super::{checks::Canvas, steps::Steps, subject::KnownRegions};
use crate::{
    analysis::{draw_from, rank_among, region_hit},
    domain::RegionMask,
};

/// One region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegionCheck {
    /// Its name.
    pub name: String,
    /// Whether the map's largest patch lies mostly inside; `None` for a map without mass.
    pub pointing_hit: Option<bool>,
    /// Of the map's placed mass, the part inside.
    pub energy_inside: Option<f64>,
    /// Of the patches' area, the part inside: what a map without a preference would have.
    pub area: Option<f64>,
    /// Change of the answer's log-probability without the region.
    pub removed: f64,
    /// Change of the answer's log-probability with nothing but the region.
    pub kept_alone: f64,
    /// The same shape removed at random places instead.
    pub removed_elsewhere: Vec<f64>,
    /// `(1 + places that hurt at least as much) / (1 + places)`: small where this very region
    /// matters.
    pub rank: f64,
}

/// Removes each region, keeps it alone, and removes its shape elsewhere.
///
/// `draws` is how many places are drawn, and where the random numbers start.
pub(super) fn region_checks(
    canvas: &Canvas<'_>,
    known: &KnownRegions,
    values: &[f64],
    (draws, seed): (usize, u64),
    steps: &mut Steps<'_>,
) -> Result<Vec<RegionCheck>> {
    let whole = canvas.subject.score.total();
    let side = canvas.pixels.side;
    let mut checks = Vec::with_capacity(known.set.regions().len());
    for (i, region) in known.set.regions().iter().enumerate() {
        let inside = in_square(&region.mask, side);
        let outside: Vec<bool> = inside.iter().map(|inside| !inside).collect();
        let mut change = |removed: &[bool]| {
            Ok::<f64, anyhow::Error>(
                steps.step(|on_layer| canvas.logprob(removed, on_layer))? - whole,
            )
        };
        let (removed, kept_alone) = (change(&inside)?, change(&outside)?);
        let mut removed_elsewhere = Vec::with_capacity(draws);
        for draw in 0..draws as u64 {
            let seed = seed.wrapping_add(((i as u64 + 1) << 32) + draw);
            removed_elsewhere.push(change(&moved(&inside, side, seed))?);
        }
        let hit = region_hit(values, known.coverage.of_region(i));
        checks.push(RegionCheck {
            name: region.name(),
            pointing_hit: hit.map(|hit| hit.pointing_hit),
            energy_inside: hit.map(|hit| hit.energy_inside),
            area: hit.map(|hit| hit.area),
            removed,
            kept_alone,
            rank: rank_among(removed, &removed_elsewhere),
            removed_elsewhere,
        });
    }
    Ok(checks)
}

/// A region on the model's square: each of its pixels asks the picture's pixel under its middle.
fn in_square(mask: &RegionMask, side: usize) -> Vec<bool> {
    let size = mask.size();
    let at = |i: usize, n: u32| {
        ((i as f64 + 0.5) / side as f64 * f64::from(n)).min(f64::from(n.saturating_sub(1))) as u32
    };
    // Column by column, as the mask is kept.
    let mut inside = vec![false; side * side];
    let mut columns = vec![Vec::new(); size.width as usize];
    for segment in mask.segments() {
        if let Some(column) = columns.get_mut(segment.x as usize) {
            column.push(segment.top..segment.bottom);
        }
    }
    for x in 0..side {
        let column = &columns[at(x, size.width) as usize];
        for y in 0..side {
            let y_of_picture = at(y, size.height);
            inside[y * side + x] = column.iter().any(|rows| rows.contains(&y_of_picture));
        }
    }
    inside
}

/// The same shape at another place, what leaves at one side coming in at the other.
fn moved(inside: &[bool], side: usize, seed: u64) -> Vec<bool> {
    let all: Vec<usize> = (1..side * side).collect();
    let by = draw_from(&all, 1, seed).map_or(0, |drawn| drawn[0]);
    let (down, right) = (by / side, by % side);
    let mut moved = vec![false; inside.len()];
    for (i, _) in inside.iter().enumerate().filter(|(_, inside)| **inside) {
        let (row, col) = (i / side, i % side);
        moved[(row + down) % side * side + (col + right) % side] = true;
    }
    moved
}
