//! The questions behind a bar of a batch: filtered, sorted, walked through by keys, and asked again.

use egui::{EventFilter, Id, Key, Modifiers, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo};

use super::batch_bars::questions;
use crate::{
    app::{
        AskedAgain, BatchChoice, BatchColumn, BatchList, Command, ListedRow, OpenBatch,
        jobs::{AnswerGroup, OpenedRow, Reading},
    },
    ui::{
        context::ViewContext,
        theme::Colors,
        widgets::{Cell, Column, ROW, SPACE, Sort, heads_ui, list_row_ui, note_ui, number},
    },
};

/// Below this width right and wrong are told by the answer's color alone.
const NARROW: f32 = 480.0;
/// Room for the line under the list.
const FOOT: f32 = 34.0;

/// What a text field takes beside its text.
const FIELD_MARGIN: f32 = 22.0;

fn list_id() -> Id {
    Id::unique("questions behind the bar")
}

fn wants_focus_id() -> Id {
    Id::unique("questions behind the bar want the keyboard")
}

/// Has the list take the keyboard when it is shown next.
pub(super) fn focus_rows(ui: &Ui) {
    ui.data_mut(|data| data.insert_temp(wants_focus_id(), true));
}

/// What is listed, and what of it is shown.
pub(super) fn rows_head_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch, list: &BatchList) {
    let before = &cx.state.workspace.batch;
    let mut choice = before.clone();
    let has_hits = open.results.headlines.iter().any(|line| line.accuracy.is_some());
    ui.horizontal_wrapped(|ui| {
        if ui.button("⏴ Bars").on_hover_text("Back to the bars").clicked() {
            (choice.bar, choice.row) = (None, None);
        }
        let name = bar_name(cx).unwrap_or_default();
        let n = list.rows.len();
        let told = match n == list.n_behind {
            true => format!("{name}: {}", questions(n)),
            false => format!("{name}: {n} of {}", questions(list.n_behind)),
        };
        ui.strong(told).on_hover_text(without(list.n_without));
        if has_hits {
            for group in AnswerGroup::ALL {
                ui.selectable_value(&mut choice.answers, group, group.name())
                    .on_hover_text("Which answers are listed");
            }
        }
        let label = ui.weak("find");
        let room = ui.available_size_before_wrap().x - FIELD_MARGIN;
        let field = TextEdit::singleline(&mut choice.words)
            .hint_text("words")
            .desired_width(if room < 70.0 { 140.0 } else { room.min(200.0) });
        ui.add(field).labelled_by(label.id);
    });
    if choice != *before {
        cx.send(Command::SetBatch(Box::new(choice)));
    }
}

fn without(n: usize) -> String {
    match n {
        0 => "every run of the group has words of this bucket".to_owned(),
        n => format!("{n} runs of the group have no word of this bucket, and do not count for it"),
    }
}

/// The chosen bar in words.
fn bar_name(cx: &ViewContext<'_>) -> Option<String> {
    let bar = cx.state.workspace.batch.bar?;
    let drawn = cx.state.batch_chart()?;
    let group = drawn.as_ref().as_ref().ok()?.groups.get(bar.group)?;
    Some(format!("{}, {}", bar.bucket, group.name))
}

/// Shows the list; a click or Enter asks a question again.
pub(super) fn batch_rows_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch, list: &BatchList) {
    let choice = &cx.state.workspace.batch;
    let columns = columns(ui.available_width(), cx.state.workspace.view.reading);
    let names: Vec<BatchColumn> = columns.iter().map(|(name, _)| *name).collect();
    let columns: Vec<Column> = columns.into_iter().map(|(_, column)| column).collect();
    let sorted = names.iter().position(|name| *name == choice.column);
    let sort = Sort { column: sorted.unwrap_or(usize::MAX), is_falling: choice.is_falling };
    if let Some(after) = heads_ui(ui, &columns, sort) {
        let (column, is_falling) = (names[after.column], after.is_falling);
        cx.send(Command::SetBatch(Box::new(BatchChoice { column, is_falling, ..choice.clone() })));
    }
    let height = (ui.available_height() - FOOT).max(3.0 * ROW);
    let size = egui::vec2(ui.available_width(), height);
    ui.allocate_ui(size, |ui| {
        let moved = keys_ui(ui, cx, list);
        let area = ScrollArea::vertical().id_salt("rows").auto_shrink([false, false]);
        area.show_rows(ui, ROW, list.rows.len(), |ui, shown| {
            if let Some(at) = moved {
                let step = ROW + ui.spacing().item_spacing.y;
                let top = ui.max_rect().top() + (at as f32 - shown.start as f32) * step;
                let rows = egui::Rect::from_min_size(
                    egui::pos2(ui.max_rect().left(), top),
                    egui::vec2(1.0, ROW),
                );
                ui.scroll_to_rect(rows, None);
            }
            for row in &list.rows[shown] {
                row_ui(ui, cx, open, list, *row, (&columns, &names));
            }
        });
    });
    foot_ui(ui, cx, open);
}

