//! What follows from a run and the selection, computed when first asked for and then remembered.

use std::sync::Arc;

use super::{
    beside::Differences,
    finding_figures::FindingMaps,
    frame_work::FrameWork,
    jobs::{Answered, Reading},
    memo::{Memo, Same},
    sight::Sights,
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{
        BucketChart, BucketRows, ByBucket, Entities, EntityMap, EntityReading, MapRequest, Per,
        Projection, RunGroup, Words, bucket_figure, entity_map,
    },
    domain::{
        Bucket, BucketEdits, CaptionField, Choice, Coverage, Figure, Region, Run, Segment,
        TaggedWord, WordAlignment,
    },
    text::align,
};

/// A result, or why there is none.
pub type Maybe<T> = Result<T, String>;

/// The question's words with a person's corrections, on the prompt's positions.
#[derive(Clone, Debug)]
pub struct EditedWords {
    /// The words.
    pub words: Vec<TaggedWord>,
    /// Where they stand.
    pub alignment: WordAlignment,
}

type BarsKey = (RunId, Choice, Choice, Reading, BucketEdits);
type SegmentsKey = (RunId, Vec<usize>, Choice);
/// A run, the regions by their names and shares, how latents are carried back, what is asked of the
/// run, the corrections.
type MatrixKey =
    (RunId, Vec<String>, Same<Coverage>, Projection, (MapRequest, EntityReading), BucketEdits);
type SegmentMass = Vec<(Segment, Vec<f64>)>;

/// Remembered results.
#[derive(Debug)]
pub struct Derived {
    words: Memo<(RunId, BucketEdits), Maybe<EditedWords>>,
    /// What this frame has computed of what can wait.
    pub(super) frame: FrameWork,
    pub(super) sights: Sights,
    pub(super) differences: Differences,
    bars: Memo<BarsKey, Maybe<Figure>>,
    /// By corrected buckets.
    bucket_rows: Memo<(RunId, Vec<Option<Bucket>>), Maybe<BucketRows>>,
    segments: Memo<SegmentsKey, Maybe<SegmentMass>>,
    matrices: Memo<MatrixKey, Maybe<EntityMap>>,
    /// Of findings, by their numbers.
    pub(super) tables: Memo<usize, Maybe<Figure>>,
    pub(super) finding_maps: Memo<usize, FindingMaps>,
}

impl Default for Derived {
    fn default() -> Self {
        Self {
            words: Memo::new(8),
            frame: FrameWork::default(),
            sights: Sights::default(),
            differences: Differences::default(),
            bars: Memo::new(16),
            bucket_rows: Memo::new(2),
            segments: Memo::new(16),
            matrices: Memo::new(8),
            tables: Memo::new(8),
            finding_maps: Memo::new(4),
        }
    }
}

impl AppState {
    /// The words of a run's question, with a person's corrections.
    pub fn words(&self, id: RunId) -> Option<Arc<Maybe<EditedWords>>> {
        let answered = self.run_of(id)?;
        let edits = self.workspace.edits_of(id);
        Some(self.derived.words.get((id, edits.clone()), || edited(answered, &edits)))
    }

    /// The positions that a subject stands for: of the prompt, or tokens of the answer.
    pub(super) fn positions(&self, id: RunId, subject: &Subject) -> Vec<usize> {
        match subject {
            // Latents are no rows or columns that a person asks of: their map is the resampler's.
            Subject::Nothing | Subject::Latents(_) => Vec::new(),
            Subject::Answer(tokens) => tokens.iter().copied().collect(),
            Subject::Words(words) => {
                let Some(Ok(known)) = self.words(id).as_deref().cloned() else { return Vec::new() };
                let of =
                    |word: &usize| known.alignment.positions_of_word(*word).collect::<Vec<_>>();
                let mut positions: Vec<usize> = words.iter().flat_map(of).collect();
                positions.sort_unstable();
                positions.dedup();
                positions
            }
        }
    }

    /// Attention from the picture to the words, by bucket, as a figure.
    pub fn bars(&self, id: RunId) -> Option<Arc<Maybe<Figure>>> {
        let answered = Arc::clone(self.run_of(id)?);
        let words = self.words(id)?;
        let selection = &self.workspace.selection;
        let reading = self.workspace.view.reading;
        let edits = self.workspace.edits_of(id);
        let (layers, heads) = (selection.layers.clone(), selection.heads.clone());
        let key = (id, layers.clone(), heads.clone(), reading, edits);
        Some(self.derived.bars.get(key, || {
            let words = words.as_ref().as_ref().map_err(Clone::clone)?;
            let rows = self.bucket_rows(id, &answered, words);
            let rows = rows.as_ref().as_ref().map_err(Clone::clone)?;
            let read = rows.read(&layers, &heads).map_err(|error| error.to_string())?;
            bars_of(&answered, words, &read, reading)
        }))
    }

