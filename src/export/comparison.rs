//! Two answers about one picture as a figure: what was asked and answered, both maps on one scale and
//! their difference, and whatever figures stand below.
//!
//! It lays finished figures out on a page; what is in them is theirs.

use std::{fmt::Write as _, path::Path};

use crate::domain::{Figure, Meter, go_on};

use super::{
    ExportError, OverlayFigure, PaperSize,
    canvas::{Anchor, Drawing},
    font,
    page::{Page, Piece},
    paper::{Color, FAINT_INK, GRID, INK, PT, Tenths, TypeSizes},
    write::{check_folder, ending, write_whole},
};

/// A word of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedWord {
    /// As it stands there.
    pub text: String,
    /// Whether the other answer lacks it.
    pub is_marked: bool,
}

/// One side: its name, what is to be known of it, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSide {
    /// Model and attention mode.
    pub name: String,
    /// Why it is not what it looks like, if it is not: out of distribution.
    pub label: Option<String>,
    /// Its question, where the other side has another one.
    pub question: Option<String>,
    /// Its answer.
    pub answer: Vec<MarkedWord>,
    /// Log-probability of the left and of the right answer, in nats.
    pub logprobs: [Option<f64>; 2],
}

/// A comparison, all parts finished.
#[derive(Clone, Debug)]
pub struct ComparisonFigure<'a> {
    /// What was asked.
    pub question: String,
    /// Left and right.
    pub sides: [ComparedSide; 2],
    /// The picture and the maps, in figures that stand beside each other.
    pub maps: Vec<OverlayFigure<'a>>,
    /// Rows of figures below; those of a row stand beside each other and share its width.
    pub below: Vec<Vec<Figure>>,
    /// What both sides share, and other facts, a paragraph each.
    pub facts: Vec<String>,
}

/// Between parts.
const GAP: Tenths = 6 * PT;
const MARGIN: Tenths = 8 * PT;
/// A word that the other answer lacks.
const MARKED: Color = Color(0xd5, 0x5e, 0x00);

/// A comparison as SVG.
///
/// # Errors
/// [`ExportError`]: parts that do not fit each other, or what the drawing crates refuse.
pub fn comparison_svg(figure: &ComparisonFigure<'_>) -> Result<String, ExportError> {
    lay_out(figure, &Meter::new(&mut go_on))?.svg()
}

/// A comparison as PNG, [`PNG_DPI`](super::PNG_DPI) pixels an inch.
///
/// # Errors
/// As [`comparison_svg`], and [`ExportError::TooManyPixels`].
pub fn comparison_png(figure: &ComparisonFigure<'_>) -> Result<Vec<u8>, ExportError> {
    let mut nobody = go_on;
    let meter = &Meter::new(&mut nobody);
    lay_out(figure, meter)?.png(meter)
}

/// Refuses a file whose ending is neither `svg` nor `png`, or whose folder is not there.
///
/// # Errors
/// [`ExportError::UnknownComparisonFormat`], [`ExportError::NoFolder`].
pub fn check_comparison_format(path: &Path) -> Result<(), ExportError> {
    match ending(path).as_deref() {
        Some("svg" | "png") => check_folder(path),
        _ => Err(ExportError::UnknownComparisonFormat { path: path.to_owned() }),
    }
}

/// Writes a comparison in the format that the file's ending names, `svg` or `png`, whole or not at
/// all.
///
/// # Errors
/// As [`comparison_png`]; a place that cannot be written to.
pub fn write_comparison(figure: &ComparisonFigure<'_>, path: &Path) -> Result<(), ExportError> {
    write_comparison_while(figure, path, &Meter::new(&mut go_on))
}

/// The same, telling how far it is, and stopped from outside between.
///
/// # Errors
/// As [`write_comparison`]; [`ExportError::Stopped`], and then what was at that place is still there.
pub fn write_comparison_while(
    figure: &ComparisonFigure<'_>,
    path: &Path,
    meter: &Meter<'_>,
) -> Result<(), ExportError> {
    check_comparison_format(path)?;
    meter.begin("drawing", 0)?;
    let page = lay_out(figure, meter)?;
    let bytes = match ending(path).as_deref() {
        Some("svg") => page.svg()?.into_bytes(),
        _ => page.png(meter)?,
    };
    write_whole(path, &bytes, meter)
}

