//! Pillow's antialiased bicubic resize, to the bit.
//!
//! Ready-made resizers are not used because those tried (`fast_image_resize` 6.1, `image` 0.25) give
//! other bytes: on noise they differ from Pillow by up to 28 levels.

use rayon::prelude::*;

use crate::domain::ImageSize;

/// Bits behind the point of a weight: 32, less 8 of the sample, less 2 for sign and overshoot.
const WEIGHT_BITS: u32 = 22;

/// How far the cubic reaches, in samples of the coarser of the two grids.
const SUPPORT: f64 = 2.0;

/// Squeezes or stretches a picture to a square; the aspect ratio is not kept.
///
/// # Shapes
/// - `rgb`: `[size.height, size.width, 3]`, row-major
/// - output: `[side, side, 3]`, row-major
///
/// # Panics
/// If `rgb` does not have the size it claims, or a side is zero.
///
/// # Source
/// Pillow 10.4, `src/libImaging/Resample.c`, with `BICUBIC` (a = -0.5): horizontal pass, then
/// vertical pass, each rounded to 8 bits, and each left out where the size is right already.
pub fn resize_square(rgb: &[u8], size: ImageSize, side: usize) -> Vec<u8> {
    let (width, height) = (size.width as usize, size.height as usize);
    assert_eq!(rgb.len(), width * height * 3, "a picture has three samples a pixel");
    assert!(side > 0 && !rgb.is_empty(), "neither the picture nor the square is empty");
    match (width == side, height == side) {
        (true, true) => rgb.to_vec(),
        (true, false) => resize_height(rgb, width, height, side),
        (false, true) => resize_width(rgb, width, side),
        (false, false) => resize_height(&resize_width(rgb, width, side), side, height, side),
    }
}

/// The weights of one output sample.
struct Taps {
    /// The first input sample that counts.
    first: usize,
    /// Weights of it and its successors, in units of 2^-22; they sum to about 2^22.
    weights: Vec<i32>,
}

/// For each of `n_out` samples, which of the `n_in` samples it is made of.
fn taps(n_in: usize, n_out: usize) -> Vec<Taps> {
    let scale = n_in as f64 / n_out as f64;
    let stretch = scale.max(1.0); // widened when shrinking: that is the antialiasing
    let reach = SUPPORT * stretch;
    let taps_of = |out_idx: usize| {
        let center = (out_idx as f64 + 0.5) * scale;
        let first = (center - reach + 0.5).max(0.0) as usize;
        let end = ((center + reach + 0.5) as usize).min(n_in);
        let cubic_at = |idx: usize| cubic((idx as f64 - center + 0.5) / stretch);
        let exact: Vec<f64> = (first..end).map(cubic_at).collect();
        let sum: f64 = exact.iter().sum();
        let weights = exact.iter().map(|weight| fixed_point(weight / sum)).collect();
        Taps { first, weights }
    };
    (0..n_out).map(taps_of).collect()
}

/// Keys' cubic with a = -0.5.
fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5
    } else {
        0.0
    }
}

/// Rounds half away from zero, by the same two steps as Pillow.
fn fixed_point(weight: f64) -> i32 {
    let scaled = weight * f64::from(1_u32 << WEIGHT_BITS);
    if scaled < 0.0 { (scaled - 0.5) as i32 } else { (scaled + 0.5) as i32 }
}

/// A weighted sum back to a sample: rounded (the half is added at its start), clipped.
fn sample(sum: i32) -> u8 {
    (sum >> WEIGHT_BITS).clamp(0, 255) as u8
}

const HALF: i32 = 1 << (WEIGHT_BITS - 1);

/// `[rows, width, 3]` to `[rows, side, 3]`.
fn resize_width(rgb: &[u8], width: usize, side: usize) -> Vec<u8> {
    let taps = taps(width, side);
    let rows = rgb.len() / (width * 3);
    let mut resized = vec![0; rows * side * 3];
    let row_pairs = resized.par_chunks_exact_mut(side * 3).zip(rgb.par_chunks_exact(width * 3));
    row_pairs.for_each(|(out_row, row)| {
        let (pixels, _) = row.as_chunks::<3>();
        for (out, Taps { first, weights }) in out_row.as_chunks_mut::<3>().0.iter_mut().zip(&taps) {
            let [mut r, mut g, mut b] = [HALF; 3];
            for (pixel, weight) in pixels[*first..].iter().zip(weights) {
                r += i32::from(pixel[0]) * weight;
                g += i32::from(pixel[1]) * weight;
                b += i32::from(pixel[2]) * weight;
            }
            *out = [r, g, b].map(sample);
        }
    });
    resized
}

/// `[height, width, 3]` to `[side, width, 3]`.
fn resize_height(rgb: &[u8], width: usize, height: usize, side: usize) -> Vec<u8> {
    let taps = taps(height, side);
    let row_len = width * 3;
    let mut resized = vec![0; side * row_len];
    resized.par_chunks_exact_mut(row_len).zip(&taps).for_each(|(out_row, taps)| {
        let mut sums = vec![HALF; row_len];
        let rows = rgb[taps.first * row_len..].chunks_exact(row_len);
        for (row, weight) in rows.zip(&taps.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * weight;
            }
        }
        for (out, sum) in out_row.iter_mut().zip(sums) {
            *out = sample(sum);
        }
    });
    resized
}
