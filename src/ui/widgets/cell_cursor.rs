//! Which cell of a drawn table is meant: by the pointer, or by arrows where the table has the keyboard.

use egui::{EventFilter, Key, Modifiers, Rect, Response, Tooltip, Ui};

/// A row and a column.
pub(super) type Cell = (usize, usize);

/// What is meant in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meant {
    /// The cell, if any.
    pub(super) cell: Option<Cell>,
    /// Whether arrows lead to it, and not the pointer.
    pub(super) is_by_keys: bool,
    /// Whether arrows moved just now.
    pub(super) is_moved: bool,
}

/// Which cell is meant in a table of `rows` by `columns`.
///
/// Without the keyboard it is the one under the pointer. With it, arrows, Home and End move from the
/// cell that was meant last, and a pointer that moves takes over.
pub(super) fn meant_cell(
    ui: &Ui,
    response: &Response,
    under_pointer: Option<Cell>,
    (rows, columns): (usize, usize),
) -> Meant {
    if rows * columns == 0 || !response.has_focus() {
        return Meant { cell: under_pointer, ..Meant::default() };
    }
    let arrows =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let kept = response.id.with("cell");
    let is_led = ui.input(|i| i.pointer.is_moving() || i.pointer.any_pressed());
    let led = under_pointer.filter(|_| is_led);
    let before: Option<Cell> = led.or_else(|| ui.data(|data| data.get_temp(kept)));
    // Another figure may have fewer.
    let before = before.map(|(row, column)| (row.min(rows - 1), column.min(columns - 1)));
    let before = before.unwrap_or_default();
    let pressed = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
    let moved = |at: usize, forward, back, len: usize| {
        (at + pressed(forward)).saturating_sub(pressed(back)).min(len - 1)
    };
    let row = moved(before.0, Key::ArrowDown, Key::ArrowUp, rows);
    let column = moved(before.1, Key::ArrowRight, Key::ArrowLeft, columns);
    let column = if pressed(Key::Home) > 0 { 0 } else { column };
    let column = if pressed(Key::End) > 0 { columns - 1 } else { column };
    ui.data_mut(|data| data.insert_temp(kept, (row, column)));
    Meant {
        cell: Some((row, column)),
        is_by_keys: led.is_none(),
        is_moved: (row, column) != before,
    }
}

/// Tells of the meant cell: beside the pointer, or beside the cell where arrows lead.
pub(super) fn tell_cell(
    ui: &mut Ui,
    response: Response,
    meant: Meant,
    place: Rect,
    told: String,
) -> Response {
    if !meant.is_by_keys {
        return response.on_hover_text_at_pointer(told);
    }
    if meant.is_moved {
        ui.scroll_to_rect(place.expand(4.0), None);
    }
    Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, place)
        .show(|ui| ui.label(told));
    response
}
