//! A run of the window examined: attention taken away from the very answer that is looked at.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Result, bail};

use super::{
    answer::Answered,
    knock_parts::Part,
    knockout::{Knockout, KnockoutReport, knockout_of},
    knockout_sweep::{KnockoutSweep, KnockoutSweepReport, SweepOver, knockout_sweep_of},
    model_slot::{LoadedModel, ModelSlot},
    patch_map::MapAsked,
    question_words::QuestionWords,
    regions::RegionSource,
    subject::{Subject, SubjectRequest},
    trained_under::TrainedUnder,
};
use crate::{
    domain::{BucketEdits, Choice, OnProgress, RegionSet},
    model::DeviceChoice,
    text::align,
};

/// What is taken away from whom.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseChoice {
    /// Who loses sight.
    pub rows: Part,
    /// What is no longer seen.
    pub columns: Part,
    /// In which decoder layers.
    pub layers: Choice,
    /// A latent belongs to a region where at least this part of its placed mass lies inside.
    pub region_share: f64,
    /// Which map is shown before and after.
    pub map: MapAsked,
    /// Taken away once; or one after another of these.
    pub sweep: Option<SweepChoice>,
}

/// What is gone through, and how its control is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepChoice {
    /// What is gone through.
    pub over: SweepOver,
    /// Layers of a window; `None` for a quarter of the decoder.
    pub window: Option<usize>,
    /// Random sets of as many positions, for each entry.
    pub draws: usize,
    /// Where the random numbers start.
    pub seed: u64,
}

/// A run to examine.
#[derive(Clone, Debug)]
pub struct CauseRequest {
    /// The run.
    pub answered: Arc<Answered>,
    /// A person's corrections of its words.
    pub edits: BucketEdits,
    /// The regions of its picture, overlaps treated.
    pub regions: Option<Arc<RegionSet>>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// What is taken away.
    pub choice: CauseChoice,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum CauseReport {
    /// Of one knock-out.
    Knockout(Box<KnockoutReport>),
    /// Of many.
    Sweep(Box<KnockoutSweepReport>),
}

/// Takes attention away from a run with the loaded model, or loads the run's own.
///
/// # Errors
/// A model that is not there any more or has other weights; a part that the prompt does not have;
/// nothing to take away; `stopped`.
pub fn find_cause(
    slot: &mut ModelSlot,
    request: &CauseRequest,
    on_progress: OnProgress<'_>,
) -> Result<CauseReport> {
    let mut loaded = slot.take(&request.answered.model, request.device, on_progress)?;
    let found = examine(&mut loaded, request, on_progress);
    slot.put(loaded);
    found
}

fn examine(
    loaded: &mut LoadedModel,
    request: &CauseRequest,
    on_progress: OnProgress<'_>,
) -> Result<CauseReport> {
    let answered = &request.answered;
    if let Some(weights) = answered.weights.as_ref().filter(|weights| **weights != loaded.weights) {
        bail!(
            "this run was made with other weights than {} has now ({weights}, not {}); ask its \
             question again first",
            loaded.name,
            loaded.weights
        );
    }
    let subject = subject(loaded, request, on_progress)?;
    let CauseChoice { rows, columns, layers, region_share, map, sweep } = request.choice.clone();
    let knockout = Knockout {
        subject: subject_request(&subject, request),
        rows,
        columns,
        layers,
        regions: RegionSource { set: request.regions.clone(), ..RegionSource::default() },
        region_share,
        map,
    };
    let Some(SweepChoice { over, window, draws, seed }) = sweep else {
        let report = knockout_of(&subject, &knockout, on_progress)?;
        return Ok(CauseReport::Knockout(Box::new(report)));
    };
    let sweep = KnockoutSweep { knockout, over, window, draws, seed };
    Ok(CauseReport::Sweep(Box::new(knockout_sweep_of(&subject, &sweep, on_progress)?)))
}

/// The run as a subject: the answer as it came, its picture encoded anew, its words as corrected.
fn subject<'e>(
    loaded: &'e mut LoadedModel,
    request: &CauseRequest,
    on_progress: OnProgress<'_>,
) -> Result<Subject<'e>> {
    let answered = &request.answered;
    let picture = loaded.encode(&answered.picture, on_progress)?;
    let loaded: &LoadedModel = loaded;
    let run = answered.run.clone();
    let words = request.edits.apply(&answered.words.words)?;
    let alignment = align(&run.prompt, &words)?;
    let words = QuestionWords { tagger: answered.words.tagger, words, alignment, notice: None };
    let score =
        loaded.engine.score(&picture, &run.prompt, &run.plan, &run.answer_ids, on_progress)?;
    Ok(Subject {
        engine: &loaded.engine,
        model: loaded.name.clone(),
        trained: TrainedUnder::of(&loaded.name, &loaded.folder),
        image_path: image_path(answered),
        image: answered.picture.image.clone(),
        picture,
        run,
        words,
        score,
        warnings: Vec::new(),
    })
}

fn image_path(answered: &Answered) -> PathBuf {
    let picture = &answered.picture;
    picture.path.clone().unwrap_or_else(|| PathBuf::from(&picture.name))
}

fn subject_request(subject: &Subject<'_>, request: &CauseRequest) -> SubjectRequest {
    SubjectRequest {
        model: subject.model.clone(),
        image: subject.image_path.clone(),
        question: subject.run.question.clone(),
        mode: subject.run.mode,
        max_new_tokens: request.max_new_tokens,
        dtype: None,
        tagger: subject.words.tagger,
        edits: Vec::new(),
    }
}
