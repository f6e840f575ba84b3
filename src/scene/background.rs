//! Tables: wood, cloth, gradients, noise and plain color.
//!
//! Patterns are functions over the unit square. What is too fine for a picture's pixels is left out
//! as averaging would leave it out, so that a small picture looks like a large one scaled down.

use rand::{Rng, RngExt as _};
use serde::{Deserialize, Serialize};

use super::{
    chance::{between, chance, pick},
    field::Field,
    noise::{band, bars, floor, hashed, kept, smooth},
    palette::{Rgb, mix, rgb},
};

/// The table of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Background {
    /// What it is made of.
    pub pattern: Pattern,
    /// Its two colors, as bytes.
    pub colors: [[u8; 3]; 2],
    /// How many times the pattern repeats, roughly.
    pub repeats: f32,
    /// Whether rows and columns are exchanged.
    pub turned: bool,
    /// What its random details are made from.
    pub grain: u32,
}

/// What a table is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Boards with grain.
    Wood,
    /// Cloth with checks.
    Checks,
    /// Cloth with stripes.
    Stripes,
    /// Coarse cloth.
    Weave,
    /// One color running into another.
    Gradient,
    /// Clouds of two shades.
    Noise,
    /// One color.
    Plain,
}

const WOODS: [[[u8; 3]; 2]; 6] = [
    [[170, 118, 66], [214, 168, 112]],
    [[92, 58, 36], [134, 90, 58]],
    [[202, 158, 100], [232, 198, 148]],
    [[138, 74, 46], [180, 106, 68]],
    [[142, 134, 122], [182, 174, 162]],
    [[62, 44, 36], [94, 68, 52]],
];
const CLOTHS: [[u8; 3]; 8] = [
    [202, 108, 102],
    [104, 138, 186],
    [122, 160, 112],
    [214, 176, 104],
    [140, 146, 156],
    [166, 142, 186],
    [94, 156, 158],
    [196, 138, 110],
];
/// Threads of cloth from edge to edge.
const THREADS: f32 = 120.0;
const LINEN: [u8; 3] = [244, 238, 228];
const SOFT: [[u8; 3]; 13] = [
    [164, 194, 216],
    [226, 206, 170],
    [174, 208, 186],
    [222, 178, 176],
    [190, 178, 212],
    [112, 124, 142],
    [188, 138, 112],
    [150, 152, 108],
    [98, 150, 152],
    [238, 228, 208],
    [168, 164, 158],
    [72, 86, 112],
    [106, 80, 106],
];

impl Background {
    /// A table of any kind.
    pub(super) fn choose(rng: &mut impl Rng) -> Self {
        let cloths = [Pattern::Checks, Pattern::Stripes, Pattern::Weave];
        let families =
            [Pattern::Wood, pick(&cloths, rng), Pattern::Gradient, Pattern::Noise, Pattern::Plain];
        let pattern = pick(&families, rng);
        let soft = pick(&SOFT, rng);
        let colors = match pattern {
            Pattern::Wood => pick(&WOODS, rng),
            Pattern::Checks | Pattern::Stripes => [pick(&CLOTHS, rng), LINEN],
            Pattern::Weave => {
                let cloth = pick(&CLOTHS, rng);
                [cloth, blend(cloth, LINEN, 0.4)]
            }
            Pattern::Gradient => [soft, pick(&SOFT, rng)],
            Pattern::Noise => {
                [soft, blend(soft, if chance(50, rng) { LINEN } else { [40; 3] }, 0.3)]
            }
            Pattern::Plain => [soft, blend(soft, [255; 3], 0.05)],
        };
        let repeats = match pattern {
            Pattern::Wood => between(2.6, 5.0, rng),
            Pattern::Weave => between(9.0, 14.0, rng),
            _ => between(3.0, 7.0, rng),
        };
        Self { pattern, colors, repeats, turned: chance(40, rng), grain: rng.random() }
    }

