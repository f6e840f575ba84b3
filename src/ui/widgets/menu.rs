//! A menu that holds more than buttons: a click into a field of it does not close it.

use egui::{
    PopupCloseBehavior, Response, Ui, WidgetText,
    containers::menu::{MenuButton, MenuConfig},
};

/// Shows a button and, once it was pressed, the menu; its items close it with `ui.close()`.
pub(crate) fn menu_with_fields_ui(
    ui: &mut Ui,
    text: impl Into<WidgetText>,
    content: impl FnOnce(&mut Ui),
) -> Response {
    let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    MenuButton::new(text.into()).config(stays).ui(ui, content).0
}
