//! Where everything of a figure with maps stands, from top to bottom: panels in rows, each a title
//! over its picture; the color bar; caption and notes.

use crate::domain::{Colormap, Grid, Heatmap, ImageSize, Reading, ValueScale};

use super::{
    canvas::{Anchor, Drawing},
    caption::texts_below,
    colorbar::{self, ColorScale},
    font,
    outlines::draw_regions,
    overlay::{OverlayFigure, OverlayPanel},
    paper::{FAINT_INK, INCH, INK, PT, Tenths, TypeSizes, whole_pixels},
};

/// A figure with maps, all but the pixels of its pictures.
#[derive(Clone, Debug)]
pub(super) struct OverlayLayout {
    /// What stands over the pictures, and beside them.
    pub drawing: Drawing,
    /// Upper left corner of each panel's picture, on whole pixels of the PNG.
    pub corners: Vec<[Tenths; 2]>,
    /// What the colors of each panel mean.
    pub scales: Vec<ColorScale>,
    /// Pixels of the PNG along a pixel of the picture.
    pub zoom: u32,
}

/// Tenths of a point along a pixel of the PNG.
pub(super) const PIXEL: f64 = INCH as f64 / super::PNG_DPI as f64;

/// Panels of a row at most.
const MOST_COLUMNS: usize = 4;
/// A picture is at least as long as this, in pixels of the PNG.
const LEAST_SIDE: u32 = 480;
/// It is made no longer than this for the sake of its patches.
const MOST_ZOOMED: u32 = 3000;
/// A patch should have these pixels of the PNG along each side.
const LEAST_PATCH: f64 = 2.0;
/// A title has at least this width.
const LEAST_CELL: Tenths = 120 * PT;
const LEAST_WIDTH: Tenths = 5 * INCH / 2;
/// Figures wider than this have larger type, since they are shown smaller.
const PAGE: Tenths = 7 * INCH;
/// A color bar gets no wider, in em.
const WIDEST_BAR: Tenths = 36;

/// Says where everything stands.
pub(super) fn lay_out(figure: &OverlayFigure<'_>) -> OverlayLayout {
    let zoom = zoom(figure);
    let side = |n: u32| (f64::from(n * zoom) * PIXEL).ceil() as Tenths;
    let ImageSize { width, height } = figure.fit.image;
    let picture = [whole_pixels(side(width)), whole_pixels(side(height))];
    let n_columns = figure.panels.len().min(MOST_COLUMNS);
    let sizes = type_sizes(picture[0] * n_columns as Tenths);
    let gap = whole_pixels(sizes.label);
    let cell = picture[0].max(LEAST_CELL.min(LEAST_WIDTH - 2 * gap));
    let inner = cell * n_columns as Tenths + gap * (n_columns as Tenths - 1);
    let width = whole_pixels((inner + 2 * gap).max(LEAST_WIDTH));
    let mut page = Page {
        figure,
        drawing: Drawing { width, height: 0, marks: Vec::new() },
        corners: Vec::new(),
        scales: scales(figure),
        sizes,
        gap,
        cell,
        picture,
        true_size: [side(figure.fit.image.width), side(figure.fit.image.height)],
    };
    let mut y = gap;
    for (row, panels) in figure.panels.chunks(n_columns).enumerate() {
        y = page.draw_row(row * n_columns, panels, y) + gap;
    }
    let is_shared = figure.style.has_one_scale();
    if let (true, Some(map)) = (is_shared, figure.panels.iter().position(OverlayPanel::is_colored))
    {
        y = page.draw_bar(map, (gap, width - gap), y) + gap;
    }
    let notes = notes(figure, zoom);
    let texts = texts_below(&figure.caption, &notes, sizes.small, width - 2 * gap);
    for lines in &texts {
        y = page.drawing.lines(lines, (gap, y), sizes.small, Anchor::Start) + gap / 2;
    }
    page.drawing.height = whole_pixels(y + gap / 2);
    OverlayLayout { drawing: page.drawing, corners: page.corners, scales: page.scales, zoom }
}

