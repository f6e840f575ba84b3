//! A batch's result: what it came to, attention by bucket over all its questions, and the questions
//! behind each bar.

use egui::{Button, Id, RichText, ScrollArea, TextEdit, Ui};

use super::{
    batch_bars::{batch_chart_ui, chart_words_ui},
    batch_head::{choices_ui, headline_ui},
    batch_rows::{batch_rows_ui, rows_head_ui},
};
use crate::{
    app::{Command, OpenBatch, Questions},
    ui::{
        context::ViewContext,
        dialogs::Wanted,
        theme::{Colors, GAP},
        widgets::note_ui,
    },
};

/// From this height on, bars and questions stand one above the other.
const TALL: f32 = 500.0;
/// Below this height the bars come first.
const SHORT: f32 = 260.0;
/// From this width on, they stand side by side.
const WIDE: f32 = 900.0;
/// The height of bars above their questions.
const BARS: f32 = 190.0;
/// A batch that can be made in a minute.
const EXAMPLE: &str = "aki-lens scenes --n 20 --out scenes\naki-lens batch --model tabletop/mma \
                       --data scenes/questions.tsv --attention mma,causal --out batch";

/// Shows the open batch, or the way to one.
pub(crate) fn batch_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(open) = &cx.state.batch else {
        if cx.state.is_opening_batch() {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Reading the batch");
            });
        } else {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| none_ui(ui, cx));
        }
        return;
    };
    let room = ui.available_size();
    let list = cx.state.batch_list();
    // Where there is no room for both, the questions take the place of the bars.
    let has_both = room.x >= WIDE || room.y >= TALL;
    let Some(list) = list else {
        whole_ui(ui, cx, open, room.y < SHORT);
        return;
    };
    if has_both {
        headline_ui(ui, open);
        choices_ui(ui, cx, open);
    }
    questions_ui(ui, cx, open);
    if room.x >= WIDE {
        ui.columns(2, |columns| {
            let area = ScrollArea::vertical().id_salt("batch chart").auto_shrink([false, false]);
            area.show(&mut columns[0], |ui| {
                batch_chart_ui(ui, cx, open);
                chart_words_ui(ui, cx);
            });
            rows_head_ui(&mut columns[1], cx, open, &list);
            batch_rows_ui(&mut columns[1], cx, open, &list);
        });
        return;
    }
    if has_both {
        let size = egui::vec2(room.x, BARS);
        ui.allocate_ui(size, |ui| batch_chart_ui(ui, cx, open));
    }
    rows_head_ui(ui, cx, open, &list);
    batch_rows_ui(ui, cx, open, &list);
}

/// The chart without a list. In a short panel the bars come first, and what the batch came to below.
fn whole_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch, is_short: bool) {
    if is_short {
        ScrollArea::vertical().id_salt("batch").auto_shrink([false, false]).show(ui, |ui| {
            choices_ui(ui, cx, open);
            questions_ui(ui, cx, open);
            batch_chart_ui(ui, cx, open);
            headline_ui(ui, open);
            chart_words_ui(ui, cx);
        });
        return;
    }
    headline_ui(ui, open);
    choices_ui(ui, cx, open);
    questions_ui(ui, cx, open);
    ScrollArea::vertical().id_salt("batch chart").auto_shrink([false, false]).show(ui, |ui| {
        if cx.state.batch_chart().is_some_and(|chart| chart.is_ok()) {
            note_ui(ui, "Click a bar, or a cell of a table, to list the questions behind it.");
        }
        batch_chart_ui(ui, cx, open);
        chart_words_ui(ui, cx);
    });
}

/// What is known of the questions, where that is not all of them.
fn questions_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch) {
    let is_reading = |questions: &Questions| matches!(questions, Questions::Reading);
    if open.questions.iter().any(is_reading) {
        ui.horizontal(|ui| {
            ui.add(egui::Spinner::new().size(12.0));
            note_ui(ui, "reading the questions");
        });
    }
    for (batch, questions) in open.questions.iter().enumerate() {
        let Questions::Unknown(why) = questions else { continue };
        ui.horizontal_wrapped(|ui| {
            ui.colored_label(Colors::of(ui).warning, why);
            let told = "A copy of the question file: it is compared with what the batch asked";
            if ui.small_button("Choose the file…").on_hover_text(told).clicked() {
                cx.dialogs.ask(Wanted::Questions(batch), cx.queue);
            }
            if ui.small_button("Look again").clicked() {
                cx.send(Command::ReadQuestions(batch));
            }
        });
    }
}

/// What a batch is, how one is made, and how one is opened.
fn none_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let colors = Colors::of(ui);
    ui.add_space(GAP);
    ui.label(RichText::new("No batch open").heading().color(colors.text));
    ui.label(
        RichText::new(
            "A batch asks every question of a file under one mask or several, and keeps what is read \
             of each run. Here its result is drawn by bucket, and every bar opens the questions \
             behind it. Make one on the command line:",
        )
        .color(colors.quiet),
    );
    ui.horizontal_wrapped(|ui| {
        ui.add(egui::Label::new(RichText::new(EXAMPLE).monospace()).selectable(true));
        if ui.small_button("Copy").on_hover_text("Copy both lines").clicked() {
            ui.ctx().copy_text(EXAMPLE.to_owned());
        }
    });
    ui.add_space(GAP);
    let open = Button::new("Open a batch result…").fill(colors.accent_soft);
    let told = "The folder that batch or merge wrote; several are drawn together";
    if ui.add(open).on_hover_text(told).clicked() {
        cx.dialogs.ask(Wanted::Batch, cx.queue);
    }
    path_ui(ui, cx, "Folder");
    note_ui(ui, "or drop the folder into the window");
    recent_ui(ui, cx);
}

/// A field for the folder's path, for systems that show no dialog.
pub(super) fn path_ui(ui: &mut Ui, cx: &ViewContext<'_>, name: &str) {
    let id = Id::unique("the batch's path");
    let mut path: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    ui.horizontal(|ui| {
        let label = ui.label(name);
        let width = (ui.available_width() - GAP).clamp(120.0, 320.0);
        let field = TextEdit::singleline(&mut path)
            .hint_text("paste a path, press Enter")
            .desired_width(width);
        let field = ui.add(field).labelled_by(label.id);
        let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        if is_entered && !path.trim().is_empty() {
            let folder = path.trim().trim_matches('"').into();
            cx.send(Command::OpenBatch(vec![folder]));
            path.clear();
            ui.close();
        }
    });
    ui.data_mut(|data| data.insert_temp(id, path));
}

/// The batches that were opened last.
pub(super) fn recent_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let recent = &cx.state.settings.recent_batches;
    if recent.is_empty() {
        return;
    }
    ui.add_space(GAP);
    ui.weak("Recent");
    for folder in recent {
        let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
        // The folder above often says which questions they are.
        let name = parts[parts.len().saturating_sub(2)..].join("/");
        if ui.button(name).on_hover_text(folder.display().to_string()).clicked() {
            cx.send(Command::OpenBatch(vec![folder.clone()]));
            ui.close();
        }
    }
}
