//! Drawing regions by hand: a box, a polygon, a brush.

use egui::{Key, Pos2, Rect, Shape, Stroke, StrokeKind, Ui};

use crate::{
    app::{Command, Drawing},
    domain::ImageSize,
    ui::{context::ViewContext, theme, widgets::Placed},
};

/// What the pointer draws in the picture. Places are parts of the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Tool {
    /// Nothing: it selects and moves.
    #[default]
    Select,
    /// A box, from where it was begun.
    Box(Option<Pos2>),
    /// A polygon's corners so far; Enter or a double click closes it.
    Polygon(Vec<Pos2>),
    /// A brush's dots so far.
    Brush(Vec<Pos2>),
}

/// The radius of the brush, in parts of the picture's width.
const BRUSH: f32 = 0.02;

/// Lets the tool draw over a picture, and sends what was drawn when it is whole.
pub(crate) fn draw_with_tool(ui: &Ui, cx: &ViewContext<'_>, placed: &Placed, size: ImageSize) {
    let number = cx.state.regions.as_ref().map_or(0, |regions| regions.set.regions().len());
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let pixel = |part: Pos2| [f64::from(part.x) * width, f64::from(part.y) * height];
    let pixels = |parts: Vec<Pos2>| parts.into_iter().map(pixel).collect();
    let drawn = match &mut *cx.tool.borrow_mut() {
        Tool::Select => None,
        Tool::Box(start) => draw_box(placed, start, number)
            .map(|rect| Drawing::Box(pixel(rect.min), pixel(rect.max))),
        Tool::Polygon(corners) => {
            draw_polygon(ui, placed, corners, number).map(|all| Drawing::Polygon(pixels(all)))
        }
        Tool::Brush(dots) => draw_brush(placed, dots, number)
            .map(|all| Drawing::Brush(pixels(all), f64::from(BRUSH) * width)),
    };
    if let Some(drawn) = drawn {
        cx.send(Command::DrawRegion(drawn, format!("drawn {}", number + 1)));
    }
}

/// The pointer in parts of the picture, kept inside.
fn part(placed: &Placed) -> Option<Pos2> {
    let at = placed.response.interact_pointer_pos().or(placed.response.hover_pos())?;
    let part = ((at - placed.rect.min) / placed.rect.size()).to_pos2();
    Some(part.clamp(Pos2::ZERO, Pos2::new(1.0, 1.0)))
}

/// Where the pointer was pressed: a drag is known to be one only some way from there.
fn pressed(placed: &Placed) -> Option<Pos2> {
    let at = placed.painter.ctx().input(|i| i.pointer.press_origin())?;
    let part = ((at - placed.rect.min) / placed.rect.size()).to_pos2();
    Some(part.clamp(Pos2::ZERO, Pos2::new(1.0, 1.0)))
}

fn draw_box(placed: &Placed, start: &mut Option<Pos2>, number: usize) -> Option<Rect> {
    if placed.response.drag_started() {
        *start = pressed(placed);
    }
    let rect = Rect::from_two_pos((*start)?, part(placed)?);
    let color = theme::region_color(number);
    let shown =
        Rect::from_min_max(placed.screen_from_part(rect.min), placed.screen_from_part(rect.max));
    let line = Stroke::new(2.0, color);
    placed.painter.rect(shown, 0, color.gamma_multiply(0.2), line, StrokeKind::Inside);
    if !placed.response.drag_stopped() {
        return None;
    }
    *start = None;
    Some(rect)
}

fn draw_polygon(
    ui: &Ui,
    placed: &Placed,
    corners: &mut Vec<Pos2>,
    number: usize,
) -> Option<Vec<Pos2>> {
    if placed.response.clicked() {
        corners.extend(part(placed));
    }
    let to_pointer = corners.iter().copied().chain(part(placed));
    let points: Vec<Pos2> = to_pointer.map(|p| placed.screen_from_part(p)).collect();
    placed.painter.add(Shape::line(points, Stroke::new(2.0, theme::region_color(number))));
    let closes = placed.response.double_clicked() || ui.input(|i| i.key_pressed(Key::Enter));
    (closes && corners.len() >= 3).then(|| std::mem::take(corners))
}

fn draw_brush(placed: &Placed, dots: &mut Vec<Pos2>, number: usize) -> Option<Vec<Pos2>> {
    if placed.response.drag_started() {
        dots.extend(pressed(placed));
    }
    if placed.response.dragged() {
        dots.extend(part(placed));
    }
    let color = theme::region_color(number);
    let radius = BRUSH * placed.rect.width();
    for dot in dots.iter() {
        let at = placed.screen_from_part(*dot);
        placed.painter.circle_filled(at, radius, color.gamma_multiply(0.35));
    }
    if let Some(at) = part(placed) {
        let line = Stroke::new(1.5, color);
        placed.painter.circle_stroke(placed.screen_from_part(at), radius, line);
    }
    (placed.response.drag_stopped() && !dots.is_empty()).then(|| std::mem::take(dots))
}