impl OverlayPanel {
    /// Whether there is a color in it that means a number.
    pub(super) fn is_colored(&self) -> bool {
        self.map.as_ref().is_some_and(|map| !map.by_construction)
    }
}

/// Whole pixels for each of the picture's, so that a small picture can be seen, and its patches.
fn zoom(figure: &OverlayFigure<'_>) -> u32 {
    let ImageSize { width, height } = figure.fit.image;
    let long = width.max(height).max(1);
    let grids = figure.panels.iter().filter_map(|panel| panel.map.as_ref()).map(|map| map.patches);
    let smallest =
        grids.map(|patches| smallest_side(figure, patches)).fold(f64::INFINITY, f64::min);
    let for_patches = (LEAST_PATCH / smallest).ceil() as u32;
    LEAST_SIDE.div_ceil(long).max(for_patches.min(MOST_ZOOMED / long)).max(1)
}

fn smallest_side(figure: &OverlayFigure<'_>, patches: Grid) -> f64 {
    let [width, height] = figure.fit.patch_size(patches);
    width.min(height)
}

/// Whether a pixel or more of the model's square lies beyond the last patch.
fn has_rim(figure: &OverlayFigure<'_>, patches: Grid) -> bool {
    let side = figure.fit.model_side as usize;
    [patches.cols, patches.rows].iter().any(|n| !side.is_multiple_of((*n).max(1)))
}

fn type_sizes(width: Tenths) -> TypeSizes {
    let sizes = TypeSizes::for_width(width);
    let grown =
        |em: Tenths| (f64::from(em) * f64::from(width.max(PAGE)) / f64::from(PAGE)) as Tenths;
    TypeSizes { title: grown(sizes.title), label: grown(sizes.label), small: grown(sizes.small) }
}

fn scales(figure: &OverlayFigure<'_>) -> Vec<ColorScale> {
    let values = |panel: &OverlayPanel| -> Vec<f64> {
        let values = panel.map.iter().flat_map(|map| map.values.iter().copied());
        values.filter(|value| !value.is_nan()).collect()
    };
    let of = |values: Vec<f64>| match figure.style.colormap {
        Colormap::Diverging => ColorScale::around(center(figure), values),
        colormap => ColorScale::over(values, colormap),
    };
    if let Some(scale) = figure.style.scale {
        return vec![ColorScale::between(scale, figure.style.colormap); figure.panels.len()];
    }
    if figure.style.shared_scale {
        return vec![of(figure.panels.iter().flat_map(values).collect()); figure.panels.len()];
    }
    figure.panels.iter().map(|panel| of(values(panel))).collect()
}

/// The value that says nothing: of lift 1, of everything else 0.
fn center(figure: &OverlayFigure<'_>) -> f64 {
    let mut maps = figure.panels.iter().filter_map(|panel| panel.map.as_ref());
    if maps.any(|map| map.reading == Reading::Lift) { 1.0 } else { 0.0 }
}

/// The figure's notes, and what has to be said of how it was drawn.
fn notes(figure: &OverlayFigure<'_>, zoom: u32) -> Vec<String> {
    let mut notes = figure.notes.clone();
    let maps = || figure.panels.iter().filter_map(|panel| panel.map.as_ref());
    if figure.style.smooth && maps().next().is_some() {
        notes.push("Smoothed: values between the middles of patches are made up.".to_owned());
    }
    if !figure.style.has_one_scale() && figure.panels.len() > 1 {
        notes.push("Each panel has its own scale: colors do not compare.".to_owned());
    }
    if figure.style.scale.is_some_and(|scale| maps().any(|map| reaches_beyond(map, scale))) {
        notes.push("Values beyond the scale have the color of its end.".to_owned());
    }
    if maps().any(|map| !map.by_construction && map.values.iter().any(|v| v.is_nan())) {
        notes.push("Patches without color have no value under this reading.".to_owned());
    }
    if maps().any(|map| has_rim(figure, map.patches)) {
        notes.push(
            "The rim without color at the right and at the bottom is seen by no patch.".to_owned(),
        );
    }
    if maps().any(|map| smallest_side(figure, map.patches) * f64::from(zoom) < 1.0) {
        notes.push(
            "Patches are thinner than a pixel of this figure: it shows those in the pixels' middles."
                .to_owned(),
        );
    }
    notes
}

