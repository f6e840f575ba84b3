//! Where everything of a matrix stands: title, names of columns, rows with their names, color bar,
//! caption, notes.
//!
//! Names are never cut: they wrap, columns' names turn where they find no room, and the figure grows
//! where even that is too little.

use crate::domain::{Colormap, MatrixFigure, MatrixParts};

use super::{
    canvas::{Anchor, Drawing, ascent},
    caption::texts_below,
    colorbar::{self, ColorScale},
    font,
    paper::{Color, FAINT_INK, GRID, INK, PT, Tenths, TypeSizes, WHITE, whole_pixels},
};

const MARGIN: Tenths = 8 * PT;
/// Between blocks.
const GAP: Tenths = 5 * PT;
/// From a name to its cells.
const NAME_GAP: Tenths = 3 * PT;
/// The smallest type of names and numbers.
const SMALLEST: Tenths = 5 * PT;
/// Cells get no larger: a matrix of one cell is not a poster.
const LARGEST_CELL: [Tenths; 2] = [72 * PT, 36 * PT];
/// Names that turn wrap at this length first.
const TURNED: Tenths = 90 * PT;
/// A color bar gets no wider.
const WIDEST_BAR: Tenths = 220 * PT;

/// Draws a matrix of at least a width; its height follows.
pub(super) fn draw(figure: &MatrixFigure, width: Tenths) -> Drawing {
    let parts = figure.parts();
    let sizes = TypeSizes::for_width(width);
    let rows = RowNames::new(&parts.rows, (width - 2 * MARGIN) * 3 / 10, sizes.label);
    let left = MARGIN + rows.width + NAME_GAP;
    let columns = ColumnNames::new(&parts.columns, width - MARGIN - left, sizes.label);
    let n_columns = parts.columns.len() as Tenths;
    let width = whole_pixels(width.max(left + columns.cell * n_columns + MARGIN));
    let inner = (MARGIN, width - MARGIN);
    let mut drawing = Drawing { width, height: 0, marks: Vec::new() };

    let mut y = MARGIN;
    if let Some(title) = &parts.title {
        let lines = font::wrap(title, sizes.title, inner.1 - inner.0);
        y = drawing.lines(&lines, (MARGIN, y), sizes.title, Anchor::Start) + GAP;
    }
    let axes = format!("rows: {}\u{a0}\u{b7} columns: {}", parts.row_label, parts.column_label);
    let lines = font::wrap(&axes, sizes.small, inner.1 - inner.0);
    let look = (Anchor::Start, FAINT_INK);
    y = drawing.colored_lines(&lines, (MARGIN, y), sizes.small, look) + GAP;
    y = columns.draw(&mut drawing, left, y) + NAME_GAP;

    let scale = scale(parts);
    let bar = (MARGIN, inner.1.min(MARGIN + WIDEST_BAR));
    let exponent = colorbar::exponent(&scale, bar.1 - bar.0, sizes.small);
    let height = rows.height.max(columns.cell.min(LARGEST_CELL[1]));
    let cells = Cells { parts, scale, left, top: y, size: [columns.cell, height] };
    cells.draw(&mut drawing);
    rows.draw(&mut drawing, left - NAME_GAP, y, height);
    cells.draw_numbers(&mut drawing, exponent, sizes.small);
    y += height * parts.rows.len() as Tenths + 2 * GAP;

    y = colorbar::draw(&mut drawing, &scale, &parts.value_label, bar, y, sizes) + GAP;
    let mut notes = parts.notes.clone();
    if parts.values.contains(&None) {
        notes.push("\u{2013}: no value.".to_owned());
    }
    for lines in texts_below(&parts.caption, &notes, sizes.small, inner.1 - inner.0) {
        y = drawing.lines(&lines, (MARGIN, y), sizes.small, Anchor::Start) + GAP;
    }
    drawing.height = whole_pixels(y - GAP + MARGIN);
    drawing
}

