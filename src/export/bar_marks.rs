//! What stands in the plot of a bar chart: grid, bars, hatching, whiskers, markers.

use crate::domain::{Bar, BarParts};

use super::{
    axis::Axis,
    canvas::{Anchor, Drawing, Point, ascent},
    font,
    paper::{self, CONTROL_BAND, Color, FAINT_INK, GRID, INK, PT, Tenths, WHITE},
};

/// The rectangle in which bars stand, and what its height means.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub left: Tenths,
    pub right: Tenths,
    pub top: Tenths,
    pub bottom: Tenths,
    pub axis: &'a Axis,
}

/// Part of a category's width that its bars take.
const CLUSTER: f64 = 0.8;
const WIDEST_BAR: Tenths = 34 * PT;
/// On narrower bars the marker of the pooled value would hide the whisker.
const NARROWEST_WITH_POOLED: Tenths = 9 * PT;
/// Distance of hatching lines, along the horizontal.
const HATCH: Tenths = 24;

impl Plot<'_> {
    fn y(&self, value: f64) -> Tenths {
        let height = f64::from(self.bottom - self.top);
        self.bottom - (self.axis.part(value) * height).round() as Tenths
    }

    /// Left and right of a category.
    pub(super) fn slot(&self, category: usize, n_categories: usize) -> (Tenths, Tenths) {
        let edge =
            |i: usize| self.left + (self.right - self.left) * i as Tenths / n_categories as Tenths;
        (edge(category), edge(category + 1))
    }

    /// Bands, grid and numbers, behind the bars.
    pub(super) fn draw_ground(&self, drawing: &mut Drawing, parts: &BarParts, em: Tenths) {
        let n = parts.categories.len();
        let mut first = 0;
        // Neighbors share a band: two would show a seam.
        for run in parts.categories.chunk_by(|a, b| a.is_control == b.is_control) {
            if run[0].is_control {
                let (left, right) = (self.slot(first, n).0, self.slot(first + run.len() - 1, n).1);
                drawing.area((left, self.top), (right, self.bottom), CONTROL_BAND);
            }
            first += run.len();
        }
        for &tick in &self.axis.ticks {
            let y = self.y(tick);
            drawing.line((self.left, y), (self.right, y), 4, GRID);
            // Digits are as high as 0.72 em, and the baseline lies half of it below their middle.
            let top = y + em * 36 / 100 - ascent(em);
            let text = [self.axis.text(tick)];
            drawing.lines(&text, (self.left - 4 * PT, top), em, Anchor::End);
        }
    }

    /// Width of a bar.
    fn bar_width(&self, n_categories: usize, n_groups: usize) -> Tenths {
        let slot = (self.right - self.left) / n_categories as Tenths;
        ((f64::from(slot) * CLUSTER) as Tenths / n_groups as Tenths).min(WIDEST_BAR)
    }

    /// Whether the plot shows pooled values: some bar has one that says something its height does
    /// not, and bars are wide enough for a marker beside their whisker.
    pub(super) fn shows_pooled(&self, parts: &BarParts) -> bool {
        let mut bars = parts.groups.iter().flat_map(|group| &group.bars);
        self.bar_width(parts.categories.len(), parts.groups.len()) >= NARROWEST_WITH_POOLED
            && bars.any(is_pooled)
    }

    /// Bars, the zero line and the reference, then whiskers and markers over all of them.
    pub(super) fn draw_bars(&self, drawing: &mut Drawing, parts: &BarParts) {
        let bars = self.placed_bars(parts);
        for (bar, sides, ink) in &bars {
            self.draw_body(drawing, bar, *sides, *ink);
        }
        let zero = self.y(0.0);
        drawing.line((self.left, zero), (self.right, zero), 8, INK);
        if let Some(line) = &parts.reference {
            dashes(drawing, (self.left, self.right), self.y(line.value));
        }
        let shows_pooled = self.shows_pooled(parts);
        for (bar, sides, _) in &bars {
            self.draw_certainty(drawing, bar, *sides, shows_pooled);
        }
    }

    /// Each bar with its left and right.
    fn placed_bars<'b>(&self, parts: &'b BarParts) -> Vec<(&'b Bar, (Tenths, Tenths), Ink)> {
        let (n_categories, n_groups) = (parts.categories.len(), parts.groups.len());
        let width = self.bar_width(n_categories, n_groups);
        // A hair of paper between bars of a cluster.
        let gap = if n_groups > 1 { (width / 12).min(PT) } else { 0 };
        let mut placed = Vec::new();
        for (c, category) in parts.categories.iter().enumerate() {
            let (left, right) = self.slot(c, n_categories);
            let start = i32::midpoint(left, right) - width * n_groups as Tenths / 2;
            for (g, (group, color)) in parts.groups.iter().zip(paper::GROUPS).enumerate() {
                let from = start + width * g as Tenths;
                let ink = Ink { color, is_control: category.is_control };
                placed.push((&group.bars[c], (from, from + width - gap), ink));
            }
        }
        placed
    }

    fn draw_body(
        &self,
        drawing: &mut Drawing,
        bar: &Bar,
        (left, right): (Tenths, Tenths),
        ink: Ink,
    ) {
        let zero = self.y(0.0);
        if bar.by_construction {
            let radius = ((right - left) * 2 / 5).min(25);
            cross(drawing, (i32::midpoint(left, right), zero - radius - 15), radius);
        } else if let Some(value) = bar.value {
            let top = self.y(value);
            filled_bar(drawing, ((left, top.min(zero)), (right, top.max(zero))), ink);
        }
    }

    fn draw_certainty(
        &self,
        drawing: &mut Drawing,
        bar: &Bar,
        (left, right): (Tenths, Tenths),
        shows_pooled: bool,
    ) {
        let (width, center) = (right - left, i32::midpoint(left, right));
        if let (Some(value), Some(interval)) = (bar.value, bar.interval) {
            let ends = (self.y(interval.high), self.y(interval.low));
            // Inside the bar the whisker has a white seam, so that it shows on any color.
            let body = (self.y(value), self.y(0.0));
            let seam = (ends.0.max(body.0.min(body.1)), ends.1.min(body.0.max(body.1)));
            if seam.0 < seam.1 {
                let seam_width = (width / 4).clamp(12, 16);
                drawing.line((center, seam.0), (center, seam.1), seam_width, WHITE);
            }
            whisker(drawing, center, ends, (width / 2).min(7 * PT));
        }
        if let (true, true, Some(pooled)) = (shows_pooled, is_pooled(bar), bar.pooled) {
            let x = left + width * 84 / 100;
            diamond(drawing, (x, self.y(pooled)), (width / 5).clamp(17, 24));
        }
    }

    /// Names of categories under the plot, and below them how many runs stand behind each.
    pub(super) fn draw_names(
        &self,
        drawing: &mut Drawing,
        names: &[Vec<String>],
        counts: &[Vec<String>],
        (em, small): (Tenths, Tenths),
    ) {
        let top = self.bottom + 4 * PT;
        let n_lines = names.iter().map(Vec::len).max().unwrap_or(0);
        for (i, lines) in names.iter().enumerate() {
            let (left, right) = self.slot(i, names.len());
            let center = i32::midpoint(left, right);
            drawing.lines(lines, (center, top), em, Anchor::Middle);
            if let Some(lines) = counts.get(i) {
                let at = (center, top + font::height(n_lines, em));
                drawing.colored_lines(lines, at, small, (Anchor::Middle, FAINT_INK));
            }
        }
    }
}

