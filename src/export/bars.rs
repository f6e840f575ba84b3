//! Where everything of a bar chart stands, from top to bottom: title, legend, name of the axis,
//! plot, names of categories, caption, notes.
//!
//! Texts are measured first and the plot gets what is left; where that is too little, the figure
//! grows, so that no text is ever cut or laid over another.

use crate::domain::{Bar, BarFigure, BarParts};

use super::{
    axis::Axis,
    bar_marks::Plot,
    canvas::{Anchor, Drawing},
    caption::texts_below,
    font, legend,
    paper::{FAINT_INK, PT, Tenths, TypeSizes, whole_pixels},
};

const MARGIN: Tenths = 8 * PT;
/// Between blocks.
const GAP: Tenths = 5 * PT;
/// A plot lower than this shows no differences.
const LOWEST_PLOT: Tenths = 95 * PT;
/// Names of categories get no smaller than this to stand unbroken.
const SMALLEST: Tenths = 5 * PT;
/// Steps of the axis, about.
const N_STEPS: usize = 5;

/// Draws a bar chart of a width and at least a height.
pub(super) fn draw(figure: &BarFigure, width: Tenths, height: Tenths) -> Drawing {
    let parts = figure.parts();
    let sizes = TypeSizes::for_width(width);
    let (left, right) = (MARGIN, width - MARGIN);
    let mut drawing = Drawing { width, height, marks: Vec::new() };

    let axis = Axis::over(shown_numbers(parts), N_STEPS);
    let widest = axis.ticks.iter().map(|tick| font::width(&axis.text(*tick), sizes.small)).max();
    let plot_left = left + widest.unwrap_or(0) + 4 * PT;
    // How high the plot is, is known last.
    let plot = Plot { left: plot_left, right, top: 0, bottom: 0, axis: &axis };

    let mut y = MARGIN;
    if let Some(title) = &parts.title {
        let lines = font::wrap(title, sizes.title, right - left);
        y = drawing.lines(&lines, (left, y), sizes.title, Anchor::Start) + GAP;
    }
    let entries = legend::entries(parts, plot.shows_pooled(parts));
    y = legend::draw(&mut drawing, entries, (left, right), y, sizes.label) + GAP;
    y = draw_axis_name(&mut drawing, parts, &axis, (left, right), y, sizes);

    // The number at the top of the axis reaches half its height above it.
    let top = y + sizes.small;
    let slot = (right - plot_left) / parts.categories.len() as Tenths;
    let all_names = || parts.categories.iter().map(|category| category.name.as_str());
    let name_em =
        font::em_without_broken_words(all_names(), slot - 2 * PT, (SMALLEST, sizes.label));
    let names: Vec<Vec<String>> =
        all_names().map(|name| font::wrap(name, name_em, slot - 2 * PT)).collect();
    let counts = counts_of_categories(parts, sizes.small, slot - 2 * PT);
    let n_lines = |lines: &[Vec<String>]| lines.iter().map(Vec::len).max().unwrap_or(0);
    let texts = texts_below(&parts.caption, &parts.notes, sizes.small, right - left);
    let below = 4 * PT
        + font::height(n_lines(&names), name_em)
        + font::height(n_lines(&counts), sizes.small)
        + texts.iter().map(|lines| GAP + font::height(lines.len(), sizes.small)).sum::<Tenths>()
        + MARGIN;

    drawing.height = whole_pixels(height.max(top + LOWEST_PLOT + below));
    let plot = Plot { top, bottom: drawing.height - below, ..plot };
    plot.draw_ground(&mut drawing, parts, sizes.small);
    plot.draw_bars(&mut drawing, parts);
    plot.draw_names(&mut drawing, &names, &counts, (name_em, sizes.small));
    let mut y = drawing.height - MARGIN;
    for lines in texts.iter().rev() {
        y -= font::height(lines.len(), sizes.small);
        drawing.lines(lines, (left, y), sizes.small, Anchor::Start);
        y -= GAP;
    }
    drawing
}

/// Every number that needs a place on the axis.
fn shown_numbers(parts: &BarParts) -> impl Iterator<Item = f64> {
    let bars = parts.groups.iter().flat_map(|group| &group.bars);
    let of_bar = |bar: &Bar| {
        let ends = bar.interval.map(|i| [i.low, i.high]).into_iter().flatten();
        bar.value.into_iter().chain(bar.pooled).chain(ends).collect::<Vec<f64>>()
    };
    bars.flat_map(of_bar).chain(parts.reference.iter().map(|line| line.value))
}

/// The name of the axis of values above it, where it reads without turning the page; at the right
/// the number of runs, where it is the same for all bars. Gives back their bottom.
fn draw_axis_name(
    drawing: &mut Drawing,
    parts: &BarParts,
    axis: &Axis,
    (left, right): (Tenths, Tenths),
    top: Tenths,
    sizes: TypeSizes,
) -> Tenths {
    let count: Vec<String> = common_count(parts).map(|n| format!("n = {n}")).into_iter().collect();
    let count_width = count.iter().map(|text| font::width(text, sizes.label) + GAP).sum::<Tenths>();
    drawing.colored_lines(&count, (right, top), sizes.label, (Anchor::End, FAINT_INK));
    let name = format!("{}{}", parts.value_label, axis.unit());
    let lines = font::wrap(&name, sizes.label, right - left - count_width);
    drawing.lines(&lines, (left, top), sizes.label, Anchor::Start);
    top + font::height(lines.len().max(1), sizes.label)
}

/// The number of runs behind every bar, if it is one number.
fn common_count(parts: &BarParts) -> Option<usize> {
    let mut counts = parts.groups.iter().flat_map(|group| &group.bars).map(|bar| bar.n);
    let first = counts.next()?;
    counts.all(|n| n == first).then_some(first)
}

/// For each category, how many runs stand behind its bars; empty where one number holds for all.
fn counts_of_categories(parts: &BarParts, em: Tenths, most: Tenths) -> Vec<Vec<String>> {
    if common_count(parts).is_some() {
        return Vec::new();
    }
    let of_category = |c: usize| {
        let counts = || parts.groups.iter().map(|group| group.bars[c].n);
        let (low, high) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
        let text =
            if low == high { format!("n = {low}") } else { format!("n = {low}\u{2013}{high}") };
        font::wrap(&text, em, most)
    };
    (0..parts.categories.len()).map(of_category).collect()
}
