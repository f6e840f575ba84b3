//! Regions that lie over each other: what each policy makes of them, and the rest of the picture.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use super::topmost::Topmost;
use crate::domain::{PixelBox, Region, RegionId, RegionMask, RegionSet};

/// Pixels that are looked at together.
pub(super) const WINDOW: u32 = 1 << 16;

/// A region is within another where at least this share of it is.
const WITHIN: f64 = 0.9;

/// What is done where regions lie over each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlaps {
    /// All regions as they are; a pixel may count more than once.
    #[default]
    All,
    /// Each pixel belongs to the smallest region over it; of equals, to the first.
    Exclusive,
    /// Regions that lie within a larger one to nine tenths are left out; of the others, each pixel
    /// belongs to the smallest.
    TopLevel,
}

/// A name that is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no overlap policy, use all, exclusive or top-level")]
pub struct UnknownOverlaps(pub String);

impl fmt::Display for Overlaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Exclusive => "exclusive",
            Self::TopLevel => "top-level",
        })
    }
}

impl FromStr for Overlaps {
    type Err = UnknownOverlaps;

    fn from_str(name: &str) -> Result<Self, UnknownOverlaps> {
        let all = [Self::All, Self::Exclusive, Self::TopLevel];
        let known = all.into_iter().find(|policy| policy.to_string() == name);
        known.ok_or_else(|| UnknownOverlaps(name.to_owned()))
    }
}

/// How much of a picture lies under no, one, or more regions, in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Under one region at least.
    pub covered: f64,
    /// Under two or more.
    pub overlapping: f64,
    /// Under none: `1 - covered`.
    pub uncovered: f64,
}

/// How much of the picture the regions cover.
pub fn shares(set: &RegionSet) -> Shares {
    let mut layers = vec![0_u32; WINDOW as usize];
    let (mut n_covered, mut n_overlapping) = (0_u64, 0_u64);
    each_window(set, |window, stretches| {
        let layers = &mut layers[..window];
        layers.fill(0);
        for (_, start, end) in stretches {
            layers[*start..*end].iter_mut().for_each(|n| *n += 1);
        }
        n_covered += layers.iter().filter(|n| **n > 0).count() as u64;
        n_overlapping += layers.iter().filter(|n| **n > 1).count() as u64;
    });
    let n = f64::from(set.image().width) * f64::from(set.image().height);
    let covered = if n > 0.0 { n_covered as f64 / n } else { 0.0 };
    let overlapping = if n > 0.0 { n_overlapping as f64 / n } else { 0.0 };
    Shares { covered, overlapping, uncovered: 1.0 - covered }
}

/// The regions under a policy; those that keep no pixel stay, empty, in their place.
pub fn with_overlaps(set: &RegionSet, policy: Overlaps) -> RegionSet {
    match policy {
        Overlaps::All => set.clone(),
        Overlaps::Exclusive => exclusive(set),
        Overlaps::TopLevel => exclusive(&top_level(set)),
    }
}

/// The same, every region in its place: one that is left out has no pixels.
pub fn with_overlaps_in_place(set: &RegionSet, policy: Overlaps) -> RegionSet {
    if policy != Overlaps::TopLevel {
        return with_overlaps(set, policy);
    }
    let is_top = tops(set);
    let emptied =
        |(region, is_top): (&Region, &bool)| match (is_top, RegionMask::empty(set.image())) {
            (false, Ok(mask)) => Region { mask, ..region.clone() },
            _ => region.clone(),
        };
    exclusive(&set.with_regions(set.regions().iter().zip(&is_top).map(emptied).collect()))
}

/// The pixels under no region, as a region of its own; `None` where all are covered.
pub fn rest_of_image(set: &RegionSet) -> Option<Region> {
    let n = set.image().width * set.image().height;
    let blank = RegionMask::empty(set.image()).ok()?;
    let mut stretches: Vec<_> =
        set.regions().iter().flat_map(|region| region.mask.stretches()).collect();
    stretches.sort_unstable();
    let mut gaps = Vec::new();
    let mut at = 0;
    for (start, end) in stretches {
        if at < start {
            gaps.push((at, start));
        }
        at = at.max(end);
    }
    gaps.push((at, n));
    let mask = blank.with_stretches(gaps);
    let (id, label) = (RegionId::Text("rest".to_owned()), "rest of image".to_owned());
    (!mask.is_empty()).then_some(Region { id, label, mask })
}

/// The regions and, last, the rest of the picture.
pub fn with_rest(set: &RegionSet) -> RegionSet {
    let regions = set.regions().iter().cloned().chain(rest_of_image(set));
    set.with_regions(regions.collect())
}

