//! A question answered for the window: the run with its words, and the model kept for the next one.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::{
    TaggerRequest, Tagging, embedded_model,
    first_look::FirstLook,
    model_slot::{LoadedModel, ModelSlot},
    pointing::read_pointing,
    question_words::QuestionWords,
    world_card::beyond_its_world,
};
use crate::{
    app::picture::Picture,
    domain::{AttentionMode, Ending, OnProgress, PointingRates, Run, UserText},
    inference::{Asked, RunRequest},
    model::DeviceChoice,
    session::Moment,
    text::RustBertState,
};

/// What to ask, of what, with what.
#[derive(Clone, Debug)]
pub struct Question {
    /// The picture.
    pub picture: Arc<Picture>,
    /// The question.
    pub text: String,
    /// The whole turn where it is more than the question behind its picture, as of a benchmark's row.
    pub turn: Option<UserText>,
    /// A model folder or name; `None` for the embedded one that goes with the mode.
    pub model: Option<String>,
    /// The attention mode.
    pub mode: AttentionMode,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// Who tags the question's words.
    pub tagger: TaggerRequest,
}

/// A run, and what a window shows of it.
#[derive(Debug)]
pub struct Answered {
    /// The run.
    pub run: Run,
    /// The question's words, as tagged.
    pub words: QuestionWords,
    /// The text of each token of the answer.
    pub token_texts: Vec<String>,
    /// The picture.
    pub picture: Arc<Picture>,
    /// The model's name.
    pub model: String,
    /// A number that tells its weights from others, where it is known.
    pub weights: Option<String>,
    /// The device that computed.
    pub device: String,
    /// When it was made.
    pub made: Moment,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
    /// Where the model's maps were seen to point under this mask, if that was measured.
    pub pointing: Option<PointingRates>,
    /// The whole turn that was asked, where it is more than the question behind its picture.
    pub turn: Option<UserText>,
    /// What every look at it begins with.
    pub first_look: FirstLook,
}

/// Whether a model was trained for the mask that a run had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinship {
    /// The picture may see the words, as the model was trained.
    Mma,
    /// Causal weights under the causal mask.
    Causal,
    /// Weights trained with the picture-to-words block, and the block closed: not a causal model.
    BlockRemoved,
    /// Causal weights whose mask was opened: never trained so.
    BlockAdded,
    /// Another mask.
    Other,
}

impl Kinship {
    /// In words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Mma => "weights trained with modality-mutual attention, under that mask",
            Self::Causal => "weights trained under the causal mask, under that mask",
            Self::BlockRemoved => {
                "MMA weights under the causal mask: out of distribution, and not a causal model"
            }
            Self::BlockAdded => {
                "causal weights under a mask they were never trained with: out of distribution"
            }
            Self::Other => {
                "MMA weights under a mask they were not trained with: out of distribution"
            }
        }
    }
}

impl Answered {
    /// Whether its model was trained for its mask. Folders are taken for AKI's, which are trained
    /// with modality-mutual attention; only the embedded pair says otherwise.
    pub fn kinship(&self) -> Kinship {
        let is_causal_model = self.model == embedded_model(AttentionMode::Causal);
        match (self.run.mode, is_causal_model) {
            (AttentionMode::ModalityMutual, false) => Kinship::Mma,
            (AttentionMode::Causal, true) => Kinship::Causal,
            (AttentionMode::Causal, false) => Kinship::BlockRemoved,
            (_, true) => Kinship::BlockAdded,
            _ => Kinship::Other,
        }
    }
}

/// Starts a tagger before a question needs it, or with `again` anew after it failed, and waits until
/// it answers or has failed. Returns how rust-bert is; `None` where the embedded tagger was chosen.
pub fn start_tagger(
    slot: &mut ModelSlot,
    request: &TaggerRequest,
    again: bool,
    on_progress: OnProgress<'_>,
) -> Option<RustBertState> {
    let tagging = slot.tagging(request);
    if again {
        tagging.restart();
    }
    tagging.wait(on_progress)
}

/// Answers a question with the loaded model, or loads the one that is asked for.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn answer(
    slot: &mut ModelSlot,
    question: &Question,
    on_progress: OnProgress<'_>,
) -> Result<Answered> {
    let name = question.model.clone();
    let name = name.unwrap_or_else(|| embedded_model(question.mode).to_owned());
    let loaded = slot.take(&name, question.device, on_progress)?;
    let answered = run(&loaded, question, slot.tagging(&question.tagger), on_progress);
    slot.put(loaded);
    answered
}

fn run(
    model: &LoadedModel,
    question: &Question,
    tagging: &mut Tagging,
    on_progress: OnProgress<'_>,
) -> Result<Answered> {
    let LoadedModel { name, folder, weights, engine, .. } = model;
    let image = &question.picture.image;
    let request = RunRequest {
        asked: match &question.turn {
            Some(turn) => Asked::Turn(turn.clone()),
            None => Asked::Question(question.text.clone()),
        },
        mode: question.mode,
        max_new_tokens: question.max_new_tokens,
        record: None,
    };
    let run =
        engine.run(image, &request, on_progress).with_context(|| format!("while asking {name}"))?;
    let words = QuestionWords::of_run(&run, tagging, &[])?;
    let mut warnings = image.warnings.clone();
    if run.ending == Ending::Stopped {
        warnings.push("stopped before the answer was complete".to_owned());
    }
    warnings.extend(words.notice.clone());
    warnings.extend(beyond_its_world(folder, engine, image, &question.text)?);
    let pointing = read_pointing(folder, weights, question.mode);
    let pointing = pointing.unwrap_or_else(|error| {
        warnings.push(format!("{error:#}"));
        None
    });
    let text = |id: &u32| engine.tokenizer().decode(std::slice::from_ref(id), false);
    let token_texts = run.answer_ids.iter().map(text).collect::<Result<_, _>>()?;
    let answered = Answered {
        words,
        token_texts,
        picture: Arc::clone(&question.picture),
        model: name.clone(),
        weights: Some(weights.clone()),
        made: Moment::now(),
        device: engine.device().to_string(),
        warnings,
        pointing,
        turn: question.turn.clone(),
        first_look: FirstLook::default(),
        run,
    };
    Ok(answered.looked_at())
}
