//! The three parts of the world, which share no scene.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a scene is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To learn from; lacks the held-out pairs of thing and plate color.
    Train,
    /// To choose by.
    Validation,
    /// To report on.
    Test,
}

/// A split of that name does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown split {0}: expected train, validation or test")]
pub struct UnknownSplit(
    /// The name.
    pub String,
);

impl Split {
    /// All splits.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The name, as in files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Split {
    type Err = UnknownSplit;
    fn from_str(name: &str) -> Result<Self, UnknownSplit> {
        let is_named = |split: &Self| split.name() == name;
        Self::ALL.into_iter().find(is_named).ok_or_else(|| UnknownSplit(name.to_owned()))
    }
}
