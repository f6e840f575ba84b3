//! A small map of every recorded layer and head. Many heads are many maps, so a frame makes no more of
//! them than fit into it; the rest are made in the frames after it, for as long as they are asked for.

use std::sync::{Arc, OnceLock};

use super::{
    derived::Maybe,
    frame_work::FrameWork,
    recorded::recorded,
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

/// What a map of one head costs beside carrying latents back, in multiplications.
const WORK_BESIDE: usize = 20_000;

/// The work of a map of one head, in multiplications.
fn work_of_map(run: &Run) -> usize {
    run.prompt.layout.image().len() * run.patches.len() + WORK_BESIDE
}

impl AppState {
    /// The map of each layer and head, each by itself, as far as this frame and those before it had
    /// time for. Asked for again in the next frame, there is more of it.
    pub fn head_maps(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<HeadMaps>>> {
        let asked = match self.asked(id, subject, (Choice::All, Choice::All))? {
            Ok(asked) => asked,
            Err(why) => return Some(Arc::new(Err(why))),
        };
        let (sights, frame) = (&self.derived.sights, &self.derived.frame);
        let grid = sights.grids.get(asked.clone(), || {
            self.with_projector(&asked, |_, run| Ok(HeadMaps::new(run, asked.request.reading)))
        });
        if let Ok(maps) = grid.as_ref()
            && maps.is_growing()
        {
            let made = self.with_projector(&asked, |projector, run| {
                let work = work_of_map(run);
                let n = maps.make(frame.room_for(work), projector, run, &asked.request);
                frame.spend(n * work);
                Ok(())
            });
            // It was there a moment ago, when the grid was begun.
            made.ok();
            if maps.is_growing() {
                frame.wait();
            }
        }
        Some(grid)
    }

    /// Whether something that was asked for in this frame needs another one.
    pub fn needs_another_frame(&self) -> bool {
        self.derived.frame.is_short()
    }

    /// How many maps of heads a frame makes of a run, if it makes nothing else.
    pub fn head_maps_a_frame(&self, id: RunId) -> Option<usize> {
        Some(FrameWork::default().room_for(work_of_map(&self.run_of(id)?.run)))
    }
}
