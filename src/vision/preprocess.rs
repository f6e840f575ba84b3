//! A decoded picture to the numbers that the vision tower reads.

use crate::domain::{ImageFit, PixelInput};

use super::decode::DecodedImage;
use super::resize::resize_square;

/// Brings a picture to the model's square and scales it.
///
/// The bytes in between are [`resize_square`]'s; call that and [`pixels_from_resized`] to see them.
///
/// # Shapes
/// Output: `[3, side, side]`.
///
/// # Panics
/// If `side` is zero, or `image.rgb` does not have the size it claims.
///
/// # Source
/// AKI, `create_transforms`: `Resize((px, px), BICUBIC)`, `ToTensor`, `Normalize(0.5, 0.5)`.
pub fn preprocess(image: &DecodedImage, side: usize) -> (PixelInput, ImageFit) {
    let pixels = pixels_from_resized(&resize_square(&image.rgb, image.size, side), side);
    (pixels, ImageFit { image: image.size, model_side: side as u32 })
}

/// Splits a square picture into planes and scales it to -1..=1.
///
/// # Shapes
/// - `resized`: `[side, side, 3]`, row-major
/// - output: `[3, side, side]`
///
/// # Units
/// `(v / 255 - 0.5) / 0.5`, every step in `f32`, as torchvision computes it.
///
/// # Panics
/// If `resized` does not have that size.
pub fn pixels_from_resized(resized: &[u8], side: usize) -> PixelInput {
    assert_eq!(resized.len(), side * side * 3, "the model's input is a square");
    let plane = |channel: usize| resized.iter().skip(channel).step_by(3).copied().map(scaled);
    PixelInput { side, values: (0..3).flat_map(plane).collect() }
}

fn scaled(value: u8) -> f32 {
    (f32::from(value) / 255.0 - 0.5) / 0.5
}
