//! Several figures beside each other under one title, with common captions below.

use std::path::Path;

use crate::domain::{CaptionField, Figure, Meter, go_on};

use super::{
    ExportError, PaperSize,
    canvas::Anchor,
    caption::texts_below,
    font,
    page::Page,
    paper::{PT, Tenths, TypeSizes},
    write::{ending, write_whole},
};

const MARGIN: Tenths = 8 * PT;
const GAP: Tenths = 5 * PT;

/// Figures that are read together.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureRow {
    /// Above all of them, if anything.
    pub title: Option<String>,
    /// From left to right, each as wide as the others.
    pub figures: Vec<Figure>,
    /// What holds for all of them.
    pub caption: Vec<CaptionField>,
    /// Warnings that belong to them wherever they go.
    pub notes: Vec<String>,
}

impl FigureRow {
    fn page(&self, size: PaperSize, meter: &Meter<'_>) -> Result<Page, ExportError> {
        font::register()?;
        let mut page = Page::new(size.tenths()?[0]);
        // As large as the figures' own.
        let column = page.drawing.width / self.figures.len().max(1) as Tenths;
        let sizes = TypeSizes::for_width(column);
        let room = page.drawing.width - 2 * MARGIN;
        let mut y = 0;
        if let Some(title) = &self.title {
            let lines = font::wrap(title, sizes.title, room);
            y = page.drawing.lines(&lines, (MARGIN, MARGIN), sizes.title, Anchor::Start);
        }
        y = page.place_row(&self.figures, y, meter)?;
        for lines in texts_below(&self.caption, &self.notes, sizes.small, room) {
            y = page.drawing.lines(&lines, (MARGIN, y), sizes.small, Anchor::Start) + GAP;
        }
        page.end_at(y + MARGIN - GAP);
        Ok(page)
    }

    /// All of them on one page, as SVG.
    ///
    /// # Errors
    /// A size that is none; what the drawing crates refuse.
    pub fn svg(&self, size: PaperSize) -> Result<String, ExportError> {
        self.page(size, &Meter::new(&mut go_on))?.svg()
    }

    /// All of them on one page, as PNG of [`PNG_DPI`](super::PNG_DPI) pixels an inch.
    ///
    /// # Errors
    /// As [`svg`](Self::svg), and [`ExportError::TooManyPixels`].
    pub fn png(&self, size: PaperSize) -> Result<Vec<u8>, ExportError> {
        let mut nobody = go_on;
        let meter = &Meter::new(&mut nobody);
        self.page(size, meter)?.png(meter)
    }
}

/// Writes figures beside each other as `svg` or `png`, by the name's ending, and for any other
/// format `whole`, which holds the numbers of all of them.
///
/// # Errors
/// An ending that names no format; a place that cannot be written to.
pub fn write_figure_row(
    row: &FigureRow,
    whole: &Figure,
    path: &Path,
    size: PaperSize,
) -> Result<(), ExportError> {
    let bytes = match ending(path).as_deref() {
        Some("svg") => row.svg(size)?.into_bytes(),
        Some("png") => row.png(size)?,
        _ => return super::write_figure(whole, path, size),
    };
    write_whole(path, &bytes, &Meter::new(&mut go_on))
}