fn columns(width: f32, reading: Reading) -> Vec<(BatchColumn, Column)> {
    let is_narrow = width < NARROW;
    let (name, told) = match reading {
        Reading::Mass => ("mass", "The attention mass that this bucket got in the run"),
        Reading::Share => ("share", "This bucket's share of attention to the question in the run"),
        Reading::Lift => ("lift", "This bucket's lift over uniform attention in the run"),
    };
    let (row, answer, hit, value) =
        if is_narrow { (52.0, 66.0, 0.0, 62.0) } else { (48.0, 92.0, 70.0, 84.0) };
    let n = if is_narrow { 4.0 } else { 5.0 };
    // A scroll bar stands at the right.
    let question = (width - row - answer - hit - value - n * SPACE - 14.0).max(60.0);
    let mut columns = vec![
        (BatchColumn::Row, Column { name: "row", width: row, told: "The question's index" }),
        (
            BatchColumn::Question,
            Column { name: "question", width: question, told: "The question and its choices" },
        ),
        (
            BatchColumn::Answer,
            Column { name: "answer", width: answer, told: "What the model answered in the batch" },
        ),
    ];
    if !is_narrow {
        let told = "Right or wrong, and the right answer where the model gave another";
        columns.push((BatchColumn::Hit, Column { name: "right", width: hit, told }));
    }
    columns.push((BatchColumn::Value, Column { name, width: value, told }));
    columns
}

/// Lets the list take the keyboard, and moves the choice; returns where it was moved to.
fn keys_ui(ui: &mut Ui, cx: &ViewContext<'_>, list: &BatchList) -> Option<usize> {
    let id = list_id();
    let rect = ui.available_rect_before_wrap();
    let area = ui.interact(rect, id, Sense::focusable_noninteractive());
    area.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "questions behind the bar"));
    if ui.data_mut(|data| data.remove_temp::<bool>(wants_focus_id())).unwrap_or(false) {
        area.request_focus();
    }
    if !area.has_focus() || list.rows.is_empty() {
        return None;
    }
    // Escape lets go of the list, and of nothing else.
    let filter = EventFilter { vertical_arrows: true, escape: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let line = egui::Stroke::new(1.0, Colors::of(ui).accent);
    ui.painter().rect_stroke(rect, 3, line, egui::StrokeKind::Inside);
    let choice = &cx.state.workspace.batch;
    let now = choice.row.and_then(|place| list.rows.iter().position(|row| row.place == place));
    let pressed = |key: Key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::Enter)
        && let Some(now) = now
    {
        cx.send(Command::AskBatchRow(list.rows[now].place));
        return None;
    }
    let last = list.rows.len() - 1;
    let page = ((rect.height() / (ROW + 6.0)) as usize).max(1);
    let step = |now: Option<usize>, by: isize| match now {
        Some(now) => now.saturating_add_signed(by).min(last),
        None => 0,
    };
    let to = [
        (Key::ArrowDown, step(now, 1)),
        (Key::ArrowUp, step(now, -1)),
        (Key::PageDown, step(now, page as isize)),
        (Key::PageUp, step(now, -(page as isize))),
        (Key::Home, 0),
        (Key::End, last),
    ];
    let to = to.into_iter().find(|(key, _)| pressed(*key)).map(|(_, to)| to)?;
    let row = Some(list.rows[to].place);
    cx.send(Command::SetBatch(Box::new(BatchChoice { row, ..choice.clone() })));
    Some(to)
}

