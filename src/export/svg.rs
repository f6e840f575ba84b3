//! Drawings as SVG, by plotters: texts stay texts, and one unit is a tenth of a point.

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea as _},
    element::{PathElement, Polygon, Rectangle, Text},
    style::{
        Color as _, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle,
        TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::domain::Figure;

use super::{
    ExportError, PaperSize, bars,
    canvas::{Anchor, Drawing, Mark},
    curves, font, matrix,
    paper::{Color, PT, Tenths},
};

/// plotters' SVG writer takes this for the height of a line in em.
const LINE_IN_EM: f64 = 1.24;

/// plotters' SVG writer puts a text that hangs from its top this many em above its baseline.
const HANGS_BY: f64 = 0.76;

/// A figure as SVG. Its texts can be searched and edited; its size is given in points.
///
/// # Errors
/// [`ExportError`]: an impossible size, or what the drawing crate refuses.
pub fn figure_svg(figure: &Figure, size: PaperSize) -> Result<String, ExportError> {
    font::register()?;
    let [width, height] = size.tenths()?;
    let drawing = match figure {
        Figure::Bars(figure) => bars::draw(figure, width, height),
        Figure::Curves(figure) => curves::draw(figure, width, height),
        Figure::Matrix(figure) => matrix::draw(figure, width),
    };
    drawing_svg(&drawing, PAPER)
}

/// White all over.
pub(super) const PAPER: &str = "<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n";

/// A drawing as SVG, with elements `under` it.
pub(super) fn drawing_svg(drawing: &Drawing, under: &str) -> Result<String, ExportError> {
    let size = (drawing.width as u32, drawing.height as u32);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        for mark in &drawing.marks {
            put(&root, mark)?;
        }
        root.present().map_err(refusal)?;
    }
    // The view box stays in tenths of a point; width and height become points.
    let points = |tenths: u32| format!("{}.{}pt", tenths / PT as u32, tenths % PT as u32);
    let plain = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let on_paper = format!("width=\"{}\" height=\"{}\"", points(size.0), points(size.1));
    let head = format!(">\n{under}");
    Ok(svg.replacen(&plain, &on_paper, 1).replacen(">\n", &head, 1))
}

type Root<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn put(root: &Root<'_>, mark: &Mark) -> Result<(), ExportError> {
    match mark {
        Mark::Text { text, at: (x, baseline), em, anchor, color } => {
            let h_pos = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let style =
                text_style(*em, *color, FontTransform::None).pos(Pos::new(h_pos, VPos::Top));
            root.draw(&Text::new(text.as_str(), (*x, baseline - hanging(*em)), style))
        }
        Mark::Turned { text, at: (baseline, y), em, color } => {
            let turned = text_style(*em, *color, FontTransform::Rotate270);
            let style = turned.pos(Pos::new(HPos::Left, VPos::Top));
            root.draw(&Text::new(text.as_str(), (baseline - hanging(*em), *y), style))
        }
        Mark::Area { from, to, color } => {
            root.draw(&Rectangle::new([*from, *to], rgb(*color).filled()))
        }
        Mark::Shape { points, color } => {
            root.draw(&Polygon::new(points.clone(), rgb(*color).filled()))
        }
        Mark::Line { points, width, color } => {
            let style = ShapeStyle::from(&rgb(*color)).stroke_width(*width as u32);
            root.draw(&PathElement::new(points.clone(), style))
        }
    }
    .map_err(refusal)
}

/// From where plotters hangs a text to its baseline.
fn hanging(em: Tenths) -> Tenths {
    (f64::from(em) * HANGS_BY).round() as Tenths
}

fn text_style(em: Tenths, color: Color, turn: FontTransform) -> TextStyle<'static> {
    let size = f64::from(em) * LINE_IN_EM;
    let font = FontDesc::new(FontFamily::Name(font::FAMILIES), size, FontStyle::Normal);
    let color = rgb(color).to_backend_color();
    TextStyle { color, ..TextStyle::from(font.transform(turn)) }
}

fn rgb(Color(red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

fn refusal(error: impl std::fmt::Display) -> ExportError {
    ExportError::Draw { reason: error.to_string() }
}
