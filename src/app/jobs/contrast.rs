//! Two runs of the window compared in full, and what of it a session keeps.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    TaggerChoice,
    answer::Answered,
    chart::Measure,
    compare::{Compare, Comparison, PictureHash, compare_picture},
    compare_figure::{self, ComparisonParts},
    compare_report::{DifferenceReport, Sides, TrustReport},
    compare_side::SideRequest,
    model_slot::ModelSlot,
    patch_map::MapAsked,
    question_words::WordEdit,
};
use crate::{
    app::picture::Picture,
    domain::{Figure, ImageFit, Meter, OnProgress},
    export::write_whole,
    model::{ComputeDevice, DeviceChoice},
    vision,
};

/// Two runs to compare.
#[derive(Clone, Debug)]
pub struct ContrastRequest {
    /// Both runs, of one picture.
    pub runs: Sides<Arc<Answered>>,
    /// A person's corrections of the left question's words.
    pub edits: Vec<WordEdit>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Tokens to write at most.
    pub max_new_tokens: usize,
    /// Who tags the question's words.
    pub tagger: TaggerChoice,
    /// What is read of the attention from the picture to the words.
    pub measure: Measure,
    /// Which map is shown.
    pub map: MapAsked,
}

/// One side of a comparison, as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContrastSide {
    /// The model, as it was named.
    pub model: String,
    /// The attention mode.
    pub attention: crate::domain::AttentionMode,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// A comparison as a window shows it and a session keeps it: all of it is read without a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// What was compared.
    pub sides: Sides<ContrastSide>,
    /// What separates them.
    pub difference: DifferenceReport,
    /// What they share.
    pub trust: TrustReport,
    /// One line of what can be trusted.
    pub trust_line: String,
    /// Bars by bucket of both sides.
    pub bars: Figure,
    /// How far the latents lie apart between two questions, layer by layer.
    pub drift: Figure,
    /// What should be known of how this came about.
    pub warnings: Vec<String>,
}

/// Answers both questions anew in one job, scores both answers under both sides, and compares.
///
/// # Errors
/// Models that are not there any more; `stopped`.
pub fn contrast(
    slot: &mut ModelSlot,
    request: &ContrastRequest,
    on_progress: OnProgress<'_>,
) -> Result<Contrast> {
    // Both sides are loaded here: a third copy may not fit into memory.
    slot.put_away();
    let asked = request.compare();
    let (device, _) = ComputeDevice::open(request.device)?;
    let picture = &request.runs.left.picture;
    let comparison =
        compare_picture(&asked, (picture.image.clone(), hash(picture)), device, on_progress)?;
    Contrast::of(&comparison, &asked)
}

/// That of the picture's file, as the command line has it, where the file still holds these pixels.
fn hash(picture: &Picture) -> PictureHash {
    let of_file = || {
        let path = picture.path.as_ref()?;
        let bytes = fs::read(path).ok()?;
        let is_same =
            vision::decode(&bytes, path).is_ok_and(|image| image.rgb == picture.image.rgb);
        is_same.then(|| PictureHash::of_file(&bytes))
    };
    of_file().unwrap_or_else(|| PictureHash::of_pixels(&picture.image))
}

impl ContrastRequest {
    fn compare(&self) -> Compare {
        let side = |answered: &Arc<Answered>| SideRequest {
            model: answered.model.clone(),
            mode: answered.run.mode,
        };
        let Sides { left, right } = &self.runs;
        let other = Some(&right.run.question).filter(|other| **other != left.run.question);
        Compare {
            image: PathBuf::from(&left.picture.name),
            question: left.run.question.clone(),
            right_question: other.cloned(),
            contrast_question: Compare::CONTRAST.to_owned(),
            left: side(left),
            right: side(right),
            max_new_tokens: self.max_new_tokens,
            dtype: None,
            tagger: self.tagger,
            edits: self.edits.clone(),
            measure: self.measure.clone(),
            map: self.map.clone(),
        }
    }
}

/// What a comparison's JSON holds.
#[derive(Serialize)]
struct VersionedContrast<'a> {
    version: u32,
    #[serde(flatten)]
    contrast: &'a Contrast,
}

/// A whole comparison as a figure, drawn of what is kept of it.
#[derive(Clone, Debug)]
pub struct ComparisonDrawing {
    /// The picture of both sides.
    pub picture: Arc<Picture>,
    /// How it was brought to the model's square.
    pub fit: ImageFit,
    /// The comparison.
    pub contrast: Arc<Contrast>,
}

impl ComparisonDrawing {
    /// Writes it as SVG, PNG, CSV or JSON, whole or not at all.
    ///
    /// # Errors
    /// Numbers that make no figure; a place that cannot be written to; `stopped`.
    pub(super) fn write(&self, path: &Path, meter: &Meter<'_>) -> Result<()> {
        let (image, contrast) = (&self.picture.image, &self.contrast);
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            let json = VersionedContrast { version: 1, contrast };
            let mut text = serde_json::to_string_pretty(&json)?;
            text.push('\n');
            return Ok(write_whole(path, text.as_bytes(), meter)?);
        }
        let question = |side: &ContrastSide| side.question.clone();
        let Sides { left, right } = contrast.sides.map(question);
        let parts = ComparisonParts {
            rgb: &image.rgb,
            size: image.size,
            model_side: self.fit.model_side,
            question: &left,
            right_question: Some(right.as_str()).filter(|right| *right != left),
            sides: contrast
                .sides
                .map(|side| SideRequest { model: side.model.clone(), mode: side.attention }),
            difference: &contrast.difference,
            trust_line: contrast.trust_line.clone(),
            bars: contrast.bars.clone(),
            drift: contrast.drift.clone(),
        };
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            return Ok(write_whole(path, parts.csv()?.as_bytes(), meter)?);
        }
        parts.write(path, meter)
    }
}

impl Contrast {
    fn of(comparison: &Comparison, asked: &Compare) -> Result<Self> {
        let report = &comparison.report;
        let side = |side: &SideRequest, examined: &super::Examined| ContrastSide {
            model: side.model.clone(),
            attention: side.mode,
            question: examined.run.question.clone(),
            answer: examined.run.answer.clone(),
        };
        Ok(Self {
            sides: Sides {
                left: side(&asked.left, &comparison.examined.left),
                right: side(&asked.right, &comparison.examined.right),
            },
            difference: report.difference.clone(),
            trust: report.trust.clone(),
            trust_line: report.trust.line(),
            bars: compare_figure::bars(comparison, asked)?,
            drift: compare_figure::drift(comparison, asked)?,
            warnings: report.warnings.clone(),
        })
    }
}