/// Whether a map has a value beyond a scale, by more than another device's rounding.
fn reaches_beyond(map: &Heatmap, ValueScale { low, high }: ValueScale) -> bool {
    let slack = 1e-6 * (high - low);
    let is_beyond = |(least, most): (f64, f64)| least < low - slack || most > high + slack;
    !map.by_construction && map.range().is_some_and(is_beyond)
}

/// A figure that is being laid out.
struct Page<'a> {
    figure: &'a OverlayFigure<'a>,
    drawing: Drawing,
    corners: Vec<[Tenths; 2]>,
    scales: Vec<ColorScale>,
    sizes: TypeSizes,
    gap: Tenths,
    cell: Tenths,
    /// Width and height kept for a picture.
    picture: [Tenths; 2],
    /// Those it has.
    true_size: [Tenths; 2],
}

impl Page<'_> {
    /// Titles of one height, then pictures, then notes, then bars where each has its own.
    fn draw_row(&mut self, first: usize, panels: &[OverlayPanel], top: Tenths) -> Tenths {
        let lefts: Vec<Tenths> = (0..panels.len() as Tenths)
            .map(|col| self.gap + col * (self.cell + self.gap))
            .collect();
        let mut below = top;
        for (panel, left) in panels.iter().zip(&lefts) {
            let title = font::wrap(&panel.title, self.sizes.title, self.cell);
            let bottom = self.drawing.lines(&title, (*left, top), self.sizes.title, Anchor::Start);
            below = below.max(bottom);
        }
        let picture_top = whole_pixels(below + self.gap / 3);
        let [width, height] = self.true_size;
        for left in &lefts {
            self.corners.push([*left, picture_top]);
            let (right, bottom) = (left + width, picture_top + height);
            let frame =
                [(*left, picture_top), (right, picture_top), (right, bottom), (*left, bottom)];
            let frame = frame.into_iter().chain([(*left, picture_top)]).collect();
            self.drawing.path(frame, 4, INK);
            if let Some(set) = self.figure.regions {
                let place = ([*left, picture_top], [width, height]);
                draw_regions(&mut self.drawing, set, place, self.sizes.small);
            }
        }
        let text_top = picture_top + self.picture[1] + self.gap / 3;
        let mut bottom = text_top;
        for (i, (panel, left)) in panels.iter().zip(&lefts).enumerate() {
            let mut y = text_top;
            for text in texts_of(panel) {
                let lines = font::wrap(&text, self.sizes.small, self.cell);
                let look = (Anchor::Start, FAINT_INK);
                y = self.drawing.colored_lines(&lines, (*left, y), self.sizes.small, look);
            }
            if !self.figure.style.has_one_scale() && panel.is_colored() {
                y = self.draw_bar(first + i, (*left, left + self.cell), y + self.gap / 2);
            }
            bottom = bottom.max(y);
        }
        bottom
    }

    fn draw_bar(&mut self, panel: usize, (left, right): (Tenths, Tenths), top: Tenths) -> Tenths {
        let right = right.min(left + WIDEST_BAR * self.sizes.label);
        let name = &self.figure.value_label;
        colorbar::draw(&mut self.drawing, &self.scales[panel], name, (left, right), top, self.sizes)
    }
}

/// What stands under a panel's picture.
fn texts_of(panel: &OverlayPanel) -> Vec<String> {
    let closed = panel.map.as_ref().is_some_and(|map| map.by_construction);
    let closed = closed.then(|| "Zero by construction: closed by the mask.".to_owned());
    closed.into_iter().chain(panel.note.clone()).collect()
}
