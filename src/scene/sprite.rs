//! Icons as pixels, at several sizes, and their soft shadows.

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

use super::{icons::ICONS, kind::Kind, tabletop::REACH};

/// Side of the finest picture kept of an icon.
const FINEST: usize = 256;
/// What a picture covers, the icon's square being 1: around it the coarsest picture that is used, of
/// 16 dots, has an empty dot on each side.
const EXTENT: f32 = 16.0 / 14.0;
/// Side of a shadow's picture; it covers half as much again.
const SHADOW: usize = 48;
const SHADOW_EXTENT: f32 = 1.5 * EXTENT;
/// How far a shadow reaches from the middle.
pub(super) const SHADOW_REACH: f32 = 0.8;

/// An icon, centered and scaled so that its diameter is the side of its square.
#[derive(Debug)]
pub(super) struct Sprite {
    /// From coarse to fine, each twice as fine as the one before.
    levels: Vec<Level>,
    shadow: Vec<f32>,
}

/// One picture: bytes of premultiplied red, green, blue and opacity, the lowest first.
#[derive(Debug)]
struct Level {
    side: usize,
    dots: Vec<u32>,
}

impl Sprite {
    /// Draws a kind's icon.
    pub(super) fn of(kind: Kind) -> Self {
        let finest = rasterize(ICONS[kind.index()].svg);
        let mut levels = vec![finest];
        while let Some(last) = levels.last()
            && last.side > 8
        {
            let next = last.halved();
            levels.push(next);
        }
        levels.reverse();
        let shadow = soften(levels.iter().find(|level| level.side == 32));
        Self { levels, shadow }
    }

    /// The finest picture that still has at most two dots for each pixel of a thing that is
    /// `diameter` pixels wide, to be read at four places a pixel.
    pub(super) fn reader(&self, diameter: f32) -> Reader<'_> {
        let is_fine = |level: &&Level| level.side as f32 >= diameter * EXTENT;
        let level = self.levels.iter().find(is_fine).or(self.levels.last());
        level.map_or(Reader { side: 0, dots: &[] }, |level| Reader {
            side: level.side,
            dots: &level.dots,
        })
    }

    /// The shadow's strength at a point of the icon's square, whose side is 1 and middle 0.
    pub(super) fn shadow_at(&self, x: f32, y: f32) -> f32 {
        let place = |v: f32| (v / SHADOW_EXTENT + 0.5) * SHADOW as f32 - 0.5;
        let (x, y) = (place(x), place(y));
        let last = (SHADOW - 1) as f32;
        if x < 0.0 || y < 0.0 || x >= last || y >= last {
            return 0.0;
        }
        let (col, row) = (x as usize, y as usize);
        let (tx, ty) = (x - col as f32, y - row as f32);
        let at = row * SHADOW + col;
        let top = self.shadow[at] * (1.0 - tx) + self.shadow[at + 1] * tx;
        let bottom = self.shadow[at + SHADOW] * (1.0 - tx) + self.shadow[at + SHADOW + 1] * tx;
        top * (1.0 - ty) + bottom * ty
    }
}

/// Reads one picture of an icon between its dots.
///
/// Places are whole numbers of 256ths of a dot, and the four bytes of a dot are weighed in one
/// 64-bit number, 16 bits each: this is what drawing spends its time on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    side: usize,
    dots: &'a [u32],
}

/// Red, green, blue and opacity, 16 bits each, in that order of [`channels`].
pub(super) type Lanes = u64;

impl Reader<'_> {
    /// Units of a place in the icon's square, whose side is 1.
    pub(super) fn units(self) -> f32 {
        256.0 * self.side as f32 / EXTENT
    }

    /// The place of the square's middle.
    pub(super) fn middle(self) -> i32 {
        128 * self.side as i32 - 128
    }

    /// Premultiplied color and opacity at a place; outside of the picture there is nothing.
    pub(super) fn at(self, x: i32, y: i32) -> Lanes {
        let (col, row) = ((x >> 8) as usize, (y >> 8) as usize);
        // Negative places are huge ones as unsigned numbers.
        let last = self.side.saturating_sub(1);
        if col >= last || row >= last {
            return 0;
        }
        let at = row * self.side + col;
        let (Some([a, b]), Some([c, d])) =
            (self.dots.get(at..at + 2), self.dots.get(at + self.side..at + self.side + 2))
        else {
            return 0;
        };
        let (tx, ty) = ((x & 255) as u64, (y & 255) as u64);
        let right = (tx * ty) >> 8;
        // The four weights add up to 256 exactly.
        let sum = lanes(*a) * (256 + right - tx - ty)
            + lanes(*b) * (tx - right)
            + lanes(*c) * (ty - right)
            + lanes(*d) * right;
        (sum >> 8) & 0x00FF_00FF_00FF_00FF
    }
}

/// The bytes of a dot, spread out.
fn lanes(dot: u32) -> Lanes {
    let dot = u64::from(dot);
    (dot & 0x00FF_00FF) | ((dot & 0xFF00_FF00) << 24)
}

