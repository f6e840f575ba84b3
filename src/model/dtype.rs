//! The types weights are kept in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The type of large weight matrices; sums are always in `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dtype {
    /// Four bytes.
    F32,
    /// Two bytes, 10 bits of fraction, up to 65504.
    F16,
    /// Two bytes, 7 bits of fraction, the range of `f32`.
    Bf16,
}

impl Dtype {
    /// Bytes a weight.
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for Dtype {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "f32" => Ok(Self::F32),
            "f16" => Ok(Self::F16),
            "bf16" => Ok(Self::Bf16),
            _ => Err(format!("unknown type \"{name}\": choose f32, bf16 or f16")),
        }
    }
}
