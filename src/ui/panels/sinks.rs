//! Sinks: positions that draw attention whatever is asked, by a threshold that a person sets.

use egui::{Color32, DragValue, Rect, RichText, ScrollArea, Sense, Ui, Vec2};

use crate::{
    app::{
        Command, RunId, Subject, ViewPart,
        jobs::{Answered, Incoming, Sinks},
    },
    domain::Segment,
    ui::{
        context::{Hover, ViewContext},
        export_window::export_button_ui,
        theme::Colors,
        widgets::{empty_ui, exact_ui, note_ui, number, percent, visible_text},
    },
};

/// Positions below the threshold that are listed as well, the most attended first.
const MORE: usize = 12;

/// Shows the threshold, what it finds, and what comes next below it.
pub(crate) fn sinks_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some((id, answered)) = cx.run_id().zip(cx.state.run()) else {
        let told = "Ask a question: what draws attention whatever is asked is found here.";
        empty_ui(ui, "No run", told);
        return;
    };
    rule_ui(ui, cx);
    let (Some(all), Some(sinks)) = (cx.state.incoming(id), cx.state.sinks(id)) else { return };
    let (all, sinks) = match (all.as_ref(), sinks.as_ref()) {
        (Ok(all), Ok(sinks)) => (all, sinks),
        (Err(why), _) | (_, Err(why)) => {
            empty_ui(ui, "No sinks can be found", why);
            return;
        }
    };
    summary_ui(ui, cx, id, sinks);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        list_ui(ui, cx, (id, answered), (all, sinks));
        note_ui(
            ui,
            "mass: mean weight that the recorded rows pay it, over all layers and heads; × uniform: \
             that, over what uniform attention under the same mask would pay. Rows of the picture over \
             the picture are not recorded, so latents are judged by the rows of text. Sinks may carry \
             what the whole picture is about: they are marked, and left out only on request.",
        );
    });
}

fn rule_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("a sink gets at least");
        let times = DragValue::new(&mut view.sink_threshold).range(1.0..=1000.0).speed(0.05);
        ui.add(times.max_decimals(2))
            .labelled_by(label.id)
            .on_hover_text("Drag, or click and type; 10 is what ask --no-sinks takes");
        ui.label("× uniform attention");
        ui.separator();
        ui.checkbox(&mut view.without_sinks, "leave sinks out of maps").on_hover_text(
            "Latents that are sinks do not count where words and answer look; words that are sinks do \
             not count in what the picture reads (X)",
        );
        export_button_ui(ui, cx, ViewPart::Sinks);
    });
    if view != *before {
        cx.send(Command::SetView(view));
    }
}

fn summary_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: RunId, sinks: &Sinks) {
    let colors = Colors::of(ui);
    let n_latents = sinks.found.iter().filter(|sink| sink.is_latent).count();
    let n_tokens = sinks.found.len() - n_latents;
    let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    if sinks.found.is_empty() {
        ui.label(RichText::new("none at this threshold").strong().color(colors.strong));
        return;
    }
    let found = format!("{}, {}", counted(n_latents, "latent"), counted(n_tokens, "token"));
    let part = cx.state.part_on_sinks(id, &cx.subject());
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(found).strong().color(colors.strong));
        if let Some(part) = part {
            let done = if cx.state.workspace.view.without_sinks { ", left out" } else { "" };
            exact_ui(ui, Some(part), percent, ("on sinks", "of what the map reads, from 0 to 1"));
            ui.label(format!("of what the map reads lies on them{done}"));
        }
    });
}

fn list_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (id, answered): (RunId, &Answered),
    (all, sinks): (&[Incoming], &Sinks),
) {
    let mut sorted: Vec<&Incoming> = all.iter().collect();
    sorted.sort_by(|a, b| b.lift.total_cmp(&a.lift));
    let top = sorted.first().map_or(1.0, |key| key.lift).max(f64::MIN_POSITIVE);
    let (quiet, warning) = (Colors::of(ui).quiet, Colors::of(ui).warning);
    egui::Grid::new("sinks").striped(true).num_columns(5).min_col_width(12.0).show(ui, |ui| {
        for head in ["", "position", "mass", "× uniform", ""] {
            ui.label(RichText::new(head).small().color(quiet));
        }
        ui.end_row();
        for key in sorted.iter().take(sinks.found.len() + MORE) {
            let is_sink = sinks.contains(key.position);
            ui.label(RichText::new(if is_sink { "▼" } else { "" }).small().color(warning))
                .on_hover_text("a sink");
            place_ui(ui, cx, (id, answered), key);
            let told = format!("mean weight that {} recorded rows pay it", key.rows);
            exact_ui(ui, Some(key.mass), number, ("mass", &told));
            let told = "times what uniform attention under the same mask would pay it";
            exact_ui(ui, Some(key.lift), number, ("× uniform", told));
            bar_ui(ui, (key.lift / top) as f32, if is_sink { warning } else { quiet });
            ui.end_row();
        }
    });
}

/// The position by its name; a click chooses the latent, or the word it belongs to.
fn place_ui(ui: &mut Ui, cx: &ViewContext<'_>, (id, answered): (RunId, &Answered), key: &Incoming) {
    let name = place_name(answered, key);
    let words = cx.state.words(id);
    let word = words.as_deref().and_then(|known| {
        let known = known.as_ref().ok()?;
        let at = known.alignment.positions.get(key.position)?;
        at.words.first().map(|share| share.word_idx)
    });
    let (subject, hover) = match word {
        _ if key.is_latent => {
            let latent = key.position - answered.run.prompt.layout.image().start;
            (Subject::latent(latent), Hover::Latent(latent))
        }
        Some(word) => (Subject::word(word), Hover::Word(word)),
        None => {
            ui.label(name);
            return;
        }
    };
    let chosen = &cx.state.workspace.selection.subject;
    let is_chosen = match hover {
        Hover::Latent(latent) => chosen.has_latent(latent),
        _ => word.is_some_and(|word| chosen.has_word(word)),
    };
    let response = ui.selectable_label(is_chosen, name);
    cx.hovered.set_at(&response, hover);
    if response.clicked() {
        cx.choose(ui, &subject);
    }
}

fn place_name(answered: &Answered, key: &Incoming) -> String {
    let prompt = &answered.run.prompt;
    if key.is_latent {
        return format!("latent {}", key.position - prompt.layout.image().start);
    }
    let token = prompt.tokens.get(key.position);
    let text = token.map_or(String::new(), |token| visible_text(&token.text));
    let part = match token.map(|token| token.segment) {
        Some(Segment::Question) | None => "",
        Some(_) => ", template",
    };
    format!("{} “{text}”{part}", key.position)
}

fn bar_ui(ui: &mut Ui, part: f32, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(110.0, 8.0), Sense::hover());
    let full = Vec2::new(rect.width() * part.clamp(0.0, 1.0), rect.height());
    ui.painter().rect_filled(Rect::from_min_size(rect.min, full), 2, color.gamma_multiply(0.8));
}
