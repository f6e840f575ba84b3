//! The regions of a picture as a person arranges them, and what a person draws.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};

use super::covered::Covered;
use crate::{
    domain::{
        Coverage, Grid, ImageFit, ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet,
    },
    regions::{Overlaps, fill_polygon, with_overlaps_in_place},
    session::KeptRegions,
};

/// The regions of a picture.
#[derive(Clone, Debug)]
pub struct PictureRegions {
    /// The regions as they are shown and counted, overlaps treated.
    pub set: Arc<RegionSet>,
    /// Those that are not drawn, by place in the list.
    pub hidden: BTreeSet<usize>,
    /// Colors that a person chose, by place in the list.
    pub colors: BTreeMap<usize, [u8; 3]>,
    /// What is done where regions lie over each other.
    pub overlaps: Overlaps,
    /// What was wrong with some.
    pub warnings: Vec<String>,
    /// Their share of each patch of the run that is looked at, once there is one.
    pub coverage: Option<Arc<Coverage>>,
    /// Stays the same as long as no mask changes, so that names and colors cost no outline anew.
    pub shapes: Arc<()>,
    /// The regions as they came, in the same order.
    whole: Arc<RegionSet>,
    /// What [`shapes`](Self::shapes) is of the regions as they came.
    whole_shapes: Arc<()>,
    /// What was covered last: the regions as they came, and with overlaps treated.
    covered: [Option<Covered>; 2],
}

/// What undo compares and brings back.
impl PartialEq for PictureRegions {
    fn eq(&self, other: &Self) -> bool {
        self.whole == other.whole
            && self.hidden == other.hidden
            && self.colors == other.colors
            && self.overlaps == other.overlaps
    }
}

/// Something drawn into the picture, in pixels of the picture as shown: `[x, y]` from its upper left
/// corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// A box between two corners.
    Box([f64; 2], [f64; 2]),
    /// The inside of an outline.
    Polygon(Vec<[f64; 2]>),
    /// What a round brush of this radius passed over.
    Brush(Vec<[f64; 2]>, f64),
}

impl PictureRegions {
    /// Regions as they came.
    pub fn new(set: RegionSet, warnings: Vec<String>) -> Self {
        let (whole, shapes) = (Arc::new(set), Arc::new(()));
        Self {
            set: Arc::clone(&whole),
            hidden: BTreeSet::new(),
            colors: BTreeMap::new(),
            overlaps: Overlaps::All,
            warnings,
            coverage: None,
            shapes: Arc::clone(&shapes),
            whole,
            whole_shapes: shapes,
            covered: [None, None],
        }
    }

    /// Regions that a session kept.
    pub(super) fn from_kept(kept: KeptRegions) -> Self {
        let overlaps = kept.overlaps.parse().unwrap_or(Overlaps::All);
        let mut regions = Self::new(kept.set, Vec::new());
        (regions.hidden, regions.colors) = (kept.hidden, kept.colors);
        regions.treat(overlaps);
        regions
    }

    /// The regions before overlaps were treated.
    pub(super) fn as_they_came(&self) -> &RegionSet {
        &self.whole
    }

    /// For a session to keep.
    pub(super) fn kept(&self, picture: u64) -> KeptRegions {
        KeptRegions {
            picture,
            set: (*self.whole).clone(),
            hidden: self.hidden.clone(),
            colors: self.colors.clone(),
            overlaps: self.overlaps.to_string(),
        }
    }

    /// Treats overlaps.
    pub(super) fn treat(&mut self, overlaps: Overlaps) {
        self.overlaps = overlaps;
        // The regions as they came are still known.
        (self.set, self.shapes) = match overlaps {
            Overlaps::All => (Arc::clone(&self.whole), Arc::clone(&self.whole_shapes)),
            other => (Arc::new(with_overlaps_in_place(&self.whole, other)), Arc::new(())),
        };
        self.coverage = None;
    }

    /// Adds a region at the end of the list.
    pub(super) fn add(&mut self, region: Region) {
        let mut all = self.whole.regions().to_vec();
        all.push(region);
        self.replace(all);
    }

    /// Adds regions that were read of the same picture, as they came, with what was said of them.
    pub(super) fn append(&mut self, more: Self) {
        self.warnings.extend(more.warnings);
        let all = self.whole.regions().iter().chain(more.whole.regions());
        self.replace(all.cloned().collect());
    }

    /// Gives a region another name; what is known of its mask stays.
    pub(super) fn rename(&mut self, region_idx: usize, name: &str) {
        let renamed = |set: &RegionSet| {
            let mut all = set.regions().to_vec();
            if let Some(region) = all.get_mut(region_idx) {
                name.clone_into(&mut region.label);
            }
            Arc::new(set.with_regions(all))
        };
        self.whole = renamed(&self.whole);
        self.set = match self.overlaps {
            Overlaps::All => Arc::clone(&self.whole),
            _ => renamed(&self.set),
        };
    }

    /// Takes a region away; those behind it move up, with their colors.
    pub(super) fn remove(&mut self, region_idx: usize) {
        let mut all = self.whole.regions().to_vec();
        if region_idx >= all.len() {
            return;
        }
        all.remove(region_idx);
        let moved = |i: usize| match i.cmp(&region_idx) {
            std::cmp::Ordering::Less => Some(i),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(i - 1),
        };
        self.hidden = self.hidden.iter().filter_map(|i| moved(*i)).collect();
        self.colors =
            self.colors.iter().filter_map(|(i, color)| Some((moved(*i)?, *color))).collect();
        self.replace(all);
    }

