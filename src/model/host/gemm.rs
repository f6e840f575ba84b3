//! Many rows of activations times a matrix: reading a prompt. Bound by multiply-adds.
//!
//! The product is computed transposed: a register tile holds `NR` rows of the weights by
//! `2 * F32_LANES` rows of the activations, so the weights need no transposition on their way from
//! the file. A task takes `BLOCK` rows of the weights; it widens `WIDENED` of their columns at a time
//! into its own cache and passes every panel of activations over them.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::widen::Stored;

/// Columns that the innermost loop is unrolled over.
const STEP: usize = 16;
/// Columns of the weights widened at a time: 192 KiB a block, in the second cache. Long enough that
/// the processor fetches the rest of a row from memory by itself.
const WIDENED: usize = 512;
/// Steps multiplied at a time: a panel's 16 KiB stay in the first cache while the block passes over
/// them.
const STEPS: usize = 8;
/// Rows of the weights that a task takes; a multiple of every `NR`.
const BLOCK: usize = 96;
/// Vectors of activations in a register tile.
const VECTORS: usize = 2;
/// The widest vector there is.
const MAX_LANES: usize = 16;

/// `out[m, n] = sum over k of x[m, k] * w[n, k]`, plus the bias.
///
/// # Shapes
/// `x`: `[M, K]`; `w`: `[N, K]`; `bias`: `[N]`; `out`: `[M, N]`; all row-major.
pub(super) fn rows_times_matrix<W: Stored>(
    x: &[f32],
    w: &[W],
    bias: Option<&[f32]>,
    n_rows: usize,
    out: &mut [f32],
) {
    let n_cols = x.len() / n_rows;
    let n_out = out.len() / n_rows;
    Arch::new().dispatch(Product { x, w, bias, n_rows, n_cols, n_out, out });
}

struct Product<'a, W> {
    x: &'a [f32],
    w: &'a [W],
    bias: Option<&'a [f32]>,
    n_rows: usize,
    n_cols: usize,
    n_out: usize,
    out: &'a mut [f32],
}

impl<W: Stored> WithSimd for Product<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // As many rows of weights as leave registers for the activations: 32 of AVX-512, 16 else.
        match S::F32_LANES {
            MAX_LANES => multiply::<S, W, 12>(simd, self),
            _ => multiply::<S, W, 6>(simd, self),
        }
    }
}

fn multiply<S: Simd, W: Stored, const NR: usize>(simd: S, product: Product<'_, W>) {
    let Product { x, w, bias, n_rows, n_cols, n_out, out } = product;
    let panel_rows = VECTORS * S::F32_LANES;
    let panels = pack_panels(x, n_rows, n_cols, panel_rows);
    let blocks: Vec<(usize, Vec<f32>)> = (0..n_out.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let first = block * BLOCK;
            let n = BLOCK.min(n_out - first);
            let w = &w[first * n_cols..(first + n) * n_cols];
            (
                first,
                simd.vectorize(Block::<S, W, NR> { simd, w, n, n_cols, n_rows, panels: &panels }),
            )
        })
        .collect();
    out.par_chunks_mut(n_out).enumerate().for_each(|(m, row)| {
        for (first, block) in &blocks {
            let n = block.len() / n_rows;
            row[*first..first + n].copy_from_slice(&block[m * n..(m + 1) * n]);
        }
        if let Some(bias) = bias {
            row.iter_mut().zip(bias).for_each(|(o, b)| *o += b);
        }
    });
}

/// A cache line: a vector load that straddles two costs twice.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C, align(64))]
struct Line([f32; MAX_LANES]);

/// Rearranges activations so that the rows of a panel lie beside each other at each column.
///
/// # Shapes
/// `[panels, padded columns, panel_rows]`; rows and columns beyond the input are zero.
fn pack_panels(x: &[f32], n_rows: usize, n_cols: usize, panel_rows: usize) -> Vec<Line> {
    let depth = n_cols.next_multiple_of(STEP);
    let lines_a_panel = depth * panel_rows / MAX_LANES;
    let mut panels = vec![Line([0.0; MAX_LANES]); n_rows.div_ceil(panel_rows) * lines_a_panel];
    panels.par_chunks_mut(lines_a_panel).enumerate().for_each(|(panel, lines)| {
        let packed: &mut [f32] = bytemuck::cast_slice_mut(lines);
        let rows = panel * panel_rows..n_rows.min((panel + 1) * panel_rows);
        // A step of columns at a time, so that what is written stays in the first cache.
        for (step, block) in packed.chunks_exact_mut(STEP * panel_rows).enumerate() {
            let columns = step * STEP..n_cols.min((step + 1) * STEP);
            for (lane, m) in rows.clone().enumerate() {
                let row = &x[m * n_cols..(m + 1) * n_cols][columns.clone()];
                let slots = block[lane..].iter_mut().step_by(panel_rows);
                row.iter().zip(slots).for_each(|(value, slot)| *slot = *value);
            }
        }
    });
    panels
}

/// One task: `n` rows of the weights over all activations. Returns `[M, n]`.
struct Block<'a, S, W, const NR: usize> {
    simd: S,
    w: &'a [W],
    n: usize,
    n_cols: usize,
    n_rows: usize,
    panels: &'a [Line],
}