/// Sums of red, green, blue and opacity as numbers.
pub(super) fn channels(sum: Lanes) -> [f32; 4] {
    // Bytes 0 and 2 lie in the lower half, 1 and 3 in the upper one.
    [0, 32, 16, 48].map(|shift| ((sum >> shift) & 0xFFFF) as u16).map(f32::from)
}

impl Level {
    /// Half as fine, each dot the mean of four.
    fn halved(&self) -> Self {
        let side = self.side / 2;
        let mean = |cell: usize| {
            let at = 2 * (cell / side) * self.side + 2 * (cell % side);
            let four = [at, at + 1, at + self.side, at + self.side + 1];
            std::array::from_fn(|channel| {
                let sum: u16 =
                    four.iter().map(|at| u16::from(self.dots[*at].to_le_bytes()[channel])).sum();
                ((sum + 2) / 4) as u8
            })
        };
        Self { side, dots: (0..side * side).map(mean).map(u32::from_le_bytes).collect() }
    }
}

/// An SVG as pixels, moved and scaled to its square.
fn rasterize(svg: &str) -> Level {
    #[expect(clippy::expect_used, reason = "the icons are part of the program, and tested")]
    let tree = Tree::from_str(svg, &Options::default()).expect("an icon of the program");
    let scale = FINEST as f32 / tree.size().width();
    let first = render(&tree, Transform::from_scale(scale, scale));
    let Some(extent) = Extent::of(&first) else {
        return first;
    };
    // The square's side is the larger of width and height, unless corners would reach too far out.
    let factor = (1.0 / extent.longest).min(REACH / extent.reach) / EXTENT;
    let middle = FINEST as f32 / 2.0;
    let fitted = Transform::from_scale(scale * factor, scale * factor).post_translate(
        middle - factor * (extent.middle[0] + 0.5) * FINEST as f32,
        middle - factor * (extent.middle[1] + 0.5) * FINEST as f32,
    );
    render(&tree, fitted)
}

fn render(tree: &Tree, transform: Transform) -> Level {
    #[expect(clippy::expect_used, reason = "a constant size that is not 0")]
    let mut pixmap = Pixmap::new(FINEST as u32, FINEST as u32).expect("a picture of 256 x 256");
    resvg::render(tree, transform, &mut pixmap.as_mut());
    let bytes = pixmap.pixels().iter().map(|p| [p.red(), p.green(), p.blue(), p.alpha()]);
    Level { side: FINEST, dots: bytes.map(u32::from_le_bytes).collect() }
}

/// Where a drawing lies in its square, in parts of the square's side, the middle being 0.
struct Extent {
    middle: [f32; 2],
    longest: f32,
    reach: f32,
}

impl Extent {
    fn of(level: &Level) -> Option<Self> {
        let side = level.side;
        let opaque = |at: &usize| level.dots[*at] >> 24 >= 64;
        let inside: Vec<[usize; 2]> =
            (0..side * side).filter(opaque).map(|at| [at % side, at / side]).collect();
        let range = |axis: usize| {
            let places = || inside.iter().map(|place| place[axis]);
            Some((places().min()? as f32, places().max()? as f32 + 1.0))
        };
        let ((left, right), (top, bottom)) = (range(0)?, range(1)?);
        let middle = [f32::midpoint(left, right), f32::midpoint(top, bottom)];
        let squared = |[x, y]: &[usize; 2]| {
            (*x as f32 + 0.5 - middle[0]).powi(2) + (*y as f32 + 0.5 - middle[1]).powi(2)
        };
        let farthest = inside.iter().map(squared).fold(0.0, f32::max).sqrt();
        let unit = side as f32;
        Some(Self {
            middle: middle.map(|v| v / unit - 0.5),
            longest: (right - left).max(bottom - top) / unit,
            reach: farthest / unit,
        })
    }
}

/// The opacity of a picture of 32 dots, blurred over a larger square.
fn soften(level: Option<&Level>) -> Vec<f32> {
    let mut field = vec![0.0; SHADOW * SHADOW];
    if let Some(level) = level {
        let border = (SHADOW - level.side) / 2;
        for (at, dot) in level.dots.iter().enumerate() {
            let (row, col) = (at / level.side + border, at % level.side + border);
            field[row * SHADOW + col] = (dot >> 24) as f32 / 255.0;
        }
    }
    // Three box filters of five dots are close to a Gaussian, in each direction.
    for _ in 0..3 {
        field = blurred(&field, 1);
        field = blurred(&field, SHADOW);
    }
    field
}

fn blurred(field: &[f32], step: usize) -> Vec<f32> {
    let mean = |at: usize| {
        let near = at.saturating_sub(2 * step)..=at + 2 * step;
        near.step_by(step).filter_map(|near| field.get(near)).sum::<f32>() / 5.0
    };
    (0..field.len()).map(mean).collect()
}
