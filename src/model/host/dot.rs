//! One row of activations times a matrix: decoding. Bound by the bytes of the weights.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::widen::Stored;

/// Values multiplied at a time, with independent sums that hide the latency of an addition.
const LANES: usize = 64;

/// Rows of the matrix that one task takes at least.
const ROWS: usize = 32;

/// `out[n] = sum over k of x[k] * w[n, k]`, plus the bias.
///
/// # Shapes
/// `x`: `[K]`; `w`: `[N, K]` row-major; `bias`, `out`: `[N]`.
pub(super) fn row_times_matrix<W: Stored>(
    x: &[f32],
    w: &[W],
    bias: Option<&[f32]>,
    out: &mut [f32],
) {
    let arch = Arch::new();
    let n_cols = x.len();
    let rows_a_task = out.len().div_ceil(rayon::current_num_threads() * 4).max(ROWS);
    out.par_chunks_mut(rows_a_task).enumerate().for_each(|(task, out)| {
        let first = task * rows_a_task;
        let w = &w[first * n_cols..(first + out.len()) * n_cols];
        arch.dispatch(Rows { x, w, out });
        if let Some(bias) = bias {
            out.iter_mut().zip(&bias[first..]).for_each(|(o, b)| *o += b);
        }
    });
}

struct Rows<'a, W> {
    x: &'a [f32],
    w: &'a [W],
    out: &'a mut [f32],
}

impl<W: Stored> WithSimd for Rows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.dots::<S, 4>(simd),
            8 => self.dots::<S, 8>(simd),
            _ => self.dots::<S, 16>(simd),
        }
    }
}

impl<W: Stored> Rows<'_, W> {
    /// `VECTORS` vectors are [`LANES`] values.
    #[inline(always)]
    fn dots<S: Simd, const VECTORS: usize>(self, simd: S) {
        let (x_chunks, x_rest) = self.x.as_chunks::<LANES>();
        for (row, out) in self.w.chunks_exact(self.x.len()).zip(self.out) {
            let (w_chunks, w_rest) = row.as_chunks::<LANES>();
            let mut sums = [simd.splat_f32s(0.0); VECTORS];
            for (x, w) in x_chunks.iter().zip(w_chunks) {
                let w: [f32; LANES] = w.map(W::widen);
                let (x, w) = (S::as_simd_f32s(x).0, S::as_simd_f32s(&w).0);
                for vector in 0..VECTORS {
                    sums[vector] = simd.mul_add_f32s(x[vector], w[vector], sums[vector]);
                }
            }
            // Pairwise, so that the rounding error grows with the logarithm of the length.
            let mut n = VECTORS;
            while n > 1 {
                n /= 2;
                for vector in 0..n {
                    sums[vector] = simd.add_f32s(sums[vector], sums[vector + n]);
                }
            }
            let rest: f32 = x_rest.iter().zip(w_rest).map(|(x, w)| x * w.widen()).sum();
            *out = simd.reduce_sum_f32s(sums[0]) + rest;
        }
    }
}
