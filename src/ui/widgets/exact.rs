//! Numbers that are rounded on screen, and told in full where they are pointed at.

use egui::{Response, Role, Ui, WidgetInfo};

/// A rounded number, or a dash where there is none. Under the pointer, and as its value for a screen
/// reader: all its digits, what it is called, and what it means.
pub(crate) fn exact_ui(
    ui: &mut Ui,
    value: Option<f64>,
    rounded: impl Fn(f64) -> String,
    (name, meaning): (&str, &str),
) -> Response {
    let Some(value) = value else { return ui.label("\u{2013}").on_hover_text(meaning) };
    let text = rounded(value);
    let response = ui.label(&text);
    let told = exact_text(value, name, meaning);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Cell, true, &text);
        info.current_text_value = Some(told.replace('\n', ", "));
        info
    });
    response.on_hover_text(told)
}

/// A number in full, its name, and what it means.
pub(super) fn exact_text(value: f64, name: &str, meaning: &str) -> String {
    format!("{name} {value}\n{meaning}")
}
