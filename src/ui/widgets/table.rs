//! A table of numbers that is sorted by a click on a column's name, with a bar where a part is told.

use egui::{
    Align2, FontId, Id, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Tooltip, Ui,
    Vec2, WidgetInfo,
    text::{LayoutJob, TextFormat, TextWrapping},
};

use super::exact::exact_text;
use crate::ui::theme::Colors;

/// A column: its name, its width in points, and what it tells.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) width: f32,
    pub(crate) told: &'static str,
}

/// A cell: a text, and how much of its width a bar behind it fills, if it has one.
pub(crate) struct Cell {
    text: String,
    part: Option<f64>,
    is_marked: bool,
    exact: Option<f64>,
}

impl Cell {
    pub(crate) fn text(text: String) -> Self {
        Self { text, part: None, is_marked: false, exact: None }
    }

    /// The same in the color of what to be careful of.
    pub(crate) fn marked(self) -> Self {
        Self { is_marked: true, ..self }
    }

    /// The same, with the number that its text rounds.
    pub(crate) fn of(self, exact: f64) -> Self {
        Self { exact: Some(exact), ..self }
    }

    pub(crate) fn bar(text: String, part: f64) -> Self {
        Self { text, part: Some(part), is_marked: false, exact: None }
    }
}

/// By which column a table is sorted. Kept by egui under the table's name while the window is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: usize,
    pub(crate) is_falling: bool,
}

/// The height of a row.
pub(crate) const ROW: f32 = 18.0;
/// Space between columns.
pub(crate) const SPACE: f32 = 8.0;

/// How a table is sorted.
pub(crate) fn sort_ui(ui: &Ui, table: &str, columns: &[Column]) -> Sort {
    let sort: Sort = ui.data(|data| data.get_temp(Id::unique(table))).unwrap_or_default();
    Sort { column: sort.column.min(columns.len().saturating_sub(1)), ..sort }
}

/// The names of the columns; a click sorts by one, a second click the other way round, and is kept by
/// egui.
pub(crate) fn header_ui(ui: &mut Ui, table: &str, columns: &[Column], sort: Sort) {
    if let Some(after) = heads_ui(ui, columns, sort) {
        ui.data_mut(|data| data.insert_temp(Id::unique(table), after));
        ui.ctx().request_repaint();
    }
}

/// The names of the columns; returns how to sort after a click on one.
pub(crate) fn heads_ui(ui: &mut Ui, columns: &[Column], sort: Sort) -> Option<Sort> {
    let colors = Colors::of(ui);
    let mut after = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (i, column) in columns.iter().enumerate() {
            let (rect, response) =
                ui.allocate_exact_size(Vec2::new(column.width + SPACE, ROW), Sense::click());
            let is_sorted = sort.column == i;
            response.widget_info(|| {
                let name = format!("sort by {}", column.name);
                WidgetInfo::selected(Role::Button, true, is_sorted, name)
            });
            let arrow = match (is_sorted, sort.is_falling) {
                (false, _) => "",
                (true, false) => " ⏶",
                (true, true) => " ⏷",
            };
            let is_over = response.hovered() || response.has_focus() || is_sorted;
            let ink = if is_over { colors.strong } else { colors.quiet };
            let (text, font) = (format!("{}{arrow}", column.name), FontId::proportional(11.0));
            let at = egui::pos2(rect.left() + SPACE / 2.0, rect.center().y);
            ui.painter().text(at, Align2::LEFT_CENTER, text, font, ink);
            if response.clicked() {
                // Numbers are looked for at their largest first; places in a list from the beginning.
                let is_falling = if is_sorted { !sort.is_falling } else { i > 0 };
                after = Some(Sort { column: i, is_falling });
            }
            response.on_hover_text(column.told);
        }
    });
    after
}

/// A row that can be chosen.
pub(crate) fn row_ui(
    ui: &mut Ui,
    (name, is_chosen): (&str, bool),
    columns: &[Column],
    cells: &[Cell],
) -> Response {
    sensed_row_ui(ui, (name, is_chosen), columns, cells, Sense::click())
}

