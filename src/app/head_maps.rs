//! A small map of every recorded layer and head. Many heads are many maps, so a frame makes no more of
//! them than fit into it; the rest are made in the frames after it, for as long as they are asked for.

use std::{
    cell::Cell,
    sync::{Arc, OnceLock},
};

use super::{
    derived::Maybe,
    memo::Memo,
    segment_mass::recorded,
    sight::Asked,
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{MapRequest, Projector},
    domain::{Choice, Grid, Reading, Run},
};

/// The map of one head of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadMap {
    /// Values of the patches; `NaN` where the reading has none.
    pub values: Vec<f64>,
    /// Of mass, all that the rows paid to the picture; of share and lift, the largest value.
    pub total: f64,
}

/// A map of each recorded layer and head, as far as they were made: layer by layer, and in it head by
/// head.
#[derive(Debug)]
pub struct HeadMaps {
    /// The layers.
    pub layers: Vec<usize>,
    /// The heads.
    pub heads: Vec<usize>,
    /// The patches of each.
    pub patches: Grid,
    /// How all are read.
    pub reading: Reading,
    /// Set once each, in their order, so that whoever holds this sees them come.
    made: Vec<OnceLock<HeadMap>>,
    /// Why no more will come.
    fault: OnceLock<String>,
}

impl HeadMaps {
    fn new(run: &Run, reading: Reading) -> Self {
        let (layers, heads) = recorded(run);
        let made = (0..layers.len() * heads.len()).map(|_| OnceLock::new()).collect();
        Self { layers, heads, patches: run.patches, reading, made, fault: OnceLock::new() }
    }

    /// How many there will be.
    pub fn n_maps(&self) -> usize {
        self.made.len()
    }

    /// How many were made; they are the first ones.
    pub fn n_made(&self) -> usize {
        self.made.partition_point(|map| map.get().is_some())
    }

    /// Whether all were made.
    pub fn is_whole(&self) -> bool {
        self.n_made() == self.n_maps()
    }

    /// Why some cannot be made.
    pub fn fault(&self) -> Option<&str> {
        self.fault.get().map(String::as_str)
    }

    /// Whether more will come.
    pub fn is_growing(&self) -> bool {
        self.fault().is_none() && !self.is_whole()
    }

    /// A map by its place, `layer * number of heads + head`; none where it was not made yet.
    pub fn map(&self, place: usize) -> Option<&HeadMap> {
        self.made.get(place)?.get()
    }

    /// Those that were made, in order.
    pub fn maps(&self) -> impl Iterator<Item = &HeadMap> {
        self.made.iter().map_while(OnceLock::get)
    }

    /// Makes the next ones, at most `n`; returns how many.
    fn make(&self, n: usize, projector: &Projector, run: &Run, request: &MapRequest) -> usize {
        let first = self.n_made();
        for place in first..(first + n).min(self.n_maps()) {
            let (layer, head) = (place / self.heads.len(), place % self.heads.len());
            let request = MapRequest {
                layers: Choice::Only(vec![self.layers[layer]]),
                heads: Choice::Only(vec![self.heads[head]]),
                ..request.clone()
            };
            let map = match projector.map(run, &request) {
                Ok(map) => map,
                Err(error) => {
                    self.fault.get_or_init(|| error.to_string());
                    return place - first;
                }
            };
            let total = match map.reading {
                Reading::Mass => map.values.iter().sum::<f64>() + map.unplaced,
                _ => map.range().map_or(f64::NAN, |(_, high)| high),
            };
            self.made[place].get_or_init(|| HeadMap { values: map.values, total });
        }
        n.min(self.n_maps() - first)
    }
}

/// Multiplications with which latents are carried back to patches that a frame has time for: about 4 ms
/// of one core (`benches/window.rs`).
const WORK_OF_FRAME: usize = 4_000_000;
/// What a map costs besides them, in as many.
const WORK_BESIDE: usize = 20_000;

/// How many maps of heads a frame makes of a run, at least one.
pub(super) fn maps_a_frame(n_latents: usize, n_patches: usize) -> usize {
    (WORK_OF_FRAME / (n_latents * n_patches + WORK_BESIDE)).max(1)
}

/// Remembered grids, and how much of this frame is left for them.
#[derive(Debug)]
pub(super) struct HeadSights {
    grids: Memo<Asked, Maybe<HeadMaps>>,
    /// The part of a frame's maps that may still be made in it, in 0..=1.
    left: Cell<f64>,
    /// Whether something asked for in this frame is not whole.
    is_growing: Cell<bool>,
}

impl Default for HeadSights {
    fn default() -> Self {
        Self { grids: Memo::new(16), left: Cell::new(1.0), is_growing: Cell::new(false) }
    }
}

impl HeadSights {
    /// Begins a frame.
    pub(super) fn turn(&self) {
        self.left.set(1.0);
        self.is_growing.set(false);
    }
}

impl AppState {
    /// The map of each layer and head, each by itself, as far as this frame and those before it had
    /// time for. Asked for again in the next frame, there is more of it.
    pub fn head_maps(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<HeadMaps>>> {
        let asked = match self.asked(id, subject, (Choice::All, Choice::All))? {
            Ok(asked) => asked,
            Err(why) => return Some(Arc::new(Err(why))),
        };
        let heads = &self.derived.sights.heads;
        let grid = heads.grids.get(asked.clone(), || {
            self.with_projector(&asked, |_, run| Ok(HeadMaps::new(run, asked.request.reading)))
        });
        if let Ok(maps) = grid.as_ref()
            && maps.is_growing()
        {
            let made = self.with_projector(&asked, |projector, run| {
                let of_frame = maps_a_frame(projector.n_latents(), projector.patches().len());
                let n = (heads.left.get() * of_frame as f64).round() as usize;
                let n_made = maps.make(n, projector, run, &asked.request);
                heads.left.set((heads.left.get() - n_made as f64 / of_frame as f64).max(0.0));
                Ok(())
            });
            // It was there a moment ago, when the grid was begun.
            made.ok();
            heads.is_growing.set(heads.is_growing.get() || maps.is_growing());
        }
        Some(grid)
    }

    /// Whether maps of heads that were asked for in this frame need another one.
    pub fn is_making_maps(&self) -> bool {
        self.derived.sights.heads.is_growing.get()
    }

    /// How many maps of heads a frame makes of a run.
    pub fn head_maps_a_frame(&self, id: RunId) -> Option<usize> {
        let run = &self.run_of(id)?.run;
        Some(maps_a_frame(run.prompt.layout.image().len(), run.patches.len()))
    }
}
