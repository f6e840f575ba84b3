//! Small products whose right side lies row by row: the ones inside an attention head.

use pulp::Simd;

/// Rows of a register tile, with 32 vector registers and with 16.
const ROWS_WIDE: usize = 8;
const ROWS_NARROW: usize = 4;
/// Vectors of a register tile.
const VECTORS: usize = 2;
const MAX_LANES: usize = 16;

/// The left side of a product: element `(m, k)` stands at `m * row + k * column`.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) values: &'a [f32],
    pub(super) row: usize,
    pub(super) column: usize,
}

/// `out[m, n] += sum over k of left[m, k] * right[k, n]`.
///
/// # Shapes
/// `right`: `[K, N]`, `out`: `[M, N]`, row-major, `N = width`. `packed` is scratch memory.
#[inline(always)]
pub(super) fn add_product<S: Simd>(
    simd: S,
    left: Left<'_>,
    right: &[f32],
    width: usize,
    out: &mut [f32],
    packed: &mut Vec<f32>,
) {
    match S::F32_LANES {
        MAX_LANES => tiles::<S, ROWS_WIDE>(simd, left, right, width, out, packed),
        _ => tiles::<S, ROWS_NARROW>(simd, left, right, width, out, packed),
    }
}

#[inline(always)]
fn tiles<S: Simd, const MR: usize>(
    simd: S,
    left: Left<'_>,
    right: &[f32],
    width: usize,
    out: &mut [f32],
    packed: &mut Vec<f32>,
) {
    let n_rows = out.len() / width;
    let depth = right.len() / width;
    let tile_width = VECTORS * S::F32_LANES;
    for (tile, out) in out.chunks_mut(MR * width).enumerate() {
        let first = tile * MR;
        let rows = MR.min(n_rows - first);
        pack::<MR>(left, first, rows, depth, packed);
        let (packed, _) = packed.as_chunks::<MR>();
        let n_whole = width / tile_width;
        for column in (0..n_whole).map(|i| i * tile_width) {
            whole_tile::<S, MR>(simd, packed, right, (width, column), out);
        }
        for column in (n_whole * tile_width..width).step_by(S::F32_LANES) {
            edge_tile::<S, MR>(simd, packed, right, (width, column), out);
        }
    }
}

/// A tile of `MR` rows by `VECTORS` vectors, from a column on.
#[inline(always)]
fn whole_tile<S: Simd, const MR: usize>(
    simd: S,
    packed: &[[f32; MR]],
    right: &[f32],
    (width, column): (usize, usize),
    out: &mut [f32],
) {
    let end = column + VECTORS * S::F32_LANES;
    let mut acc = [[simd.splat_f32s(0.0); VECTORS]; MR];
    for (left, right) in packed.iter().zip(right.chunks_exact(width)) {
        let (vectors, _) = S::as_simd_f32s(&right[column..end]);
        for row in 0..MR {
            let value = simd.splat_f32s(left[row]);
            for v in 0..VECTORS {
                acc[row][v] = simd.mul_add_f32s(value, vectors[v], acc[row][v]);
            }
        }
    }
    for (acc, out) in acc.iter().zip(out.chunks_exact_mut(width)) {
        let (vectors, _) = S::as_mut_simd_f32s(&mut out[column..end]);
        for v in 0..VECTORS {
            vectors[v] = simd.add_f32s(vectors[v], acc[v]);
        }
    }
}

/// A tile of one vector or less, at the right edge.
#[inline(always)]
fn edge_tile<S: Simd, const MR: usize>(
    simd: S,
    packed: &[[f32; MR]],
    right: &[f32],
    (width, column): (usize, usize),
    out: &mut [f32],
) {
    let end = width.min(column + S::F32_LANES);
    let mut acc = [simd.splat_f32s(0.0); MR];
    for (left, right) in packed.iter().zip(right.chunks_exact(width)) {
        let vector = simd.partial_load_f32s(&right[column..end]);
        for row in 0..MR {
            acc[row] = simd.mul_add_f32s(simd.splat_f32s(left[row]), vector, acc[row]);
        }
    }
    for (acc, out) in acc.iter().zip(out.chunks_exact_mut(width)) {
        let slot = &mut out[column..end];
        let sum = simd.add_f32s(simd.partial_load_f32s(slot), *acc);
        simd.partial_store_f32s(slot, sum);
    }
}

/// Some rows of the left side, column by column, as `[K, MR]`; zero beyond the last row.
#[inline(always)]
fn pack<const MR: usize>(
    left: Left<'_>,
    first: usize,
    rows: usize,
    depth: usize,
    packed: &mut Vec<f32>,
) {
    packed.clear();
    packed.resize(depth * MR, 0.0);
    let (slots, _) = packed.as_chunks_mut::<MR>();
    if left.row == 1 {
        for (k, slot) in slots.iter_mut().enumerate() {
            let start = first + k * left.column;
            slot[..rows].copy_from_slice(&left.values[start..start + rows]);
        }
        return;
    }
    for row in 0..rows {
        let start = (first + row) * left.row;
        let values = left.values[start..].iter().step_by(left.column);
        slots.iter_mut().zip(values).for_each(|(slot, value)| slot[row] = *value);
    }
}

/// `[rows, columns]` turned, its new rows `stride` apart.
#[inline(always)]
pub(super) fn transpose(x: &[f32], columns: usize, stride: usize, out: &mut [f32]) {
    for (row, values) in x.chunks_exact(columns).enumerate() {
        for (column, value) in values.iter().enumerate() {
            out[column * stride + row] = *value;
        }
    }
}
