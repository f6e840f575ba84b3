//! The runs of this window, the last one first.

use egui::{RichText, ScrollArea, Ui};

use super::kinship_badge_ui;
use crate::{
    app::{Command, RunId, jobs::Answered},
    ui::{
        context::ViewContext,
        theme::Colors,
        widgets::{empty_ui, long_list_ui, note_ui},
    },
};

/// About the height of a row with its line.
const ROW: f32 = 60.0;

/// Shows the list; a click looks at a run, a button puts it beside.
pub(crate) fn runs_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    if cx.state.runs.is_empty() {
        empty_ui(
            ui,
            "No runs yet",
            "Every answer is listed here, and kept with its attention in the session.",
        );
        return;
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let n = cx.state.runs.len();
        long_list_ui(ui, n, ROW, |ui, i| {
            ui.horizontal(|ui| run_ui(ui, cx, RunId(n - 1 - i)));
            ui.separator();
        });
    });
}

fn run_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: RunId) {
    let Some(answered) = cx.state.run_of(id) else { return };
    let texture = cx.textures.borrow_mut().picture(ui.ctx(), &answered.picture);
    let thumb = egui::load::SizedTexture::new(texture, egui::vec2(44.0, 44.0));
    ui.add(egui::Image::from_texture(thumb).corner_radius(4).alt_text(&answered.picture.name));
    let is_chosen = cx.state.workspace.selection.run == Some(id);
    ui.vertical(|ui| {
        let text = format!("{}  →  {}", answered.run.question, answered.run.answer);
        let text = RichText::new(text);
        let accent = Colors::of(ui).accent;
        let text = if is_chosen { text.color(accent).strong() } else { text };
        let button = ui.add(egui::Button::selectable(is_chosen, text).truncate());
        if button.clicked() {
            cx.send(Command::SelectRun(id));
        }
        ui.horizontal(|ui| facts_ui(ui, cx, id, answered));
    });
}

fn facts_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: RunId, answered: &Answered) {
    kinship_badge_ui(ui, answered);
    let is_beside = cx.state.workspace.beside == Some(id);
    if cx.state.workspace.selection.run != Some(id) {
        let beside = ui.selectable_label(is_beside, "beside");
        let told = "Compare it with the run that is looked at";
        if beside.on_hover_text(told).clicked() {
            cx.send(Command::SetBeside((!is_beside).then_some(id)));
        }
    }
    note_ui(ui, &format!("{id} · {} · {}", answered.model, answered.picture.name));
}
