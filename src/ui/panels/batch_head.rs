//! What a batch came to under each mode, and what is drawn of it.

use egui::{Color32, ComboBox, Grid, RichText, ScrollArea, Ui};

use super::{
    batch::{path_ui, recent_ui},
    buckets::meaning,
};
use crate::{
    app::{
        BatchChoice, Command, OpenBatch, ViewPart,
        jobs::{GroupBy, Headline, Reading},
    },
    ui::{
        context::ViewContext, dialogs::Wanted, export_window::export_button_ui, theme::Colors,
        widgets::menu_with_fields_ui,
    },
};

/// Rows of the table that are shown without scrolling.
const MOST_LINES: f32 = 4.0;
const LINE: f32 = 20.0;

/// A line a batch and mode: how much of the questions, how many right.
pub(super) fn headline_ui(ui: &mut Ui, open: &OpenBatch) {
    ScrollArea::both()
        .id_salt("headline")
        .max_height(LINE * (MOST_LINES + 1.0))
        .auto_shrink([false, true])
        .show(ui, |ui| lines_ui(ui, open));
}

fn lines_ui(ui: &mut Ui, open: &OpenBatch) {
    let colors = Colors::of(ui);
    let headlines = &open.results.headlines;
    let has_files = headlines.iter().any(|line| line.data != headlines[0].data);
    Grid::new("batches").num_columns(5).spacing([14.0, 3.0]).min_row_height(16.0).show(ui, |ui| {
        let mut heads = vec!["model", "attention", "rows", "right", ""];
        if has_files {
            heads.insert(2, "questions");
        }
        for head in heads {
            ui.label(RichText::new(head).small().color(colors.quiet));
        }
        ui.end_row();
        for line in headlines {
            let folder = open.results.folders[line.batch].display();
            let header = &open.results.headers[line.batch];
            ui.label(RichText::new(&line.model).strong().color(colors.strong)).on_hover_text(
                format!(
                    "{folder}\nweights {}\nquestions {}\nprompts: {}\ntagger {}, answers of at most {} \
                     tokens",
                    header.weights, header.data, header.prompt, header.tagger, header.max_new_tokens
                ),
            );
            mode_ui(ui, line);
            if has_files {
                ui.label(&line.data);
            }
            coverage_ui(ui, open, line);
            right_ui(ui, line);
            skipped_ui(ui, line, colors.warning);
            ui.end_row();
        }
    });
}

fn mode_ui(ui: &mut Ui, line: &Headline) {
    let mode = line.attention.to_string();
    match &line.beside_training {
        Some(what) => {
            let short = what.split_once(':').map_or("not as trained", |(short, _)| short);
            let text = format!("{mode}, {short}");
            ui.colored_label(Colors::of(ui).warning, text).on_hover_text(what);
        }
        None => {
            ui.label(mode).on_hover_text("the mask that these weights were trained under");
        }
    }
}

fn coverage_ui(ui: &mut Ui, open: &OpenBatch, line: &Headline) {
    let (coverage, shard) = (line.coverage, open.results.headers[line.batch].shard);
    let text = format!("{} of {}", coverage.answered, coverage.expected);
    let is_part = shard.of > 1;
    let text = if is_part { format!("{text}, shard {shard}") } else { text };
    let missing = coverage.expected - (coverage.answered + coverage.failed).min(coverage.expected);
    let told = match missing {
        0 => "rows that were answered, of those of the question file".to_owned(),
        n => format!("{n} are not asked yet: the same command with --resume goes on"),
    };
    let color = if missing > 0 { Colors::of(ui).warning } else { Colors::of(ui).text };
    ui.colored_label(color, text).on_hover_text(told);
}

fn right_ui(ui: &mut Ui, line: &Headline) {
    let Some(share) = line.accuracy else {
        ui.label("–").on_hover_text("no row says what is right");
        return;
    };
    let [value, low, high] = [share.accuracy, share.low, share.high].map(|part| 100.0 * part);
    ui.label(format!("{value:.1} % [{low:.1}, {high:.1}]")).on_hover_text(format!(
        "right answers among {} whose right answer is stated, with Wilson's 95 % interval; questions \
         are taken for independent",
        share.n
    ));
}

