//! The sessions on disk: reopened without a model.

use std::path::{Path, PathBuf};

use egui::{Align2, Button, Key, RichText, ScrollArea, TextEdit, Ui};

use crate::{
    app::Command,
    ui::{
        context::ViewContext,
        dialogs::Wanted,
        session_list::Listed,
        theme::Colors,
        widgets::{empty_ui, long_list_ui, note_ui},
    },
};

/// About the height of a row with its line.
const ROW: f32 = 60.0;

/// Shows the list; a click opens a session.
pub(crate) fn sessions_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let folder = cx.state.sessions_folder.as_ref();
    ui.horizontal_wrapped(|ui| {
        if ui.button("New session").on_hover_text("What is open stays on disk").clicked() {
            cx.send(Command::NewSession);
        }
        if ui.button("Open a session…").clicked() {
            cx.dialogs.ask(Wanted::Session, cx.queue);
        }
        path_ui(ui, cx);
    });
    let Some(folder) = folder else {
        empty_ui(ui, "Nothing is kept", "This window has no folder for sessions.");
        return;
    };
    title_ui(ui, cx);
    note_ui(ui, &format!("Every run is kept, with its attention, in {}", folder.display()));
    let Some(all) = cx.sessions.get(Some(folder), &cx.state.session) else {
        ui.spinner();
        return;
    };
    let is_listed = |path: &Path| all.iter().any(|(summary, _)| summary.folder == path);
    let elsewhere = cx.state.settings.recent_sessions.iter().filter(|path| !is_listed(path));
    let elsewhere: Vec<&PathBuf> = elsewhere.collect();
    if all.is_empty() && elsewhere.is_empty() {
        empty_ui(ui, "No sessions yet", "Ask a question, or draw a region: both are kept at once.");
        return;
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        long_list_ui(ui, all.len(), ROW, |ui, i| {
            ui.horizontal(|ui| session_ui(ui, cx, &all[i]));
            ui.separator();
        });
        if !elsewhere.is_empty() {
            ui.weak("Opened lately, elsewhere");
        }
        for path in elsewhere {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let button = ui.button(name.into_owned()).on_hover_text(path.display().to_string());
            if button.clicked() {
                cx.send(Command::OpenSession(path.clone()));
            }
        }
    });
}

/// A session anywhere on disk, by its path.
fn path_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let mut path = cx.sessions.path.borrow_mut();
    let label = ui.label("Folder");
    let field = TextEdit::singleline(&mut *path)
        .hint_text("paste a path, press Enter")
        .desired_width(180.0)
        .align(Align2::LEFT_CENTER);
    let field = ui.add(field).labelled_by(label.id);
    let typed = path.trim().trim_matches('"').to_owned();
    if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !typed.is_empty() {
        cx.send(Command::OpenSession(PathBuf::from(typed)));
        path.clear();
    }
}

/// What the open session is called.
fn title_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    if cx.state.session.folder.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        let label = ui.label("This session");
        let mut title = cx.state.session.title.clone();
        let field = TextEdit::singleline(&mut title)
            .hint_text("what it is called")
            .desired_width(ui.available_width() - 12.0)
            .align(Align2::LEFT_CENTER);
        if ui.add(field).labelled_by(label.id).changed() {
            cx.send(Command::RenameSession(title));
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
        let button = Button::selectable(is_open, RichText::new(&summary.title)).truncate();
        let button = ui.add(button).on_hover_text(summary.folder.display().to_string());
        if button.clicked() {
            cx.send(Command::OpenSession(summary.folder.clone()));
        }
        let runs = if summary.n_runs == 1 { "run" } else { "runs" };
        note_ui(ui, &format!("{} · {} {runs}", summary.changed.date(), summary.n_runs));
        if let Some(fault) = &summary.fault {
            ui.colored_label(colors.warning, fault);
        }
    });
}
