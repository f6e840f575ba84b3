//! Two runs of one picture beside each other, computed in one job.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{
    ask_report::AnswerReport,
    chart::Measure,
    compare_difference::{Differences, Examined},
    compare_report::{ComparisonReport, Hashed, Sides, TrustReport},
    compare_side::SideRequest,
    model_folder,
    patch_map::MapAsked,
    question_words::{QuestionWords, WordEdit, check_edits},
    tagging::{TaggerChoice, Tagging},
    trained_under::TrainedUnder,
    world_card::beyond_its_world,
};
use crate::{
    domain::{Ending, OnProgress},
    inference::{Asked, EncodedPicture, Engine, RunRequest},
    model::{ComputeDevice, Dtype, ModelFolder},
    text::Tagger,
    vision::{self, DecodedImage},
};

/// Which two sides, on which picture and question.
#[derive(Clone, Debug)]
pub struct Compare {
    /// The picture.
    pub image: PathBuf,
    /// The question of both sides.
    pub question: String,
    /// The right side's question, where it is another one.
    pub right_question: Option<String>,
    /// Besides the question, what the latents' drift is measured between where both sides have the
    /// same question.
    pub contrast_question: String,
    /// The left side.
    pub left: SideRequest,
    /// The right side.
    pub right: SideRequest,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// The type of large matrices; `None` for the files' own.
    pub dtype: Option<Dtype>,
    /// Who tags the question's words.
    pub tagger: TaggerChoice,
    /// Buckets that a person chose.
    pub edits: Vec<WordEdit>,
    /// What is read of the attention from the picture to the words.
    pub measure: Measure,
    /// Which map is shown.
    pub map: MapAsked,
}

impl Compare {
    /// The contrast question where nobody names another.
    pub const CONTRAST: &'static str = "What is in the picture?";

    fn question_of(&self, is_right: bool) -> &str {
        match (&self.right_question, is_right) {
            (Some(question), true) => question,
            _ => &self.question,
        }
    }
}

/// A comparison, with what its figure needs.
#[derive(Debug)]
pub struct Comparison {
    /// As `compare --json` tells it.
    pub report: ComparisonReport,
    /// The picture as shown.
    pub image: DecodedImage,
    /// Both runs.
    pub examined: Sides<Examined>,
}

