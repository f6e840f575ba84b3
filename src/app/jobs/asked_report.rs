//! Who was asked what, as every report of an examined answer begins.

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::{
    domain::{AttentionMode, CaptionField},
    model::Dtype,
};

/// Who was asked what; its fields stand among those of the report that it begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedReport {
    /// The model as it was named.
    pub model: String,
    /// The attention mode.
    pub attention: AttentionMode,
    /// What its weights were trained under, where that is known.
    pub trained_under: Option<AttentionMode>,
    /// The device and its kernels.
    pub device: String,
    /// The type of large matrices.
    pub dtype: Dtype,
    /// What was asked.
    pub question: String,
}

impl AskedReport {
    /// Of a question that was answered.
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        Self {
            model: subject.model.clone(),
            attention: subject.run.mode,
            trained_under: subject.trained.mode,
            device: subject.engine.device().to_string(),
            dtype: subject.engine.loaded().dtype,
            question: subject.run.question.clone(),
        }
    }

    /// Question and answer, above a figure.
    pub(super) fn title(&self, answer: &str) -> String {
        format!("{} \u{2192} {}", self.question, answer.trim())
    }

    /// Model and attention mode, below it.
    pub(super) fn caption(&self) -> [CaptionField; 2] {
        [("model", self.model.clone()), ("attention", self.attention.to_string())]
            .map(|(name, value)| CaptionField::new(name, value))
    }
}
