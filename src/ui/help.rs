//! The table of keys and the command palette, made of the same rows.

use egui::{Context, Key, RichText, ScrollArea, TextEdit, Ui, Window};

use super::{
    shortcuts::{Action, TABLE},
    theme::Colors,
};

/// What floats over the panels.
#[derive(Debug, Default)]
pub(crate) struct Help {
    /// The table of keys is shown.
    pub(crate) has_keys: bool,
    /// The palette is shown, with what was typed into it.
    pub(crate) palette: Option<String>,
}

fn key_text(ctx: &Context, key: Option<egui::KeyboardShortcut>) -> String {
    match key {
        Some(key) if key.logical_key == Key::Questionmark => "?".to_owned(),
        Some(key) => ctx.format_shortcut(&key),
        None => String::new(),
    }
}

/// Shows both where they are open; returns what was chosen in the palette.
pub(crate) fn help_ui(ctx: &Context, help: &mut Help) -> Option<Action> {
    if help.has_keys {
        let window = Window::new("Keys")
            .collapsible(false)
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .default_size([360.0, 520.0]);
        window.open(&mut help.has_keys).show(ctx, |ui| {
            ScrollArea::vertical().max_height(520.0).show(ui, keys_ui);
        });
    }
    palette_ui(ctx, help)
}

fn keys_ui(ui: &mut Ui) {
    let ctx = ui.ctx().clone();
    egui::Grid::new("keys").striped(true).num_columns(2).show(ui, |ui| {
        for shortcut in TABLE.iter().filter(|shortcut| shortcut.key.is_some()) {
            let text = key_text(&ctx, shortcut.key);
            ui.label(RichText::new(text).monospace().color(Colors::of(ui).accent));
            ui.label(shortcut.name);
            ui.end_row();
        }
    });
    ui.weak("In the picture: wheel zooms, dragging moves, double click shows all.");
}

fn palette_ui(ctx: &Context, help: &mut Help) -> Option<Action> {
    let typed = help.palette.as_mut()?;
    let mut chosen = None;
    let closes = ctx.input(|i| i.key_pressed(Key::Escape));
    let enters = ctx.input(|i| i.key_pressed(Key::Enter));
    Window::new("Command palette")
        .title_bar(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_TOP, [0.0, 90.0])
        .fixed_size([440.0, 380.0])
        .show(ctx, |ui| {
            let label = ui.weak("What would you like to do?");
            let field = TextEdit::singleline(typed).desired_width(f32::INFINITY);
            ui.add(field).labelled_by(label.id).request_focus();
            let wanted = typed.to_lowercase();
            let fits = |name: &str| {
                wanted.split_whitespace().all(|part| name.to_lowercase().contains(part))
            };
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for (i, shortcut) in TABLE.iter().filter(|s| fits(s.name)).enumerate() {
                    let button = egui::Button::selectable(i == 0, shortcut.name)
                        .shortcut_text(key_text(ctx, shortcut.key))
                        .min_size(egui::vec2(ui.available_width(), 0.0));
                    if ui.add(button).clicked() || (i == 0 && enters) {
                        chosen = Some(shortcut.action);
                    }
                }
            });
        });
    if closes || chosen.is_some() {
        help.palette = None;
    }
    chosen
}
