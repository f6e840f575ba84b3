//! Under the picture: what the map shows, its scale, what is not in it, and how often such maps point
//! at the thing.

use egui::{
    PopupCloseBehavior, RichText, TextStyle, Ui,
    containers::menu::{MenuButton, MenuConfig},
};

use super::{map_controls::reading_of_maps, picture::Scaled};
use crate::{
    app::Subject,
    domain::{Heatmap, MapKind, Pointing, Reading},
    ui::{
        context::{Hover, ViewContext},
        theme::{self, Colors, GAP},
        widgets::{colorbar_ui, first_that_fits, note_ui, number, percent, text_width},
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
        let value = value_here(cx, map);
        let colormap = cx.state.workspace.view.colormap;
        let width = (0.4 * ui.available_width()).clamp(120.0, 200.0);
        ui.allocate_ui(egui::vec2(width, 34.0), |ui| {
            let neutral = (map.reading == Reading::Lift).then_some(1.0);
            let color = |part| theme::heat(colormap, part);
            colorbar_ui(ui, &color, *scale, &number, (neutral, value));
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let told = Told::of(cx, map);
            first_line_ui(ui, &told);
            second_line_ui(ui, &told);
        });
    });
}

/// The value of a map under the pointer, in whichever picture that is, else of the patch that is chosen.
/// None where the map has other patches than the run that is looked at.
pub(super) fn value_here(cx: &ViewContext<'_>, map: &Heatmap) -> Option<f64> {
    let patch = match cx.hovered.get() {
        Some(Hover::Patch(patch)) => Some(patch),
        _ => cx.state.workspace.selection.patch,
    };
    let patches = cx.state.run()?.run.patches;
    let patch = patch.filter(|patch| map.patches == patches && *patch < map.values.len())?;
    map.value(patch)
}

/// Everything that there is to say of a map.
struct Told<'a> {
    map: &'a Heatmap,
    /// What it is of, in all its words.
    subject: String,
    /// The same in few.
    subject_short: String,
    pointing: Option<Pointing>,
}

impl<'a> Told<'a> {
    fn of(cx: &ViewContext<'_>, map: &'a Heatmap) -> Self {
        let pointing = cx.run_id().and_then(|id| cx.state.pointing_of(id, &cx.subject()));
        let (subject, subject_short) = subject_texts(cx);
        Self { map, subject, subject_short, pointing }
    }

    fn meaning(&self) -> String {
        let map = self.map;
        match map.kind {
            MapKind::MadeFrom => format!("{}: {}.", map.kind, map.kind.meaning()),
            kind => format!("{kind}: {}. {}.", kind.meaning(), reading_of_maps(map.reading)),
        }
    }

    /// The line below, in ever fewer words.
    fn second_line(&self) -> Vec<String> {
        let short = match self.map.kind {
            MapKind::MadeFrom => self.map.kind.to_string(),
            kind => format!("{kind}: {}", self.map.reading),
        };
        let Some(pointing) = &self.pointing else {
            let kind = format!("{}: {}.", self.map.kind, self.map.kind.meaning());
            return vec![self.meaning(), kind, short];
        };
        let (long, few) = (pointing.sentence(self.map.kind), pointing.in_few(self.map.kind));
        vec![
            format!("{} {long}", self.meaning()),
            format!("{short} \u{b7} {long}"),
            long,
            format!("{short} \u{b7} {few}"),
            few,
        ]
    }

    /// All of it, where there is room.
    fn whole_ui(&self, ui: &mut Ui) {
        ui.label(RichText::new(&self.subject).strong().color(Colors::of(ui).strong));
        if self.map.by_construction {
            ui.label(CLOSED);
        } else {
            ui.label(what_is_in_it(self.map)).on_hover_text(
                "Latents have no place in the picture. The resampler's own attention carries their \
                 mass to patches; what it paid to latents stays there and has no place.",
            );
        }
        ui.label(self.meaning());
        if let Some(pointing) = &self.pointing {
            ui.label(pointing.sentence(self.map.kind));
        }
        ui.separator();
        caption_ui(ui, self.map);
    }
}

const CLOSED: &str = "closed by the mask: zero by construction";

