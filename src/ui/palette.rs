//! The command palette: everything that keys, menus and switches can do, found by typing.

use egui::{Context, Key, Modifiers, ScrollArea, TextEdit, Window};

use super::{
    ask_bar::{MODES, offered_models},
    context::ViewContext,
    device_menu::device_name,
    menu::keyed_button,
    panels::{
        COLORMAPS, OVERLAPS, REGION_READINGS, Tool, WAYS_BACK, region_reading, tools, way_back_name,
    },
    shortcuts::{Action, TABLE},
};
use crate::{
    app::{Command, Subject, ViewChoice, jobs::DeviceChoice},
    domain::{Bucket, Reading, TokenRow},
};

/// What was typed, and the row that Enter chooses.
#[derive(Debug, Default)]
pub(crate) struct Palette {
    typed: String,
    at: usize,
}

/// What a row does.
pub(crate) enum Chosen {
    /// What a key or a menu does.
    Act(Action),
    /// What a switch of a panel does.
    Send(Vec<Command>),
    /// A tool to draw regions with.
    Draw(Tool),
}

struct Row {
    name: String,
    keys: String,
    does: Chosen,
}

/// Shows it; returns what was chosen.
pub(crate) fn palette_ui(
    ctx: &Context,
    cx: &ViewContext<'_>,
    palette: &mut Palette,
) -> Option<Chosen> {
    let mut chosen = None;
    // Before the field sees them: there they would go to the ends of the text.
    let pressed = |key| ctx.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
    let (down, up) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp));
    let enters = ctx.input(|i| i.key_pressed(Key::Enter));
    Window::new("Command palette")
        .title_bar(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_TOP, [0.0, 90.0])
        .fixed_size([440.0, 380.0])
        .show(ctx, |ui| {
            let label = ui.weak("What would you like to do?");
            let field = TextEdit::singleline(&mut palette.typed).desired_width(f32::INFINITY);
            let field = ui.add(field).labelled_by(label.id);
            field.request_focus();
            if field.changed() {
                palette.at = 0;
            }
            let found = rows(ctx, cx, &palette.typed);
            let last = found.len().saturating_sub(1);
            palette.at = (palette.at + down).min(last).saturating_sub(up);
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for (i, row) in found.into_iter().enumerate() {
                    let is_at = i == palette.at;
                    let button = egui::Button::selectable(is_at, row.name);
                    let button = keyed_button(button, row.keys)
                        .min_size(egui::vec2(ui.available_width(), 0.0));
                    let response = ui.add(button);
                    if is_at && (down > 0 || up > 0) {
                        response.scroll_to_me(None);
                    }
                    if response.clicked() || (is_at && enters) {
                        chosen = Some(row.does);
                    }
                }
            });
        });
    chosen
}

/// The rows whose names hold every part of what was typed.
fn rows(ctx: &Context, cx: &ViewContext<'_>, typed: &str) -> Vec<Row> {
    let wanted = typed.to_lowercase();
    let actions = TABLE.iter().map(|shortcut| Row {
        name: shortcut.name.to_owned(),
        keys: shortcut.key_text(ctx),
        does: Chosen::Act(shortcut.action),
    });
    let mut all: Vec<Row> = actions.collect();
    all.extend(word_rows(cx));
    all.extend(run_rows(cx));
    all.extend(view_rows(cx));
    all.extend(region_rows(cx));
    all.retain(|row| {
        let name = row.name.to_lowercase();
        wanted.split_whitespace().all(|part| name.contains(part))
    });
    all
}

fn sends(name: String, command: Command) -> Row {
    Row { name, keys: String::new(), does: Chosen::Send(vec![command]) }
}