fn row_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    open: &OpenBatch,
    list: &BatchList,
    listed: ListedRow,
    (columns, names): (&[Column], &[BatchColumn]),
) {
    let Some(opened) = open.results.rows.get(listed.place) else { return };
    let Some(answer) = &opened.row.answer else { return };
    let known = open.question(opened);
    let again = open.asked_again(listed.place);
    let text = known.map_or("…".to_owned(), |known| one_line(&known.text));
    let is_wrong = answer.hit == Some(false);
    let expected = known.and_then(|known| known.expected.as_deref()).unwrap_or_default();
    let cell = |name: &BatchColumn| match name {
        BatchColumn::Row => {
            let mark = if again.is_some() { " ●" } else { "" };
            Cell::text(format!("{}{mark}", opened.row.index))
        }
        BatchColumn::Question => Cell::text(text.clone()),
        BatchColumn::Answer => {
            let cell = Cell::text(one_line(&answer.prediction));
            if is_wrong { cell.marked() } else { cell }
        }
        BatchColumn::Hit => match answer.hit {
            Some(true) => Cell::text("right".to_owned()),
            Some(false) if !expected.is_empty() => Cell::text(format!("not {expected}")).marked(),
            Some(false) => Cell::text("wrong".to_owned()).marked(),
            None => Cell::text("–".to_owned()),
        },
        BatchColumn::Value => match listed.value {
            Some(value) => Cell::bar(number(value), value / list.top.max(f64::MIN_POSITIVE)),
            None => Cell::text("closed".to_owned()),
        },
    };
    let cells: Vec<Cell> = names.iter().map(cell).collect();
    let is_chosen = cx.state.workspace.batch.row == Some(listed.place);
    let name = format!("question {}", opened.row.index);
    let response = list_row_ui(ui, (&name, is_chosen), columns, &cells);
    if response.clicked() {
        focus_rows(ui);
        cx.send(Command::AskBatchRow(listed.place));
    }
    response.on_hover_ui(|ui| told_ui(ui, open, (opened, listed), again));
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything about a row.
fn told_ui(
    ui: &mut Ui,
    open: &OpenBatch,
    (opened, listed): (&OpenedRow, ListedRow),
    again: Option<&AskedAgain>,
) {
    let Some(answer) = &opened.row.answer else { return };
    let known = open.question(opened);
    ui.strong(known.map_or("its question is not known yet", |known| &known.text));
    let is = match answer.hit {
        Some(true) => ", right",
        Some(false) => ", wrong",
        None => "",
    };
    ui.label(format!("answer: {}{is}", answer.prediction.trim()));
    if let Some(expected) = known.and_then(|known| known.expected.as_ref()) {
        ui.label(format!("expected: {expected}"));
    }
    if let Some(value) = listed.value {
        ui.label(format!("this bucket: {value:.5}"));
    }
    ui.label(format!("log-probability of the answer: {:.4} nats", answer.logprob));
    let groups = opened.row.groups.iter().filter(|(_, value)| !value.is_empty());
    let groups: Vec<String> = groups.map(|(name, value)| format!("{name}: {value}")).collect();
    if !groups.is_empty() {
        ui.label(groups.join(" · "));
    }
    let header = &open.results.headers[opened.batch];
    match again {
        Some(again) => ui.weak(format!("{} was made of it: a click looks at it", again.run)),
        None => ui.weak(format!(
            "A click asks it again, by {} under {}: the record keeps numbers of each run and no \
             attention, so the run is made anew.",
            header.model, opened.row.attention
        )),
    };
}

/// What came of the chosen row, or what can be done.
fn foot_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch) {
    let again = cx.state.workspace.batch.row.and_then(|place| open.asked_again(place));
    let Some(again) = again else {
        note_ui(
            ui,
            "A click, or arrows and Enter, asks a question again: the record keeps numbers, no attention.",
        );
        return;
    };
    let logprobs =
        format!("log-probability {:.4}, in the record {:.4}", again.logprob, again.recorded);
    let run = again.run;
    match (again.same_prompt, again.same_answer) {
        (true, true) => {
            note_ui(ui, &format!("{run}: the prompt and the answer of the record; {logprobs}"));
        }
        (same_prompt, _) => {
            let what = if same_prompt { "answer" } else { "prompt" };
            let text = format!("{run}: another {what} than in the record; {logprobs}");
            ui.colored_label(Colors::of(ui).warning, text).on_hover_text(
                "Other weights under the same name, another device or type of weights, or prompts of \
                 another version of this program",
            );
        }
    }
}
