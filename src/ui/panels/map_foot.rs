//! Under the picture: what the map shows, its scale, what is not in it, and how often such maps point
//! at the thing.

use egui::{RichText, Ui};

use super::{map_controls::reading_of_maps, picture::Scaled};
use crate::{
    app::Subject,
    domain::{Heatmap, MapKind, Reading},
    ui::{
        context::{Hover, ViewContext},
        theme::{self, Colors},
        widgets::{colorbar_ui, note_ui, number, percent},
    },
};

/// What a person must know to read the map.
pub(super) fn map_foot_ui(ui: &mut Ui, cx: &ViewContext<'_>, map: Option<&Scaled>) {
    let colors = Colors::of(ui);
    let Some((map, scale)) = map else {
        note_ui(
            ui,
            "Choose a word or a token of the answer: its map is drawn here. \
             The wheel zooms, dragging moves, a double click shows all.",
        );
        return;
    };
    let map = match map.as_ref() {
        Ok(map) => map,
        Err(why) => {
            ui.add(egui::Label::new(RichText::new(why).color(colors.warning)).wrap());
            return;
        }
    };
    ui.add_space(4.0);
    ui.horizontal_top(|ui| {
        let value = match cx.hovered.get() {
            Some(Hover::Patch(patch)) if patch < map.values.len() => map.value(patch),
            _ => None,
        };
        let colormap = cx.state.workspace.view.colormap;
        ui.allocate_ui(egui::vec2(200.0, 34.0), |ui| {
            let neutral = (map.reading == Reading::Lift).then_some(1.0);
            let color = |part| theme::heat(colormap, part);
            colorbar_ui(ui, &color, *scale, &number, (neutral, value));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            summary_ui(ui, cx, map);
            let meaning = match map.kind {
                MapKind::MadeFrom => format!("{}: {}", map.kind, map.kind.meaning()),
                kind => format!("{kind}: {}. {}.", kind.meaning(), reading_of_maps(map.reading)),
            };
            note_ui(ui, &meaning).on_hover_ui(|ui| caption_ui(ui, map));
            let id = cx.run_id();
            if let Some(pointing) = id.and_then(|id| cx.state.pointing_of(id, &cx.subject())) {
                note_ui(ui, &pointing.sentence(map.kind));
            }
        });
    });
}

/// Everything that was read, as it stands under the map on paper.
fn caption_ui(ui: &mut Ui, map: &Heatmap) {
    for field in &map.caption {
        ui.label(format!("{}: {}", field.name, field.value));
    }
    for note in &map.notes {
        note_ui(ui, note);
    }
}

fn summary_ui(ui: &mut Ui, cx: &ViewContext<'_>, map: &Heatmap) {
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(subject_text(cx)).strong().color(colors.strong));
        if map.by_construction {
            ui.colored_label(colors.warning, "closed by the mask: zero by construction");
            return;
        }
        ui.label(what_is_in_it(map)).on_hover_text(
            "Latents have no place in the picture. The resampler's own attention carries their \
             mass to patches; what it paid to latents stays there and has no place.",
        );
    });
}

/// How much of the attention is in the map, what has no place in it, and what was left out.
pub(super) fn what_is_in_it(map: &Heatmap) -> String {
    let total = map.values.iter().sum::<f64>() + map.unplaced;
    let mut text = match (map.reading, map.kind) {
        (_, MapKind::MadeFrom) => {
            let places = percent(total - map.unplaced);
            format!("{places} comes from patches; {} has no place", percent(map.unplaced))
        }
        (Reading::Mass, MapKind::ReadBy) => {
            let part = if total > 0.0 { map.unplaced / total } else { 0.0 };
            let (total, part) = (percent(total), percent(part));
            format!("gets {total} of the picture's attention; {part} of that has no place")
        }
        (Reading::Mass, _) => {
            let part = if total > 0.0 { map.unplaced / total } else { 0.0 };
            let (total, part) = (percent(total), percent(part));
            format!("{total} of the row's attention is on the picture; {part} of that has no place")
        }
        (Reading::Share, MapKind::ReadBy) => format!(
            "gets {} of what the picture pays to the question; {} of that has no place",
            percent(total),
            percent(if total > 0.0 { map.unplaced / total } else { 0.0 })
        ),
        (Reading::Share, _) => {
            format!("{} of what the row pays to the picture has no place", percent(map.unplaced))
        }
        (Reading::Lift, _) => format!("{} of the mass has no place", percent(map.unplaced)),
    };
    if map.excluded > 0.0 {
        text = format!("{text}; excluded: {} on sinks", percent(map.excluded));
    }
    text
}

/// What the map is of, in words.
fn subject_text(cx: &ViewContext<'_>) -> String {
    let Some(answered) = cx.state.run() else { return String::new() };
    let texts: Vec<&str> = match cx.subject() {
        Subject::Nothing => return String::new(),
        Subject::Words(words) => {
            let words = words.iter().filter_map(|i| answered.words.words.get(*i));
            words.map(|word| word.text.as_str()).collect()
        }
        Subject::Answer(tokens) => {
            let tokens = tokens.iter().filter_map(|i| answered.token_texts.get(*i));
            tokens.map(|text| text.trim()).collect()
        }
        Subject::Latents(latents) => {
            let many = if latents.len() == 1 { "latent" } else { "latents" };
            let numbers: Vec<String> = latents.iter().map(usize::to_string).collect();
            return format!("{many} {}", numbers.join(", "));
        }
    };
    format!("“{}”", texts.join(" "))
}