fn scale(parts: &MatrixParts) -> ColorScale {
    let values = parts.values.iter().flatten().copied();
    match parts.center {
        Some(center) => ColorScale::around(center, values),
        None => ColorScale::over(values, Colormap::Viridis),
    }
}

/// Names at the left, each as lines.
struct RowNames {
    lines: Vec<Vec<String>>,
    em: Tenths,
    width: Tenths,
    /// Height that every row needs for its name.
    height: Tenths,
}

impl RowNames {
    fn new(names: &[String], most: Tenths, em: Tenths) -> Self {
        let texts = || names.iter().map(String::as_str);
        let em = font::em_without_broken_words(texts(), most, (SMALLEST, em));
        let lines: Vec<_> = texts().map(|name| font::wrap(name, em, most)).collect();
        let widths = lines.iter().flatten().map(|line| font::width(line, em));
        let width = widths.max().unwrap_or(0);
        let n_lines = lines.iter().map(Vec::len).max().unwrap_or(0).max(1);
        Self { lines, em, width, height: font::height(n_lines, em) + PT }
    }

    fn draw(&self, drawing: &mut Drawing, right: Tenths, top: Tenths, height: Tenths) {
        for (i, lines) in (0..).zip(&self.lines) {
            let middle = top + height * i + height / 2;
            let y = middle - font::height(lines.len(), self.em) / 2;
            drawing.lines(lines, (right, y), self.em, Anchor::End);
        }
    }
}

/// Names above, each as lines, level or turned.
struct ColumnNames {
    lines: Vec<Vec<String>>,
    em: Tenths,
    is_turned: bool,
    /// Width of every column.
    cell: Tenths,
    height: Tenths,
}

impl ColumnNames {
    fn new(names: &[String], room: Tenths, most_em: Tenths) -> Self {
        let texts = || names.iter().map(String::as_str);
        let cell = (room / names.len().max(1) as Tenths).min(LARGEST_CELL[0]);
        let wrap = |em: Tenths, most: Tenths| -> Vec<Vec<String>> {
            texts().map(|name| font::wrap(name, em, most)).collect()
        };
        let n_lines = |lines: &[Vec<String>]| lines.iter().map(Vec::len).max().unwrap_or(0);
        let words = || texts().flat_map(|name| name.split_whitespace());
        let is_whole = |em: Tenths| words().all(|word| font::width(word, em) <= cell - 2 * PT);
        // Level names in three lines at most, in type that still reads well.
        for em in [most_em, most_em - 5, most_em - PT] {
            let lines = wrap(em, cell - 2 * PT);
            if is_whole(em) && n_lines(&lines) <= 3 {
                let height = font::height(n_lines(&lines), em);
                return Self { lines, em, is_turned: false, cell, height };
            }
        }
        let em = (cell * 100 / 122).clamp(SMALLEST, most_em);
        let cell = cell.max(font::height(1, em) + 2);
        let fitting = ((cell / font::height(1, em)).max(1)) as usize;
        let longest = texts().map(|name| font::width(name, em)).max().unwrap_or(0);
        let mut most = TURNED.min(longest.max(em));
        while most < longest && n_lines(&wrap(em, most)) > fitting {
            most += 10 * PT;
        }
        let lines = wrap(em, most.min(longest.max(em)));
        let widths = lines.iter().flatten().map(|line| font::width(line, em));
        let height = widths.max().unwrap_or(0);
        Self { lines, em, is_turned: true, cell, height }
    }

    fn draw(&self, drawing: &mut Drawing, left: Tenths, top: Tenths) -> Tenths {
        let bottom = top + self.height;
        for (i, lines) in (0..).zip(&self.lines) {
            let middle = left + self.cell * i + self.cell / 2;
            let high = font::height(lines.len(), self.em);
            if self.is_turned {
                drawing.turned_lines(lines, (middle - high / 2, bottom), self.em);
            } else {
                drawing.lines(lines, (middle, bottom - high), self.em, Anchor::Middle);
            }
        }
        bottom
    }
}