/// Whether a bar's pooled value says something that its height does not.
fn is_pooled(bar: &Bar) -> bool {
    bar.n > 1 && bar.pooled.is_some() && !bar.by_construction
}

/// How a bar is filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub color: Color,
    /// Hatched instead of full, so that a control reads as one without color too.
    pub is_control: bool,
}

/// A bar by two corners; nothing where it has no height.
pub(super) fn filled_bar(drawing: &mut Drawing, (from, to): (Point, Point), ink: Ink) {
    if from.1 == to.1 {
        return;
    }
    drawing.area(from, to, if ink.is_control { WHITE } else { ink.color });
    if ink.is_control {
        hatch(drawing, from, to, ink.color);
    }
    let corners = vec![from, (to.0, from.1), to, (from.0, to.1), from];
    drawing.path(corners, 4, INK);
}

/// Diagonals `x + y = c` through a rectangle, at the same places all over the drawing.
fn hatch(drawing: &mut Drawing, (x0, y0): Point, (x1, y1): Point, color: Color) {
    let first = (x0 + y0) / HATCH + 1;
    let last = (x1 + y1 - 1) / HATCH;
    for c in (first..=last).map(|i| i * HATCH) {
        let (start, end) = ((c - y1).max(x0), (c - y0).min(x1));
        drawing.line((start, c - start), (end, c - end), 9, color);
    }
}

/// A line with a short bar at each end.
pub(super) fn whisker(
    drawing: &mut Drawing,
    x: Tenths,
    (high, low): (Tenths, Tenths),
    cap: Tenths,
) {
    drawing.line((x, high), (x, low), 8, INK);
    for y in [high, low] {
        drawing.line((x - cap / 2, y), (x + cap / 2, y), 8, INK);
    }
}

/// A small white diamond.
pub(super) fn diamond(drawing: &mut Drawing, (x, y): Point, radius: Tenths) {
    let corners = vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)];
    drawing.shape(corners.clone(), WHITE);
    let closed = corners.iter().chain(corners.first()).copied().collect();
    drawing.path(closed, 6, INK);
}

/// A small cross: there is nothing to measure here.
pub(super) fn cross(drawing: &mut Drawing, (x, y): Point, radius: Tenths) {
    for slope in [1, -1] {
        let end = radius * slope;
        drawing.line((x - radius, y - end), (x + radius, y + end), 8, INK);
    }
}

/// A dashed level line.
pub(super) fn dashes(drawing: &mut Drawing, (left, right): (Tenths, Tenths), y: Tenths) {
    let (dash, gap) = (30, 20);
    let mut x = left;
    while x < right {
        drawing.line((x, y), ((x + dash).min(right), y), 9, INK);
        x += dash + gap;
    }
}
