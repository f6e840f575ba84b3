//! How strongly each word of the question attends to a place of the picture.

use super::{
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::domain::Reading;

/// What each word pays to a place of the picture, or gets from there: as the words' maps say it.
#[derive(Clone, Debug, PartialEq)]
pub struct WordLights {
    /// How it is read: a region's attention as mass, unless lift is chosen.
    pub reading: Reading,
    /// Word by word; none where the mask closes the map, or no frame had time for it yet.
    pub values: Vec<Option<f64>>,
}

impl WordLights {
    /// The largest value.
    pub fn top(&self) -> f64 {
        self.values.iter().flatten().copied().fold(0.0, f64::max)
    }

    /// A word's value as a part of the largest, 0 to 1; none where no word attends to the place.
    pub fn part(&self, word: usize) -> Option<f64> {
        let top = self.top();
        let value = self.values.get(word)?.unwrap_or(0.0);
        (top > 0.0).then_some(value / top)
    }
}

impl AppState {
    /// How strongly each word attends to a patch. Words whose maps this frame has no time for are dark
    /// until the next.
    pub fn words_at(&self, id: RunId, patch: usize) -> WordLights {
        let reading = self.workspace.view.reading;
        self.word_lights(id, reading, &|word| {
            let map = self.heatmap_in_time(id, word)?;
            let map = map.as_ref().as_ref().ok()?;
            if patch >= map.values.len() || map.by_construction {
                return None;
            }
            map.value(patch)
        })
    }

    /// How strongly each word attends to a region.
    pub fn words_at_region(&self, id: RunId, region: usize) -> WordLights {
        let is_lift = self.workspace.view.reading == Reading::Lift;
        let reading = if is_lift { Reading::Lift } else { Reading::Mass };
        self.word_lights(id, reading, &|word| {
            let weights = self.region_weights_in_time(id, word)?;
            let weight = weights.as_ref().as_ref().ok()?.get(region)?;
            if is_lift { weight.lift } else { weight.mass }
        })
    }

    fn word_lights(
        &self,
        id: RunId,
        reading: Reading,
        value: &dyn Fn(&Subject) -> Option<f64>,
    ) -> WordLights {
        let n = self.run_of(id).map_or(0, |answered| answered.words.words.len());
        WordLights { reading, values: (0..n).map(|word| value(&Subject::word(word))).collect() }
    }
}
