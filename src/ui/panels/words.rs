//! Question and answer as chips: words in their buckets' colors, tokens with log-probabilities.

use egui::{RichText, ScrollArea, Ui};

use super::{
    kinship_badge_ui,
    lights::{Lights, lit_by_ui},
    tagger_menu_ui,
};
use crate::{
    app::{Command, EditedWords, RunId, Subject, jobs::Answered},
    domain::{Bucket, Segment, TaggedWord},
    ui::{
        context::{Hover, ViewContext},
        theme::{Colors, bucket_color},
        widgets::{Chip, ChipState, chip_ui, empty_ui, logprob_text, note_ui, number, percent},
    },
};

/// Below this height, the names of buckets under words give way to the answer.
const LOW: f32 = 130.0;

/// Shows both, and lets words and tokens be chosen.
pub(crate) fn words_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let is_low = ui.available_height() < LOW;
    let asking = cx.state.asking().filter(|(_, job)| !job.is_beside);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if let Some((_, job)) = asking {
            ui.horizontal_wrapped(|ui| {
                ui.weak("Answering");
                ui.strong(job.asked.as_ref().map_or("", |asked| &asked.text));
            });
            let text = if job.text.is_empty() { "…" } else { &job.text };
            ui.label(RichText::new(text).size(20.0));
            return;
        }
        let Some((id, answered)) = cx.run_id().zip(cx.state.run()) else {
            empty_ui(
                ui,
                "No answer yet",
                "Type a question above and press Enter. Its words and the answer's tokens appear \
                 here, each with its map.",
            );
            return;
        };
        question_ui(ui, cx, (id, answered), is_low);
        ui.add_space(if is_low { 0.0 } else { 6.0 });
        answer_ui(ui, cx, id, answered);
        ui.add_space(4.0);
        legend_ui(ui, cx, answered);
    });
}

fn question_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (id, answered): (RunId, &Answered),
    is_low: bool,
) {
    let colors = Colors::of(ui);
    let Some(words) = cx.state.words(id) else { return };
    let known = match words.as_ref() {
        Ok(known) => known,
        Err(why) => {
            ui.colored_label(colors.error, why);
            return;
        }
    };
    let lights = Lights::of(cx, id);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        ui.label(RichText::new("Q").heading().color(colors.quiet));
        for (i, word) in known.words.iter().enumerate() {
            word_ui(ui, cx, (i, word), known, (&lights, is_low));
        }
        if cx.state.workspace.view.has_template {
            template_ui(ui, cx, answered, known);
        }
    });
}

fn word_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    (i, word): (usize, &TaggedWord),
    known: &EditedWords,
    (lights, is_low): (&Lights, bool),
) {
    let (level, here) = (lights.level(i), lights.told(i));
    let mut positions = known.alignment.positions_of_word(i);
    let sink = positions.find_map(|at| sink_at(cx, at));
    let chip = Chip {
        text: &word.text,
        under: Some(if word.edited { "edited" } else { word.bucket.name() }).filter(|_| !is_low),
        color: bucket_color(ui.visuals(), word.bucket),
        level,
        state: ChipState {
            is_selected: cx.state.workspace.selection.subject.has_word(i),
            is_lit: level.is_some_and(|level| level > 0.6),
            is_faint: false,
            is_sink: sink.is_some(),
        },
        name: &format!("word {}: {}{}{}", i + 1, word.text, sink_name(sink), lights.name(i)),
        value: Some(word.bucket.name()),
    };
    let response = chip_ui(ui, &chip);
    cx.hovered.set_at(&response, Hover::Word(i));
    if response.clicked() {
        cx.choose(ui, &Subject::word(i));
    }
    response.context_menu(|ui| bucket_menu(ui, cx, i, word));
    response.on_hover_ui(|ui| {
        ui.strong(&word.text);
        let positions: Vec<String> =
            known.alignment.positions_of_word(i).map(|at| at.to_string()).collect();
        let tokens = if positions.len() == 1 { "token" } else { "tokens" };
        let places = positions.join(", ");
        ui.label(format!("{}, tagged {}; {tokens} at position {places}", word.bucket, word.tag));
        if let Some(lift) = sink {
            ui.label(format!("a sink: {} times uniform attention", number(lift)));
        }
        if let Some(here) = here {
            ui.label(here);
        }
        note_ui(ui, "click: its map · Shift-click: add · right click: another bucket");
    });
}

