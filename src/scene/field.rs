//! One number for each pixel of a square, made layer by layer.
//!
//! Layers are sums and products of what depends on the row and what depends on the column, so that
//! a pixel costs a few operations however rich the pattern.

use super::noise::{floor, hashed, kept, smooth};

/// A square of numbers.
#[derive(Debug)]
pub(super) struct Field {
    side: usize,
    pub(super) values: Vec<f32>,
}

impl Field {
    pub(super) fn new(side: usize, value: f32) -> Self {
        Self { side, values: vec![value; side * side] }
    }

    /// Adds a function of the row and one of the column, both over 0..1.
    pub(super) fn add(&mut self, of_row: impl Fn(f32) -> f32, of_col: impl Fn(f32) -> f32) {
        let (rows, cols) = (self.table(of_row), self.table(of_col));
        self.each(|value, row, col| *value += rows[row] + cols[col]);
    }

    /// Adds the product of a function of the row and one of the column.
    pub(super) fn add_product(&mut self, of_row: impl Fn(f32) -> f32, of_col: impl Fn(f32) -> f32) {
        let (rows, cols) = (self.table(of_row), self.table(of_col));
        self.each(|value, row, col| *value += rows[row] * cols[col]);
    }

    /// Adds smooth noise around 0, `weight` from its least to its greatest value.
    ///
    /// `cells` are the random places along a row and along a column; rows of different `strand`
    /// have different noise. Noise that is fine from row to row is averaged over each row; what is
    /// too fine along the rows fades.
    pub(super) fn add_noise(
        &mut self,
        cells: [f32; 2],
        weight: f32,
        seed: u32,
        strand: impl Fn(f32) -> u32,
    ) {
        let side = self.side;
        let weight = weight * kept(0.75 * cells[0], side as f32);
        if weight <= 0.0 {
            return;
        }
        let place = |x: f32, cells: f32| {
            let x = x / side as f32 * cells;
            let whole = floor(x);
            (whole, smooth(x - whole as f32))
        };
        let of_col = |col: usize| place(col as f32 + 0.5, cells[0]);
        let cols: Vec<(usize, f32)> =
            (0..side).map(of_col).map(|(whole, t)| (whole as usize, t)).collect();
        let n_parts = (4.0 * cells[1] / side as f32).ceil().max(1.0) as usize;
        let share = weight / n_parts as f32;
        let n = cells[0] as usize + 2;
        let mut line = vec![0.0; n];
        for row in 0..side {
            let seed = seed ^ strand((row as f32 + 0.5) / side as f32).wrapping_mul(0x0101_0101);
            line.fill(-0.5 * weight);
            for part in 0..n_parts {
                let within = (part as f32 + 0.5) / n_parts as f32;
                let (y, t) = place(row as f32 + within, cells[1]);
                for (x, value) in line.iter_mut().enumerate() {
                    let (above, below) = (hashed(x as i32, y, seed), hashed(x as i32, y + 1, seed));
                    *value += share * (above + (below - above) * t);
                }
            }
            let out = &mut self.values[row * side..][..side];
            for (value, (x, t)) in out.iter_mut().zip(&cols) {
                *value += line[*x] + (line[*x + 1] - line[*x]) * t;
            }
        }
    }

    fn table(&self, function: impl Fn(f32) -> f32) -> Vec<f32> {
        (0..self.side).map(|at| function((at as f32 + 0.5) / self.side as f32)).collect()
    }

    fn each(&mut self, visit: impl Fn(&mut f32, usize, usize)) {
        for (row, values) in self.values.chunks_exact_mut(self.side).enumerate() {
            for (col, value) in values.iter_mut().enumerate() {
                visit(value, row, col);
            }
        }
    }
}
