//! Where everything of a figure with curves stands, from top to bottom, as in [`super::bars`].

use crate::domain::{Curve, CurveFigure, CurveParts, Interval};

use super::{
    axis::Axis,
    canvas::{Anchor, Drawing, Point, ascent},
    caption::texts_below,
    font,
    legend::{self, Swatch},
    paper::{self, Color, GRID, INK, PT, Tenths, TypeSizes, whole_pixels},
};

const MARGIN: Tenths = 8 * PT;
/// Between blocks.
const GAP: Tenths = 5 * PT;
/// A plot lower than this shows no differences.
const LOWEST_PLOT: Tenths = 110 * PT;
/// Steps of the axis of values, about.
const N_STEPS: usize = 5;
/// Width of a curve.
const STROKE: Tenths = 12;
/// Space that a number on the horizontal axis needs beside the next, in em.
const BETWEEN_NUMBERS: f64 = 1.5;

/// Half of the space that a curve's whiskers have beside those of the next.
const ASIDE: Tenths = 12;

/// Draws curves at a width and at least a height.
pub(super) fn draw(figure: &CurveFigure, width: Tenths, height: Tenths) -> Drawing {
    let parts = figure.parts();
    let sizes = TypeSizes::for_width(width);
    let (left, right) = (MARGIN, width - MARGIN);
    let mut drawing = Drawing { width, height, marks: Vec::new() };
    let values =
        |i: usize| parts.curves.iter().flat_map(move |c| c.points.iter().map(move |p| p[i]));
    let intervals = || parts.curves.iter().flat_map(|c| c.intervals.iter());
    let span = parts.value_span.into_iter().flatten();
    let ends = intervals().flat_map(|i| [i.low, i.high]).chain(span);
    let axis = Axis::over(values(1).chain(ends), N_STEPS);
    let widest = axis.ticks.iter().map(|tick| font::width(&axis.text(*tick), sizes.small)).max();
    let plot_left = left + widest.unwrap_or(0) + 4 * PT;
    let x_axis = x_axis(&values(0).collect::<Vec<f64>>(), right - plot_left, sizes.small);
    let last = x_axis.ticks.last().map_or(0, |t| font::width(&x_axis.text(*t), sizes.small));
    let plot_right = right - last / 2;

    let mut y = MARGIN;
    if let Some(title) = &parts.title {
        let lines = font::wrap(title, sizes.title, right - left);
        y = drawing.lines(&lines, (left, y), sizes.title, Anchor::Start) + GAP;
    }
    y = legend::draw(&mut drawing, entries(parts), (left, right), y, sizes.label) + GAP;
    let name = format!("{}{}", parts.value_label, axis.unit());
    let lines = font::wrap(&name, sizes.label, right - left);
    y = drawing.lines(&lines, (left, y), sizes.label, Anchor::Start);

    let top = y + sizes.small;
    let x_name =
        font::wrap(&format!("{}{}", parts.x_label, x_axis.unit()), sizes.label, right - left);
    let texts = texts_below(&parts.caption, &parts.notes, sizes.small, right - left);
    let below = 3 * PT
        + font::height(1, sizes.small)
        + font::height(x_name.len(), sizes.label)
        + texts.iter().map(|lines| GAP + font::height(lines.len(), sizes.small)).sum::<Tenths>()
        + MARGIN;
    drawing.height = whole_pixels(height.max(top + LOWEST_PLOT + below));
    let bottom = drawing.height - below;
    // Room for the whiskers of the first and the last points beside each other.
    let n_whiskered = parts.curves.iter().filter(|curve| !curve.intervals.is_empty()).count();
    let inset = if n_whiskered > 1 { parts.curves.len() as Tenths * ASIDE + ASIDE } else { 0 };
    let axes = [&x_axis, &axis];
    let plot = Plot { left: plot_left, right: plot_right, top, bottom, inset, axes };
    plot.draw_ground(&mut drawing, sizes.small);
    for (i, curve) in parts.curves.iter().enumerate() {
        let color = look(&parts.curves, i).0;
        plot.draw_intervals(&mut drawing, (curve, color), (i, parts.curves.len()));
    }
    for (i, curve) in parts.curves.iter().enumerate() {
        let points: Vec<Point> = curve.points.iter().map(|p| plot.place(*p)).collect();
        draw_curve(&mut drawing, &points, look(&parts.curves, i));
    }
    let x_name_top = bottom + 3 * PT + font::height(1, sizes.small);
    let middle = i32::midpoint(plot_left, plot_right);
    drawing.lines(&x_name, (middle, x_name_top), sizes.label, Anchor::Middle);
    let mut y = drawing.height - MARGIN;
    for lines in texts.iter().rev() {
        y -= font::height(lines.len(), sizes.small);
        drawing.lines(lines, (left, y), sizes.small, Anchor::Start);
        y -= GAP;
    }
    drawing
}

/// An axis with as many numbers as have room beside each other; whole ones where what is counted comes
/// whole: there is no layer and a half.
fn x_axis(values: &[f64], room: Tenths, em: Tenths) -> Axis {
    let are_whole = values.iter().all(|value| value.fract() == 0.0);
    let fits = |axis: &Axis| {
        let widths = axis.ticks.iter().map(|tick| font::width(&axis.text(*tick), em));
        let gap = (BETWEEN_NUMBERS * f64::from(em)) as Tenths;
        widths.map(|width| width + gap).sum::<Tenths>() <= room
    };
    let axes = (1..=8).rev().map(|n| Axis::over(values.iter().copied(), n));
    let is_split = |axis: &Axis| are_whole && axis.ticks.iter().any(|tick| tick.fract() != 0.0);
    let mut axes = axes.skip_while(|axis| !fits(axis) || is_split(axis));
    axes.next().unwrap_or_else(|| Axis::over(values.iter().copied(), 1))
}

