//! Maps of a run as the window asks for them: what is chosen becomes a request, and what `analysis`
//! makes of it is remembered.

use std::sync::Arc;

use super::{
    derived::Maybe,
    head_maps::HeadMaps,
    latent_sight::LatentSights,
    memo::Memo,
    recorded::recorded,
    region_sight::RegionSights,
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{Incoming, MapRequest, Projection, Projector, SinkPolicy, SinkRule, Sinks},
    domain::{Choice, Heatmap, MapKind, Run, Segment},
};

/// A map that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) run: RunId,
    pub(super) projection: Projection,
    pub(super) request: MapRequest,
}

/// Remembered maps.
#[derive(Debug)]
pub(super) struct Sights {
    projectors: Memo<(RunId, Projection), Maybe<Projector>>,
    sinks: Memo<(RunId, SinkRule), Maybe<Sinks>>,
    maps: Memo<Asked, Maybe<Heatmap>>,
    /// The largest value of all maps of a kind; the positions that are asked for are left out.
    pub(super) tops: Memo<Asked, f64>,
    pub(super) grids: Memo<Asked, Maybe<HeadMaps>>,
    pub(super) regions: RegionSights,
    pub(super) latents: LatentSights,
}

impl Default for Sights {
    fn default() -> Self {
        Self {
            projectors: Memo::new(4),
            sinks: Memo::new(8),
            maps: Memo::new(256),
            tops: Memo::new(16),
            grids: Memo::new(16),
            regions: RegionSights::default(),
            latents: LatentSights::default(),
        }
    }
}

impl AppState {
    /// How a run's latents are carried back to the picture, in the chosen way.
    pub fn projector(&self, id: RunId) -> Option<Arc<Maybe<Projector>>> {
        let answered = self.run_of(id)?;
        let (run, projection) = (&answered.run, self.workspace.view.projection);
        if projection == Projection::Composed {
            return Some(answered.composed());
        }
        Some(self.derived.sights.projectors.get((id, projection), || {
            Projector::new(run, projection).map_err(|error| error.to_string())
        }))
    }

    /// What every position of a run's prompt gets, over all recorded layers and heads.
    pub fn incoming(&self, id: RunId) -> Option<Arc<Maybe<Vec<Incoming>>>> {
        Some(self.run_of(id)?.incoming())
    }

    /// The sinks of a run, by the chosen threshold.
    pub fn sinks(&self, id: RunId) -> Option<Arc<Maybe<Sinks>>> {
        let all = self.incoming(id)?;
        let rule = SinkRule { times_uniform: self.workspace.view.sink_threshold };
        Some(self.derived.sights.sinks.get((id, rule), || match all.as_ref() {
            Ok(all) => Ok(Sinks::among(all, rule)),
            Err(why) => Err(why.clone()),
        }))
    }

    /// Of the mass that a subject's map reads, the part on sinks, left out or not; none without a map.
    pub fn part_on_sinks(&self, id: RunId, subject: &Subject) -> Option<f64> {
        let mut asked = self.asked_as_chosen(id, subject)?.ok()?;
        asked.request.sinks = SinkPolicy::Exclude(self.sinks(id)?.as_ref().as_ref().ok()?.clone());
        Some(self.map_of(&asked).as_ref().as_ref().ok()?.excluded)
    }

