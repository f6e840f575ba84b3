//! Products of matrices, row by row: the one inner loop that projections and rollouts share.

/// Adds `factor * left * right` to `sums`.
///
/// Four rows of `right` at a time, so that a row of sums is read and written a quarter as often.
///
/// # Shapes
/// - `sums`: `[m, n]`
/// - `left`: `m` rows of `k` weights each
/// - `right`: `[k, n]`
pub(super) fn add_product<'a>(
    sums: &mut [f64],
    left: impl Iterator<Item = &'a [f64]>,
    right: &[f64],
    n: usize,
    factor: f64,
) {
    for (sums, weights) in sums.chunks_exact_mut(n).zip(left) {
        let mut quads = weights.chunks_exact(4);
        let mut rows = right.chunks_exact(4 * n);
        for (weights, rows) in quads.by_ref().zip(rows.by_ref()) {
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| factor * weights[i]);
            let (first, second) = rows.split_at(2 * n);
            let [(ra, rb), (rc, rd)] = [first.split_at(n), second.split_at(n)];
            let by_column = ra.iter().zip(rb).zip(rc.iter().zip(rd));
            for (sum, ((ra, rb), (rc, rd))) in sums.iter_mut().zip(by_column) {
                *sum += a * ra + b * rb + (c * rc + d * rd);
            }
        }
        let rest = &right[weights.len() / 4 * 4 * n..];
        for (weight, row) in quads.remainder().iter().zip(rest.chunks_exact(n)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * weight * value);
        }
    }
}