fn lay_out(figure: &ComparisonFigure<'_>, meter: &Meter<'_>) -> Result<Page, ExportError> {
    font::register()?;
    let maps = figure.maps.iter().map(|map| Piece::of_overlay(map, meter));
    let maps = maps.collect::<Result<Vec<Piece>, _>>()?;
    let map_width: Tenths = maps.iter().map(Piece::width).sum();
    let mut page = Page::new(map_width.max(PaperSize::FULL_WIDTH.tenths()?[0]));
    let width = page.drawing.width;
    let sizes = TypeSizes::for_width(width);
    let mut y = draw_heading(&mut page.drawing, figure, sizes) + GAP;
    y = page.place(maps, y) + GAP;
    for row in &figure.below {
        y = page.place_row(row, y, meter)? + GAP;
    }
    for fact in &figure.facts {
        let lines = font::wrap(fact, sizes.small, width - 2 * MARGIN);
        y = page.drawing.lines(&lines, (MARGIN, y), sizes.small, Anchor::Start) + 2 * PT;
    }
    page.end_at(y + MARGIN);
    Ok(page)
}

/// The question, both answers, and a table of log-probabilities; gives back their bottom.
fn draw_heading(drawing: &mut Drawing, figure: &ComparisonFigure<'_>, sizes: TypeSizes) -> Tenths {
    let (left, right) = (MARGIN, drawing.width - MARGIN);
    let question = font::wrap(&figure.question, sizes.title, right - left);
    let mut y = drawing.lines(&question, (left, MARGIN), sizes.title, Anchor::Start) + 3 * PT;
    // Two columns of numbers at the right.
    let heads = ["log p(left answer)", "log p(right answer)"];
    let column = font::width(heads[1], sizes.small) + 2 * GAP;
    let columns = [right - column, right];
    for (head, x) in heads.iter().zip(columns) {
        drawing.colored_lines(&[(*head).to_owned()], (x, y), sizes.small, (Anchor::End, FAINT_INK));
    }
    y += font::height(1, sizes.small) + PT;
    let most = right - 2 * column - GAP;
    for side in &figure.sides {
        drawing.line((left, y), (right, y), 4, GRID);
        y += 2 * PT;
        for (value, x) in side.logprobs.iter().zip(columns) {
            let text = value.map_or("not comparable".to_owned(), |v| {
                format!("{v:.3}").replace('-', "\u{2212}")
            });
            drawing.lines(&[text], (x, y), sizes.label, Anchor::End);
        }
        let mut name = side.name.clone();
        if let Some(label) = &side.label {
            write!(name, " \u{b7} {label}").ok();
        }
        let name = font::wrap(&name, sizes.small, most - left);
        y = drawing.colored_lines(&name, (left, y), sizes.small, (Anchor::Start, FAINT_INK));
        if let Some(question) = &side.question {
            let lines = font::wrap(question, sizes.label, most - left);
            y = drawing.lines(&lines, (left, y), sizes.label, Anchor::Start);
        }
        y = draw_answer(drawing, &side.answer, (left, most), y, sizes.title) + 2 * PT;
    }
    y
}

/// Words in lines, marked ones in a color and underlined; gives back their bottom.
fn draw_answer(
    drawing: &mut Drawing,
    words: &[MarkedWord],
    (left, right): (Tenths, Tenths),
    top: Tenths,
    em: Tenths,
) -> Tenths {
    let space = font::width("n n", em) - font::width("nn", em);
    let (mut x, mut y) = (left, top);
    for word in words {
        // A word wider than the page is broken; its pieces are marked alike.
        for text in font::wrap(&word.text, em, right - left) {
            let width = font::width(&text, em);
            if x > left && x + width > right {
                (x, y) = (left, y + font::height(1, em));
            }
            let color = if word.is_marked { MARKED } else { INK };
            drawing.colored_lines(&[text], (x, y), em, (Anchor::Start, color));
            if word.is_marked {
                let line = y + em * 110 / 100;
                drawing.line((x, line), (x + width, line), 8, MARKED);
            }
            x += width + space;
        }
    }
    if words.is_empty() {
        let nothing = ["(nothing)".to_owned()];
        drawing.colored_lines(&nothing, (left, y), em, (Anchor::Start, FAINT_INK));
    }
    y + font::height(1, em)
}
