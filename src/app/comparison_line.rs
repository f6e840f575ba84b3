//! Two runs beside each other, as a command line that compares them again.

use std::collections::BTreeSet;

use super::{
    AppState, RunId,
    beside::same_word,
    command_line::{Line, model_anywhere, named},
    jobs::Answered,
    workspace::Subject,
};
use crate::{
    analysis::Projection,
    domain::{Choice, MapKind, Reading, TaggedWord, TokenRow},
};

impl AppState {
    /// A run and the one beside it, as `aki-lens compare`; none where it stands alone.
    ///
    /// # Errors
    /// As [`AppState::command_line`].
    pub(super) fn comparison_line(
        &self,
        id: RunId,
        leaves_out: &mut Vec<String>,
    ) -> Result<Option<Line>, String> {
        let sides = self.workspace.beside.and_then(|beside| {
            let [left, right] = [id, beside].map(|id| self.run_of(id));
            Some((left?, right?))
        });
        let Some((left, right)) = sides else { return Ok(None) };
        if left.picture.checksum() != right.picture.checksum() {
            leaves_out.push("the run beside it, which is of another picture".to_owned());
            return Ok(None);
        }
        let mut line = Line::of("compare");
        line.flag("--image", &self.picture_file(id)?);
        line.flag("--question", &left.run.question);
        if right.run.question != left.run.question {
            line.flag("--right-question", &right.run.question);
        }
        for (flag, side) in [("--left", left), ("--right", right)] {
            line.flag(flag, &format!("{}:{}", model_anywhere(&side.model), side.run.mode));
        }
        self.add_asking(&mut line, &[left, right], leaves_out);
        self.add_reading(&mut line, id)?;
        self.add_compared_map(&mut line, (left, right), leaves_out);
        line.flag("--figure", "compared.png");
        Ok(Some(line))
    }

    /// The map of both sides, which `compare` always reads in one way.
    fn add_compared_map(
        &self,
        line: &mut Line,
        (left, right): (&Answered, &Answered),
        leaves_out: &mut Vec<String>,
    ) {
        let (view, selection) = (&self.workspace.view, &self.workspace.selection);
        let [words, others] = [left, right].map(|side| &side.words.words[..]);
        if let Subject::Words(set) = &selection.subject
            && let Some(word) = set.iter().find(|word| same_word(**word, words, others).is_none())
        {
            let word = named(words, *word);
            leaves_out.push(format!(
                "the maps of the comparison, since the question on the right has no word \
                 \u{201c}{word}\u{201d}"
            ));
            return;
        }
        let only = |set: &BTreeSet<usize>| set.first().copied().filter(|_| set.len() == 1);
        let map = match &selection.subject {
            Subject::Nothing => return,
            Subject::Words(set) => only(set).map(|word| match view.word_map {
                MapKind::ReadBy => format!("read-by:{}", named_in_both(words, others, word)),
                _ => format!("looks-at:{}", named_in_both(words, others, word)),
            }),
            Subject::Answer(set) => (only(set) == Some(0)
                && view.token_row == TokenRow::WhileChoosing)
                .then(|| "answered-from".to_owned()),
            Subject::Latents(_) => None,
        };
        let Some(map) = map else {
            leaves_out.push(
                "the maps of the comparison (it draws those of one word, or of the answer's first \
                 token)"
                    .to_owned(),
            );
            return;
        };
        line.flag("--map", &map);
        let is_read_alike = view.reading == Reading::Mass
            && view.projection == Projection::Composed
            && !view.without_sinks
            && (&selection.layers, &selection.heads) == (&Choice::All, &Choice::All);
        if !is_read_alike {
            leaves_out.push(
                "how the maps of the comparison are read (it draws their mass, through all layers of \
                 the resampler, over all layers and heads, with sinks)"
                    .to_owned(),
            );
        }
    }
}

/// A word as both sides find the same one: by its place where it stands twice on either of them.
fn named_in_both(words: &[TaggedWord], others: &[TaggedWord], word_idx: usize) -> String {
    let name = named(words, word_idx);
    let its = same_word(word_idx, words, others).map(|i| named(others, i));
    its.filter(|its| its.len() > name.len()).unwrap_or(name)
}
