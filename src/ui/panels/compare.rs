//! Two runs side by side: the same subject, the same scale, the same part of the picture.

use egui::{Id, RichText, Ui};

use super::{
    kinship_badge_ui,
    map_foot::what_is_in_it,
    picture::{Shown, picture_with_map_ui, scaled_map},
};
use crate::{
    app::{Command, RunId, Subject, jobs::Answered},
    domain::AttentionMode,
    ui::{
        context::ViewContext,
        theme::Colors,
        widgets::{empty_ui, note_ui, number},
    },
};

/// Shows the chosen run and the one beside it.
pub(crate) fn compare_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(left) = cx.run_id() else {
        empty_ui(ui, "No run", "Ask a question first; then ask it again under another mask.");
        return;
    };
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
        if cx.state.asking().is_some_and(|(_, job)| job.is_beside) {
            ui.spinner();
            ui.label("answering");
        }
    });
    let Some(right) = cx.state.workspace.beside.filter(|id| cx.state.run_of(*id).is_some()) else {
        empty_ui(
            ui,
            "One run",
            "Ask the same question under another mask, or put a run beside this one in the list of runs.",
        );
        return;
    };
    ui.columns(2, |columns| {
        side_ui(&mut columns[0], cx, left);
        side_ui(&mut columns[1], cx, right);
    });
}

fn side_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: RunId) {
    let Some(answered) = cx.state.run_of(id) else { return };
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        kinship_badge_ui(ui, answered);
        ui.label(RichText::new(answered.run.answer.trim()).heading().color(colors.strong));
        let total: f64 = answered.run.answer_logprobs.iter().sum();
        note_ui(ui, &format!("log-probability {total:.2} · {}", answered.model));
    });
    let subject = same_subject(cx.subject(), answered);
    let map = scaled_map(cx, id, &subject);
    let size = egui::vec2(ui.available_width(), (ui.available_height() - 44.0).max(80.0));
    let shown = Shown {
        // The same id: both sides show the same part.
        id: Id::unique("two pictures"),
        picture: &answered.picture,
        map: map.as_ref(),
        has_tool: false,
    };
    ui.allocate_ui(size, |ui| ui.push_id(id, |ui| picture_with_map_ui(ui, cx, &shown)));
    match map.as_ref().map(|(map, scale)| (map.as_ref(), scale)) {
        Some((Ok(map), _)) if map.by_construction => {
            ui.colored_label(colors.warning, "closed by the mask: zero by construction");
        }
        Some((Ok(map), scale)) => {
            let (low, high) = (number(scale.0), number(scale.1));
            note_ui(ui, &format!("{}; {} from {low} to {high}", what_is_in_it(map), map.reading));
        }
        Some((Err(why), _)) => {
            note_ui(ui, why);
        }
        None => {
            note_ui(ui, "nothing chosen");
        }
    }
}

/// Tokens of an answer that is shorter are left out.
fn same_subject(subject: Subject, answered: &Answered) -> Subject {
    match subject {
        Subject::Answer(tokens) => {
            let n = answered.token_texts.len();
            Subject::Answer(tokens.into_iter().filter(|token| *token < n).collect())
        }
        other => other,
    }
}