fn skipped_ui(ui: &mut Ui, line: &Headline, color: Color32) {
    let n = line.coverage.failed;
    if n == 0 {
        ui.label("");
        return;
    }
    let more = n.saturating_sub(line.reasons.len());
    let more = (more > 0).then(|| format!("and {more} more; summary.json names the first hundred"));
    let told: Vec<String> = line.reasons.iter().cloned().chain(more).collect();
    let told = told.join("\n");
    ui.colored_label(color, format!("{n} skipped")).on_hover_text(told);
}

/// What is drawn: the reading, what a group is, which masks.
pub(super) fn choices_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch) {
    let before = &cx.state.workspace.batch;
    let mut choice = before.clone();
    let view = &cx.state.workspace.view;
    let mut reading = view.reading;
    ui.horizontal_wrapped(|ui| {
        batch_menu_ui(ui, cx, open);
        for known in [Reading::Share, Reading::Lift, Reading::Mass] {
            ui.selectable_value(&mut reading, known, known.to_string())
                .on_hover_text(meaning(known));
        }
        ui.separator();
        by_ui(ui, open, &mut choice);
        attention_ui(ui, open, &mut choice);
        export_button_ui(ui, cx, ViewPart::Batch);
        if cx.state.batch_chart().is_none() {
            ui.add(egui::Spinner::new().size(12.0));
            ui.weak("drawing");
        }
    });
    if reading != view.reading {
        cx.send(Command::SetView(crate::app::ViewChoice { reading, ..view.clone() }));
    }
    if choice != *before {
        cx.send(Command::SetBatch(Box::new(choice)));
    }
}

fn batch_menu_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch) {
    menu_with_fields_ui(ui, "Batch ⏷", |ui| {
        ui.set_min_width(300.0);
        if ui.button("Open a batch result…").clicked() {
            cx.dialogs.ask(Wanted::Batch, cx.queue);
            ui.close();
        }
        let told =
            "Its runs are drawn beside those that are open, as `aki-lens figure` draws several";
        if ui.button("Add another…").on_hover_text(told).clicked() {
            cx.dialogs.ask(Wanted::MoreBatches, cx.queue);
            ui.close();
        }
        let told = "For a batch that is still running";
        if ui.button("Read again").on_hover_text(told).clicked() {
            cx.send(Command::OpenBatch(open.results.folders.clone()));
            ui.close();
        }
        if ui.button("Close").clicked() {
            cx.send(Command::CloseBatch);
            ui.close();
        }
        ui.separator();
        path_ui(ui, cx, "Folder");
        recent_ui(ui, cx);
    });
}

/// As a person calls what bars are grouped by.
fn by_name(by: &GroupBy) -> String {
    match by {
        GroupBy::Attention => "attention".to_owned(),
        GroupBy::Answer => "right or wrong".to_owned(),
        GroupBy::Paper => "the paper's groups".to_owned(),
        GroupBy::Data => "question file".to_owned(),
        GroupBy::Column(name) => name.clone(),
    }
}

/// Another grouping has other bars, so none is chosen.
fn by_ui(ui: &mut Ui, open: &OpenBatch, choice: &mut BatchChoice) {
    let label = ui.weak("by");
    let before = choice.by.clone();
    ComboBox::from_id_salt("batch by")
        .selected_text(by_name(&choice.by))
        .show_ui(ui, |ui| {
            for known in &open.results.groupings {
                ui.selectable_value(&mut choice.by, known.clone(), by_name(known));
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text("What the colors of bars stand for; more than eight groups become a table");
    if choice.by != before {
        (choice.bar, choice.row) = (None, None);
    }
}

fn attention_ui(ui: &mut Ui, open: &OpenBatch, choice: &mut BatchChoice) {
    let modes = open.results.modes();
    if modes.len() < 2 {
        return;
    }
    let label = ui.weak("mask");
    let before = choice.attention;
    let shown = choice.attention.map_or("all".to_owned(), |mode| mode.to_string());
    ComboBox::from_id_salt("batch under")
        .selected_text(shown)
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut choice.attention, None, "all");
            for mode in modes {
                ui.selectable_value(&mut choice.attention, Some(mode), mode.to_string());
            }
        })
        .response
        .labelled_by(label.id)
        .on_hover_text("Runs under different masks are never averaged");
    if choice.attention != before {
        (choice.bar, choice.row) = (None, None);
    }
}
