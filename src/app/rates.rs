//! How often maps such as the one that is shown were seen to point at the thing.

use super::{
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::Projection,
    domain::{Bucket, Choice, MapKind, Rate, TokenRow},
};

/// A measured rate, and what it has to be compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointing {
    /// How often the peak of such a map lay on the thing.
    pub rate: Rate,
    /// How often that of a map that gives every latent the same did.
    pub uniform_latents: Rate,
    /// How often a random place would.
    pub chance: f64,
}

impl AppState {
    /// The rate of the map that is shown, where it was measured for these weights under this mask,
    /// for a map of this kind, read in this way: of one word for a thing, or of the first token of
    /// the answer while it was chosen; over all heads, all layers or one, through the whole
    /// resampler, with nothing left out.
    pub fn pointing_of(&self, id: RunId, subject: &Subject) -> Option<Pointing> {
        let rates = self.run_of(id)?.pointing.as_ref()?;
        let (view, selection) = (&self.workspace.view, &self.workspace.selection);
        let is_measured = view.projection == Projection::Composed
            && !view.without_sinks
            && selection.heads == Choice::All;
        if !is_measured {
            return None;
        }
        let layer = match &selection.layers {
            Choice::All => None,
            Choice::Only(chosen) if chosen.len() == 1 => Some(chosen[0]),
            _ => return None,
        };
        let map = match view.map_kind(subject) {
            MapKind::LooksAt if self.is_one_thing(id, subject) => "looks_at",
            MapKind::ReadBy if self.is_one_thing(id, subject) => "read_by",
            MapKind::AnsweredFrom(TokenRow::WhileChoosing) if *subject == Subject::token(0) => {
                "answered_from"
            }
            _ => return None,
        };
        let rate = rates.rate(map, view.reading, layer)?;
        let (uniform_latents, chance) = (rates.uniform_latents, rates.chance);
        Some(Pointing { rate, uniform_latents, chance })
    }

    fn is_one_thing(&self, id: RunId, subject: &Subject) -> bool {
        let Subject::Words(words) = subject else { return false };
        let (Some(known), 1) = (self.words(id), words.len()) else { return false };
        let Ok(known) = known.as_ref() else { return false };
        let word = words.first().and_then(|i| known.words.get(*i));
        word.is_some_and(|word| word.bucket == Bucket::Objects)
    }
}