    /// What is done with sinks in a run's maps.
    pub(super) fn sink_policy(&self, id: RunId) -> Maybe<SinkPolicy> {
        if !self.workspace.view.without_sinks {
            return Ok(SinkPolicy::Keep);
        }
        match self.sinks(id).as_deref() {
            Some(Ok(sinks)) => Ok(SinkPolicy::Exclude(sinks.clone())),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("there is no {id}")),
        }
    }

    /// The map of a subject as a request, over some layers and heads; none for nothing.
    pub(super) fn asked(
        &self,
        id: RunId,
        subject: &Subject,
        (layers, heads): (Choice, Choice),
    ) -> Option<Maybe<Asked>> {
        self.run_of(id)?;
        let positions = self.positions(id, subject);
        if positions.is_empty() {
            return None;
        }
        let view = &self.workspace.view;
        let request = |sinks| MapRequest {
            layers,
            heads,
            reading: view.reading,
            sinks,
            ..MapRequest::new(view.map_kind(subject), positions)
        };
        let asked = |sinks| Asked { run: id, projection: view.projection, request: request(sinks) };
        Some(self.sink_policy(id).map(asked))
    }

    /// The map of a subject as it is chosen to be read: of attention, or of latents the resampler's own.
    pub(super) fn asked_of_map(&self, id: RunId, subject: &Subject) -> Option<Maybe<Asked>> {
        let Subject::Latents(latents) = subject else { return self.asked_as_chosen(id, subject) };
        let request = MapRequest::new(MapKind::MadeFrom, latents.iter().copied().collect());
        let projection = self.workspace.view.projection;
        (!latents.is_empty()).then_some(Ok(Asked { run: id, projection, request }))
    }

    pub(super) fn asked_as_chosen(&self, id: RunId, subject: &Subject) -> Option<Maybe<Asked>> {
        let selection = &self.workspace.selection;
        self.asked(id, subject, (selection.layers.clone(), selection.heads.clone()))
    }

    /// Does something with a run and its projector, unless there is none.
    pub(super) fn with_projector<T>(
        &self,
        asked: &Asked,
        make: impl FnOnce(&Projector, &Run) -> Maybe<T>,
    ) -> Maybe<T> {
        let answered =
            self.run_of(asked.run).ok_or_else(|| format!("there is no {}", asked.run))?;
        let projector = self.projector(asked.run);
        match projector.as_deref() {
            Some(Ok(projector)) => make(projector, &answered.run),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("there is no {}", asked.run)),
        }
    }

    /// The map of a subject in a run, as it is chosen to be read; none for nothing.
    pub fn heatmap(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<Heatmap>>> {
        let asked = match self.asked_of_map(id, subject)? {
            Ok(asked) => asked,
            Err(why) => return Some(Arc::new(Err(why))),
        };
        Some(self.map_of(&asked))
    }

    fn map_of(&self, asked: &Asked) -> Arc<Maybe<Heatmap>> {
        self.derived.sights.maps.get(asked.clone(), || {
            self.with_projector(asked, |projector, run| {
                projector.map(run, &asked.request).map_err(|error| error.to_string())
            })
        })
    }

    /// The same, where it is remembered or this frame still has time for it.
    pub(super) fn heatmap_in_time(
        &self,
        id: RunId,
        subject: &Subject,
    ) -> Option<Arc<Maybe<Heatmap>>> {
        let asked = self.asked_of_map(id, subject)?.ok()?;
        let is_known = self.derived.sights.maps.peek(&asked).is_some();
        let work = || Some(work_of(&self.run_of(id)?.run, &asked.request));
        (is_known || self.has_time(work()?)).then(|| self.map_of(&asked))
    }

    /// Whether this frame has time for so many multiplications; if it has, they count as spent.
    pub(super) fn has_time(&self, work: usize) -> bool {
        let frame = &self.derived.frame;
        let has_time = frame.room_for(work) > 0;
        if has_time {
            frame.spend(work);
        } else {
            frame.wait();
        }
        has_time
    }
}

/// The work of a map over all layers and heads, in multiplications.
fn work_of(run: &Run, request: &MapRequest) -> usize {
    run.prompt.layout.image().len() * run.patches.len() + work_of_reading(run, request)
}

/// The same without carrying latents back to patches.
pub(super) fn work_of_reading(run: &Run, request: &MapRequest) -> usize {
    let (layers, heads) = recorded(run);
    // A latent's weights for all words lie beside each other; a word's for all latents lie apart by row.
    let read = match request.kind {
        MapKind::ReadBy => run.prompt.layout.get(Segment::Question).map_or(0, |words| words.len()),
        MapKind::MadeFrom => 0,
        _ => 4 * request.positions.len(),
    };
    layers.len() * heads.len() * run.prompt.layout.image().len() * read
}
