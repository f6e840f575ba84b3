//! A matrix figure on screen: rows by columns, every number under the pointer.

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    Vec2, epaint::TextShape,
};

use super::cell_cursor::{meant_cell, tell_cell};
use crate::{
    domain::MatrixFigure,
    ui::{
        theme::{Colors, ink_on},
        widgets::number,
    },
};

/// Draws a matrix; returns the row and column under the pointer, or those that arrows lead to. A click
/// may be Enter. `hint` says what a click on a cell does.
pub(crate) fn matrix_ui(
    ui: &mut Ui,
    figure: &MatrixFigure,
    color: &dyn Fn(f64) -> Color32,
    hint: &dyn Fn(usize, usize) -> Option<String>,
) -> (Response, Option<(usize, usize)>) {
    let parts = figure.parts();
    let colors = Colors::of(ui);
    let font = FontId::proportional(11.5);
    let width_of = |text: &String| {
        ui.painter().layout_no_wrap(text.clone(), font.clone(), colors.text).size().x
    };
    let names = parts.rows.iter().map(width_of).fold(20.0, f32::max);
    let names = names.min((0.35 * ui.available_width()).max(150.0)) + 8.0;
    let turned = parts.columns.iter().map(width_of).fold(20.0, f32::max).min(110.0) + 6.0;
    let (n_rows, n_columns) = (parts.rows.len() as f32, parts.columns.len() as f32);
    let room = (ui.available_width() - names - 6.0) / n_columns;
    let cell = Vec2::new(room.clamp(16.0, 64.0), (room * 0.7).clamp(18.0, 30.0));
    let is_turned = turned > cell.x;
    let head = if is_turned { turned * 0.75 + 8.0 } else { 18.0 };
    let size = Vec2::new(names + cell.x * n_columns, head + cell.y * n_rows);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let body = Rect::from_min_max(rect.min + Vec2::new(names, head), rect.max);
    let under_pointer = response.hover_pos().filter(|at| body.contains(*at)).map(|at| {
        let place = (at - body.min) / cell;
        let row = (place.y as usize).min(parts.rows.len() - 1);
        (row, (place.x as usize).min(parts.columns.len() - 1))
    });
    let meant = meant_cell(ui, &response, under_pointer, (parts.rows.len(), parts.columns.len()));
    let found = meant.cell;
    let told = found.map(|(r, c)| told_of(figure, (r, c), hint(r, c)));
    // Asked here: egui is locked while it takes in what a widget is.
    let has_keyboard = response.has_focus();
    response.widget_info(|| {
        let cell = told.as_ref().filter(|_| has_keyboard);
        let cell = cell.map_or(String::new(), |told| format!("; {}", told.replace('\n', ", ")));
        egui::WidgetInfo::labeled(Role::Grid, true, format!("{}{cell}", summary(figure)))
    });
    let painter = ui.painter();
    let ink = |is_found: bool| if is_found { colors.strong } else { colors.text };
    for (c, name) in parts.columns.iter().enumerate() {
        let x = body.left() + cell.x * (c as f32 + 0.5);
        let at = egui::pos2(x, body.top() - 4.0);
        paint_name(painter, (name, is_turned), at, ink(found.is_some_and(|f| f.1 == c)));
    }
    for (r, name) in parts.rows.iter().enumerate() {
        let ink = ink(found.is_some_and(|f| f.0 == r));
        let y = body.top() + cell.y * (r as f32 + 0.5);
        let clipped = painter
            .with_clip_rect(Rect::from_x_y_ranges(rect.left()..=body.left(), rect.y_range()));
        clipped.text(
            egui::pos2(body.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            name,
            font.clone(),
            ink,
        );
        for c in 0..parts.columns.len() {
            let at = body.min + Vec2::new(c as f32, r as f32) * cell;
            let place = Rect::from_min_size(at, cell).shrink(0.5);
            paint_cell(painter, place, figure.value(r, c).map(|v| (v, color(v))), &colors);
        }
    }
    let Some(((r, c), told)) = found.zip(told) else { return (response, None) };
    let at = body.min + Vec2::new(c as f32, r as f32) * cell;
    let place = Rect::from_min_size(at, cell);
    painter.rect_stroke(place, 2, Stroke::new(2.0, colors.accent), StrokeKind::Outside);
    (tell_cell(ui, response, meant, place, told), Some((r, c)))
}

/// The figure in a line.
fn summary(figure: &MatrixFigure) -> String {
    let parts = figure.parts();
    let (rows, columns) = (parts.rows.len(), parts.columns.len());
    let (row, column) = (&parts.row_label, &parts.column_label);
    format!("{}: {rows} {row} by {columns} {column}", parts.value_label)
}

/// Everything about a cell.
fn told_of(figure: &MatrixFigure, (r, c): (usize, usize), hint: Option<String>) -> String {
    let parts = figure.parts();
    let value = figure.value(r, c).map_or("no value".to_owned(), |v| format!("{v:.5}"));
    let told = format!("{} × {}\n{value}\n{}", parts.rows[r], parts.columns[c], parts.value_label);
    match hint {
        Some(hint) => format!("{told}\n{hint}"),
        None => told,
    }
}

/// A column's name, turned where columns are narrow.
fn paint_name(painter: &Painter, (name, is_turned): (&str, bool), at: Pos2, ink: Color32) {
    let font = FontId::proportional(11.5);
    if is_turned {
        let galley = painter.layout_no_wrap(name.to_owned(), font, ink);
        let at = at - Vec2::new(5.0, 6.0);
        let text = TextShape::new(at, galley, ink);
        painter.add(text.with_angle(-std::f32::consts::FRAC_PI_4));
    } else {
        painter.text(at, Align2::CENTER_BOTTOM, name, font, ink);
    }
}

fn paint_cell(painter: &Painter, place: Rect, value: Option<(f64, Color32)>, colors: &Colors) {
    let Some((value, fill)) = value else {
        let line = Stroke::new(1.0, colors.line);
        painter.rect_stroke(place, 2, line, StrokeKind::Inside);
        return;
    };
    painter.rect_filled(place, 2, fill);
    if place.width() > 33.0 {
        let font = FontId::proportional(10.5);
        let text = number(value);
        painter.text(place.center(), Align2::CENTER_CENTER, text, font, ink_on(fill));
    }
}
