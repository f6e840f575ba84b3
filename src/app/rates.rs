//! How often maps such as the one that is shown were seen to point at the thing.

use super::{
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{Words, measured_pointing},
    domain::Pointing,
};

impl AppState {
    /// The rate of the map that is shown, where it was measured for these weights under this mask.
    pub fn pointing_of(&self, id: RunId, subject: &Subject) -> Option<Pointing> {
        let rates = self.run_of(id)?.pointing.as_ref()?;
        let asked = self.asked_as_chosen(id, subject)?.ok()?;
        let words = self.words(id)?;
        let words = words.as_ref().as_ref().ok()?;
        let words = Words { words: &words.words, alignment: &words.alignment };
        measured_pointing(rates, &asked.request, self.workspace.view.projection, words)
    }
}
