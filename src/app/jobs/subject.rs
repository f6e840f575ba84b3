//! A question put once, so that its answer can be examined: model, picture, prompt, answer, words.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{
    model_folder,
    question_words::{QuestionWords, WordEdit, check_edits},
    regions::{RegionSource, read_regions},
    tagging::{TaggerChoice, Tagging},
    trained_under::TrainedUnder,
    world_card::beyond_its_world,
};
use crate::{
    domain::{
        AttentionMode, AttentionPlan, Coverage, Ending, KnockOut, OnProgress, Prompt, RegionSet,
        Run,
    },
    inference::{Asked, EncodedPicture, Engine, RunRequest, Score},
    model::{ComputeDevice, Dtype},
    regions::{Imported, coverage, small_regions},
    text::Tagger,
    vision::{self, DecodedImage},
};

/// What is asked, of what, with what.
#[derive(Clone, Debug)]
pub struct SubjectRequest {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// The picture.
    pub image: PathBuf,
    /// The question.
    pub question: String,
    /// The attention mode.
    pub mode: AttentionMode,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// The type of large matrices; `None` for the file's own.
    pub dtype: Option<Dtype>,
    /// Who tags the question's words.
    pub tagger: TaggerChoice,
    /// Buckets that a person chose.
    pub edits: Vec<WordEdit>,
}

/// A question that was answered, and everything that is needed to answer it again in another way.
#[derive(Debug)]
pub struct Subject<'e> {
    /// The model.
    pub engine: &'e Engine,
    /// As it was named.
    pub model: String,
    /// What is known of its training.
    pub trained: TrainedUnder,
    /// The picture's file.
    pub image_path: PathBuf,
    /// The picture as shown.
    pub image: DecodedImage,
    /// The picture, encoded.
    pub picture: EncodedPicture,
    /// The answer as it came, with its patterns.
    pub run: Run,
    /// The question's words.
    pub words: QuestionWords,
    /// How likely each of its tokens is, teacher-forced: what changes are counted from.
    pub score: Score,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// The regions of a picture, and each one's share of the patches.
#[derive(Clone, Debug)]
pub(super) struct KnownRegions {
    pub set: RegionSet,
    pub coverage: Coverage,
    pub warnings: Vec<String>,
}

/// Loads what a request names. The picture first: it is read at once, and a wrong path should not
/// cost a load.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub(super) fn open_engine(
    request: &SubjectRequest,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<(Engine, DecodedImage, PathBuf)> {
    check_edits(&Tagger::embedded().tag(&request.question), &request.edits)?;
    let folder = model_folder(&request.model)?;
    let image = vision::open(&request.image)?;
    let engine = Engine::open(&folder, device, request.dtype, on_progress)?;
    Ok((engine, image, folder))
}

impl<'e> Subject<'e> {
    /// Answers the question.
    ///
    /// # Errors
    /// As for every run.
    pub fn ask(
        engine: &'e Engine,
        folder: &Path,
        image: DecodedImage,
        request: &SubjectRequest,
        on_progress: OnProgress<'_>,
    ) -> Result<Self> {
        let mut tagging = Tagging::open(request.tagger);
        let picture = engine.encode(&image, on_progress)?;
        let run_request = RunRequest {
            asked: Asked::Question(request.question.clone()),
            mode: request.mode,
            max_new_tokens: request.max_new_tokens,
            record: None,
        };
        let run = engine
            .run_encoded(&picture, &run_request, &[], on_progress)
            .with_context(|| format!("while asking {}", folder.display()))?;
        if run.ending == Ending::Stopped {
            bail!("stopped");
        }
        let mut warnings = image.warnings.clone();
        warnings.extend(beyond_its_world(folder, engine, &image, &request.question)?);
        let words = QuestionWords::of_run(&run, &mut tagging, &request.edits)?;
        warnings.extend(words.notice.clone());
        let score = engine.score(&picture, &run.prompt, &run.plan, &run.answer_ids, on_progress)?;
        Ok(Self {
            engine,
            model: request.model.clone(),
            trained: TrainedUnder::of(&request.model, folder),
            image_path: request.image.clone(),
            image,
            picture,
            run,
            words,
            score,
            warnings,
        })
    }

    /// The regions of its picture, each one's share of the patches, and what should be known of
    /// them; `None` where none were named.
    ///
    /// # Errors
    /// Regions that cannot be read.
    pub(super) fn regions(&self, source: &RegionSource) -> Result<Option<KnownRegions>> {
        if !source.is_some() {
            return Ok(None);
        }
        let Imported { set, mut warnings } = read_regions(source, &self.image, &self.image_path)?;
        let (patches, fit) = (self.run.patches, &self.run.fit);
        warnings.extend(small_regions(&set, patches, fit));
        let coverage = coverage(&set, patches, fit);
        Ok(Some(KnownRegions { set, coverage, warnings }))
    }

    /// The prompt that was read.
    pub fn prompt(&self) -> &Prompt {
        &self.run.prompt
    }

    /// How many layers the decoder has.
    pub fn n_layers(&self) -> usize {
        self.engine.network().config().decoder.n_layers
    }

    /// The plan of the run with attention taken away.
    ///
    /// # Errors
    /// A position would be left with nothing to attend to.
    pub fn plan_without(&self, knock_outs: &[KnockOut]) -> Result<AttentionPlan> {
        let taken = knock_outs.iter().cloned();
        Ok(taken.into_iter().try_fold(self.run.plan.clone(), AttentionPlan::without)?)
    }

    /// How likely the run's own answer is with attention taken away.
    ///
    /// # Errors
    /// As [`plan_without`](Self::plan_without); a pass that `on_progress` stopped.
    pub fn score_without(
        &self,
        knock_outs: &[KnockOut],
        on_progress: OnProgress<'_>,
    ) -> Result<Score> {
        let plan = self.plan_without(knock_outs)?;
        let answer = &self.run.answer_ids;
        Ok(self.engine.score(&self.picture, self.prompt(), &plan, answer, on_progress)?)
    }
}
