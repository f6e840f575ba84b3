//! The table of keys, and whether it or the command palette is shown.

use egui::{Context, RichText, ScrollArea, Ui, Window};

use super::{
    context::ViewContext,
    palette::{Chosen, Palette, palette_ui},
    shortcuts::TABLE,
    theme::Colors,
};

/// What floats over the panels.
#[derive(Debug, Default)]
pub(crate) struct Help {
    /// The table of keys is shown.
    pub(crate) has_keys: bool,
    /// The palette, where it is shown.
    pub(crate) palette: Option<Palette>,
}

impl Help {
    /// Whether one of them is shown.
    pub(crate) fn is_open(&self) -> bool {
        self.has_keys || self.palette.is_some()
    }
}

/// Shows both where they are open; returns what was chosen in the palette.
pub(crate) fn help_ui(ctx: &Context, cx: &ViewContext<'_>, help: &mut Help) -> Option<Chosen> {
    if help.has_keys {
        let window = Window::new("Keys")
            .collapsible(false)
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .default_size([360.0, 520.0]);
        window.open(&mut help.has_keys).show(ctx, |ui| {
            ScrollArea::vertical().max_height(520.0).show(ui, keys_ui);
        });
    }
    let chosen = palette_ui(ctx, cx, help.palette.as_mut()?);
    if chosen.is_some() {
        help.palette = None;
    }
    chosen
}

fn keys_ui(ui: &mut Ui) {
    let ctx = ui.ctx().clone();
    egui::Grid::new("keys").striped(true).num_columns(2).spacing([18.0, 6.0]).show(ui, |ui| {
        for shortcut in TABLE.iter().filter(|shortcut| shortcut.key.is_some()) {
            let text = shortcut.keys_text(&ctx);
            ui.label(RichText::new(text).monospace().color(Colors::of(ui).accent));
            ui.label(shortcut.name);
            ui.end_row();
        }
    });
    ui.weak("Escape also closes what is open, leaves a field, and lets go of what is chosen.");
    ui.weak(
        "Tab goes from control to control; in tables arrows go from cell to cell, Enter presses.",
    );
    ui.weak("Panels are moved and sized where a line stands above the tabs: those used last.");
    ui.weak("In the picture: wheel, + and \u{2212} zoom; dragging and Shift with arrows move; a double click");
    ui.weak("and Home show all; arrows go from patch to patch, and Enter keeps a region.");
}
