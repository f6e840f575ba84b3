//! What a picture looks like to the vision tower, in a few numbers.

/// Mean, then spread, of the vectors of a picture's patches.
///
/// Together they tell a photograph from a drawn table better than the mean alone.
///
/// # Shapes
/// - `patches`: `[P, width]`, row-major
/// - output: `[2 width]`: mean over patches, then standard deviation over patches
pub fn picture_outline(patches: &[f32], width: usize) -> Vec<f32> {
    let n = (patches.len() / width.max(1)).max(1) as f64;
    let [mut mean, mut square] = [vec![0.0; width], vec![0.0; width]];
    for vector in patches.chunks_exact(width.max(1)) {
        for (i, value) in vector.iter().map(|v| f64::from(*v)).enumerate() {
            mean[i] += value / n;
            square[i] += value * value / n;
        }
    }
    let spread = mean.iter().zip(&square).map(|(m, s)| (s - m * m).max(0.0).sqrt());
    let spread: Vec<f64> = spread.collect();
    mean.into_iter().chain(spread).map(|value| value as f32).collect()
}