/// What the map is of, what is in it, and the way to all else.
fn first_line_ui(ui: &mut Ui, told: &Told<'_>) {
    let colors = Colors::of(ui);
    let (map, font) = (told.map, TextStyle::Body.resolve(ui.style()));
    let small = TextStyle::Small.resolve(ui.style());
    let bold = TextStyle::Heading.resolve(ui.style());
    let bold = egui::FontId::new(font.size, bold.family);
    ui.horizontal(|ui| {
        let room = ui.available_width() - text_width(ui, MORE, &small) - 3.0 * GAP;
        let subjects = [told.subject.clone(), told.subject_short.clone()];
        let subject = first_that_fits(ui, &subjects, &bold, 0.6 * room);
        let room = room - text_width(ui, subject, &bold);
        ui.label(RichText::new(subject).font(bold).color(colors.strong))
            .on_hover_ui(|ui| told.whole_ui(ui));
        let (texts, color) = match map.by_construction {
            true => ([CLOSED.to_owned(), "closed by the mask".to_owned()], colors.warning),
            false => ([what_is_in_it(map), in_few(map)], colors.text),
        };
        let shown = first_that_fits(ui, &texts, &font, room);
        ui.colored_label(color, shown).on_hover_ui(|ui| told.whole_ui(ui));
        more_ui(ui, told);
    });
}

const MORE: &str = "more \u{23f7}";

/// What hovering tells, for whoever has no pointer, and to be copied.
fn more_ui(ui: &mut Ui, told: &Told<'_>) {
    let text = RichText::new(MORE).small().color(Colors::of(ui).quiet);
    let button = egui::Button::new(text).small().frame(false);
    // A click into it marks text, and does not close it.
    let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    MenuButton::from_button(button).config(stays).ui(ui, |ui| {
        ui.set_max_width(420.0);
        told.whole_ui(ui);
    });
}

/// How often such maps point at the thing, or what they mean.
fn second_line_ui(ui: &mut Ui, told: &Told<'_>) {
    let font = TextStyle::Small.resolve(ui.style());
    let texts = told.second_line();
    let shown = first_that_fits(ui, &texts, &font, ui.available_width());
    note_ui(ui, shown).on_hover_ui(|ui| told.whole_ui(ui));
}

/// Everything that was read, as it stands under the map on paper.
fn caption_ui(ui: &mut Ui, map: &Heatmap) {
    for field in &map.caption {
        note_ui(ui, &format!("{}: {}", field.name, field.value));
    }
    for note in &map.notes {
        note_ui(ui, note);
    }
}

/// What has no place, and what was left out.
fn in_few(map: &Heatmap) -> String {
    let total = map.values.iter().sum::<f64>() + map.unplaced;
    let part = match (map.reading, map.kind) {
        (Reading::Mass, _) | (Reading::Share, MapKind::ReadBy) if total > 0.0 => {
            map.unplaced / total
        }
        _ => map.unplaced,
    };
    let text = format!("{} has no place", percent(part));
    match map.excluded > 0.0 {
        true => format!("{text}; {} on sinks", percent(map.excluded)),
        false => text,
    }
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

/// What the map is of: in all its words, and by how many there are.
fn subject_texts(cx: &ViewContext<'_>) -> (String, String) {
    let Some(answered) = cx.state.run() else { return (String::new(), String::new()) };
    let quoted = |texts: Vec<&str>, many: &str| {
        let n = texts.len();
        let all = format!("\u{201c}{}\u{201d}", texts.join(" "));
        let few = if n > 1 { format!("{n} {many}") } else { all.clone() };
        (all, few)
    };
    match cx.subject() {
        Subject::Nothing => (String::new(), String::new()),
        Subject::Words(words) => {
            let words = words.iter().filter_map(|i| answered.words.words.get(*i));
            quoted(words.map(|word| word.text.as_str()).collect(), "words")
        }
        Subject::Answer(tokens) => {
            let tokens = tokens.iter().filter_map(|i| answered.token_texts.get(*i));
            quoted(tokens.map(|text| text.trim()).collect(), "tokens")
        }
        Subject::Latents(latents) => {
            let many = if latents.len() == 1 { "latent" } else { "latents" };
            let numbers: Vec<String> = latents.iter().map(usize::to_string).collect();
            let few = format!("{} {many}", numbers.len());
            let all = format!("{many} {}", numbers.join(", "));
            if numbers.len() > 1 { (all, few) } else { (all.clone(), all) }
        }
    }
}
