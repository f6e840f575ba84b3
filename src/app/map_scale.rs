//! Between which numbers the colors of a map run: in the window, and of the same map on paper.

use std::sync::Arc;

use super::{
    derived::Maybe,
    state::AppState,
    workspace::{MapScale, RunId, Subject},
};
use crate::domain::Heatmap;

impl AppState {
    /// The ends of a map's scale as the picture has it, of all that frames had time for so far.
    pub fn map_scale(&self, id: RunId, subject: &Subject, map: &Heatmap) -> (f64, f64) {
        self.scale_below(map, || self.shared_top(id, subject))
    }

    /// The same once every map of a shared scale is made, for what is written down.
    pub(super) fn whole_map_scale(
        &self,
        id: RunId,
        subject: &Subject,
        map: &Heatmap,
    ) -> (f64, f64) {
        self.scale_below(map, || self.whole_top(id, subject))
    }

    fn scale_below(&self, map: &Heatmap, shared_top: impl Fn() -> f64) -> (f64, f64) {
        let (least, most) = map.range().unwrap_or((0.0, 1.0));
        let (low, high) = match self.workspace.view.scale {
            MapScale::Own => (least, most),
            MapScale::Shared => (0.0, shared_top().max(most)),
        };
        // One number is no scale: where a map says the same everywhere, that is its lower end.
        if low < high { (low, high) } else { (low, low + 1.0) }
    }

    /// The largest value among the maps of all words, or of all tokens of the answer, as far as this frame
    /// and those before it had time for them.
    pub fn shared_top(&self, id: RunId, subject: &Subject) -> f64 {
        self.top_of(id, subject, &|subject| self.heatmap_in_time(id, subject))
    }

    /// The same of all of them, however long that takes.
    fn whole_top(&self, id: RunId, subject: &Subject) -> f64 {
        let Some(Ok(mut asked)) = self.asked_of_map(id, subject) else { return 0.0 };
        asked.request.positions.clear();
        // No mean of some maps is above all of them, so it is the same whichever of them is looked at.
        *self
            .derived
            .sights
            .tops
            .get(asked, || self.top_of(id, subject, &|subject| self.heatmap(id, subject)))
    }

    fn top_of(
        &self,
        id: RunId,
        subject: &Subject,
        map: &dyn Fn(&Subject) -> Option<Arc<Maybe<Heatmap>>>,
    ) -> f64 {
        let Some(answered) = self.run_of(id) else { return 0.0 };
        let all: Vec<Subject> = match subject {
            Subject::Latents(_) => {
                (0..answered.run.prompt.layout.image().len()).map(Subject::latent).collect()
            }
            Subject::Answer(_) => (0..answered.token_texts.len()).map(Subject::token).collect(),
            _ => (0..answered.words.words.len()).map(Subject::word).collect(),
        };
        let top = |subject: &Subject| match map(subject).as_deref() {
            Some(Ok(map)) => map.range().map_or(0.0, |(_, high)| high),
            _ => 0.0,
        };
        all.iter().chain([subject]).map(top).fold(0.0, f64::max)
    }
}