/// The cells in their place.
struct Cells<'a> {
    parts: &'a MatrixParts,
    scale: ColorScale,
    left: Tenths,
    top: Tenths,
    size: [Tenths; 2],
}

impl Cells<'_> {
    /// Left and top of each cell, and its value.
    fn placed(&self) -> impl Iterator<Item = ([Tenths; 2], Option<f64>)> {
        let n = self.parts.columns.len();
        let [width, height] = self.size;
        self.parts.values.iter().enumerate().map(move |(i, value)| {
            let (row, col) = ((i / n) as Tenths, (i % n) as Tenths);
            ([self.left + col * width, self.top + row * height], *value)
        })
    }

    fn draw(&self, drawing: &mut Drawing) {
        let [width, height] = self.size;
        for ([x, y], value) in self.placed() {
            let (from, to) = ((x, y), (x + width, y + height));
            drawing.area(from, to, value.map_or(WHITE, |value| self.scale.color(value)));
        }
        // A hair between cells; a frame around all of them.
        let (rows, columns) = (self.parts.rows.len(), self.parts.columns.len());
        let right = self.left + width * columns as Tenths;
        let bottom = self.top + height * rows as Tenths;
        for i in 1..columns as Tenths {
            let x = self.left + i * width;
            drawing.line((x, self.top), (x, bottom), 3, WHITE);
        }
        for i in 1..rows as Tenths {
            let y = self.top + i * height;
            drawing.line((self.left, y), (right, y), 3, WHITE);
        }
        let frame = vec![
            (self.left, self.top),
            (right, self.top),
            (right, bottom),
            (self.left, bottom),
            (self.left, self.top),
        ];
        drawing.path(frame, 4, GRID);
    }

    /// The numbers in all cells, or in none: a few numbers would look chosen.
    fn draw_numbers(&self, drawing: &mut Drawing, exponent: i32, most_em: Tenths) {
        let [width, height] = self.size;
        let largest = self.parts.values.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
        let texts: Vec<String> = self
            .placed()
            .map(|(_, value)| value.map_or("\u{2013}".to_owned(), |v| number(v, exponent, largest)))
            .collect();
        let fits = |em: &Tenths| {
            font::height(1, *em) <= height
                && texts.iter().all(|text| font::width(text, *em) <= width - 2 * PT)
        };
        let Some(em) = (SMALLEST..=most_em).rev().step_by(5).find(fits) else {
            self.draw_dashes(drawing);
            return;
        };
        for (([x, y], value), text) in self.placed().zip(texts) {
            // Digits are as high as 0.72 em.
            let top = y + height / 2 + em * 36 / 100 - ascent(em);
            let color = value.map_or(FAINT_INK, |value| readable_on(self.scale.color(value)));
            let look = (Anchor::Middle, color);
            drawing.colored_lines(&[text], (x + width / 2, top), em, look);
        }
    }

    /// Cells without a value are marked also where no number has room.
    fn draw_dashes(&self, drawing: &mut Drawing) {
        let [width, height] = self.size;
        for ([x, y], _) in self.placed().filter(|(_, value)| value.is_none()) {
            let (middle, quarter) = (y + height / 2, width / 4);
            drawing.line((x + quarter, middle), (x + width - quarter, middle), 5, FAINT_INK);
        }
    }
}

/// A value in multiples of a power of ten, with three digits where the largest has its first.
fn number(value: f64, exponent: i32, largest: f64) -> String {
    let ten = 10.0_f64.powi(exponent);
    let magnitude = (largest / ten).log10().floor();
    let decimals = if magnitude.is_finite() { (2.0 - magnitude).clamp(0.0, 4.0) } else { 0.0 };
    let decimals = decimals as usize;
    let text = format!("{:.decimals$}", value / ten);
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    if is_zero { text.replace('-', "") } else { text.replace('-', "\u{2212}") }
}

/// Dark or white, whichever stands out.
fn readable_on(Color(red, green, blue): Color) -> Color {
    // Rec. 709 weights on the stored values: good enough to choose between two.
    let light = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
    if light > 140.0 { INK } else { WHITE }
}
