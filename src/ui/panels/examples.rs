//! Examples: what the window shows where no picture is open, and the list in menus.

use std::sync::LazyLock;

use egui::{Button, RichText, Ui};

use crate::{
    app::{Command, jobs::example_questions},
    ui::{context::ViewContext, dialogs::Wanted, theme::Colors},
};

static QUESTIONS: LazyLock<Vec<String>> = LazyLock::new(example_questions);

/// The questions of all examples, by number.
pub(crate) fn example_list() -> &'static [String] {
    &QUESTIONS
}

/// About how high everything is that a window without a picture offers.
const BLOCK: f32 = 220.0;

/// What to do first.
pub(crate) fn welcome_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let colors = Colors::of(ui);
    let height = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((0.5 * (height - BLOCK)).clamp(0.0, height * 0.2));
        ui.label(RichText::new("Drop a picture here").heading().size(20.0).color(colors.strong));
        let advice = "or begin with a scene of the small world that the embedded model knows";
        ui.label(RichText::new(advice).color(colors.quiet));
        ui.add_space(12.0);
        if ui.add(Button::new("Open a picture…").fill(colors.accent_soft)).clicked() {
            cx.dialogs.ask(Wanted::Picture, cx.queue);
        }
        ui.add_space(8.0);
        for (i, question) in example_list().iter().enumerate() {
            if ui.button(question).clicked() {
                cx.send(Command::OpenExample(i));
            }
        }
    });
}
