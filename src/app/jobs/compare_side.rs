//! One side of a comparison: which model, under which mask, as a person writes it.

use std::{fmt, str::FromStr};

use crate::domain::AttentionMode;

/// `MODEL:MODE`, as in `tabletop/mma:causal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideRequest {
    /// A checkpoint folder, or a name in `models/`.
    pub model: String,
    /// The attention mode.
    pub mode: AttentionMode,
}

impl FromStr for SideRequest {
    type Err = String;

    /// The last colon separates: folders may have colons in their names.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("write MODEL:MODE, as in tabletop/mma:causal, not \"{text}\"");
        let (model, mode) = text.rsplit_once(':').ok_or_else(wrong)?;
        if model.is_empty() {
            return Err(wrong());
        }
        let mode = mode.parse().map_err(|e: crate::domain::PlanError| e.to_string())?;
        Ok(Self { model: model.to_owned(), mode })
    }
}

impl fmt::Display for SideRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.model, self.mode)
    }
}
