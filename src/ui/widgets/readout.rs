//! Small words around data: badges, numbers with their units, notes, headings.

use egui::{Color32, Response, RichText, Ui};

use crate::ui::theme::{Colors, ROUND, ink_on};

/// A number with three digits that matter.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value == 0.0 => "0".to_owned(),
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 1.0 => format!("{value:.2}"),
        _ if size >= 0.01 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// A part as percent.
pub(crate) fn percent(value: f64) -> String {
    let value = 100.0 * value;
    match value.abs() {
        size if size >= 10.0 => format!("{value:.0} %"),
        size if size >= 0.1 || value == 0.0 => format!("{value:.1} %"),
        _ => format!("{value:.0e} %"),
    }
}

/// A filled word: what kind of run this is.
pub(crate) fn badge_ui(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let frame = egui::Frame::new()
        .fill(color)
        .corner_radius(ROUND)
        .inner_margin(egui::Margin::symmetric(7, 2));
    frame.show(ui, |ui| ui.label(RichText::new(text).small().strong().color(ink_on(color)))).inner
}

/// A line that explains.
pub(crate) fn note_ui(ui: &mut Ui, text: &str) -> Response {
    let quiet = Colors::of(ui).quiet;
    ui.add(egui::Label::new(RichText::new(text).small().color(quiet)).wrap())
}