/// A row of a list that as a whole takes the keyboard, so that its rows do not.
pub(crate) fn list_row_ui(
    ui: &mut Ui,
    named: (&str, bool),
    columns: &[Column],
    cells: &[Cell],
) -> Response {
    sensed_row_ui(ui, named, columns, cells, Sense::CLICK)
}

fn sensed_row_ui(
    ui: &mut Ui,
    (name, is_chosen): (&str, bool),
    columns: &[Column],
    cells: &[Cell],
    sense: Sense,
) -> Response {
    let width: f32 = columns.iter().map(|column| column.width + SPACE).sum();
    let size = Vec2::new(width.min(ui.available_width()), ROW);
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| {
        let after = columns.iter().zip(cells).skip(1);
        let told: Vec<String> =
            after.map(|(column, cell)| format!("{} {}", column.name, cell.text)).collect();
        let told = format!("{name}: {}", told.join(", "));
        let mut info = WidgetInfo::selected(Role::Button, true, is_chosen, told);
        info.current_text_value = exact_cells(columns, cells);
        info
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    paint_row(ui, (rect, is_chosen), &response, columns, cells);
    if response.has_focus()
        && let Some(told) = exact_cells(columns, cells)
    {
        Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, rect)
            .show(|ui| ui.label(told));
    }
    match under_pointer(&response, columns, cells) {
        Some((column, exact)) => {
            response.on_hover_text_at_pointer(exact_text(exact, column.name, column.told))
        }
        None => response,
    }
}

/// Numbers of a row in full, as far as it has some.
fn exact_cells(columns: &[Column], cells: &[Cell]) -> Option<String> {
    let told = |(column, cell): (&Column, &Cell)| Some(format!("{} {}", column.name, cell.exact?));
    let told: Vec<String> = columns.iter().zip(cells).filter_map(told).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The number under the pointer, and its column.
fn under_pointer<'a>(
    response: &Response,
    columns: &'a [Column],
    cells: &[Cell],
) -> Option<(&'a Column, f64)> {
    let mut left = response.hover_pos()?.x - response.rect.left();
    let is_here = |(column, _): &(&Column, &Cell)| {
        left -= column.width + SPACE;
        left < 0.0
    };
    let (column, cell) = columns.iter().zip(cells).find(is_here)?;
    Some((column, cell.exact?))
}

fn paint_row(
    ui: &Ui,
    (rect, is_chosen): (Rect, bool),
    response: &Response,
    columns: &[Column],
    cells: &[Cell],
) {
    let colors = Colors::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if is_chosen {
        painter.rect_filled(rect, 3, colors.accent_soft);
    } else if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 3, colors.control);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, 3, Stroke::new(1.0, colors.accent), StrokeKind::Inside);
    }
    let mut left = rect.left();
    for (column, cell) in columns.iter().zip(cells) {
        let place = Rect::from_min_size(
            egui::pos2(left + SPACE / 2.0, rect.top() + 2.0),
            Vec2::new(column.width, ROW - 4.0),
        );
        if let Some(part) = cell.part {
            painter.rect_filled(place, 2, colors.line.gamma_multiply(0.4));
            let full = Vec2::new(place.width() * part.clamp(0.0, 1.0) as f32, place.height());
            let bar = Rect::from_min_size(place.min, full);
            painter.rect_filled(bar, 2, colors.accent.gamma_multiply(0.35));
        }
        paint_text(&painter, place, cell, &colors);
        left += column.width + SPACE;
    }
}

/// A cell's text; what is longer than its column ends in dots.
fn paint_text(painter: &Painter, place: Rect, cell: &Cell, colors: &Colors) {
    let ink = if cell.is_marked { colors.warning } else { colors.text };
    let format = TextFormat::simple(FontId::proportional(12.0), ink);
    let mut job = LayoutJob::single_section(cell.text.clone(), format);
    job.wrap = TextWrapping::truncate_at_width(place.width());
    let galley = painter.layout_job(job);
    // At its right end a number is clear of most bars.
    let at = match cell.part {
        Some(_) => {
            let right = place.right_center() - Vec2::new(4.0, 0.0);
            Align2::RIGHT_CENTER.anchor_size(right, galley.size())
        }
        None => Align2::LEFT_CENTER.anchor_size(place.left_center(), galley.size()),
    };
    painter.galley(at.min, galley, ink);
}