    /// What the picture's rows pay to each bucket: of the words as they were tagged it was read with the run.
    fn bucket_rows(
        &self,
        id: RunId,
        answered: &Answered,
        known: &EditedWords,
    ) -> Arc<Maybe<BucketRows>> {
        let buckets: Vec<Option<Bucket>> =
            known.alignment.positions.iter().map(|at| at.bucket).collect();
        if buckets == answered.words.buckets() {
            return answered.bucket_rows();
        }
        let key = (id, buckets.clone());
        self.derived.bucket_rows.get(key, || answered.read_buckets(&buckets))
    }

    /// Regions by words: of the words' map, what each region gets, as [`super::ViewChoice::reading_of_regions`]
    /// says; none without regions.
    pub fn entity_matrix(&self, id: RunId) -> Option<Arc<Maybe<EntityMap>>> {
        let answered = Arc::clone(self.run_of(id)?);
        let regions = self.regions.as_ref()?;
        let coverage = regions.coverage.clone()?;
        let names: Vec<String> = regions.set.regions().iter().map(Region::name).collect();
        let (selection, view) = (&self.workspace.selection, &self.workspace.view);
        let (layers, heads) = (selection.layers.clone(), selection.heads.clone());
        let sinks = match self.sink_policy(id) {
            Ok(sinks) => sinks,
            Err(why) => return Some(Arc::new(Err(why))),
        };
        let request =
            MapRequest { layers, heads, sinks, ..MapRequest::new(view.word_map, Vec::new()) };
        let (shares, edits) = (Same(Arc::clone(&coverage)), self.workspace.edits_of(id));
        let reading = view.reading_of_regions();
        let how = (request.clone(), reading);
        let key = (id, names.clone(), shares, view.projection, how, edits);
        let (words, projector) = (self.words(id)?, self.projector(id)?);
        let by_region = self.latents_by_region(id, &coverage)?;
        Some(self.derived.matrices.get(key, || {
            let projector = projector.as_ref().as_ref().map_err(Clone::clone)?;
            let known = words.as_ref().as_ref().map_err(Clone::clone)?;
            let by_region = by_region.as_ref().as_ref().map_err(Clone::clone)?;
            // It does not wait, but what can wait does.
            self.derived.frame.spend(Self::work_of_matrix(&answered.run, names.len()));
            let entities = Entities { names: &names, by_region };
            let words = Words { words: &known.words, alignment: &known.alignment };
            let model = CaptionField::new("model", answered.model.clone());
            let read = (&request, reading);
            entity_map(projector, &answered.run, entities, words, read, vec![model])
                .map_err(|e| e.to_string())
        }))
    }

    /// What the answer's rows pay to each part of the sequence, layer by layer. A chosen part of the
    /// answer stands for all of it.
    pub fn mass_by_segment(&self, id: RunId) -> Option<Arc<Maybe<SegmentMass>>> {
        let answered = self.run_of(id)?;
        let tokens: Vec<usize> = match &self.workspace.selection.subject {
            Subject::Answer(tokens) => tokens.iter().copied().collect(),
            _ => (0..answered.token_texts.len()).collect(),
        };
        let heads = self.workspace.selection.heads.clone();
        Some(self.derived.segments.get((id, tokens.clone(), heads.clone()), || {
            let rows = answered.answer_rows();
            let rows = rows.as_ref().as_ref().map_err(Clone::clone)?;
            rows.mass(&answered.run, &tokens, &heads).map_err(|error| error.to_string())
        }))
    }
}

fn edited(answered: &Answered, edits: &BucketEdits) -> Maybe<EditedWords> {
    let words = edits.apply(&answered.words.words).map_err(|error| error.to_string())?;
    let alignment = align(&answered.run.prompt, &words).map_err(|error| error.to_string())?;
    Ok(EditedWords { words, alignment })
}

fn bars_of(
    answered: &Answered,
    known: &EditedWords,
    read: &ByBucket,
    reading: Reading,
) -> Maybe<Figure> {
    let run: &Run = &answered.run;
    let mut chart = BucketChart::of(reading);
    chart.per = Per::Bucket;
    chart.about = vec![
        CaptionField::new("model", answered.model.clone()),
        CaptionField::new("attention", run.mode.to_string()),
        CaptionField::new("question", run.question.clone()),
        CaptionField::new("tagger", answered.words.tagger.to_string()),
    ];
    chart.n_edited_words = known.words.iter().filter(|word| word.edited).count();
    let name = run.mode.to_string();
    let group = RunGroup { name: &name, runs: std::slice::from_ref(read) };
    bucket_figure(&[group], &chart).map(Figure::Bars).map_err(|error| error.to_string())
}
