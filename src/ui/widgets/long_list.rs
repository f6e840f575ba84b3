//! A list of rows that may be many: what is out of sight takes its room and nothing else.

use egui::{Rect, Ui, UiBuilder};

/// So many rows beyond each end of what is seen are drawn too, so that Tab goes on there.
const BEYOND: f32 = 2.0;

/// Draws those of `n` rows that are in sight; one that the keyboard goes to is brought there. A row is as high as when it was drawn last, and before
/// that `height`; its controls are the same to egui wherever the list is scrolled to.
pub(crate) fn long_list_ui(
    ui: &mut Ui,
    n: usize,
    height: f32,
    mut row_ui: impl FnMut(&mut Ui, usize),
) {
    let id = ui.unique_id().with("rows");
    let mut heights: Vec<f32> = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    heights.resize(n, height);
    let sight = ui.clip_rect().y_range().expand(BEYOND * height);
    let mut skipped = 0.0;
    for (i, height) in heights.iter_mut().enumerate() {
        let top = ui.cursor().top() + skipped;
        if top + *height < sight.min || top > sight.max {
            skipped += *height;
            continue;
        }
        ui.add_space(std::mem::take(&mut skipped));
        let row = ui.scope_builder(UiBuilder::new().scope_id(id.with(i)), |ui| row_ui(ui, i));
        if gained_focus(ui, row.response.rect) {
            ui.scroll_to_rect(row.response.rect, None);
        }
        *height = ui.cursor().top() - top;
    }
    ui.add_space(skipped);
    ui.data_mut(|data| data.insert_temp(id, heights));
}

/// Whether the keyboard went to something within `row` just now.
fn gained_focus(ui: &Ui, row: Rect) -> bool {
    let is_new = |id: &egui::Id| !ui.memory(|memory| memory.had_focus_last_frame(*id));
    let focused = ui.memory(egui::Memory::focused).filter(is_new);
    focused
        .and_then(|id| ui.ctx().read_response(id))
        .is_some_and(|it| row.contains(it.rect.center()))
}
