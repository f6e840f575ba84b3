//! What an import would give, as `aki-lens regions --json` writes it.

use serde::{Deserialize, Serialize};

use crate::domain::{Region, RegionFormat, RegionId};

use super::overlap::shares;
use super::rle;
use super::target::Imported;

/// The report of an import, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionsReport {
    /// The version of this form: 1.
    pub version: u32,
    /// Width and height of the picture as shown.
    pub image: [u32; 2],
    /// The form in which the regions were stored.
    pub format: RegionFormat,
    /// The regions, in the order of their file.
    pub regions: Vec<RegionReport>,
    /// Share of the picture under one region at least, in 0..=1.
    pub covered: f64,
    /// Share of the picture under two or more.
    pub overlapping: f64,
    /// Share of the picture under none.
    pub uncovered: f64,
    /// What was left out or looks odd, one sentence each.
    pub warnings: Vec<String>,
}

/// One region of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionReport {
    /// Its id in the file, or its place there.
    pub id: RegionId,
    /// Its name; empty where the file gives none.
    pub label: String,
    /// Its pixels.
    pub area: u32,
    /// Left, top, width and height of the smallest box around it, in pixels.
    pub bbox: [u32; 4],
    /// Its pixels as run lengths.
    pub rle: RleReport,
}

/// Run lengths in COCO's compressed form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RleReport {
    /// Height and width of the picture.
    pub size: [u32; 2],
    /// COCO's string.
    pub counts: String,
}

impl RegionsReport {
    /// The report of what was imported.
    pub fn of(imported: &Imported) -> Self {
        let set = &imported.set;
        let shares = shares(set);
        Self {
            version: 1,
            image: [set.image().width, set.image().height],
            format: set.format(),
            regions: set.regions().iter().map(RegionReport::of).collect(),
            covered: shares.covered,
            overlapping: shares.overlapping,
            uncovered: shares.uncovered,
            warnings: imported.warnings.clone(),
        }
    }
}

impl RegionReport {
    fn of(region: &Region) -> Self {
        let mask = &region.mask;
        let bounds = mask.bounds();
        Self {
            id: region.id.clone(),
            label: region.label.clone(),
            area: mask.area(),
            bbox: [bounds.x, bounds.y, bounds.width, bounds.height],
            rle: RleReport {
                size: [mask.size().height, mask.size().width],
                counts: rle::encode(mask),
            },
        }
    }
}
