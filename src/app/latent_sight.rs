//! The resampler as the window shows it: where each latent comes from, how surely, and what it holds of
//! the map that is looked at.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    derived::Maybe,
    memo::Memo,
    sight::Asked,
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{LatentPlace, Projection},
    domain::Heatmap,
};

/// What is remembered of latents.
#[derive(Debug)]
pub(super) struct LatentSights {
    places: Memo<(RunId, Projection), Maybe<Vec<LatentPlace>>>,
    /// As many as a picture has, so that a scale shared by all of them is found once.
    made_from: Memo<(RunId, Projection, BTreeSet<usize>), Maybe<Heatmap>>,
    held: Memo<Asked, Maybe<Vec<f64>>>,
}

impl Default for LatentSights {
    fn default() -> Self {
        Self { places: Memo::new(4), made_from: Memo::new(256), held: Memo::new(16) }
    }
}

impl AppState {
    /// How surely each latent of a run has a place, on the chosen way back.
    pub fn latent_places(&self, id: RunId) -> Option<Arc<Maybe<Vec<LatentPlace>>>> {
        let projector = self.projector(id)?;
        let key = (id, self.workspace.view.projection);
        Some(self.derived.sights.latents.places.get(key, || match projector.as_ref() {
            Ok(projector) => Ok(projector.latents()),
            Err(why) => Err(why.clone()),
        }))
    }

    /// Where some latents were made from; none for none.
    pub(super) fn made_from(
        &self,
        id: RunId,
        latents: &BTreeSet<usize>,
    ) -> Option<Arc<Maybe<Heatmap>>> {
        if latents.is_empty() {
            return None;
        }
        let projector = self.projector(id)?;
        let key = (id, self.workspace.view.projection, latents.clone());
        Some(self.derived.sights.latents.made_from.get(key, || {
            let projector = projector.as_ref().as_ref().map_err(Clone::clone)?;
            let latents: Vec<usize> = latents.iter().copied().collect();
            projector.made_from(&latents).map_err(|error| error.to_string())
        }))
    }

    /// The part of a subject's map that each latent holds before it is carried back; they sum to 1.
    /// None without a map of attention, or where nothing is held.
    pub fn latent_parts(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<Vec<f64>>>> {
        let asked = self.asked_as_chosen(id, subject)?.ok()?;
        Some(self.derived.sights.latents.held.get(asked.clone(), || {
            self.with_projector(&asked, |projector, run| {
                let held =
                    projector.held(run, &asked.request).map_err(|error| error.to_string())?;
                let sum: f64 = held.iter().sum();
                if sum > 0.0 {
                    Ok(held.into_iter().map(|part| part / sum).collect())
                } else {
                    Err("the mask closes this map, so no latent holds any of it".to_owned())
                }
            })
        }))
    }
}
