//! The resampler as the window shows it: where each latent comes from, how surely, and what it holds of
//! the map that is looked at.

use std::sync::Arc;

use super::{
    derived::Maybe,
    memo::Memo,
    sight::Asked,
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::analysis::{LatentPlace, Projection};

/// What is remembered of latents.
#[derive(Debug)]
pub(super) struct LatentSights {
    places: Memo<(RunId, Projection), Maybe<Vec<LatentPlace>>>,
    held: Memo<Asked, Maybe<Vec<f64>>>,
}

impl Default for LatentSights {
    fn default() -> Self {
        Self { places: Memo::new(4), held: Memo::new(16) }
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
