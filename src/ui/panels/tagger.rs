//! Who says what the words of a question do: the choice, how rust-bert is, and where its model lies.

use std::path::PathBuf;

use egui::{Key, RichText, TextEdit, Ui};

use crate::{
    app::{
        Command, Settings,
        jobs::{Answered, RustBertState, TaggerChoice},
    },
    ui::{
        context::ViewContext,
        dialogs::Wanted,
        theme::Colors,
        widgets::{menu_with_fields_ui, note_ui},
    },
};

/// Shows the tagger of the next question as a menu, and in it how it is.
pub(crate) fn tagger_menu_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered) {
    let chosen = cx.state.settings.tagger;
    let text = match &cx.state.rust_bert {
        Some(state) => format!("tagger {chosen}: {} ⏷", in_short(state)),
        None => format!("tagger {chosen} ⏷"),
    };
    let colors = Colors::of(ui);
    let is_missing = cx.state.rust_bert.as_ref().is_some_and(|state| !is_usable(state));
    let text = RichText::new(text);
    let text = if is_missing { text.color(colors.warning) } else { text };
    menu_with_fields_ui(ui, text, |ui| {
        ui.set_min_width(360.0);
        ui.set_max_width(420.0);
        choice_ui(ui, cx);
        if let Some(state) = &cx.state.rust_bert {
            ui.separator();
            state_ui(ui, cx, state);
            model_ui(ui, cx);
        }
        ui.separator();
        by_ui(ui, answered);
    })
    .on_hover_text("Who says what the words of the next question do");
}

fn choice_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let chosen = cx.state.settings.tagger;
    let offered = [
        (TaggerChoice::Brill, "brill: embedded, at once, tuned to questions"),
        (TaggerChoice::RustBert, "rust-bert: MobileBERT, a program beside this one"),
    ];
    for (tagger, text) in offered {
        if ui.radio(chosen == tagger, text).clicked() && chosen != tagger {
            set(cx, |settings| settings.tagger = tagger);
        }
    }
}

/// How rust-bert is, what to do about it, and a way to try again.
fn state_ui(ui: &mut Ui, cx: &ViewContext<'_>, state: &RustBertState) {
    let colors = Colors::of(ui);
    let color = if is_usable(state) { colors.text } else { colors.warning };
    ui.add(egui::Label::new(RichText::new(state.to_string()).color(color)).wrap());
    if !is_usable(state) {
        note_ui(ui, "Meanwhile the embedded tagger answers, and a notice says so.");
    }
    ui.horizontal(|ui| {
        if *state == RustBertState::Starting {
            ui.spinner();
        } else if ui.button("Look again and start").clicked() {
            cx.send(Command::StartTagger { again: true });
        }
        if ui.button("Copy").on_hover_text("Copy this text").clicked() {
            ui.ctx().copy_text(state.to_string());
        }
    });
}

/// Where the model's folder is, where a person says so.
fn model_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let id = ui.scope_id().with("model folder");
    let known = cx.state.settings.rust_bert_model.clone();
    let known = known.map_or_else(String::new, |path| path.display().to_string());
    let mut typed = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| known.clone());
    ui.horizontal(|ui| {
        let label = ui.label("Model folder");
        let field = TextEdit::singleline(&mut typed)
            .hint_text("the usual places; or a path, Enter")
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(190.0);
        let field = ui.add(field).labelled_by(label.id);
        let is_done = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if field.changed() {
            ui.data_mut(|data| data.insert_temp(id, typed.clone()));
        }
        if is_done && typed != known {
            let path = typed.trim();
            let path = (!path.is_empty()).then(|| PathBuf::from(path));
            set(cx, |settings| settings.rust_bert_model = path);
            ui.data_mut(|data| data.remove::<String>(id));
        }
        if ui.button("Choose…").clicked() {
            cx.dialogs.ask(Wanted::TaggerModel, cx.queue);
            ui.close();
        }
    });
}

/// Who tagged the question that is looked at.
fn by_ui(ui: &mut Ui, answered: &Answered) {
    let words = &answered.words;
    match &words.notice {
        Some(notice) => {
            let text = format!("This question fell back to {}. {notice}", words.tagger);
            ui.add(egui::Label::new(RichText::new(text).color(Colors::of(ui).warning)).wrap());
        }
        None => {
            note_ui(ui, &format!("This question was tagged by {}.", words.tagger));
        }
    }
}

fn set(cx: &ViewContext<'_>, change: impl FnOnce(&mut Settings)) {
    let mut settings = cx.state.settings.clone();
    change(&mut settings);
    cx.send(Command::SetSettings(Box::new(settings)));
}

fn is_usable(state: &RustBertState) -> bool {
    matches!(state, RustBertState::Starting | RustBertState::Ready { .. })
}

/// In two words, for a button.
fn in_short(state: &RustBertState) -> &'static str {
    match state {
        RustBertState::NotFound { .. } => "not built",
        RustBertState::NoModel { .. } => "no model folder",
        RustBertState::Starting => "starting",
        RustBertState::Ready { .. } => "ready",
        RustBertState::Failed { .. } => "failed",
    }
}
