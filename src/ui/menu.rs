//! The menu bar: the same actions as keys and palette, where people look for them first.

use egui::{Button, MenuBar, RichText, Ui};

use super::{
    layout::Pane,
    shortcuts::{Action, TABLE},
    theme::Colors,
};

const MENUS: [(&str, &[Action]); 4] = [
    (
        "File",
        &[
            Action::OpenPicture,
            Action::ImportRegions,
            Action::OpenBatch,
            Action::NewSession,
            Action::Export,
            Action::CopyCommandLine,
            Action::Quit,
        ],
    ),
    ("Edit", &[Action::Undo, Action::Redo, Action::FocusQuestion, Action::Stop]),
    (
        "View",
        &[
            Action::OtherMap,
            Action::ToggleScale,
            Action::ToggleSmooth,
            Action::ToggleGrid,
            Action::ToggleRegions,
            Action::AllLayers,
            Action::Light,
            Action::Larger,
            Action::Smaller,
            Action::UsualSize,
            Action::ResetPanels,
        ],
    ),
    ("Help", &[Action::Help, Action::Palette, Action::Tour]),
];

/// Shows the bar; returns what was chosen.
pub(crate) fn menu_ui(ui: &mut Ui) -> Option<Action> {
    let mut chosen = None;
    MenuBar::new().ui(ui, |ui| {
        let colors = Colors::of(ui);
        ui.label(RichText::new("aki-lens").heading().color(colors.accent));
        ui.add_space(6.0);
        for (name, actions) in MENUS {
            ui.menu_button(name, |ui| {
                for action in actions {
                    item_ui(ui, *action, &mut chosen);
                }
            });
        }
        ui.menu_button("Panels", |ui| {
            for pane in Pane::ALL {
                item_ui(ui, Action::Show(pane), &mut chosen);
            }
        });
    });
    chosen
}

/// A button with its key, if it has one.
pub(super) fn keyed_button(button: Button<'_>, key: String) -> Button<'_> {
    if key.is_empty() { button } else { button.shortcut_text(key) }
}

fn item_ui(ui: &mut Ui, action: Action, chosen: &mut Option<Action>) {
    let Some(row) = TABLE.iter().find(|row| row.action == action) else { return };
    let key = row.key_text(ui.ctx());
    if ui.add(keyed_button(Button::new(row.name), key)).clicked() {
        *chosen = Some(action);
        ui.close();
    }
}