/// What the chosen words do, where words are chosen.
fn word_rows(cx: &ViewContext<'_>) -> Vec<Row> {
    let Some(id) = cx.run_id() else { return Vec::new() };
    let Subject::Words(words) = &cx.state.workspace.selection.subject else { return Vec::new() };
    let these = match words.len() {
        1 => "This word".to_owned(),
        n => format!("These {n} words"),
    };
    let row = |what: &str, bucket: Option<Bucket>| Row {
        name: format!("{these}: {what}"),
        keys: String::new(),
        does: Chosen::Send(words.iter().map(|word| Command::SetBucket(*word, bucket)).collect()),
    };
    let buckets = Bucket::ALL.into_iter().filter(|bucket| *bucket != Bucket::Template);
    let mut rows: Vec<Row> = buckets.map(|bucket| row(bucket.name(), Some(bucket))).collect();
    let known = cx.state.words(id);
    let known = known.as_deref().and_then(|known| known.as_ref().ok());
    let is_edited = |word: &usize| {
        known.is_some_and(|known| known.words.get(*word).is_some_and(|word| word.edited))
    };
    if words.iter().any(is_edited) {
        rows.push(row("as the tagger says", None));
    }
    rows
}

/// What the next run is, and its start.
fn run_rows(cx: &ViewContext<'_>) -> Vec<Row> {
    let mut rows = vec![sends("Ask the question".to_owned(), Command::Ask)];
    for (mode, _) in MODES {
        rows.push(sends(format!("Attention: {mode}"), Command::SetMode(mode)));
    }
    if cx.run_id().is_some() {
        for (mode, _) in MODES {
            rows.push(sends(format!("Compare with: {mode}"), Command::AskBeside(mode)));
        }
    }
    for (model, told) in offered_models(cx) {
        rows.push(sends(format!("Model: {told}"), Command::SetModel(model)));
    }
    let is_there = |choice: &DeviceChoice| !cx.state.devices.is_missing(*choice);
    for choice in cx.state.devices.choices().into_iter().filter(is_there) {
        rows.push(sends(format!("Device: {}", device_name(choice)), Command::SetDevice(choice)));
    }
    rows
}

/// How maps are read and shown.
fn view_rows(cx: &ViewContext<'_>) -> Vec<Row> {
    let now = &cx.state.workspace.view;
    let row = |name: String, view: ViewChoice| sends(name, Command::SetView(view));
    let mut rows = Vec::new();
    for reading in Reading::ALL {
        rows.push(row(format!("Reading: {reading}"), ViewChoice { reading, ..now.clone() }));
    }
    for region_read in REGION_READINGS {
        let view = ViewChoice { region_reading: region_read, ..now.clone() };
        let name = region_reading(region_read).split(':').next().unwrap_or_default();
        rows.push(row(format!("Regions × words: {name}"), view));
    }
    for token_row in [TokenRow::WhileChoosing, TokenRow::AfterWriting] {
        let view = ViewChoice { token_row, ..now.clone() };
        rows.push(row(format!("Row of a token of the answer: {token_row}"), view));
    }
    for projection in WAYS_BACK {
        let view = ViewChoice { projection, ..now.clone() };
        rows.push(row(format!("Latents back to patches: {}", way_back_name(projection)), view));
    }
    for colormap in COLORMAPS {
        rows.push(row(format!("Colors: {colormap}"), ViewChoice { colormap, ..now.clone() }));
    }
    let view = ViewChoice { has_template: !now.has_template, ..now.clone() };
    rows.push(row("Question with / without the template's tokens".to_owned(), view));
    rows
}

/// How regions are drawn, and what is done where they overlap.
fn region_rows(cx: &ViewContext<'_>) -> Vec<Row> {
    if cx.state.picture.is_none() {
        return Vec::new();
    }
    let draw = |(name, tool, _)| Row {
        name: format!("Draw: {name}"),
        keys: String::new(),
        does: Chosen::Draw(tool),
    };
    let mut rows: Vec<Row> = tools().into_iter().map(draw).collect();
    if cx.state.regions.is_some() {
        for (policy, _) in OVERLAPS {
            rows.push(sends(format!("Overlaps: {policy}"), Command::SetOverlap(policy)));
        }
    }
    rows
}
