//! Colors: the eight that plates have and questions name, and how bytes mix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A color as three parts of 0..=1, in the space that screens use; mixing in it is what a
/// downscaled PNG does too.
pub(super) type Rgb = [f32; 3];

/// The color of a plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateColor {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
    /// White.
    White,
    /// Black.
    Black,
}

impl PlateColor {
    /// All colors.
    pub const ALL: [Self; 8] = [
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Blue,
        Self::Purple,
        Self::White,
        Self::Black,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::White => "white",
            Self::Black => "black",
        }
    }

    /// The color of the plate's well, before light and shade.
    pub(super) fn rgb(self) -> Rgb {
        let [r, g, b] = match self {
            Self::Red => [206, 44, 48],
            Self::Orange => [242, 136, 34],
            Self::Yellow => [246, 212, 64],
            Self::Green => [52, 142, 70],
            Self::Blue => [46, 98, 196],
            Self::Purple => [130, 66, 158],
            Self::White => [240, 240, 236],
            Self::Black => [44, 44, 50],
        };
        rgb(r, g, b)
    }
}

impl fmt::Display for PlateColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A color from bytes.
pub(super) const fn rgb(r: u8, g: u8, b: u8) -> Rgb {
    [r as f32 / 255.0, g as f32 / 255.0, b as f32 / 255.0]
}

/// `a` at 0, `b` at 1.
pub(super) fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}
