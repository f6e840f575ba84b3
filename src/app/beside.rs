//! Two runs side by side: their maps of one subject on one scale, and what separates them.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    derived::Maybe,
    memo::{Memo, Same},
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::map_difference,
    domain::{Heatmap, ValueScale},
};

type Shared = Arc<Maybe<Heatmap>>;

/// Two maps, left and right, as far as there are any.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Each side's map.
    pub maps: [Option<Shared>; 2],
    /// The scale that both are drawn on: from 0, or the least value below it, to the largest of both.
    pub scale: (f64, f64),
    /// Right less left, or why there is no such map; its reading is that of both sides.
    pub difference: Option<Shared>,
    /// The largest distance of the difference from 0, by which its scale is the same to both sides.
    pub reach: f64,
}

/// Remembered differences, by the very maps that they are of.
#[derive(Debug)]
pub(super) struct Differences(Memo<[Same<Maybe<Heatmap>>; 2], Maybe<Heatmap>>);

impl Default for Differences {
    fn default() -> Self {
        Self(Memo::new(32))
    }
}

impl AppState {
    /// The maps of one subject in two runs. A token that an answer does not have is left out there.
    pub fn compared(&self, ids: [RunId; 2], subject: &Subject) -> Compared {
        let maps = ids.map(|id| self.heatmap(id, &self.within(id, subject)));
        let made = maps.iter().flatten().filter_map(|map| map.as_ref().as_ref().ok());
        let scale = ValueScale::over(made).unwrap_or(ValueScale { low: 0.0, high: 1.0 });
        let difference = match &maps {
            [Some(left), Some(right)] => Some(self.difference(left, right)),
            _ => None,
        };
        let values = difference.as_deref().and_then(|map| map.as_ref().ok());
        let reach = values.and_then(Heatmap::range).map_or(0.0, |(low, high)| high.max(-low));
        Compared { maps, scale: (scale.low, scale.high), difference, reach }
    }

    fn difference(&self, left: &Shared, right: &Shared) -> Shared {
        let key = [Same(Arc::clone(left)), Same(Arc::clone(right))];
        self.derived.differences.0.get(key, || {
            let (left, right) = match (left.as_ref(), right.as_ref()) {
                (Ok(left), Ok(right)) => (left, right),
                (Err(why), _) | (_, Err(why)) => return Err(why.clone()),
            };
            let values = map_difference(left, right)
                .map_err(|why| format!("the sides cannot be subtracted: {why}"))?;
            Ok(Heatmap::new(right.patches, values, right.kind, right.reading))
        })
    }

    /// What of a subject a run has.
    fn within(&self, id: RunId, subject: &Subject) -> Subject {
        let Some(answered) = self.run_of(id) else { return Subject::Nothing };
        let below =
            |set: &BTreeSet<usize>, n: usize| set.iter().copied().filter(|i| *i < n).collect();
        match subject {
            Subject::Nothing => Subject::Nothing,
            Subject::Words(set) => Subject::Words(below(set, answered.words.words.len())),
            Subject::Answer(set) => Subject::Answer(below(set, answered.token_texts.len())),
            Subject::Latents(set) => {
                Subject::Latents(below(set, answered.run.prompt.layout.image().len()))
            }
        }
    }
}
