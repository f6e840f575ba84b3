//! The bar that says which number a color stands for.

use crate::domain::{Colormap, ValueScale};

use super::{
    axis::Axis,
    canvas::{Anchor, Drawing},
    font,
    paper::{Color, INK, PT, Tenths, TypeSizes},
};

/// The numbers between which colors run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ColorScale {
    pub low: f64,
    pub high: f64,
    pub colormap: Colormap,
    /// The value at the middle of the colors; `None` where they run from `low` to `high`.
    center: Option<f64>,
    /// Whether both ends were asked for: the bar then says them.
    is_given: bool,
}

impl ColorScale {
    /// A scale over zero and all values. Without any value but zero it runs to 1.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, colormap: Colormap) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if low == high {
            high = 1.0;
        }
        Self { low, high, colormap, center: None, is_given: false }
    }

    /// A scale between two numbers, the second larger; what lies beyond has the color of its end.
    pub(super) fn between(ValueScale { low, high }: ValueScale, colormap: Colormap) -> Self {
        Self { low, high, colormap, center: None, is_given: true }
    }

    /// A scale whose colors part from a value: equally far on both sides of it they are equally
    /// strong. Around zero the scale itself reaches equally far.
    pub(super) fn around(center: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let mut scale = Self::over(values, Colormap::Diverging);
        scale.low = scale.low.min(center);
        scale.high = scale.high.max(center);
        if center == 0.0 {
            scale.high = scale.high.max(-scale.low);
            scale.low = -scale.high;
        }
        Self { center: Some(center), ..scale }
    }

    /// The color of a value.
    pub(super) fn color(&self, value: f64) -> Color {
        let [red, green, blue] = self.rgb(value);
        Color(red, green, blue)
    }

    /// The same as bytes.
    pub(super) fn rgb(&self, value: f64) -> [u8; 3] {
        self.colormap.rgb(self.place(value))
    }

    /// How much of a picture the color of a value hides, where little says little.
    pub(super) fn cover(&self, value: f64) -> f64 {
        self.colormap.cover(self.place(value))
    }

    /// Where a value lies among the colors.
    fn place(&self, value: f64) -> f64 {
        let Some(center) = self.center else { return self.part(value) };
        let reach = (self.high / 2.0 - center / 2.0).max(center / 2.0 - self.low / 2.0);
        0.5 + (value / 2.0 - center / 2.0) / reach / 2.0
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper; halves keep the largest finite.
    fn part(&self, value: f64) -> f64 {
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }

    /// The value at a part of the way.
    fn at(&self, part: f64) -> f64 {
        self.low * (1.0 - part) + self.high * part
    }
}

/// Number of steps on a bar, about.
const N_STEPS: usize = 5;
/// Space that a number needs beside the next, in em.
const BETWEEN_NUMBERS: f64 = 1.2;

/// Draws a bar with its name above and its numbers below; gives back the bottom.
///
/// A number at an end may reach half its width beyond the bar, but not beyond `left` and `right`.
pub(super) fn draw(
    drawing: &mut Drawing,
    scale: &ColorScale,
    name: &str,
    (left, right): (Tenths, Tenths),
    top: Tenths,
    sizes: TypeSizes,
) -> Tenths {
    let em = sizes.small;
    let axis = axis(scale, right - left, em);
    let ticks: Vec<f64> = axis
        .ticks
        .iter()
        .copied()
        .filter(|tick| (-1e-9..=1.0 + 1e-9).contains(&scale.part(*tick)))
        .collect();
    let lines = font::wrap(&format!("{name}{}", axis.unit()), sizes.label, right - left);
    let mut y = drawing.lines(&lines, (left, top), sizes.label, Anchor::Start) + em / 4;

    // The numbers at the ends stand under the ends.
    let half = |tick: Option<&f64>| tick.map_or(0, |t| font::width(&axis.text(*t), em) / 2 + 1);
    let (from, to) = (left + half(ticks.first()), right - half(ticks.last()));
    let height = em;
    let n = Colormap::N_COLORS as Tenths;
    for i in 0..n {
        // Each color reaches to the end and is painted over by the next, so no seam shows.
        let x = from + (to - from) * i / n;
        let value = scale.at((f64::from(i) + 0.5) / f64::from(n));
        drawing.area((x, y), (to, y + height), scale.color(value));
    }
    let frame = vec![(from, y), (to, y), (to, y + height), (from, y + height), (from, y)];
    drawing.path(frame, 4, INK);
    y += height;
    for tick in ticks {
        let x = from + (scale.part(tick) * f64::from(to - from)).round() as Tenths;
        drawing.line((x, y), (x, y + 2 * PT), 6, INK);
        drawing.lines(&[axis.text(tick)], (x, y + 3 * PT), em, Anchor::Middle);
    }
    y + 3 * PT + font::height(1, em)
}

/// The power of ten in multiples of which a bar's numbers are written.
pub(super) fn exponent(scale: &ColorScale, width: Tenths, em: Tenths) -> i32 {
    axis(scale, width, em).exponent
}

/// Round numbers that have room beside each other on a bar of some width.
fn axis(scale: &ColorScale, width: Tenths, em: Tenths) -> Axis {
    let fits = |axis: &Axis| {
        let gap = (BETWEEN_NUMBERS * f64::from(em)) as Tenths;
        let widest = axis.ticks.iter().map(|tick| font::width(&axis.text(*tick), em)).max();
        (widest.unwrap_or(0) + gap) * axis.ticks.len() as Tenths <= width
    };
    let of = |n: usize| match scale.is_given {
        true => Axis::between(scale.low, scale.high, n),
        false => Axis::over([scale.low, scale.high], n),
    };
    (1..=N_STEPS).rev().map(of).find(fits).unwrap_or_else(|| of(1))
}