type Sums<S, const NR: usize> = [[<S as Simd>::f32s; VECTORS]; NR];

impl<S: Simd, W: Stored, const NR: usize> pulp::NullaryFnOnce for Block<'_, S, W, NR> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn call(self) -> Vec<f32> {
        let Self { simd, w, n, n_cols, n_rows, panels } = self;
        let panel_rows = VECTORS * S::F32_LANES;
        let panels: &[f32] = bytemuck::cast_slice(panels);
        let depth = n_cols.next_multiple_of(STEP);
        let n_panels = n_rows.div_ceil(panel_rows);
        let n_tiles = n.div_ceil(NR);
        let zero: Sums<S, NR> = [[simd.splat_f32s(0.0); VECTORS]; NR];
        let mut sums = vec![zero; n_panels * n_tiles];
        let mut tiles: Vec<[[f32; STEP]; NR]> = Vec::new();
        let mut start = 0;
        while start < depth {
            let end = (start + WIDENED).min(depth);
            widen_tiles::<W, NR>(w, n, n_cols, start..end, &mut tiles);
            let steps = (end - start) / STEP;
            for (panel, sums) in sums.chunks_exact_mut(n_tiles).enumerate() {
                let columns = &panels[(panel * depth + start) * panel_rows..];
                multiply_panel::<S, NR>(simd, &tiles, steps, columns, sums);
            }
            start = end;
        }
        unpack::<S, NR>(&sums, n, n_rows)
    }
}

/// Widens columns `start..end` of the block, tile by tile and step by step; zero beyond the edge.
#[inline(always)]
fn widen_tiles<W: Stored, const NR: usize>(
    w: &[W],
    n: usize,
    n_cols: usize,
    columns: std::ops::Range<usize>,
    tiles: &mut Vec<[[f32; STEP]; NR]>,
) {
    let steps = columns.len() / STEP;
    tiles.clear();
    tiles.resize(n.div_ceil(NR) * steps, [[0.0; STEP]; NR]);
    for (row_idx, row) in w.chunks_exact(n_cols).enumerate() {
        let tile = &mut tiles[row_idx / NR * steps..][..steps];
        let row = &row[columns.start..columns.end.min(n_cols)];
        let (whole, rest) = row.as_chunks::<STEP>();
        for (slot, values) in tile.iter_mut().zip(whole) {
            slot[row_idx % NR] = values.map(W::widen);
        }
        for (column, value) in rest.iter().enumerate() {
            tile[whole.len()][row_idx % NR][column] = value.widen();
        }
    }
}

/// Passes the widened tiles of a block over one panel, a cache's worth of columns at a time.
#[inline(always)]
fn multiply_panel<S: Simd, const NR: usize>(
    simd: S,
    tiles: &[[[f32; STEP]; NR]],
    steps: usize,
    columns: &[f32],
    sums: &mut [Sums<S, NR>],
) {
    for first in (0..steps).step_by(STEPS) {
        let some = first..steps.min(first + STEPS);
        let columns = &columns[first * STEP * VECTORS * S::F32_LANES..];
        for (tile, sums) in tiles.chunks_exact(steps).zip(sums.iter_mut()) {
            accumulate::<S, NR>(simd, &tile[some.clone()], columns, sums);
        }
    }
}

/// The register tile: `NR` rows of weights by `VECTORS` vectors of activations.
#[inline(always)]
fn accumulate<S: Simd, const NR: usize>(
    simd: S,
    w: &[[[f32; STEP]; NR]],
    columns: &[f32],
    sums: &mut Sums<S, NR>,
) {
    let mut acc = *sums;
    let (vectors, _) = S::as_simd_f32s(columns);
    let (pairs, _) = vectors.as_chunks::<VECTORS>();
    let (steps, _) = pairs.as_chunks::<STEP>();
    for (w, x) in w.iter().zip(steps) {
        // Written out, because the compiler leaves a loop of sixteen as it is.
        macro_rules! columns {
            ($($k:literal)*) => { $(
                for row in 0..NR {
                    let weight = simd.splat_f32s(w[row][$k]);
                    for v in 0..VECTORS {
                        acc[row][v] = simd.mul_add_f32s(weight, x[$k][v], acc[row][v]);
                    }
                }
            )* };
        }
        columns!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    }
    *sums = acc;
}

/// Register tiles to `[M, n]`.
#[inline(always)]
fn unpack<S: Simd, const NR: usize>(sums: &[Sums<S, NR>], n: usize, n_rows: usize) -> Vec<f32> {
    let panel_rows = VECTORS * S::F32_LANES;
    let n_tiles = n.div_ceil(NR);
    let mut out = vec![0.0; n_rows * n];
    for (idx, tile) in sums.iter().enumerate() {
        let (first_m, first_n) = (idx / n_tiles * panel_rows, idx % n_tiles * NR);
        let rows = panel_rows.min(n_rows - first_m);
        for (row, vectors) in tile.iter().enumerate().take(NR.min(n - first_n)) {
            let lanes: &[f32] = bytemuck::cast_slice(vectors);
            for (m, value) in lanes.iter().enumerate().take(rows) {
                out[(first_m + m) * n + first_n + row] = *value;
            }
        }
    }
    out
}
