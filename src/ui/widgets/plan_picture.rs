//! The mask of a run, drawn as it was: rows look, columns are looked at.

use egui::{
    Align2, Color32, ColorImage, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind,
    TextureId, Ui, Vec2,
};

use super::cell_cursor::{Cell, meant_cell, tell_cell};
use crate::{
    domain::{AttentionMask, AttentionMode, Segment, SequenceLayout},
    ui::theme::Colors,
};

/// A mask as pixels: what causal order allows, what the mode opens on top, what it closes.
pub(crate) fn plan_image(mask: &AttentionMask, colors: &Colors) -> ColorImage {
    let len = mask.len();
    let color = |(i, allowed): (usize, &bool)| {
        let (query, key) = (i / len.max(1), i % len.max(1));
        match (*allowed, key <= query) {
            (true, true) => colors.quiet,
            (true, false) => colors.accent,
            (false, true) => colors.warning,
            (false, false) => colors.stage,
        }
    };
    let pixels: Vec<Color32> = mask.entries().iter().enumerate().map(color).collect();
    ColorImage::new([len, len], pixels)
}

/// Draws a mask with the segments of its sequence, and tells of the query and key under the pointer, or of
/// those that arrows lead to.
pub(crate) fn plan_picture_ui(
    ui: &mut Ui,
    texture: TextureId,
    (mode, layout): (AttentionMode, &SequenceLayout),
    tell: &dyn Fn(usize, usize) -> String,
) -> Response {
    let colors = Colors::of(ui);
    let margin = Vec2::new(64.0, 20.0);
    let side = (ui.available_size() - margin - Vec2::splat(6.0)).min_elem().clamp(80.0, 560.0);
    let sense = Sense::focusable_noninteractive();
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side) + margin, sense);
    let square = Rect::from_min_size(rect.min + margin, Vec2::splat(side));
    let n = layout.len();
    let under_pointer = response.hover_pos().filter(|at| square.contains(*at)).map(|at| {
        let place = (at - square.min) / side * n as f32;
        let last = n.saturating_sub(1);
        ((place.y as usize).min(last), (place.x as usize).min(last))
    });
    let meant = meant_cell(ui, &response, under_pointer, (n, n));
    let told = meant.cell.map(|(query, key)| tell(query, key));
    // Asked here: egui is locked while it takes in what a widget is.
    let has_keyboard = response.has_focus();
    response.widget_info(|| {
        let name = format!("the mask of this run: {mode}");
        let mut info = egui::WidgetInfo::labeled(Role::Image, true, name);
        info.current_text_value = told.clone().filter(|_| has_keyboard);
        info
    });
    let painter = ui.painter();
    let all = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    painter.image(texture, square, all, Color32::WHITE);
    painter.rect_stroke(square, 0, Stroke::new(1.0, colors.line), StrokeKind::Outside);
    let font = FontId::proportional(11.0);
    let part = |position: usize| side * position as f32 / n.max(1) as f32;
    for (segment, span) in layout.spans() {
        let (start, end) = (part(span.start), part(span.end));
        let line = Stroke::new(1.0, colors.strong.gamma_multiply(0.35));
        painter.vline(square.left() + end, square.y_range(), line);
        painter.hline(square.x_range(), square.top() + end, line);
        let name = segment_name(*segment);
        let at = egui::pos2(square.left() - 5.0, square.top() + f32::midpoint(start, end));
        painter.text(at, Align2::RIGHT_CENTER, name, font.clone(), colors.text);
        if end - start > 7.0 * name.len() as f32 {
            let at = egui::pos2(square.left() + f32::midpoint(start, end), square.top() - 3.0);
            painter.text(at, Align2::CENTER_BOTTOM, name, font.clone(), colors.text);
        }
    }
    let Some((cell, told)) = meant.cell.zip(told) else { return response };
    let place = cell_place(square, cell, n);
    if meant.is_by_keys {
        mark_ui(ui, square, place, &colors);
    }
    tell_cell(ui, response, meant, place, told)
}

/// Where a query and a key are drawn.
fn cell_place(square: Rect, (query, key): Cell, n: usize) -> Rect {
    let size = square.size() / n.max(1) as f32;
    Rect::from_min_size(square.min + size * Vec2::new(key as f32, query as f32), size)
}

/// The row and the column that cross where arrows lead: a cell may be smaller than a pixel.
fn mark_ui(ui: &Ui, square: Rect, place: Rect, colors: &Colors) {
    let painter = ui.painter();
    let line = Stroke::new(1.0, colors.strong.gamma_multiply(0.6));
    let at = place.center();
    let around = place.expand(3.0);
    painter.hline(square.left()..=around.left().max(square.left()), at.y, line);
    painter.hline(around.right().min(square.right())..=square.right(), at.y, line);
    painter.vline(at.x, square.top()..=around.top().max(square.top()), line);
    painter.vline(at.x, around.bottom().min(square.bottom())..=square.bottom(), line);
    painter.rect_stroke(place.expand(2.0), 1, Stroke::new(2.0, colors.strong), StrokeKind::Outside);
}

/// A segment as the screen calls it.
fn segment_name(segment: Segment) -> &'static str {
    match segment {
        Segment::Prelude => "prelude",
        Segment::Image => "image",
        Segment::Question => "question",
        Segment::Cue => "cue",
        Segment::Answer => "answer",
    }
}
