//! Two runs side by side: the same subject, one scale, the same part of the picture, and what separates
//! them.

use std::sync::Arc;

use egui::{Align, Id, Layout, RichText, ScrollArea, Ui};

use super::{
    kinship_badge_ui,
    map_foot::{value_here, what_is_in_it},
    picture::{Scaled, Shown, picture_with_map_ui},
};
use crate::{
    app::{Command, Compared, Maybe, RunId, ViewPart},
    domain::{AttentionMode, Colormap, Heatmap, Reading},
    ui::{
        context::ViewContext,
        export_window::export_button_ui,
        theme::{self, Colors},
        widgets::{PatchField, colorbar_ui, empty_ui, note_ui, number},
    },
};

/// Room under a picture for its words and scale.
const FOOT: f32 = 104.0;

/// Shows the chosen run and the one beside it.
pub(crate) fn compare_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(left) = cx.run_id() else {
        empty_ui(ui, "No run", "Ask a question first; then ask it again under another mask.");
        return;
    };
    head_ui(ui, cx);
    let Some(right) = cx.state.workspace.beside.filter(|id| cx.state.run_of(*id).is_some()) else {
        empty_ui(
            ui,
            "One run",
            "Ask the same question under another mask, or put a run beside this one in the list of runs.",
        );
        return;
    };
    let compared = cx.state.compared([left, right], &cx.subject());
    let asks_alike = [left, right].map(|id| cx.state.run_of(id).map(|run| &run.run.question));
    let asks_alike = asks_alike[0] == asks_alike[1];
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.columns(3, |columns| {
            for (i, column) in columns.iter_mut().enumerate() {
                // Columns would spread the words of a line over its whole width.
                column.with_layout(Layout::top_down(Align::Min), |ui| match i {
                    0 => side_ui(ui, cx, (left, "left", asks_alike), &compared, 0),
                    1 => side_ui(ui, cx, (right, "right", asks_alike), &compared, 1),
                    _ => difference_ui(ui, cx, right, &compared),
                });
            }
        });
    });
}

fn head_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let mode = cx.state.run().map_or(AttentionMode::Causal, |run| run.run.mode);
    let other = if mode == AttentionMode::Causal {
        AttentionMode::ModalityMutual
    } else {
        AttentionMode::Causal
    };
    ui.horizontal_wrapped(|ui| {
        ui.weak("ask the same under");
        let told =
            "The embedded model of that mode answers, or the model you chose, with the other mask";
        if ui.button(other.to_string()).on_hover_text(told).clicked() {
            cx.send(Command::AskBeside(other));
        }
        if cx.state.workspace.beside.is_some() && ui.button("Close").clicked() {
            cx.send(Command::SetBeside(None));
        }
        if cx.state.workspace.beside.is_some() {
            // Compared in full, there is a figure of all of it; else of both maps on one scale.
            let is_full = cx.state.shown_contrast().is_some();
            export_button_ui(ui, cx, if is_full { ViewPart::Comparison } else { ViewPart::Map });
        }
        if cx.state.asking().is_some_and(|(_, job)| job.is_beside) {
            ui.spinner();
            ui.label("answering");
        }
    });
}

fn side_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (id, side, asks_alike): (RunId, &str, bool),
    compared: &Compared,
    i: usize,
) {
    let Some(answered) = cx.state.run_of(id) else { return };
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.weak(side);
        kinship_badge_ui(ui, answered);
        ui.label(RichText::new(answered.run.answer.trim()).heading().color(colors.strong));
    });
    if !asks_alike {
        let (title, question) = (&compared.titles[i], &answered.run.question);
        note_ui(ui, &format!("{title}, asked \u{201c}{question}\u{201d}"));
    }
    let map = compared.maps[i].clone().map(|map| (map, compared.scale));
    side_picture_ui(ui, cx, (id, side), map.as_ref(), cx.state.workspace.view.colormap);
    let total: f64 = answered.run.answer_logprobs.iter().sum();
    match map.as_ref().map(|(map, _)| map.as_ref()) {
        Some(Ok(map)) if map.by_construction => {
            ui.colored_label(colors.warning, "closed by the mask: zero by construction");
        }
        Some(Ok(map)) => {
            let colormap = cx.state.workspace.view.colormap;
            let color = |part| theme::heat(colormap, part);
            let neutral = (map.reading == Reading::Lift).then_some(1.0);
            colorbar_ui(ui, &color, compared.scale, &number, (neutral, value_here(cx, map)))
                .on_hover_text(format!("{} of both sides, on one scale", map.reading));
            note_ui(ui, &what_is_in_it(map));
        }
        Some(Err(why)) => {
            note_ui(ui, why);
        }
        None => {
            note_ui(ui, "nothing chosen");
        }
    }
    note_ui(ui, &format!("log-probability {total:.2} · {}", answered.model));
}

/// Right less left, over the picture of the right side.
fn difference_ui(ui: &mut Ui, cx: &ViewContext<'_>, right: RunId, compared: &Compared) {
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("right − left").heading().color(colors.strong));
    });
    let Some(made) = compared.difference.as_ref() else {
        note_ui(ui, "nothing chosen");
        return;
    };
    let map = match made.as_ref() {
        Ok(map) => map,
        Err(why) => {
            note_ui(ui, why);
            return;
        }
    };
    let reach = compared.reach;
    // Without a difference there is no scale, and no color that would stand for one.
    let scaled: Option<Scaled> =
        (reach > 0.0).then(|| (Arc::<Maybe<Heatmap>>::clone(made), (-reach, reach)));
    side_picture_ui(ui, cx, (right, "difference"), scaled.as_ref(), Colormap::Diverging);
    if scaled.is_none() {
        note_ui(ui, "no difference: both maps are the same, number for number");
        return;
    }
    let here = value_here(cx, map);
    colorbar_ui(ui, &theme::diverging, (-reach, reach), &signed, (Some(0.0), here));
    note_ui(
        ui,
        &format!("difference of {}; blue: left has more, red: right has more", map.reading),
    );
}

fn side_picture_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (id, side): (RunId, &str),
    map: Option<&Scaled>,
    colormap: Colormap,
) {
    let Some(answered) = cx.state.run_of(id) else { return };
    let size = egui::vec2(ui.available_width(), (ui.available_height() - FOOT).max(80.0));
    let shown = Shown {
        // The same id: all show the same part.
        id: Id::unique("two pictures"),
        picture: &answered.picture,
        patches: Some(PatchField::of(&answered.run)),
        map,
        colormap,
        has_tool: false,
    };
    ui.allocate_ui(size, |ui| ui.push_id(side, |ui| picture_with_map_ui(ui, cx, &shown)));
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value).replace('-', "−") }
}
