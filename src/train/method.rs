//! What the training methods of the paper's tables differ in.

use std::{fmt, str::FromStr};

use crate::domain::{AttentionMode, PlanError};

/// How a language stage orders picture and words, and which positions may attend to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One attention mode throughout.
    Attention(AttentionMode),
    /// Both orders under causal attention, by turns, in twice the steps: dual-order training (DOT).
    DualOrder,
}

impl Method {
    /// The attention modes that steps take by turns.
    pub(super) fn modes(self) -> Vec<AttentionMode> {
        match self {
            Self::Attention(mode) => vec![mode],
            Self::DualOrder => vec![AttentionMode::Causal, AttentionMode::TextFirst],
        }
    }

    /// The attention mode that its models are asked under.
    pub fn answers_under(self) -> AttentionMode {
        match self {
            Self::Attention(mode) => mode,
            Self::DualOrder => AttentionMode::Causal,
        }
    }
}

impl From<AttentionMode> for Method {
    fn from(mode: AttentionMode) -> Self {
        Self::Attention(mode)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attention(mode) => mode.fmt(f),
            Self::DualOrder => f.write_str("dot"),
        }
    }
}

impl FromStr for Method {
    type Err = PlanError;

    fn from_str(name: &str) -> Result<Self, PlanError> {
        match name {
            "dot" => Ok(Self::DualOrder),
            _ => name.parse().map(Self::Attention),
        }
    }
}
