//! What a place says while it waits, and why it is empty.

use egui::{ProgressBar, RichText, Ui};

use crate::ui::theme::Colors;

/// A bar with what is being done; without a known end it says so by moving.
pub(crate) fn busy_ui(ui: &mut Ui, what: &str, done: Option<f32>) {
    let bar = match done {
        Some(part) => ProgressBar::new(part).desired_width(140.0).desired_height(8.0),
        None => ProgressBar::new(0.0).desired_width(140.0).desired_height(8.0).animate(true),
    };
    ui.add(bar)
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, what));
    ui.label(RichText::new(what).small());
}

/// Why there is nothing here, and what to do.
pub(crate) fn empty_ui(ui: &mut Ui, title: &str, advice: &str) {
    let colors = Colors::of(ui);
    let height = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((height * 0.3).min(120.0));
        ui.label(RichText::new(title).heading().color(colors.text));
        ui.add(egui::Label::new(RichText::new(advice).color(colors.quiet)).wrap());
    });
}