    fn replace(&mut self, all: Vec<Region>) {
        self.whole = Arc::new(self.whole.with_regions(all));
        self.whole_shapes = Arc::new(());
        self.treat(self.overlaps);
    }

    /// Finds their share of each patch, unless it is known.
    pub(super) fn cover(&mut self, patches: Grid, fit: &ImageFit) {
        let is_known = self.coverage.as_ref().is_some_and(|c| c.n_patches == patches.len());
        if is_known || self.set.image() != fit.image {
            return;
        }
        let slot = &mut self.covered[usize::from(self.overlaps != Overlaps::All)];
        let over = (patches, *fit);
        let now = match slot.take() {
            Some(known) if known.is_of(&self.set, over) => known,
            before => Covered::new(Arc::clone(&self.set), over, before.as_ref()),
        };
        self.coverage = Some(Arc::clone(&now.coverage));
        *slot = Some(now);
    }

    /// Forgets their shares of patches.
    pub(super) fn uncover(&mut self) {
        self.coverage = None;
    }
}

/// A set for regions that a person draws.
pub(super) fn drawn_by_hand(size: ImageSize, regions: Vec<Region>) -> RegionSet {
    RegionSet::new(size, RegionFormat::Boxes, "drawn by hand".to_owned(), regions)
}

impl Drawing {
    /// The region of a picture that was drawn, called `name`.
    ///
    /// # Errors
    /// A drawing without pixels in the picture.
    pub fn region(&self, size: ImageSize, name: String) -> Result<Region> {
        let mask = match self {
            Self::Box([x0, y0], [x1, y1]) => {
                // Pixel i has its middle at i + 1/2.
                let inside = |a: f64, b: f64, side: u32| {
                    let edge = |at: f64| (at - 0.5).ceil().clamp(0.0, f64::from(side)) as u32;
                    edge(a.min(b))..edge(a.max(b))
                };
                let (columns, rows) = (inside(*x0, *x1, size.width), inside(*y0, *y1, size.height));
                RegionMask::of_box(size, columns, rows)?
            }
            Self::Polygon(corners) => {
                let corners: Vec<f64> = corners.iter().flatten().copied().collect();
                fill_polygon(&corners, size).context("this outline is no region")?
            }
            Self::Brush(path, radius) => brushed(size, path, *radius)?,
        };
        if mask.is_empty() {
            bail!("nothing of the picture lies inside what was drawn; draw over the picture");
        }
        Ok(Region { id: RegionId::Text(name.clone()), label: name, mask })
    }
}

/// Pixels whose middle lies within `radius` of the path.
fn brushed(size: ImageSize, path: &[[f64; 2]], radius: f64) -> Result<RegionMask> {
    let is_number = path.iter().flatten().all(|at| at.is_finite());
    if path.is_empty() || !is_number || !(radius.is_finite() && radius > 0.0) {
        bail!("a brush needs a place and a radius");
    }
    let blank = RegionMask::empty(size)?;
    let mut stretches = Vec::new();
    let height = f64::from(size.height);
    let pieces: Vec<[[f64; 2]; 2]> = match path {
        [only] => vec![[*only, *only]],
        _ => path.windows(2).map(|pair| [pair[0], pair[1]]).collect(),
    };
    for [a, b] in pieces {
        let first = (a[0].min(b[0]) - radius).floor().max(0.0);
        let last = (a[0].max(b[0]) + radius).ceil().min(f64::from(size.width));
        let mut x = first;
        while x < last {
            if let Some((top, bottom)) = column_of_stroke(x + 0.5, a, b, radius) {
                // The middle of pixel y is y + 1/2.
                let top = (top - 0.5).ceil().clamp(0.0, height);
                let bottom = ((bottom - 0.5).floor() + 1.0).clamp(0.0, height);
                if top < bottom {
                    let start = x as u32 * size.height;
                    stretches.push((start + top as u32, start + bottom as u32));
                }
            }
            x += 1.0;
        }
    }
    Ok(blank.with_stretches(stretches))
}

/// Where the column at `x` enters and leaves the points within `radius` of the piece from `a` to `b`.
/// That set is convex, so a column meets it once.
fn column_of_stroke(x: f64, a: [f64; 2], b: [f64; 2], radius: f64) -> Option<(f64, f64)> {
    let circle = |center: [f64; 2]| {
        let inside = radius * radius - (x - center[0]).powi(2);
        (inside >= 0.0).then(|| (center[1] - inside.sqrt(), center[1] + inside.sqrt()))
    };
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let len = dx.hypot(dy);
    // The two edges of the straight part, `radius` to each side of it.
    let edges = [1.0, -1.0].into_iter().filter_map(|side| {
        if len == 0.0 || dx == 0.0 {
            return None;
        }
        let (ox, oy) = (side * -dy / len * radius, side * dx / len * radius);
        let t = (x - a[0] - ox) / dx;
        (0.0..=1.0).contains(&t).then(|| a[1] + oy + t * dy)
    });
    let all: Vec<f64> = edges
        .chain([circle(a), circle(b)].into_iter().flatten().flat_map(|(top, bottom)| [top, bottom]))
        .collect();
    let top = all.iter().copied().min_by(f64::total_cmp)?;
    let bottom = all.iter().copied().max_by(f64::total_cmp)?;
    Some((top, bottom))
}