/// Loads both models (once, where they are the same), answers twice, and compares.
///
/// # Errors
/// One line that says what is wrong, where, and what to do. What cannot be compared of two models
/// that do not fit each other is no error: the report says so, and has the rest.
pub fn compare(
    request: &Compare,
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<Comparison> {
    let bytes = fs::read(&request.image)
        .with_context(|| format!("cannot read {}", request.image.display()))?;
    let image = vision::decode(&bytes, &request.image)?;
    compare_picture(request, (image, PictureHash::of_file(&bytes)), device, on_progress)
}

/// The same of a picture that was read before.
///
/// # Errors
/// As [`compare`].
pub(super) fn compare_picture(
    request: &Compare,
    (image, picture_hash): (DecodedImage, PictureHash),
    device: ComputeDevice,
    on_progress: OnProgress<'_>,
) -> Result<Comparison> {
    let start = Instant::now();
    request.measure.check()?;
    check_edits(&Tagger::embedded().tag(&request.question), &request.edits)?;
    let folders = Sides {
        left: model_folder(&request.left.model)?,
        right: model_folder(&request.right.model)?,
    };
    let shared = SharedParts::of(&folders)?;
    let left = Engine::open(&folders.left, device.clone(), request.dtype, on_progress)?;
    let right = match shared.is_same {
        true => None,
        false => Some(Engine::open(&folders.right, device, request.dtype, on_progress)?),
    };
    let right = right.as_ref().unwrap_or(&left);
    let Sides { left: left_picture, right: right_picture } =
        shared.encode(&Sides { left: &left, right }, &image, on_progress)?;
    let mut tagging = Tagging::open(request.tagger);
    let mut examine = |engine: &Engine, picture: &EncodedPicture, is_right: bool| {
        let side = if is_right { &request.right } else { &request.left };
        let question = request.question_of(is_right);
        examine(request, side, question, (engine, picture), &mut tagging, on_progress)
    };
    let examined = Sides {
        left: examine(&left, &left_picture, false)?,
        right: examine(right, &right_picture, true)?,
    };
    let trained = Sides {
        left: TrainedUnder::of(&request.left.model, &folders.left),
        right: TrainedUnder::of(&request.right.model, &folders.right),
    };
    let differences = Differences {
        request,
        engines: Sides { left: &left, right },
        pictures: Sides { left: &left_picture, right: &right_picture },
        examined: &examined,
        trained: &trained,
    };
    let difference = differences.report(on_progress)?;
    let trust = TrustReport {
        picture_sha256: picture_hash.sha256,
        picture_sha256_of: picture_hash.of,
        same_tokens: examined.left.run.prompt.ids == examined.right.run.prompt.ids,
        same_weights: shared.is_same,
        shared_vision: shared.shares_vision,
        shared_resampler: shared.shares_resampler,
        device: Sides { left: left.device().to_string(), right: right.device().to_string() },
        dtype: Sides { left: left.loaded().dtype, right: right.loaded().dtype },
        trained_under: trained.map(|trained| trained.mode),
        trained_because: trained.map(|trained| trained.because.clone()),
        differs: Vec::new(),
    };
    let trust = TrustReport { differs: what_differs(request, &trust), ..trust };
    let mut warnings = image.warnings.clone();
    for (folder, engine, is_right) in [(&folders.left, &left, false), (&folders.right, right, true)]
    {
        for warning in beyond_its_world(folder, engine, &image, request.question_of(is_right))? {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings.extend(examined.left.words.notice.clone());
    let of_side = |side: &SideRequest, engine: &Engine, examined: &Examined| {
        let Examined { run, words, read, .. } = examined;
        let mut report = AnswerReport::new(&side.model, engine, run, words, read);
        report.finish(Vec::new(), start);
        report
    };
    let report = ComparisonReport {
        version: 1,
        left: of_side(&request.left, &left, &examined.left),
        right: of_side(&request.right, right, &examined.right),
        difference,
        trust,
        warnings,
    };
    Ok(Comparison { report, image, examined })
}

/// What two checkpoint folders share.
struct SharedParts {
    /// One folder, by whatever two names.
    is_same: bool,
    shares_vision: bool,
    shares_resampler: bool,
}

impl SharedParts {
    fn of(folders: &Sides<PathBuf>) -> Result<Self> {
        let whole = folders.map(|folder| folder.canonicalize().ok());
        let is_same =
            folders.left == folders.right || (whole.left.is_some() && whole.left == whole.right);
        if is_same {
            return Ok(Self { is_same, shares_vision: true, shares_resampler: true });
        }
        let (left, right) = (ModelFolder::open(&folders.left)?, ModelFolder::open(&folders.right)?);
        let shares_vision = left.has_same_vision(&right);
        Ok(Self { is_same, shares_vision, shares_resampler: left.has_same_resampler(&right) })
    }

    /// The picture of both sides; what they share is computed once.
    fn encode(
        &self,
        engines: &Sides<&Engine>,
        image: &DecodedImage,
        on_progress: OnProgress<'_>,
    ) -> Result<Sides<EncodedPicture>> {
        let seen = engines.left.see(image, on_progress)?;
        let left = engines.left.encode_seen(&seen, on_progress)?;
        let right = match (self.shares_resampler, self.shares_vision) {
            (true, _) => left.clone(),
            (false, true) => engines.right.encode_seen(&seen, on_progress)?,
            (false, false) => engines.right.encode(image, on_progress)?,
        };
        Ok(Sides { left, right })
    }
}

/// What tells a picture from others, and of what it was computed.
pub(super) struct PictureHash {
    sha256: String,
    of: Hashed,
}

impl PictureHash {
    /// Of a picture's file.
    pub(super) fn of_file(bytes: &[u8]) -> Self {
        Self { sha256: sha256(bytes), of: Hashed::File }
    }

    /// Of the pixels as shown, row by row, red, green and blue: for a picture that lies in no file.
    pub(super) fn of_pixels(image: &DecodedImage) -> Self {
        Self { sha256: sha256(&image.rgb), of: Hashed::Pixels }
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('?');
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

fn examine(
    request: &Compare,
    side: &SideRequest,
    question: &str,
    (engine, picture): (&Engine, &EncodedPicture),
    tagging: &mut Tagging,
    on_progress: OnProgress<'_>,
) -> Result<Examined> {
    let asked = RunRequest {
        asked: Asked::Question(question.to_owned()),
        mode: side.mode,
        max_new_tokens: request.max_new_tokens,
        record: None,
    };
    let run = engine
        .run_encoded(picture, &asked, &[], on_progress)
        .with_context(|| format!("while asking {side}"))?;
    if run.ending == Ending::Stopped {
        bail!("stopped");
    }
    // A correction belongs to the question it was made for.
    let edits = if question == request.question { &request.edits[..] } else { &[] };
    let words = QuestionWords::of_run(&run, tagging, edits)?;
    let read = request.measure.of_run(&run, &words)?;
    let map = request.map.of_run(&run, &words)?;
    Ok(Examined { run, words, read, map })
}

/// Everything that is not the same on both sides, in words.
fn what_differs(request: &Compare, trust: &TrustReport) -> Vec<String> {
    let mut differs = Vec::new();
    let mut note = |is_different: bool, text: String| {
        if is_different {
            differs.push(text);
        }
    };
    let (left, right) = (&request.left, &request.right);
    note(!trust.same_weights, format!("weights ({} and {})", left.model, right.model));
    note(left.mode != right.mode, format!("attention ({} and {})", left.mode, right.mode));
    note(request.question_of(false) != request.question_of(true), "question".to_owned());
    note(!trust.same_tokens, "tokens of the prompt".to_owned());
    note(trust.device.left != trust.device.right, "device".to_owned());
    note(trust.dtype.left != trust.dtype.right, "type of the weights".to_owned());
    differs
}
