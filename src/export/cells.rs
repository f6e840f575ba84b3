//! A field of cells too small and too many for shapes of their own, with names at its sides: pixels in
//! PNG, a picture of them in SVG.

use std::{fmt::Write as _, ops::Range, slice};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::domain::{CaptionField, Meter};

use super::{
    ExportError, PaperSize,
    canvas::{Anchor, Drawing},
    caption::texts_below,
    colorbar::{self, ColorScale},
    font,
    legend::{self, Swatch},
    overlay_layout::PIXEL,
    paper::{Color, FAINT_INK, INK, PT, Tenths, TypeSizes, whole_pixels},
    png::{Canvas, encode_plain},
    svg::{PAPER, drawing_svg},
};

const MARGIN: Tenths = 8 * PT;
/// Between blocks.
const GAP: Tenths = 5 * PT;
/// From a name to the field.
const NAME_GAP: Tenths = 3 * PT;
/// Pixels of the PNG that the field is high at most, unless it has more rows.
const MOST_HIGH: usize = 1800;
/// A color bar gets no wider.
const WIDEST_BAR: Tenths = 220 * PT;

/// Cells, and what must be known to read them.
pub(super) struct CellField {
    /// Names for rows and columns of the whole.
    pub(super) axes: String,
    /// How many cells a row has.
    pub(super) columns: usize,
    /// Row by row.
    pub(super) colors: Vec<[u8; 3]>,
    /// Names at the left, for stretches of rows; a line is drawn between two.
    pub(super) left: Vec<Stretch>,
    /// Names above, for stretches of columns.
    pub(super) top: Vec<Stretch>,
    /// The color of the lines between stretches.
    pub(super) line: Color,
    pub(super) key: Key,
    pub(super) caption: Vec<CaptionField>,
    pub(super) notes: Vec<String>,
}

/// A name for neighbors.
pub(super) struct Stretch {
    pub(super) name: String,
    pub(super) cells: Range<usize>,
}

/// What colors mean.
pub(super) enum Key {
    /// Numbers of one scale, and what they are.
    Scale(ColorScale, String),
    /// Kinds.
    Kinds(Vec<(Color, String)>),
    /// Nothing that holds for all cells; the notes say why.
    None,
}

impl CellField {
    /// # Errors
    /// What the drawing crates refuse.
    pub(super) fn svg(&self, meter: &Meter<'_>) -> Result<String, ExportError> {
        let placed = self.lay_out()?;
        let (pixels, [width, height]) = (self.pixels(placed.zoom), placed.size(self));
        let samples: Vec<u8> = pixels.concat().into_iter().flatten().collect();
        let picture = encode_plain([width, height], &samples, png::ColorType::Rgb, meter)?;
        let mut under = PAPER.to_owned();
        let [left, top] = placed.corner;
        writeln!(
            under,
            "<g transform=\"translate({left} {top}) scale({PIXEL})\"><image width=\"{width}\" \
             height=\"{height}\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             xlink:href=\"data:image/png;base64,{}\"/></g>",
            STANDARD.encode(picture)
        )?;
        drawing_svg(&placed.drawing, &under)
    }

    /// # Errors
    /// As [`svg`](Self::svg), and [`ExportError::TooManyPixels`].
    pub(super) fn png(&self, meter: &Meter<'_>) -> Result<Vec<u8>, ExportError> {
        let placed = self.lay_out()?;
        let pixels = |tenths: Tenths| (f64::from(tenths) / PIXEL).round() as u32;
        let Drawing { width, height, .. } = placed.drawing;
        let mut canvas = Canvas::blank(pixels(width), pixels(height))?;
        let [left, top] = placed.corner.map(pixels);
        for (y, row) in (top..).zip(self.pixels(placed.zoom)) {
            canvas.set_row([left, y], &row);
        }
        canvas.draw(&drawing_svg(&placed.drawing, "")?, meter)?;
        canvas.encode(meter)
    }

    fn rows(&self) -> usize {
        self.colors.len() / self.columns.max(1)
    }

    /// Each cell `zoom` pixels wide and high.
    fn pixels(&self, zoom: usize) -> Vec<Vec<[u8; 3]>> {
        let rows = self.colors.chunks(self.columns.max(1)).map(|row| {
            row.iter().flat_map(|color| std::iter::repeat_n(*color, zoom)).collect::<Vec<_>>()
        });
        rows.flat_map(|row| std::iter::repeat_n(row, zoom)).collect()
    }

