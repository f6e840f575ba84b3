//! Parts of the model's square painted over: what is asked of a picture with something gone.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::PixelInput;

/// What stands where a part of the picture is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// Middle grey, 127.5 of 255: 0 in the model's numbers.
    #[default]
    Grey,
    /// The picture itself, blurred by a Gaussian of an eighth of its side, so that colors stay and
    /// shapes go.
    Blur,
}

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Grey => "grey",
            Self::Blur => "blur",
        })
    }
}

impl FromStr for Fill {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = [Self::Grey, Self::Blur].into_iter().find(|fill| fill.to_string() == name);
        found.ok_or_else(|| format!("unknown fill \"{name}\": choose grey or blur"))
    }
}

impl Fill {
    /// A whole square of it.
    pub fn of(self, pixels: &PixelInput) -> PixelInput {
        match self {
            Self::Grey => PixelInput { side: pixels.side, values: vec![0.0; pixels.values.len()] },
            Self::Blur => blurred(pixels, pixels.side as f64 / 8.0),
        }
    }
}

/// A picture whose pixels come from `other` where `is_other` says so.
///
/// # Shapes
/// `is_other`: `[side, side]`, row by row
///
/// # Panics
/// When sizes differ.
pub fn painted(pixels: &PixelInput, other: &PixelInput, is_other: &[bool]) -> PixelInput {
    let area = pixels.side * pixels.side;
    assert!(other.side == pixels.side && is_other.len() == area, "squares of one size");
    let pick =
        |(i, (own, other)): (usize, (&f32, &f32))| if is_other[i % area] { *other } else { *own };
    let values = pixels.values.iter().zip(&other.values).enumerate().map(pick).collect();
    PixelInput { side: pixels.side, values }
}

/// Gaussian blur, one axis after the other; beyond the border stands the border's own pixel.
fn blurred(pixels: &PixelInput, sigma: f64) -> PixelInput {
    let side = pixels.side;
    let reach = (3.0 * sigma).ceil() as isize;
    let weight = |d: isize| (-0.5 * (d as f64 / sigma).powi(2)).exp() as f32;
    let kernel: Vec<f32> = (-reach..=reach).map(weight).collect();
    let total: f32 = kernel.iter().sum();
    let along = |values: &[f32], stride: usize, other: usize| -> Vec<f32> {
        let mut blurred = vec![0.0; values.len()];
        for plane in 0..values.len() / (side * side) {
            for line in 0..side {
                let start = plane * side * side + line * other;
                for i in 0..side {
                    let taps = (-reach..=reach).zip(&kernel).map(|(d, w)| {
                        let at = (i as isize + d).clamp(0, side as isize - 1) as usize;
                        w * values[start + at * stride]
                    });
                    blurred[start + i * stride] = taps.sum::<f32>() / total;
                }
            }
        }
        blurred
    };
    let across = along(&pixels.values, 1, side);
    PixelInput { side, values: along(&across, side, 1) }
}
