//! A weight matrix in the memory of the CPU, in the type it has in the file.

use std::{fmt, ops::Range, sync::Arc};

use half::{bf16, f16};
use memmap2::Mmap;

use super::{
    dot::row_times_matrix,
    gemm::rows_times_matrix,
    widen::{Bf16Bits, F16Bits, Stored},
};
use crate::model::Dtype;

/// Up to this many rows, streaming the weights once a row beats packing the activations.
const FEW_ROWS: usize = 3;

/// Where a weight's bytes are.
#[derive(Clone)]
pub(in crate::model) enum WeightBytes {
    /// A stretch of a mapped file.
    Mapped(Arc<Mmap>, Range<usize>),
    /// `f32`, widened when loaded.
    F32(Arc<Vec<f32>>),
    /// bf16, rounded when loaded.
    Bf16(Arc<Vec<bf16>>),
    /// `f16`, rounded when loaded.
    F16(Arc<Vec<f16>>),
}

impl WeightBytes {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map, range) => &map[range.clone()],
            Self::F32(values) => bytemuck::cast_slice(values),
            Self::Bf16(values) => bytemuck::cast_slice(values),
            Self::F16(values) => bytemuck::cast_slice(values),
        }
    }
}

/// A weight matrix `[rows, cols]`, row-major, as stored.
#[derive(Clone)]
pub(in crate::model) struct HostMatrix {
    bytes: WeightBytes,
    dtype: Dtype,
    rows: usize,
    cols: usize,
}

impl fmt::Debug for HostMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostMatrix {:?} [{}, {}]", self.dtype, self.rows, self.cols)
    }
}

impl HostMatrix {
    /// A matrix over bytes that are aligned for their type.
    ///
    /// # Panics
    /// When the number of bytes is not that of the shape.
    pub(in crate::model) fn new(
        bytes: WeightBytes,
        dtype: Dtype,
        [rows, cols]: [usize; 2],
    ) -> Self {
        let found = bytes.as_bytes().len();
        assert_eq!(found, rows * cols * dtype.bytes(), "bytes of a [{rows}, {cols}] matrix");
        Self { bytes, dtype, rows, cols }
    }

    /// Rows and columns.
    pub(in crate::model) fn dims(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// The first `rows` rows.
    pub(in crate::model) fn first_rows(&self, rows: usize) -> Self {
        let mut cut = self.clone();
        cut.rows = rows.min(self.rows);
        cut
    }

    /// One row, widened. Shape `[cols]`.
    pub(in crate::model) fn row(&self, row: usize) -> Vec<f32> {
        fn widened<W: Stored>(values: &[W]) -> Vec<f32> {
            values.iter().map(|v| v.widen()).collect()
        }
        let width = self.cols * self.dtype.bytes();
        let bytes = &self.bytes.as_bytes()[row * width..(row + 1) * width];
        match self.dtype {
            Dtype::F32 => widened::<f32>(bytemuck::cast_slice(bytes)),
            Dtype::F16 => widened::<F16Bits>(bytemuck::cast_slice(bytes)),
            Dtype::Bf16 => widened::<Bf16Bits>(bytemuck::cast_slice(bytes)),
        }
    }

    /// `x` times the transposed matrix, plus a bias.
    ///
    /// # Shapes
    /// `x`: `[M, cols]`; `bias`: `[rows]`; output: `[M, rows]`.
    pub(in crate::model) fn apply(&self, x: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        match self.dtype {
            Dtype::F32 => self.apply_as::<f32>(x, bias),
            Dtype::F16 => self.apply_as::<F16Bits>(x, bias),
            Dtype::Bf16 => self.apply_as::<Bf16Bits>(x, bias),
        }
    }

    fn apply_as<W: Stored>(&self, x: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        let used = self.rows * self.cols * self.dtype.bytes();
        let w: &[W] = bytemuck::cast_slice(&self.bytes.as_bytes()[..used]);
        let n_rows = x.len() / self.cols;
        let mut out = vec![0.0; n_rows * self.rows];
        if n_rows <= FEW_ROWS {
            for (x, out) in x.chunks_exact(self.cols).zip(out.chunks_exact_mut(self.rows)) {
                row_times_matrix(x, w, bias, out);
            }
        } else {
            rows_times_matrix(x, w, bias, n_rows, &mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, mut state: u32) -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    fn check(dtype: Dtype, m: usize, n: usize, k: usize) {
        let (x, w, bias) = (noise(m * k, 1), noise(n * k, 2), noise(n, 3));
        let (bytes, stored): (WeightBytes, Vec<f32>) = match dtype {
            Dtype::F32 => (WeightBytes::F32(Arc::new(w.clone())), w),
            Dtype::F16 => {
                let half: Vec<f16> = w.iter().map(|v| f16::from_f32(*v)).collect();
                let stored = half.iter().map(|v| v.to_f32()).collect();
                (WeightBytes::F16(Arc::new(half)), stored)
            }
            Dtype::Bf16 => {
                let half: Vec<bf16> = w.iter().map(|v| bf16::from_f32(*v)).collect();
                let stored = half.iter().map(|v| v.to_f32()).collect();
                (WeightBytes::Bf16(Arc::new(half)), stored)
            }
        };
        let matrix = HostMatrix::new(bytes, dtype, [n, k]);
        let out = matrix.apply(&x, Some(&bias));
        for i in 0..m {
            for j in 0..n {
                let exact: f64 = (0..k)
                    .map(|c| f64::from(x[i * k + c]) * f64::from(stored[j * k + c]))
                    .sum::<f64>()
                    + f64::from(bias[j]);
                let error = (f64::from(out[i * n + j]) - exact).abs();
                assert!(
                    error < 2e-7 * (k as f64 + 8.0),
                    "{dtype:?} [{m},{n},{k}] at {i},{j}: {error:e}"
                );
            }
        }
    }

    #[test]
    fn products_equal_double_precision_at_every_edge_of_the_tiles() {
        for dtype in [Dtype::F32, Dtype::F16, Dtype::Bf16] {
            for (m, n, k) in [
                (1, 1, 1),
                (1, 100, 64),
                (2, 33, 130),
                (3, 7, 5),
                (4, 12, 16),
                (5, 13, 17),
                (31, 95, 48),
                (32, 96, 512),
                (33, 97, 513),
                (70, 200, 1100),
            ] {
                check(dtype, m, n, k);
            }
        }
    }
}