    fn lay_out(&self) -> Result<Placed, ExportError> {
        font::register()?;
        let [full, _] = PaperSize::FULL_WIDTH.tenths()?;
        let sizes = TypeSizes::for_width(full);
        let names = self.left.iter().map(|stretch| font::width(&stretch.name, sizes.small));
        let left = whole_pixels(MARGIN + names.max().unwrap_or(0) + NAME_GAP);
        let room = (f64::from(full - left - MARGIN) / PIXEL) as usize;
        let zoom = (room / self.columns.max(1)).min(MOST_HIGH / self.rows().max(1)).max(1);
        let along = |cells: usize| ((cells * zoom) as f64 * PIXEL).round() as Tenths;
        let width = whole_pixels((left + along(self.columns) + MARGIN).max(full));
        let inner = width - 2 * MARGIN;
        let mut drawing = Drawing { width, height: 0, marks: Vec::new() };
        let axes = font::wrap(&self.axes, sizes.small, inner);
        let look = (Anchor::Start, FAINT_INK);
        let y = drawing.colored_lines(&axes, (MARGIN, MARGIN), sizes.small, look) + GAP;
        let top = whole_pixels(y + font::height(1, sizes.small) + NAME_GAP);
        let corner = [left, top];
        self.draw_sides(&mut drawing, corner, &along, sizes.small);
        let y = top + along(self.rows()) + 2 * GAP;
        let mut y = match &self.key {
            Key::Scale(scale, name) => {
                let bar = (MARGIN, (MARGIN + WIDEST_BAR).min(width - MARGIN));
                colorbar::draw(&mut drawing, scale, name, bar, y, sizes) + GAP
            }
            Key::Kinds(kinds) => {
                let kinds = kinds.iter().map(|(color, name)| (Swatch::Group(*color), name.clone()));
                let span = (MARGIN, width - MARGIN);
                legend::draw(&mut drawing, kinds.collect(), span, y, sizes.label) + GAP
            }
            Key::None => y,
        };
        for lines in texts_below(&self.caption, &self.notes, sizes.small, inner) {
            y = drawing.lines(&lines, (MARGIN, y), sizes.small, Anchor::Start) + GAP;
        }
        drawing.height = whole_pixels(y - GAP + MARGIN);
        Ok(Placed { drawing, corner, zoom })
    }

    /// Names, the lines between stretches, and a frame.
    fn draw_sides(
        &self,
        drawing: &mut Drawing,
        [left, top]: [Tenths; 2],
        along: &dyn Fn(usize) -> Tenths,
        em: Tenths,
    ) {
        let (right, bottom) = (left + along(self.columns), top + along(self.rows()));
        let high = font::height(1, em);
        // Names that would lie over the one before are left out: of numbered rows the rest is clear.
        let mut free = top - high;
        for Stretch { name, cells } in &self.left {
            let (from, to) = (top + along(cells.start), top + along(cells.end));
            let y = i32::midpoint(from, to) - high / 2;
            if y >= free {
                drawing.lines(slice::from_ref(name), (left - NAME_GAP, y), em, Anchor::End);
                free = y + high;
            }
            if cells.end < self.rows() {
                drawing.line((left, to), (right, to), 4, self.line);
            }
        }
        let mut free = left;
        for Stretch { name, cells } in &self.top {
            let (from, to) = (left + along(cells.start), left + along(cells.end));
            let (middle, half) = (i32::midpoint(from, to), font::width(name, em) / 2);
            if middle - half >= free && middle + half <= right {
                let y = top - NAME_GAP - high;
                drawing.lines(slice::from_ref(name), (middle, y), em, Anchor::Middle);
                free = middle + half + em / 2;
            }
            if cells.end < self.columns {
                drawing.line((to, top), (to, bottom), 4, self.line);
            }
        }
        let frame = vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        drawing.path(frame, 4, INK);
    }
}

/// Everything but the cells, and where these go.
struct Placed {
    drawing: Drawing,
    /// Upper left corner of the field, on a whole pixel of the PNG.
    corner: [Tenths; 2],
    /// Pixels of the PNG along a cell.
    zoom: usize,
}

impl Placed {
    /// Width and height of the field in pixels.
    fn size(&self, field: &CellField) -> [u32; 2] {
        [field.columns, field.rows()].map(|cells| (cells * self.zoom) as u32)
    }
}
