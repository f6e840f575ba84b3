//! Two runs side by side: their maps of one subject on one scale, and what separates them.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    command_line::named,
    derived::Maybe,
    memo::{Memo, Same},
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::map_difference,
    domain::{Heatmap, TaggedWord, ValueScale},
};

type Shared = Arc<Maybe<Heatmap>>;

/// Two maps, left and right, as far as there are any.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Each side's map, or why it has none.
    pub maps: [Option<Shared>; 2],
    /// What each side's map is of, in words of its own run.
    pub titles: [String; 2],
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
    /// The maps of one subject of the left run in both runs. A token that an answer does not have is left
    /// out there.
    pub fn compared(&self, ids: [RunId; 2], subject: &Subject) -> Compared {
        let subjects = ids.map(|id| self.counterpart([ids[0], id], subject));
        let title = |(id, subject): (RunId, &Maybe<Subject>)| match subject {
            Ok(subject) => self.title_of(id, subject),
            Err(_) => "nothing".to_owned(),
        };
        let titles = [title((ids[0], &subjects[0])), title((ids[1], &subjects[1]))];
        let map = |(id, subject): (RunId, &Maybe<Subject>)| match subject {
            Ok(subject) => self.heatmap(id, subject),
            Err(why) => Some(Arc::new(Err(why.clone()))),
        };
        let maps = [map((ids[0], &subjects[0])), map((ids[1], &subjects[1]))];
        let made = maps.iter().flatten().filter_map(|map| map.as_ref().as_ref().ok());
        // Maps of nothing but zeros have no scale of their own.
        let scale = ValueScale::over(made).filter(|scale| scale.low < scale.high);
        let scale = scale.unwrap_or(ValueScale { low: 0.0, high: 1.0 });
        let difference = match &maps {
            [Some(left), Some(right)] => Some(self.difference(ids, [left, right])),
            _ => None,
        };
        let values = difference.as_deref().and_then(|map| map.as_ref().ok());
        let reach = values.and_then(Heatmap::range).map_or(0.0, |(low, high)| high.max(-low));
        Compared { maps, titles, scale: (scale.low, scale.high), difference, reach }
    }

    /// Whether two runs are of the very same picture.
    pub fn is_of_one_picture(&self, ids: [RunId; 2]) -> bool {
        let [left, right] = ids.map(|id| self.run_of(id).map(|run| run.picture.checksum()));
        left == right
    }

    fn difference(&self, ids: [RunId; 2], [left, right]: [&Shared; 2]) -> Shared {
        // Only maps are remembered: a reason is made anew each time, and would push them out.
        let no_difference = |why: &str| Arc::new(Err(why.to_owned()));
        let (its_left, its_right) = match (left.as_ref(), right.as_ref()) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(why), _) | (_, Err(why)) => return no_difference(why),
        };
        if !self.is_of_one_picture(ids) {
            return no_difference(
                "the sides are of two pictures: a patch of one is no patch of the other, so nothing is \
                 subtracted",
            );
        }
        let key = [Same(Arc::clone(left)), Same(Arc::clone(right))];
        self.derived.differences.0.get(key, || {
            let values = map_difference(its_left, its_right)
                .map_err(|why| format!("the sides cannot be subtracted: {why}"))?;
            Ok(Heatmap::new(its_right.patches, values, its_right.kind, its_right.reading))
        })
    }

    /// What a subject of one run is in another: words by their text and by which of its occurrences they
    /// are, since the question may be another one; tokens and latents by their numbers.
    ///
    /// # Errors
    /// Which of it the other run does not have.
    pub(super) fn counterpart(
        &self,
        [from, to]: [RunId; 2],
        subject: &Subject,
    ) -> Result<Subject, String> {
        let (Some(from), Some(its)) = (self.run_of(from), self.run_of(to)) else {
            return Err(format!("there is no {to}"));
        };
        let below = |set: &BTreeSet<usize>, n: usize, what: &str| {
            let found: BTreeSet<usize> = set.iter().copied().filter(|i| *i < n).collect();
            if found.is_empty() { Err(format!("{to} has no such {what}")) } else { Ok(found) }
        };
        match subject {
            Subject::Nothing => Ok(Subject::Nothing),
            Subject::Words(set) => {
                let (words, others) = (&from.words.words, &its.words.words);
                let known = set.iter().copied().filter(|i| *i < words.len());
                let found = known.map(|i| {
                    same_word(i, words, others).ok_or_else(|| {
                        format!(
                            "the question of {to} has no word \u{201c}{}\u{201d}",
                            named(words, i)
                        )
                    })
                });
                found.collect::<Result<_, _>>().map(Subject::Words)
            }
            Subject::Answer(set) => {
                below(set, its.token_texts.len(), "token in its answer").map(Subject::Answer)
            }
            Subject::Latents(set) => {
                below(set, its.run.prompt.layout.image().len(), "latent").map(Subject::Latents)
            }
        }
    }
}

/// The word of a question that a word of another stands for: the same text, as often there before it.
pub(super) fn same_word(
    word_idx: usize,
    words: &[TaggedWord],
    others: &[TaggedWord],
) -> Option<usize> {
    let word = words.get(word_idx)?;
    let is_same = |other: &&TaggedWord| other.text.eq_ignore_ascii_case(&word.text);
    let n_before = words[..word_idx].iter().filter(is_same).count();
    let found = others.iter().enumerate().filter(|(_, other)| is_same(other));
    found.map(|(i, _)| i).nth(n_before)
}
