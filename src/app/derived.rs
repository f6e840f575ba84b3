//! What follows from a run and the selection, computed when first asked for and then remembered.

use std::sync::Arc;

use super::{
    jobs::{Answered, Reading},
    memo::Memo,
    sight::{self, MapOf, mass_by_segment},
    state::AppState,
    workspace::{RunId, Subject},
};
use crate::{
    analysis::{
        BucketChart, BucketSpec, Entities, EntityReading, MapRequest, Per, Projection, Projector,
        RunGroup, Words, bucket_figure, by_bucket, entity_map, resampler_patterns,
    },
    domain::{
        Bucket, BucketEdits, CaptionField, Choice, Figure, Grid, Heatmap, MapKind, MatrixFigure,
        Region, Run, Segment, TaggedWord, TokenRow, WordAlignment,
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

/// A map of each recorded layer and head.
#[derive(Clone, Debug)]
pub struct HeadMaps {
    /// The layers.
    pub layers: Vec<usize>,
    /// The heads.
    pub heads: Vec<usize>,
    /// The patches of each.
    pub patches: Grid,
    /// Values of each, layer by layer and in it head by head.
    pub values: Vec<Vec<f64>>,
    /// Mass of each on the picture, with what stays on latents.
    pub sums: Vec<f64>,
}

type BarsKey = (RunId, Choice, Choice, Reading, BucketEdits);
type SegmentsKey = (RunId, Vec<usize>, Choice, TokenRow);
/// A run, the regions by their names and shares, the map, layers and heads, the corrections.
type MatrixKey = (RunId, Vec<String>, Vec<f32>, MapKind, Choice, Choice, BucketEdits);
type SegmentMass = Vec<(Segment, Vec<f64>)>;

/// Remembered results.
#[derive(Debug)]
pub struct Derived {
    resampler: Memo<RunId, Option<Vec<Vec<f64>>>>,
    words: Memo<(RunId, BucketEdits), Maybe<EditedWords>>,
    maps: Memo<(RunId, MapOf), Maybe<Heatmap>>,
    grids: Memo<(RunId, MapKind, Vec<usize>), Maybe<HeadMaps>>,
    bars: Memo<BarsKey, Maybe<Figure>>,
    segments: Memo<SegmentsKey, Maybe<SegmentMass>>,
    projectors: Memo<RunId, Maybe<Projector>>,
    matrices: Memo<MatrixKey, Maybe<MatrixFigure>>,
}

impl Default for Derived {
    fn default() -> Self {
        Self {
            resampler: Memo::new(4),
            words: Memo::new(8),
            maps: Memo::new(256),
            grids: Memo::new(16),
            bars: Memo::new(16),
            segments: Memo::new(16),
            projectors: Memo::new(4),
            matrices: Memo::new(8),
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
    fn positions(&self, id: RunId, subject: &Subject) -> Vec<usize> {
        match subject {
            Subject::Nothing => Vec::new(),
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

    /// The map of a subject in a run, over the chosen layers and heads; none for nothing.
    pub fn heatmap(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<Heatmap>>> {
        let selection = &self.workspace.selection;
        let choice = (selection.layers.clone(), selection.heads.clone());
        self.heatmap_of(id, subject, choice)
    }

    fn heatmap_of(
        &self,
        id: RunId,
        subject: &Subject,
        (layers, heads): (Choice, Choice),
    ) -> Option<Arc<Maybe<Heatmap>>> {
        let run = &self.run_of(id)?.run;
        let positions = self.positions(id, subject);
        if positions.is_empty() {
            return None;
        }
        let of = MapOf { kind: self.workspace.view.map_kind(subject), positions, layers, heads };
        Some(self.derived.maps.get((id, of.clone()), || {
            let resampler = self.derived.resampler.get(id, || resampler_patterns(run));
            let Some(resampler) = resampler.as_ref() else {
                return Err(
                    "the resampler's weights were not recorded, so latents have no place in \
                            the picture; record them and ask again"
                        .to_owned(),
                );
            };
            sight::heatmap(run, resampler, &of)
        }))
    }

    /// The largest value among the maps of all words, or of all tokens of the answer.
    pub fn shared_top(&self, id: RunId, subject: &Subject) -> f64 {
        let Some(answered) = self.run_of(id) else { return 0.0 };
        let all: Vec<Subject> = match subject {
            Subject::Answer(_) => (0..answered.token_texts.len()).map(Subject::token).collect(),
            _ => (0..answered.words.words.len()).map(Subject::word).collect(),
        };
        let top = |subject: &Subject| match self.heatmap(id, subject).as_deref() {
            Some(Ok(map)) => map.range().map_or(0.0, |(_, high)| high),
            _ => 0.0,
        };
        all.iter().chain([subject]).map(top).fold(0.0, f64::max)
    }

    /// The map of each layer and head.
    pub fn head_maps(&self, id: RunId, subject: &Subject) -> Option<Arc<Maybe<HeadMaps>>> {
        let run = &self.run_of(id)?.run;
        let positions = self.positions(id, subject);
        if positions.is_empty() {
            return None;
        }
        let kind = self.workspace.view.map_kind(subject);
        Some(self.derived.grids.get((id, kind, positions), || {
            let (layers, heads) = sight::recorded(run);
            let mut made = HeadMaps {
                layers: layers.clone(),
                heads: heads.clone(),
                patches: run.patches,
                values: Vec::new(),
                sums: Vec::new(),
            };
            for layer in &layers {
                for head in &heads {
                    let one = (Choice::Only(vec![*layer]), Choice::Only(vec![*head]));
                    let map = self.heatmap_of(id, subject, one);
                    let map = map.ok_or("nothing is chosen")?;
                    let map = map.as_ref().as_ref().map_err(Clone::clone)?;
                    made.values.push(map.values.clone());
                    made.sums.push(map.values.iter().sum::<f64>() + map.unplaced);
                }
            }
            Ok(made)
        }))
    }

    /// Attention from the picture to the words, by bucket, as a figure.
    pub fn bars(&self, id: RunId) -> Option<Arc<Maybe<Figure>>> {
        let answered = Arc::clone(self.run_of(id)?);
        let words = self.words(id)?;
        let selection = &self.workspace.selection;
        let reading = self.workspace.view.reading;
        let edits = self.workspace.edits_of(id);
        let key = (id, selection.layers.clone(), selection.heads.clone(), reading, edits);
        Some(self.derived.bars.get(key.clone(), || {
            let words = words.as_ref().as_ref().map_err(Clone::clone)?;
            let spec = BucketSpec { layers: key.1, heads: key.2, ..BucketSpec::default() };
            bars_of(&answered, words, &spec, reading)
        }))
    }

    /// Regions by words: lift of the words' map in each region; none without regions.
    pub fn entity_matrix(&self, id: RunId) -> Option<Arc<Maybe<MatrixFigure>>> {
        let answered = Arc::clone(self.run_of(id)?);
        let regions = self.regions.as_ref()?;
        let coverage = regions.coverage.clone()?;
        let names: Vec<String> = regions.set.regions().iter().map(Region::name).collect();
        let selection = &self.workspace.selection;
        let (layers, heads) = (selection.layers.clone(), selection.heads.clone());
        let kind = self.workspace.view.word_map;
        let (shares, edits) = (coverage.shares.clone(), self.workspace.edits_of(id));
        let key = (id, names.clone(), shares, kind, layers.clone(), heads.clone(), edits);
        let words = self.words(id)?;
        Some(self.derived.matrices.get(key, || {
            let projector = self.derived.projectors.get(id, || {
                Projector::new(&answered.run, Projection::Composed).map_err(|e| e.to_string())
            });
            let projector = projector.as_ref().as_ref().map_err(Clone::clone)?;
            let known = words.as_ref().as_ref().map_err(Clone::clone)?;
            let request = MapRequest { layers, heads, ..MapRequest::new(kind, Vec::new()) };
            let entities = Entities { names: &names, coverage: &coverage };
            let words = Words { words: &known.words, alignment: &known.alignment };
            let model = CaptionField { name: "model".to_owned(), value: answered.model.clone() };
            let read = (&request, EntityReading::Lift);
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
        let row = TokenRow::WhileChoosing;
        Some(self.derived.segments.get((id, tokens.clone(), heads.clone(), row), || {
            mass_by_segment(&answered.run, &tokens, &heads, row)
        }))
    }

    /// How strongly each word attends to a patch, as parts of the strongest; none where there is no
    /// map.
    pub fn words_at(&self, id: RunId, patch: usize) -> Vec<f32> {
        self.words_over(id, &|map| map.value(patch).unwrap_or(0.0))
    }

    /// How strongly each word attends to a region, as parts of the strongest.
    pub fn words_at_region(&self, id: RunId, region: usize) -> Vec<f32> {
        let coverage = self.regions.as_ref().and_then(|regions| regions.coverage.clone());
        let Some(coverage) = coverage else { return Vec::new() };
        if (region + 1) * coverage.n_patches > coverage.shares.len() {
            return Vec::new();
        }
        let shares = coverage.of_region(region);
        self.words_over(id, &|map| inside(map, shares))
    }

    fn words_over(&self, id: RunId, value: &dyn Fn(&Heatmap) -> f64) -> Vec<f32> {
        let Some(answered) = self.run_of(id) else { return Vec::new() };
        let at = |word| match self.heatmap(id, &Subject::word(word)).as_deref() {
            Some(Ok(map)) => value(map),
            _ => 0.0,
        };
        let values: Vec<f64> = (0..answered.words.words.len()).map(at).collect();
        let top = values.iter().copied().fold(0.0, f64::max);
        if top <= 0.0 {
            return Vec::new();
        }
        values.iter().map(|value| (value / top) as f32).collect()
    }

    /// Of a map's mass on patches, the part inside a region, and that over the region's part of the
    /// area; none where there is no map.
    pub fn region_reading(
        &self,
        id: RunId,
        subject: &Subject,
        region: usize,
    ) -> Option<(f64, f64)> {
        let coverage = self.regions.as_ref()?.coverage.clone()?;
        let map = self.heatmap(id, subject)?;
        let map = map.as_ref().as_ref().ok()?;
        let shares = coverage.of_region(region);
        let placed: f64 = map.values.iter().sum();
        let area = shares.iter().map(|share| f64::from(*share)).sum::<f64>() / shares.len() as f64;
        let part = inside(map, shares) / placed;
        (placed > 0.0 && area > 0.0).then_some((part, part / area))
    }
}

/// Mass of a map inside a region, given the region's share of each patch.
fn inside(map: &Heatmap, shares: &[f32]) -> f64 {
    map.values.iter().zip(shares).map(|(value, share)| value * f64::from(*share)).sum()
}

fn edited(answered: &Answered, edits: &BucketEdits) -> Maybe<EditedWords> {
    let words = edits.apply(&answered.words.words).map_err(|error| error.to_string())?;
    let alignment = align(&answered.run.prompt, &words).map_err(|error| error.to_string())?;
    Ok(EditedWords { words, alignment })
}

fn bars_of(
    answered: &Answered,
    known: &EditedWords,
    spec: &BucketSpec,
    reading: Reading,
) -> Maybe<Figure> {
    let run: &Run = &answered.run;
    let buckets: Vec<Option<Bucket>> =
        known.alignment.positions.iter().map(|at| at.bucket).collect();
    let read = by_bucket(&run.trace, &run.plan, &run.prompt.layout, &buckets, spec)
        .map_err(|error| error.to_string())?;
    let about = |name: &str, value: String| CaptionField { name: name.to_owned(), value };
    let mut chart = BucketChart::of(reading);
    chart.per = Per::Bucket;
    chart.about = vec![
        about("model", answered.model.clone()),
        about("attention", run.mode.to_string()),
        about("question", run.question.clone()),
        about("tagger", answered.words.tagger.to_string()),
    ];
    chart.n_edited_words = known.words.iter().filter(|word| word.edited).count();
    let name = run.mode.to_string();
    let group = RunGroup { name: &name, runs: std::slice::from_ref(&read) };
    bucket_figure(&[group], &chart).map(Figure::Bars).map_err(|error| error.to_string())
}
