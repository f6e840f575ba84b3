//! Regions of a run as numbers: how much of the shown map each of them gets, and by word.

use serde::Serialize;

use super::map_choice::MapTarget;
use crate::{
    analysis::RegionWeight,
    domain::{MatrixFigure, Region, RegionFormat, RegionId},
    regions::{Imported, shares},
};

/// Regions as `ask --json` tells them.
#[derive(Clone, Debug, Serialize)]
pub struct RegionTable {
    format: RegionFormat,
    source: String,
    /// Shares of the picture under one region at least, under several, under none.
    covered: f64,
    overlapping: f64,
    uncovered: f64,
    /// The map that the numbers of `table` are of.
    map: String,
    of: String,
    table: Vec<RegionRow>,
    by_word: WordTable,
    /// What should be known of the regions, one sentence each.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// One region.
#[derive(Clone, Debug, Serialize)]
struct RegionRow {
    id: RegionId,
    label: String,
    /// Pixels.
    area: u32,
    /// Left, top, width and height of the smallest box around it.
    bbox: [u32; 4],
    /// The part of the picture's patches that it covers, weighed by area.
    covers: f64,
    mass: Option<f64>,
    density: Option<f64>,
    lift: Option<f64>,
}

/// Regions by words; `None` where the mask closes a word, or a reading is not defined.
#[derive(Clone, Debug, Serialize)]
struct WordTable {
    map: String,
    words: Vec<String>,
    mass: Vec<Vec<Option<f64>>>,
    density: Vec<Vec<Option<f64>>>,
    lift: Vec<Vec<Option<f64>>>,
}

impl RegionTable {
    /// The table of imported regions, with their weights in a map and by words: mass, density, lift.
    pub(super) fn new(
        imported: &Imported,
        target: &MapTarget,
        weights: &[RegionWeight],
        [mass, density, lift]: &[MatrixFigure; 3],
        small: Vec<String>,
    ) -> Self {
        let set = &imported.set;
        let shares = shares(set);
        let rows = |figure: &MatrixFigure| -> Vec<Vec<Option<f64>>> {
            let parts = figure.parts();
            parts.values.chunks(parts.columns.len()).map(<[_]>::to_vec).collect()
        };
        Self {
            format: set.format(),
            source: set.source().to_owned(),
            covered: shares.covered,
            overlapping: shares.overlapping,
            uncovered: shares.uncovered,
            map: target.kind.to_string(),
            of: target.text.trim().to_owned(),
            table: set.regions().iter().zip(weights).map(|(r, w)| row(r, w)).collect(),
            by_word: WordTable {
                map: mass.parts().value_label.split(':').next().unwrap_or_default().to_owned(),
                words: mass.parts().columns.clone(),
                mass: rows(mass),
                density: rows(density),
                lift: rows(lift),
            },
            warnings: imported.warnings.iter().cloned().chain(small).collect(),
        }
    }
}

fn row(region: &Region, weight: &RegionWeight) -> RegionRow {
    let bounds = region.mask.bounds();
    RegionRow {
        id: region.id.clone(),
        label: region.label.clone(),
        area: region.mask.area(),
        bbox: [bounds.x, bounds.y, bounds.width, bounds.height],
        covers: weight.covers,
        mass: weight.mass,
        density: weight.density,
        lift: weight.lift,
    }
}