fn exclusive(set: &RegionSet) -> RegionSet {
    let mut order: Vec<usize> = (0..set.regions().len()).collect();
    // Painted from the largest on, so that the smallest, and of equals the first, stays on top.
    order.sort_by_cached_key(|i| (Reverse(set.regions()[*i].mask.area()), Reverse(*i)));
    let mut rank = vec![0; order.len()];
    for (place, region_idx) in order.iter().enumerate() {
        rank[*region_idx] = place;
    }
    let mut own: Vec<Vec<(u32, u32)>> = vec![Vec::new(); order.len()];
    let mut topmost = Topmost::new(order.len());
    let mut offset = 0;
    each_window(set, |window, stretches| {
        for (region_idx, ..) in stretches.iter_mut() {
            *region_idx = rank[*region_idx];
        }
        topmost.each_run(window, stretches, |place, start, end| {
            push(&mut own[order[place]], offset + start as u32, offset + end as u32);
        });
        offset += window as u32;
    });
    let cut = |(region, stretches): (&Region, Vec<(u32, u32)>)| Region {
        mask: region.mask.with_stretches(stretches),
        ..region.clone()
    };
    set.with_regions(set.regions().iter().zip(own).map(cut).collect())
}

fn push(stretches: &mut Vec<(u32, u32)>, start: u32, end: u32) {
    match stretches.last_mut() {
        Some(last) if last.1 == start => last.1 = end,
        _ => stretches.push((start, end)),
    }
}

/// Calls `each` for one window of pixels after the other, with its length and the stretches in it:
/// region, start and end within the window. They come in the order of regions.
fn each_window(set: &RegionSet, mut each: impl FnMut(usize, &mut Vec<(usize, usize, usize)>)) {
    let n = set.image().width * set.image().height;
    let mut cursors: Vec<_> =
        set.regions().iter().map(|region| region.mask.stretches().peekable()).collect();
    let mut inside = Vec::new();
    let mut from = 0;
    while from < n {
        let to = from.saturating_add(WINDOW).min(n);
        inside.clear();
        for (region_idx, cursor) in cursors.iter_mut().enumerate() {
            while let Some((start, end)) = cursor.peek().copied().filter(|(start, _)| *start < to) {
                let local = |at: u32| (at.clamp(from, to) - from) as usize;
                inside.push((region_idx, local(start), local(end)));
                if end > to {
                    break;
                }
                cursor.next();
            }
        }
        each((to - from) as usize, &mut inside);
        from = to;
    }
}

fn top_level(set: &RegionSet) -> RegionSet {
    let is_top = tops(set);
    let kept = set.regions().iter().zip(is_top).filter(|(_, is_top)| *is_top);
    set.with_regions(kept.map(|(region, _)| region.clone()).collect())
}

/// Which regions lie within no larger one.
fn tops(set: &RegionSet) -> Vec<bool> {
    let regions = set.regions();
    let facts: Vec<_> = regions.iter().map(|r| (r.mask.area(), r.mask.bounds())).collect();
    let is_within = |i: usize, j: usize| {
        let ((area, bounds), (other, around)) = (facts[i], facts[j]);
        let is_smaller = area < other || (area == other && i > j);
        let least = (WITHIN * f64::from(area)).ceil() as u64;
        is_smaller
            && shared_box(bounds, around) >= least
            && shared(&regions[i].mask, &regions[j].mask) >= least
    };
    let is_top =
        |i: usize| facts[i].0 == 0 || (0..regions.len()).all(|j| i == j || !is_within(i, j));
    (0..regions.len()).map(is_top).collect()
}

fn shared_box(a: PixelBox, b: PixelBox) -> u64 {
    let along = |a: (u32, u32), b: (u32, u32)| {
        u64::from((a.0 + a.1).min(b.0 + b.1).saturating_sub(a.0.max(b.0)))
    };
    along((a.x, a.width), (b.x, b.width)) * along((a.y, a.height), (b.y, b.height))
}

/// Number of pixels that lie in both.
fn shared(a: &RegionMask, b: &RegionMask) -> u64 {
    let (mut a, mut b) = (a.stretches().peekable(), b.stretches().peekable());
    let mut n = 0;
    while let (Some(one), Some(other)) = (a.peek().copied(), b.peek().copied()) {
        n += u64::from(one.1.min(other.1).saturating_sub(one.0.max(other.0)));
        if one.1 < other.1 {
            a.next()
        } else {
            b.next()
        };
    }
    n
}
