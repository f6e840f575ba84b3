//! One row of activations times a matrix: decoding. Bound by the bytes of the weights.

use pulp::{Arch, WithSimd};
use rayon::prelude::*;

use super::widen::Stored;

/// Independent sums; enough to hide the latency of a fused multiply-add.
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
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        for (row, out) in self.w.chunks_exact(self.x.len()).zip(self.out) {
            *out = dot(simd, self.x, row);
        }
    }
}

#[inline(always)]
fn dot<S: pulp::Simd, W: Stored>(simd: S, x: &[f32], w: &[W]) -> f32 {
    let _ = simd;
    let (x_chunks, x_rest) = x.as_chunks::<LANES>();
    let (w_chunks, w_rest) = w.as_chunks::<LANES>();
    let (mut sums, mut rest) = ([0.0f32; LANES], [0.0f32; 16]);
    for (x, w) in x_chunks.iter().zip(w_chunks) {
        for lane in 0..LANES {
            sums[lane] = fused::<S>(x[lane], w[lane].widen(), sums[lane]);
        }
    }
    for (lane, (x, w)) in x_rest.iter().zip(w_rest).enumerate() {
        rest[lane % 16] += x * w.widen();
    }
    // Pairwise, so that the rounding error grows with the logarithm of the length. The sizes are
    // constants: a loop over them would keep the sums above in memory instead of registers.
    let sums: [f32; 32] = std::array::from_fn(|lane| sums[lane] + sums[lane + 32]);
    let sums: [f32; 16] = std::array::from_fn(|lane| sums[lane] + sums[lane + 16] + rest[lane]);
    let sums: [f32; 8] = std::array::from_fn(|lane| sums[lane] + sums[lane + 8]);
    let sums: [f32; 4] = std::array::from_fn(|lane| sums[lane] + sums[lane + 4]);
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// `a * b + c`, fused where the processor has the instruction; `mul_add` without it is a call.
#[inline(always)]
fn fused<S: pulp::Simd>(a: f32, b: f32, c: f32) -> f32 {
    if S::F32_LANES >= 8 { a.mul_add(b, c) } else { a * b + c }
}
