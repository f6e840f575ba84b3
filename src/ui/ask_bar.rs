//! The bar to ask from: picture, question, model, attention, device.

use std::path::PathBuf;

use egui::{Align2, Button, Key, RichText, Role, TextEdit, Ui, WidgetInfo};

use super::{
    context::ViewContext,
    device_menu::device_menu_ui,
    dialogs::Wanted,
    theme::{Colors, WIDE_GAP},
    widgets::{menu_with_fields_ui, note_ui},
};
use crate::{
    app::{Command, jobs::embedded_model},
    domain::{AttentionMode, Precision},
};

/// What is typed and not yet asked.
#[derive(Debug, Default)]
pub(crate) struct AskBar {
    path: String,
    model: String,
    /// The question field takes the keyboard in the next frame.
    pub(crate) wants_focus: bool,
}

/// The modes that are offered, with what they open.
pub(crate) const MODES: [(AttentionMode, &str); 8] = [
    (AttentionMode::ModalityMutual, "the picture also sees the question (Eq. 5)"),
    (AttentionMode::Causal, "each position sees what came before it"),
    (AttentionMode::Sparsity(25), "the picture sees the first 25 % of the question (Fig. 10)"),
    (AttentionMode::Sparsity(50), "the picture sees the first 50 % of the question (Fig. 10)"),
    (AttentionMode::Generalised, "every pair of different modality is open (Eq. 6)"),
    (AttentionMode::Mixed, "the latents see each other"),
    (AttentionMode::Concentric, "latents in concentric rings, for mask and positions"),
    (AttentionMode::TextFirst, "causal, with the question before the picture"),
];

/// Shows the bar, in one line where there is room and in two where there is not.
pub(crate) fn ask_bar_ui(ui: &mut Ui, cx: &ViewContext<'_>, bar: &mut AskBar) {
    ui.add_space(4.0);
    let bar_row = ui.horizontal(|ui| {
        picture_ui(ui, cx, bar);
        // Asking comes first where there is hardly room for it.
        if ui.available_width() > 560.0 {
            examples_ui(ui, cx);
        }
        ui.add_space(WIDE_GAP / 2.0);
        let settings = 540.0;
        let is_wide = ui.available_width() > settings + 320.0;
        let width = if is_wide { ui.available_width() - settings } else { ui.available_width() };
        question_ui(ui, cx, bar, width);
        if is_wide {
            settings_ui(ui, cx, bar);
        }
        is_wide
    });
    if !bar_row.inner {
        ui.horizontal_wrapped(|ui| settings_ui(ui, cx, bar));
    }
    ui.add_space(4.0);
}

fn picture_ui(ui: &mut Ui, cx: &ViewContext<'_>, bar: &mut AskBar) {
    menu_with_fields_ui(ui, "Picture ⏷", |ui| {
        ui.set_min_width(320.0);
        if ui.add(Button::new("Open a picture…").shortcut_text("Ctrl+O")).clicked() {
            cx.dialogs.ask(Wanted::Picture, cx.queue);
            ui.close();
        }
        ui.horizontal(|ui| {
            let label = ui.label("Path");
            let field = TextEdit::singleline(&mut bar.path).hint_text("paste a path, press Enter").desired_width(250.0).align(Align2::LEFT_CENTER);
            let field = ui.add(field).labelled_by(label.id);
            if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !bar.path.is_empty() {
                cx.send(Command::OpenPicture(PathBuf::from(bar.path.trim().trim_matches('"'))));
                bar.path.clear();
                ui.close();
            }
        });
        ui.separator();
        ui.weak("Examples");
        for (i, question) in super::panels::example_list().iter().enumerate() {
            if ui.button(format!("{}  {question}", i + 1)).clicked() {
                cx.send(Command::OpenExample(i));
                ui.close();
            }
        }
        if !cx.state.settings.recent_pictures.is_empty() {
            ui.separator();
            ui.weak("Recent");
        }
        for path in &cx.state.settings.recent_pictures {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                cx.send(Command::OpenPicture(path.clone()));
                ui.close();
            }
        }
    })
    .on_hover_text("Open a picture: from a file, by its path, or an example. You can also drop one into the window.");
}

/// Each example a click away.
fn examples_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (i, question) in super::panels::example_list().iter().enumerate() {
            let name = format!("Example {}: {question}", i + 1);
            let button = ui.small_button((i + 1).to_string()).on_hover_text(&name);
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if button.clicked() {
                cx.send(Command::OpenExample(i));
            }
        }
    });
}

