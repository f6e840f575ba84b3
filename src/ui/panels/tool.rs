//! Drawing regions by hand: a box, a polygon, a brush.

use egui::{Key, Pos2, Rect, Shape, Stroke, StrokeKind, Ui};

use crate::{
    app::Command,
    domain::{ImageSize, Region, RegionId, RegionMask},
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

/// Lets the tool draw over a picture, and sends the region when it is whole.
pub(crate) fn draw_with_tool(ui: &Ui, cx: &ViewContext<'_>, placed: &Placed, size: ImageSize) {
    let number = cx.state.regions.as_ref().map_or(0, |regions| regions.set.regions().len());
    let tool = &mut *cx.tool.borrow_mut();
    let mask = match tool {
        Tool::Select => None,
        Tool::Box(start) => draw_box(placed, start, number).and_then(|c| polygon_mask(&c, size)),
        Tool::Polygon(corners) => {
            draw_polygon(ui, placed, corners, number).and_then(|c| polygon_mask(&c, size))
        }
        Tool::Brush(dots) => draw_brush(placed, dots, number).and_then(|d| brush_mask(&d, size)),
    };
    let Some(mask) = mask.filter(|mask| !mask.is_empty()) else { return };
    let label = format!("drawn {}", number + 1);
    cx.send(Command::AddRegion(Region { id: RegionId::Number(number as i64), label, mask }));
}

/// The pointer in parts of the picture, kept inside.
fn part(placed: &Placed) -> Option<Pos2> {
    let at = placed.response.interact_pointer_pos().or(placed.response.hover_pos())?;
    let part = ((at - placed.rect.min) / placed.rect.size()).to_pos2();
    Some(part.clamp(Pos2::ZERO, Pos2::new(1.0, 1.0)))
}

fn draw_box(placed: &Placed, start: &mut Option<Pos2>, number: usize) -> Option<Vec<Pos2>> {
    if placed.response.drag_started() {
        *start = part(placed);
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
    Some(vec![rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()])
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

/// The pixels whose middle lies between the ends that `column` gives, column by column.
fn mask_where(size: ImageSize, column: impl Fn(f32) -> Vec<(f32, f32)>) -> Option<RegionMask> {
    let tall = size.height as f32;
    let edge = |part: f32| (part * tall - 0.5).ceil().clamp(0.0, tall) as u32;
    let mut stretches = Vec::new();
    for x in 0..size.width {
        let start = x * size.height;
        for (top, bottom) in column((x as f32 + 0.5) / size.width as f32) {
            stretches.push((start + edge(top), start + edge(bottom)));
        }
    }
    Some(RegionMask::empty(size).ok()?.with_stretches(stretches))
}

/// Inside by the even-odd rule.
fn polygon_mask(corners: &[Pos2], size: ImageSize) -> Option<RegionMask> {
    mask_where(size, |x| {
        let mut crossings: Vec<f32> = Vec::new();
        for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            if (a.x <= x) != (b.x <= x) {
                crossings.push(a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x));
            }
        }
        crossings.sort_by(f32::total_cmp);
        crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

fn brush_mask(dots: &[Pos2], size: ImageSize) -> Option<RegionMask> {
    let tall = size.width as f32 / size.height as f32;
    mask_where(size, |x| {
        let of_dot = |dot: &Pos2| {
            let half = (BRUSH * BRUSH - (x - dot.x).powi(2)).max(0.0).sqrt() * tall;
            (half > 0.0).then_some((dot.y - half, dot.y + half))
        };
        dots.iter().filter_map(of_dot).collect()
    })
}
