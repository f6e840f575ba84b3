//! Finished figures in their places on one page, as SVG and as PNG.
//!
//! It lays figures out; what is in them is theirs.

use std::{fmt::Write as _, io::Cursor};

use crate::domain::{Figure, Meter};

use super::{
    ExportError, OverlayFigure, PaperSize,
    canvas::Drawing,
    figure_svg, overlay,
    overlay_layout::PIXEL,
    paper::{Tenths, whole_pixels},
    png::{Canvas, figure_pixels},
    svg::{PAPER, drawing_svg},
};

/// A page: what is drawn on it itself, and finished figures.
pub(super) struct Page {
    pub(super) drawing: Drawing,
    pieces: Vec<Piece>,
}

/// A finished figure in its place.
pub(super) struct Piece {
    at: [Tenths; 2],
    size: [Tenths; 2],
    svg: String,
    pixels: Pixels,
}

struct Pixels {
    width: u32,
    rgb: Vec<u8>,
}

impl Page {
    /// An empty page at least as wide.
    pub(super) fn new(width: Tenths) -> Self {
        let width = whole_pixels(width);
        Self { drawing: Drawing { width, height: 0, marks: Vec::new() }, pieces: Vec::new() }
    }

    /// Pieces from left to right, their tops at `top`; gives back their lowest bottom.
    pub(super) fn place(&mut self, pieces: Vec<Piece>, top: Tenths) -> Tenths {
        let (mut x, mut bottom, top) = (0, top, whole_pixels(top));
        for mut piece in pieces {
            piece.at = [x, top];
            x += piece.size[0];
            bottom = bottom.max(top + piece.size[1]);
            self.pieces.push(piece);
        }
        bottom
    }

    /// Figures beside each other over the whole width; gives back their lowest bottom.
    ///
    /// # Errors
    /// What the drawing crates refuse.
    pub(super) fn place_row(
        &mut self,
        figures: &[Figure],
        top: Tenths,
        meter: &Meter<'_>,
    ) -> Result<Tenths, ExportError> {
        let width_in = f64::from(self.drawing.width) / figures.len().max(1) as f64 / 720.0;
        let size = PaperSize { width_in, height_in: PaperSize::ONE_COLUMN.height_in };
        let pieces = figures.iter().map(|figure| Piece::of_figure(figure, size, meter));
        Ok(self.place(pieces.collect::<Result<Vec<Piece>, _>>()?, top))
    }

    /// Ends the page there, or at the next whole pixel.
    pub(super) fn end_at(&mut self, bottom: Tenths) {
        self.drawing.height = whole_pixels(bottom);
    }

    /// The page as SVG.
    ///
    /// # Errors
    /// What the drawing crates refuse.
    pub(super) fn svg(&self) -> Result<String, ExportError> {
        let mut under = PAPER.to_owned();
        for (i, Piece { at: [x, y], size: [width, height], svg, .. }) in
            self.pieces.iter().enumerate()
        {
            // Each piece keeps its own units, and its picture a name of its own.
            let inner = svg.split_once('>').map_or("", |(_, inner)| inner);
            let inner = inner
                .replace("id=\"picture\"", &format!("id=\"picture{i}\""))
                .replace("href=\"#picture\"", &format!("href=\"#picture{i}\""));
            writeln!(
                under,
                "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
                 viewBox=\"0 0 {width} {height}\">{inner}"
            )?;
        }
        drawing_svg(&self.drawing, &under)
    }

    /// The page as PNG, [`PNG_DPI`](super::PNG_DPI) pixels an inch.
    ///
    /// # Errors
    /// As [`svg`](Self::svg), and [`ExportError::TooManyPixels`].
    pub(super) fn png(&self, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
        let mut canvas = Canvas::blank(pixels(self.drawing.width), pixels(self.drawing.height))?;
        for Piece { at: [x, y], pixels: piece, .. } in &self.pieces {
            for (row, colors) in (0..).zip(piece.rgb.chunks_exact(3 * piece.width as usize)) {
                canvas.set_row([pixels(*x), pixels(*y) + row], colors.as_chunks::<3>().0);
            }
        }
        canvas.draw(&drawing_svg(&self.drawing, "")?, meter)?;
        canvas.encode(meter)
    }
}

impl Piece {
    pub(super) fn of_overlay(
        figure: &OverlayFigure<'_>,
        meter: &Meter<'_>,
    ) -> Result<Self, ExportError> {
        Self::new(overlay::svg(figure, meter)?, &overlay::png(figure, meter)?)
    }

    fn of_figure(figure: &Figure, size: PaperSize, meter: &Meter<'_>) -> Result<Self, ExportError> {
        Self::new(figure_svg(figure, size)?, &figure_pixels(figure, size, meter)?)
    }

    fn new(svg: String, png: &[u8]) -> Result<Self, ExportError> {
        let refusal = |error: png::DecodingError| ExportError::Raster { reason: error.to_string() };
        let mut reader = png::Decoder::new(Cursor::new(png)).read_info().map_err(refusal)?;
        let mut rgb = vec![0; reader.output_buffer_size().unwrap_or(0)];
        let info = reader.next_frame(&mut rgb).map_err(refusal)?;
        let tenths = |pixels: u32| (f64::from(pixels) * PIXEL).round() as Tenths;
        let size = [tenths(info.width), tenths(info.height)];
        Ok(Self { at: [0, 0], size, svg, pixels: Pixels { width: info.width, rgb } })
    }

    pub(super) fn width(&self) -> Tenths {
        self.size[0]
    }
}

/// Tenths of a point that begin on a pixel of the PNG.
fn pixels(tenths: Tenths) -> u32 {
    (f64::from(tenths) / PIXEL).round() as u32
}