fn question_ui(ui: &mut Ui, cx: &ViewContext<'_>, bar: &mut AskBar, width: f32) {
    let colors = Colors::of(ui);
    let asking = cx.state.asking();
    let label = ui.label(RichText::new("Question").color(colors.quiet));
    let mut question = cx.state.workspace.question.clone();
    let button = 74.0;
    let field = TextEdit::singleline(&mut question)
        .hint_text("Ask the picture a question, press Enter")
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width((width - button - 92.0).max(120.0));
    let field = ui.add(field).labelled_by(label.id);
    if std::mem::take(&mut bar.wants_focus) {
        field.request_focus();
    }
    if field.changed() {
        cx.send(Command::SetQuestion(question));
    }
    let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let size = egui::vec2(button, 26.0);
    if let Some((id, _)) = asking {
        let stop = Button::new(RichText::new("■ Stop").strong()).min_size(size);
        if ui.add(stop).on_hover_text("Stop within one token (Esc)").clicked() {
            cx.send(Command::Cancel(id));
        }
        // A later question takes the place of the one that is being answered.
        if enter {
            cx.send(Command::Ask);
        }
        return;
    }
    let text = RichText::new("Ask").strong().color(colors.on_accent);
    let ask = Button::new(text).fill(colors.accent).min_size(size);
    if ui.add(ask).on_hover_text("Ask the picture (Enter)").clicked() || enter {
        cx.send(Command::Ask);
    }
}

fn settings_ui(ui: &mut Ui, cx: &ViewContext<'_>, bar: &mut AskBar) {
    let workspace = &cx.state.workspace;
    mode_ui(ui, cx);
    let embedded = embedded_model(workspace.mode);
    let name = workspace.model.clone().unwrap_or_else(|| embedded.to_owned());
    let short = name.rsplit('/').next().unwrap_or(&name).to_owned();
    let shown = if workspace.model.is_none() {
        format!("model {embedded}")
    } else {
        format!("model {short}")
    };
    menu_with_fields_ui(ui, format!("{shown} ⏷"), |ui| {
        ui.set_min_width(300.0);
        for (model, told) in offered_models(cx) {
            if ui.selectable_label(workspace.model == model, told).clicked() {
                cx.send(Command::SetModel(model));
                ui.close();
            }
        }
        ui.separator();
        if ui.button("Open a model's folder…").clicked() {
            cx.dialogs.ask(Wanted::ModelFolder, cx.queue);
            ui.close();
        }
        ui.horizontal(|ui| {
            let label = ui.label("Folder");
            let field = TextEdit::singleline(&mut bar.model)
                .hint_text("paste a path, press Enter")
                .align(Align2::LEFT_CENTER)
                .desired_width(220.0);
            let field = ui.add(field).labelled_by(label.id);
            if field.lost_focus()
                && ui.input(|i| i.key_pressed(Key::Enter))
                && !bar.model.is_empty()
            {
                cx.send(Command::SetModel(Some(bar.model.trim().trim_matches('"').to_owned())));
                bar.model.clear();
                ui.close();
            }
        });
    })
    .on_hover_text(format!("The model of the next run: {name}"));
    device_menu_ui(ui, cx);
    recording_ui(ui, cx);
}

/// What the next run keeps of its attention, and how much that is.
fn recording_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    match cx.state.next_recording() {
        None => {}
        Some(Ok(size)) => {
            let kind = if size.precision == Precision::F32 { "f32" } else { "f16" };
            let megabytes = size.bytes as f64 / 1e6;
            let told = format!(
                "The next run records at most {megabytes:.2} MB of its attention, in {kind}:\n\
                 · picture × words and words × picture, of {} layers × {} heads\n\
                 · the row that chooses the first token, and the row of each token written\n\
                 · the resampler's weights, which carry latents back to the picture\n\
                 {} positions, {} of them latents; a shorter answer takes less.",
                size.n_layers, size.n_heads, size.n_positions, size.n_latents
            );
            note_ui(ui, &format!("records ≤ {megabytes:.1} MB")).on_hover_text(told);
        }
        Some(Err(why)) => {
            note_ui(ui, "records: not known").on_hover_text(why);
        }
    }
}

fn mode_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let mode = cx.state.workspace.mode;
    ui.menu_button(format!("attention {mode} ⏷"), |ui| {
        for (offered, opens) in MODES {
            let text = format!("{offered:<12}  {opens}");
            if ui.selectable_label(mode == offered, text).clicked() {
                cx.send(Command::SetMode(offered));
                ui.close();
            }
        }
    })
    .response
    .on_hover_text("Which positions may attend to which in the next run");
}

/// The models that are offered by name: none is the embedded one that goes with the mode.
pub(crate) fn offered_models(cx: &ViewContext<'_>) -> Vec<(Option<String>, String)> {
    let mut offered = vec![(None, "embedded, the one trained for the mode".to_owned())];
    for known in ["tabletop/mma", "tabletop/causal"] {
        offered.push((Some(known.to_owned()), format!("{known} under any mode")));
    }
    let recent = cx.state.settings.recent_models.iter();
    let recent = recent.filter(|known| !known.starts_with("tabletop/"));
    offered.extend(recent.map(|known| (Some(known.clone()), known.clone())));
    offered
}
