//! A table of numbers that is sorted by a click on a column's name, with a bar where a part is told.

use egui::{
    Align2, FontId, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
};

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
}

impl Cell {
    pub(crate) fn text(text: String) -> Self {
        Self { text, part: None }
    }

    pub(crate) fn bar(text: String, part: f64) -> Self {
        Self { text, part: Some(part) }
    }
}

/// By which column a table is sorted. Kept by egui under the table's name while the window is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: usize,
    pub(crate) is_falling: bool,
}

const ROW: f32 = 18.0;
const SPACE: f32 = 8.0;

/// How a table is sorted.
pub(crate) fn sort_ui(ui: &Ui, table: &str, columns: &[Column]) -> Sort {
    let sort: Sort = ui.data(|data| data.get_temp(Id::unique(table))).unwrap_or_default();
    Sort { column: sort.column.min(columns.len().saturating_sub(1)), ..sort }
}

/// The names of the columns; a click sorts by one, a second click the other way round.
pub(crate) fn header_ui(ui: &mut Ui, table: &str, columns: &[Column], sort: Sort) {
    let colors = Colors::of(ui);
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
                let after = Sort { column: i, is_falling };
                ui.data_mut(|data| data.insert_temp(Id::unique(table), after));
                ui.ctx().request_repaint();
            }
            response.on_hover_text(column.told);
        }
    });
}

/// A row that can be chosen.
pub(crate) fn row_ui(
    ui: &mut Ui,
    (name, is_chosen): (&str, bool),
    columns: &[Column],
    cells: &[Cell],
) -> Response {
    let colors = Colors::of(ui);
    let width: f32 = columns.iter().map(|column| column.width + SPACE).sum();
    let size = Vec2::new(width.min(ui.available_width()), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let cells = columns.iter().zip(cells).skip(1);
        let told: Vec<String> =
            cells.map(|(column, cell)| format!("{} {}", column.name, cell.text)).collect();
        let told = format!("{name}: {}", told.join(", "));
        WidgetInfo::selected(Role::Button, true, is_chosen, told)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
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
        // At its right end a number is clear of most bars.
        let (at, align) = match cell.part {
            Some(_) => (place.right_center() - Vec2::new(4.0, 0.0), Align2::RIGHT_CENTER),
            None => (place.left_center(), Align2::LEFT_CENTER),
        };
        painter.text(at, align, &cell.text, FontId::proportional(12.0), colors.text);
        left += column.width + SPACE;
    }
    response
}
