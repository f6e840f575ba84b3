//! The mask of the run, and whether its model was trained for it.

use egui::{RichText, Ui};

use crate::{
    app::{
        ViewPart,
        jobs::{Answered, Kinship},
    },
    ui::{
        context::ViewContext,
        export_window::export_button_ui,
        theme::Colors,
        widgets::{badge_ui, empty_ui, note_ui, plan_picture_ui},
    },
};

/// What kind of run this is, in a word.
pub(crate) fn kinship_badge_ui(ui: &mut Ui, answered: &Answered) {
    let colors = Colors::of(ui);
    let kinship = answered.kinship();
    let (text, color) = match kinship {
        Kinship::Mma => ("MMA", colors.accent),
        Kinship::Causal => ("causal", colors.quiet),
        Kinship::BlockRemoved => ("MMA block removed", colors.warning),
        Kinship::BlockAdded => ("causal weights, mask opened", colors.warning),
        Kinship::Other => ("another mask", colors.warning),
    };
    badge_ui(ui, text, color).on_hover_text(kinship.meaning());
}

/// Shows the mask as it was.
pub(crate) fn mask_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(answered) = cx.state.run() else {
        empty_ui(ui, "No run", "Ask a question: the mask of its run is drawn here.");
        return;
    };
    let colors = Colors::of(ui);
    let run = &answered.run;
    ui.horizontal_wrapped(|ui| {
        kinship_badge_ui(ui, answered);
        ui.label(format!("{} positions, rows look at columns", run.plan.mask.len()));
        for (color, text) in [
            (colors.quiet, "may attend, as in causal order"),
            (colors.accent, "opened by the mode"),
            (colors.warning, "closed by the mode"),
        ] {
            ui.label(RichText::new("■").color(color));
            note_ui(ui, text);
        }
        export_button_ui(ui, cx, ViewPart::Mask);
    });
    let texture = cx.textures.borrow_mut().plan(ui.ctx(), answered, ui.visuals().dark_mode);
    let name = |position: usize| {
        let text = run.prompt.tokens.get(position).map_or("", |token| &token.text);
        format!("{position} {text:?}")
    };
    let tell = |query: usize, key: usize| {
        let is_open = run.plan.mask.allows(query, key);
        let may = if is_open { "may attend to" } else { "may not attend to" };
        let causal = if key <= query { "before or at it" } else { "after it" };
        format!("{} {may} {} ({causal})", name(query), name(key))
    };
    plan_picture_ui(ui, texture, (run.mode, &run.prompt.layout), &tell);
}
