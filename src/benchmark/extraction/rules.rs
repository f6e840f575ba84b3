//! Whose rules read an answer.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// Whose rules read an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Extraction {
    /// VLMEvalKit at commit `6c85ef78` (March 2025), in which AKI was added.
    #[default]
    Vlmevalkit2025,
    /// VLMEvalKit at commit `e8e78f05` (August 2026).
    Vlmevalkit2026,
}

impl Extraction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vlmevalkit2025, Self::Vlmevalkit2026];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vlmevalkit2025 => "vlmevalkit-2025-03",
            Self::Vlmevalkit2026 => "vlmevalkit-2026-08",
        }
    }
}

impl fmt::Display for Extraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Extraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Extraction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|extraction| extraction.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|extraction| extraction.name()).collect();
            format!("unknown rules \"{text}\"; known are {}", names.join(" and "))
        })
    }
}
