//! Five steps through the window, for the first time; dismissed for ever with one click.

use egui::{Context, RichText, Window};

use super::theme::Colors;

const STEPS: [(&str, &str); 5] = [
    (
        "Ask",
        "A picture, a question, Enter. The small model inside the program answers at once; its world is things on a table. “Picture” has more examples, and takes your own.",
    ),
    (
        "Look",
        "Each word of the question and each token of the answer has a map of the picture. Hover to preview, click to keep, Shift adds. Point at the picture, and words light up by how strongly they attend there.",
    ),
    (
        "Every head",
        "“Layers × heads” shows the map of every head. Click one to read it alone; arrows up and down walk through the layers.",
    ),
    (
        "Measure",
        "“By bucket” sums what the picture pays to objects, relations, attributes and the rest. Share, lift and mass are three readings; each says what it means.",
    ),
    (
        "Compare",
        "“Compare” asks the same question under another mask. A badge says whether the model was trained for it. Press ? for all keys.",
    ),
];

/// What came of a frame.
pub(crate) enum TourStep {
    /// It stands at a step.
    At(usize),
    /// It was dismissed.
    Dismissed,
}

/// Shows a step of the tour.
pub(crate) fn tour_ui(ctx: &Context, step: usize) -> TourStep {
    let mut after = TourStep::At(step);
    let is_last = step + 1 >= STEPS.len();
    let next = if is_last { TourStep::Dismissed } else { TourStep::At(step + 1) };
    let (title, text) = STEPS[step.min(STEPS.len() - 1)];
    Window::new("Tour")
        .title_bar(false)
        .resizable(false)
        .collapsible(false)
        .anchor(egui::Align2::RIGHT_BOTTOM, [-20.0, -44.0])
        .fixed_size([330.0, 120.0])
        .show(ctx, |ui| {
            let colors = Colors::of(ui);
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new(format!("{} of {}", step + 1, STEPS.len()))
                        .small()
                        .color(colors.accent),
                );
                ui.label(RichText::new(title).heading().color(colors.strong));
            });
            ui.label(text);
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                if ui.button("Do not show again").clicked() {
                    after = TourStep::Dismissed;
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.button(if is_last { "Done" } else { "Next" }).clicked() {
                        after = next;
                    }
                    if step > 0 && ui.button("Back").clicked() {
                        after = TourStep::At(step - 1);
                    }
                });
            });
        });
    after
}
