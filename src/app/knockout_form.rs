//! What a person chose to take away, as it stands in the panel of knock-outs.

use serde::{Deserialize, Serialize};

use super::jobs::{CauseChoice, MapAsked, Part, SweepChoice, SweepOver};
use crate::domain::Choice;

/// The choices of a knock-out and of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnockoutForm {
    /// Who loses sight.
    pub rows: Part,
    /// What is no longer seen.
    pub columns: Part,
    /// First and last decoder layer; all where nothing is said.
    pub layers: Option<[usize; 2]>,
    /// In percent: from which part of its placed mass on a latent belongs to a region.
    pub region_share: u8,
    /// What a sweep goes through.
    pub over: SweepOver,
    /// Layers of a sweep's window; 0 for a quarter of the decoder.
    pub window: usize,
    /// Random draws for a sweep's control.
    pub draws: usize,
}

impl Default for KnockoutForm {
    fn default() -> Self {
        Self {
            rows: Part::Image,
            columns: Part::Question,
            layers: None,
            region_share: 50,
            over: SweepOver::Words,
            window: 0,
            draws: 8,
        }
    }
}

/// Layers of a window, and draws, at most.
pub const MOST: usize = 64;

impl KnockoutForm {
    /// Taken away once.
    pub fn once(&self) -> CauseChoice {
        let layers = self.layers.map(|[first, last]| Choice::Only((first..=last).collect()));
        CauseChoice {
            rows: self.rows.clone(),
            columns: self.columns.clone(),
            layers: layers.unwrap_or(Choice::All),
            region_share: f64::from(self.region_share) / 100.0,
            map: MapAsked::AnsweredFrom,
            sweep: None,
        }
    }

    /// One thing after another.
    pub fn sweep(&self) -> CauseChoice {
        let window = (self.window > 0).then_some(self.window);
        let sweep = SweepChoice { over: self.over, window, draws: self.draws, seed: 0 };
        CauseChoice { sweep: Some(sweep), ..self.once() }
    }

    /// Whether latents are asked for by their region.
    pub fn has_region(&self) -> bool {
        let is_region = |part: &Part| matches!(part, Part::Region(_));
        is_region(&self.rows) || is_region(&self.columns) || self.over == SweepOver::Regions
    }

    /// The same within what the panel offers: a file may say anything.
    pub(super) fn within(self) -> Self {
        Self {
            layers: self.layers.filter(|[first, last]| first <= last && *last < 1024),
            region_share: self.region_share.clamp(1, 100),
            window: self.window.min(MOST),
            draws: self.draws.min(MOST),
            ..self
        }
    }
}
