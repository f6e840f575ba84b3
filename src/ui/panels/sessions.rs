//! The sessions on disk: reopened without a model.

use egui::{RichText, ScrollArea, Ui};

use crate::{
    app::Command,
    ui::{
        context::ViewContext,
        session_list::Listed,
        theme::Colors,
        widgets::{empty_ui, note_ui},
    },
};

/// Shows the list; a click opens a session.
pub(crate) fn sessions_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let folder = cx.state.sessions_folder.as_ref();
    let Some(folder) = folder else {
        empty_ui(ui, "Nothing is kept", "This window has no folder for sessions.");
        return;
    };
    ui.horizontal_wrapped(|ui| {
        if ui.button("Look again").clicked() {
            cx.sessions.read(Some(folder));
        }
        if ui.button("New session").on_hover_text("What is open stays on disk").clicked() {
            cx.send(Command::NewSession);
        }
        note_ui(ui, &format!("Every run is kept, with its attention, in {}", folder.display()));
    });
    let Some(all) = cx.sessions.get(Some(folder)) else {
        ui.spinner();
        return;
    };
    if all.is_empty() {
        empty_ui(ui, "No sessions yet", "Ask a question, then look again.");
        return;
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        for listed in all.iter() {
            ui.horizontal(|ui| session_ui(ui, cx, listed));
            ui.separator();
        }
    });
}

fn session_ui(ui: &mut Ui, cx: &ViewContext<'_>, (summary, picture): &Listed) {
    let colors = Colors::of(ui);
    if let Some(picture) = picture {
        let texture = cx.textures.borrow_mut().thumbnail(ui.ctx(), picture);
        let thumb = egui::load::SizedTexture::new(texture, egui::vec2(44.0, 44.0));
        ui.add(egui::Image::from_texture(thumb).corner_radius(4).alt_text(&summary.title));
    }
    let is_open = cx.state.session.folder.as_ref() == Some(&summary.folder);
    ui.vertical(|ui| {
        let button = egui::Button::selectable(is_open, RichText::new(&summary.title)).truncate();
        if ui.add(button).on_hover_text(summary.folder.display().to_string()).clicked() {
            cx.send(Command::OpenSession(summary.folder.clone()));
        }
        let runs = if summary.n_runs == 1 { "run" } else { "runs" };
        note_ui(ui, &format!("{} · {} {runs}", summary.changed.date(), summary.n_runs));
        if let Some(fault) = &summary.fault {
            ui.colored_label(colors.warning, fault);
        }
    });
}