    /// Paints the table onto a square of pixels.
    pub(super) fn fill(&self, side: usize, pixels: &mut [Rgb]) {
        let unit = side as f32;
        let [a, b] = self.colors.map(|[r, g, b]| rgb(r, g, b));
        let mut field = Field::new(side, 0.0);
        self.weave(&mut field, unit);
        let gaps = self.gaps(side);
        // A lamp above the upper left.
        let faded = |from: f32| {
            move |at: usize| {
                let away = (at as f32 + 0.5) / unit - from;
                0.16 * away * away
            }
        };
        let by_col: Vec<f32> = (0..side).map(faded(0.35)).collect();
        let by_row: Vec<f32> = (0..side).map(faded(0.3)).collect();
        let is_smooth = self.pattern == Pattern::Gradient;
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let (row, col) = (at / side, at % side);
            let (y, x) = if self.turned { (col, row) } else { (row, col) };
            let value = field.values[y * side + x];
            let t = if is_smooth { smooth(value) } else { value };
            let light = (1.04 - by_row[row] - by_col[col]) * gaps[y];
            *pixel = mix(a, b, t).map(|part| part * light);
        }
    }

    /// Where between its two colors the table is, as averaged over pixels of a picture of that side.
    fn weave(&self, field: &mut Field, side: f32) {
        let (n, grain) = (self.repeats, self.grain);
        let width = n / side;
        let tau = std::f32::consts::TAU;
        match self.pattern {
            Pattern::Wood => self.add_boards(field),
            Pattern::Checks => {
                let half = |x: f32| 0.5 * bars(x * n, width);
                field.add(half, half);
            }
            Pattern::Stripes => {
                let stripe = |x: f32| bars(x * n, width) - 0.7 * band(x * n - 0.68, 0.1, width);
                field.add(stripe, |_| 0.0);
            }
            Pattern::Weave => {
                let (coarse, fine) = (kept(n, side), kept(2.0 * n, side));
                let wave = |x: f32| (x * n * tau).sin();
                let bulge = |x: f32| 0.25 - 0.05 * fine * (2.0 * x * n * tau).cos();
                field.add(bulge, bulge);
                field.add_product(|v| 0.3 * coarse * wave(v), wave);
                field.add_noise([4.0; 2], 0.5, grain, |_| 0);
            }
            Pattern::Gradient => {
                field.add(|v| 0.65 * v, |u| 0.35 * u);
                field.add_noise([2.0; 2], 0.3, grain, |_| 0);
            }
            Pattern::Noise => {
                field.add(|_| 0.5, |_| 0.0);
                let octaves = [(1.0, 1.0), (2.7, 0.6), (6.3, 0.35)];
                for (octave, (scale, weight)) in octaves.into_iter().enumerate() {
                    field.add_noise([n * scale; 2], weight, grain ^ octave as u32, |_| 0);
                }
            }
            Pattern::Plain => {
                // Both colors are the same but for a little dust.
                field.add_noise([200.0; 2], 0.8, grain, |_| 0);
            }
        }
        if matches!(self.pattern, Pattern::Checks | Pattern::Stripes | Pattern::Weave) {
            // Threads, which only large pictures show.
            let strength = 0.05 * kept(THREADS, side);
            if strength > 0.0 {
                let thread = |x: f32| strength * (x * THREADS * tau).sin();
                field.add(thread, thread);
            }
        }
    }

    /// Boards along the rows, each with its own tone and grain.
    fn add_boards(&self, field: &mut Field) {
        let (n, grain) = (self.repeats, self.grain);
        let board = |v: f32| floor(v * n) as u32;
        field.add(|v| 0.55 + 0.45 * (hashed(board(v) as i32, 0, grain) - 0.5), |_| 0.0);
        let layers =
            [([1.3, 6.0], 0.5), ([2.2, 24.0], 0.5), ([3.5, 66.0], 0.4), ([6.0, 150.0], 0.3)];
        for (layer, (cells, weight)) in layers.into_iter().enumerate() {
            field.add_noise(cells, weight, grain ^ (layer as u32 + 1), board);
        }
    }

    /// The light that is left in each row: dark gaps between boards.
    fn gaps(&self, side: usize) -> Vec<f32> {
        let (n, width) = (self.repeats, self.repeats / side as f32);
        let gap = |row: usize| {
            let y = (row as f32 + 0.5) / side as f32 * n;
            1.0 - 0.55 * band(y + 0.012, 0.024, width)
        };
        let is_wood = self.pattern == Pattern::Wood;
        (0..side).map(|row| if is_wood { gap(row) } else { 1.0 }).collect()
    }
}

fn blend(a: [u8; 3], b: [u8; 3], t: f32) -> [u8; 3] {
    std::array::from_fn(|i| (f32::from(a[i]) * (1.0 - t) + f32::from(b[i]) * t).round() as u8)
}