/// Color of a curve, and whether it is dashed.
fn look(curves: &[Curve], i: usize) -> (Color, bool) {
    let n = paper::GROUPS.len();
    if let Some(earlier) = curves[i].beside {
        return (look(curves, earlier).0, true);
    }
    let before = curves[..i].iter().filter(|curve| curve.beside.is_none()).count();
    (paper::GROUPS[before % n], before >= n)
}

fn entries(parts: &CurveParts) -> Vec<(Swatch, String)> {
    let entry = |(i, name): (usize, &String)| {
        let (color, is_dashed) = look(&parts.curves, i);
        (Swatch::Curve { color, is_dashed }, name.clone())
    };
    parts.curves.iter().map(|curve| &curve.name).enumerate().map(entry).collect()
}

/// A curve through points; a lone point as a short level line.
pub(super) fn draw_curve(
    drawing: &mut Drawing,
    points: &[Point],
    (color, is_dashed): (Color, bool),
) {
    let points = match points {
        [(x, y)] => vec![(x - 2 * PT, *y), (x + 2 * PT, *y)],
        _ => points.to_vec(),
    };
    if !is_dashed {
        drawing.path(points, STROKE, color);
        return;
    }
    for dash in dashes_along(&points) {
        drawing.path(dash, STROKE, color);
    }
}

/// Pieces of a path, as long as the gaps between them.
fn dashes_along(points: &[Point]) -> Vec<Vec<Point>> {
    const DASH: f64 = 35.0;
    let (mut dashes, mut dash) = (Vec::new(), Vec::new());
    let (mut left, mut is_drawn) = (DASH, true);
    for pair in points.windows(2) {
        let [from, to] = [pair[0], pair[1]].map(|(x, y)| (f64::from(x), f64::from(y)));
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |d: f64| {
            let part = if length > 0.0 { d / length } else { 0.0 };
            let between = |a: f64, b: f64| (a + (b - a) * part).round() as Tenths;
            (between(from.0, to.0), between(from.1, to.1))
        };
        let mut done = 0.0;
        if is_drawn {
            dash.push(at(0.0));
        }
        while length - done > left {
            done += left;
            if is_drawn {
                dash.push(at(done));
                dashes.push(std::mem::take(&mut dash));
            } else {
                dash.push(at(done));
            }
            (left, is_drawn) = (DASH, !is_drawn);
        }
        left -= length - done;
    }
    if let (true, Some(end)) = (is_drawn, points.last()) {
        dash.push(*end);
        dashes.push(dash);
    }
    dashes
}

/// The rectangle in which curves stand, and what its sides mean.
struct Plot<'a> {
    left: Tenths,
    right: Tenths,
    top: Tenths,
    bottom: Tenths,
    /// What is left free at the sides.
    inset: Tenths,
    /// Horizontal, then values.
    axes: [&'a Axis; 2],
}

impl Plot<'_> {
    fn place(&self, [x, y]: [f64; 2]) -> Point {
        let along = |part: f64, from: Tenths, to: Tenths| {
            from + (part * f64::from(to - from)).round() as Tenths
        };
        let [x_axis, axis] = self.axes;
        let (left, right) = (self.left + self.inset, self.right - self.inset);
        (along(x_axis.part(x), left, right), along(axis.part(y), self.bottom, self.top))
    }

    /// Whiskers in the curve's color; those of several curves stand beside each other.
    fn draw_intervals(
        &self,
        drawing: &mut Drawing,
        (curve, color): (&Curve, Color),
        (i, n): (usize, usize),
    ) {
        let aside = (2 * i as Tenths + 1 - n as Tenths) * ASIDE;
        for ([x, _], Interval { low, high }) in curve.points.iter().zip(&curve.intervals) {
            let [(x, top), (_, bottom)] = [*high, *low].map(|value| self.place([*x, value]));
            let x = x + aside;
            drawing.line((x, top), (x, bottom), 6, color);
            for y in [top, bottom] {
                drawing.line((x - 12, y), (x + 12, y), 6, color);
            }
        }
    }

    fn draw_ground(&self, drawing: &mut Drawing, em: Tenths) {
        let [x_axis, axis] = self.axes;
        let origin = [x_axis.ticks.first(), axis.ticks.first()].map(|t| t.copied().unwrap_or(0.0));
        for &tick in &axis.ticks {
            let (_, y) = self.place([origin[0], tick]);
            drawing.line((self.left, y), (self.right, y), 4, GRID);
            let top = y + em * 36 / 100 - ascent(em);
            drawing.lines(&[axis.text(tick)], (self.left - 4 * PT, top), em, Anchor::End);
        }
        for &tick in &x_axis.ticks {
            let (x, _) = self.place([tick, origin[1]]);
            drawing.line((x, self.bottom), (x, self.bottom + 2 * PT), 6, INK);
            drawing.lines(&[x_axis.text(tick)], (x, self.bottom + 3 * PT), em, Anchor::Middle);
        }
        let (_, zero) = self.place([origin[0], 0.0]);
        drawing.line((self.left, zero), (self.right, zero), 8, INK);
    }
}
