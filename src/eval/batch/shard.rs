//! A part of a batch that a machine of its own runs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::BatchError;

/// Part `number` of `of`, from 1. Pictures are dealt out in turn, so that all parts take about as
/// long and questions about one picture stay together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// Everything in one part.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether a picture is in this part, by its number from 0.
    pub fn holds(self, picture: usize) -> bool {
        picture % self.of == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = BatchError;

    /// Reads `2/8`.
    fn from_str(text: &str) -> Result<Self, BatchError> {
        let parts = text.split_once('/');
        let parsed =
            parts.and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parsed {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(BatchError::Shard { found: text.to_owned() }),
        }
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = BatchError;

    fn try_from(text: String) -> Result<Self, BatchError> {
        text.parse()
    }
}