/// How many times uniform attention a position of the looked-at run gets, where that makes it a sink.
fn sink_at(cx: &ViewContext<'_>, position: usize) -> Option<f64> {
    let sinks = cx.state.sinks(cx.run_id()?)?;
    let found = &sinks.as_ref().as_ref().ok()?.found;
    found.iter().find(|sink| sink.position == position).map(|sink| sink.lift)
}

fn sink_name(sink: Option<f64>) -> &'static str {
    if sink.is_some() { ", a sink" } else { "" }
}

/// The tokens of the template that stand in the question's segment.
fn template_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered, known: &EditedWords) {
    let tokens = answered.run.prompt.tokens.iter();
    for token in tokens.filter(|token| token.segment == Segment::Question) {
        let at = known.alignment.positions.get(token.position);
        if at.is_none_or(|at| at.bucket != Some(Bucket::Template)) {
            continue;
        }
        let sink = sink_at(cx, token.position);
        let chip = Chip {
            text: &token.text,
            under: None,
            color: bucket_color(ui.visuals(), Bucket::Template),
            level: None,
            state: ChipState { is_faint: true, is_sink: sink.is_some(), ..ChipState::default() },
            name: &format!("template token {}{}", token.position, sink_name(sink)),
            value: None,
        };
        let mut told = format!("template token at position {}; left out of shares", token.position);
        if let Some(lift) = sink {
            told = format!("{told}\na sink: {} times uniform attention", number(lift));
        }
        chip_ui(ui, &chip).on_hover_text(told);
    }
}

fn bucket_menu(ui: &mut Ui, cx: &ViewContext<'_>, i: usize, word: &TaggedWord) {
    ui.weak("this word is");
    for bucket in Bucket::ALL.into_iter().filter(|bucket| *bucket != Bucket::Template) {
        let text = RichText::new(bucket.name()).color(bucket_color(ui.visuals(), bucket));
        if ui.selectable_label(word.bucket == bucket, text).clicked() {
            cx.send(Command::SetBucket(i, Some(bucket)));
            ui.close();
        }
    }
    if word.edited && ui.button("as the tagger says").clicked() {
        cx.send(Command::SetBucket(i, None));
        ui.close();
    }
}

fn answer_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: RunId, answered: &Answered) {
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        ui.label(RichText::new("A").heading().color(colors.accent));
        for i in 0..answered.token_texts.len() {
            token_ui(ui, cx, answered, i);
        }
        ui.add_space(8.0);
        kinship_badge_ui(ui, answered);
        let total: f64 = answered.run.answer_logprobs.iter().sum();
        note_ui(ui, &format!("{id} · log-probability of the answer {}", logprob_text(total)));
    });
}

fn token_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered, i: usize) {
    let run = &answered.run;
    let text = &answered.token_texts[i];
    let logprob = run.answer_logprobs.get(i).copied().unwrap_or(f64::NAN);
    let chip = Chip {
        text,
        under: Some(&logprob_text(logprob)),
        color: Colors::of(ui).accent,
        level: Some(logprob.exp() as f32),
        state: ChipState {
            is_selected: cx.state.workspace.selection.subject.has_token(i),
            is_lit: false,
            is_sink: false,
            is_faint: text.starts_with("<|") || text.starts_with("</"),
        },
        name: &format!("answer token {}: {text}", i + 1),
        value: Some(&format!("log-probability {}", logprob_text(logprob))),
    };
    let response = chip_ui(ui, &chip);
    cx.hovered.set_at(&response, Hover::Token(i));
    if response.clicked() {
        cx.choose(ui, &Subject::token(i));
    }
    response.on_hover_text(format!(
        "log-probability {logprob:.4}, probability {}\ntoken {} of the answer, id {}",
        percent(logprob.exp()),
        i + 1,
        run.answer_ids[i]
    ));
}

fn legend_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    ui.horizontal_wrapped(|ui| {
        lit_by_ui(ui, cx);
        ui.toggle_value(&mut view.has_template, "template tokens")
            .on_hover_text("Show the template's tokens too; they are left out of shares");
        tagger_menu_ui(ui, cx, answered);
        note_ui(
            ui,
            "Hover previews a map, a click keeps it, Shift adds. \
             The line under a token is its probability, the number its log-probability.",
        );
    });
    if view != *before {
        cx.send(Command::SetView(view));
    }
}
