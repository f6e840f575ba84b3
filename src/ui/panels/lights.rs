//! What the lines under words say: how strongly each attends to a place of the picture.

use egui::Ui;

use crate::{
    app::{Command, RunId, WordLights},
    domain::{Grid, MapKind},
    ui::{
        context::{Hover, ViewContext},
        widgets::{note_ui, number, percent},
    },
};

/// A place of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Region(usize),
    Patch(usize),
}

/// What the pointer is over, else what is chosen.
fn place(cx: &ViewContext<'_>) -> Option<Place> {
    let chosen = &cx.state.workspace.selection;
    let pointed = match cx.hovered.get() {
        Some(Hover::Patch(patch)) => Some(Place::Patch(patch)),
        _ => None,
    };
    let pointed = cx.hovered.region().map(Place::Region).or(pointed);
    pointed.or(chosen.region.map(Place::Region)).or(chosen.patch.map(Place::Patch))
}

/// How strongly each word attends to a place, if there is one.
pub(super) struct Lights {
    lights: Option<WordLights>,
    /// What a word does there.
    verb: &'static str,
}

impl Lights {
    /// Those of the place that the pointer is over, or that is chosen.
    pub(super) fn of(cx: &ViewContext<'_>, id: RunId) -> Self {
        let lights = place(cx).map(|place| match place {
            Place::Region(region) => cx.state.words_at_region(id, region),
            Place::Patch(patch) => cx.state.words_at(id, patch),
        });
        let is_read = cx.state.workspace.view.word_map == MapKind::ReadBy;
        Self { lights, verb: if is_read { "is read here" } else { "attends here" } }
    }

    /// A word's part of the strongest, 0 to 1.
    pub(super) fn level(&self, word: usize) -> Option<f32> {
        Some(self.lights.as_ref()?.part(word)? as f32)
    }

    /// That in words and numbers.
    pub(super) fn told(&self, word: usize) -> Option<String> {
        let lights = self.lights.as_ref()?;
        let value = lights.values.get(word).copied().flatten()?;
        let part = lights.part(word)?;
        let (verb, reading) = (self.verb, lights.reading);
        Some(format!("{verb}: {reading} {} ({} of the strongest)", number(value), percent(part)))
    }

    /// The end of the name of a word's chip.
    pub(super) fn name(&self, word: usize) -> String {
        self.told(word).map_or_else(String::new, |told| format!(", {told}"))
    }
}

/// Which of two is told by the lines: it is the direction of the map, since both are read together.
fn direction_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    for (kind, text, told) in [
        (MapKind::LooksAt, "each attends to it", "How strongly each word attends to the place (M)"),
        (MapKind::ReadBy, "it attends to each", "How strongly the place attends to each word (M)"),
    ] {
        ui.selectable_value(&mut view.word_map, kind, text).on_hover_text(told);
    }
    if view != *before {
        cx.send(Command::SetView(view));
    }
}

/// Says what place is chosen, and lets go of it.
pub(super) fn lit_by_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let selection = &cx.state.workspace.selection;
    let regions = cx.state.regions.as_ref().map(|regions| regions.set.regions());
    let region = selection.region.and_then(|i| Some(regions?.get(i)?.name()));
    let patch = selection.patch.zip(cx.state.run()).map(|(patch, answered)| {
        let Grid { cols, .. } = answered.run.patches;
        format!("the patch in row {}, column {}", patch / cols.max(1) + 1, patch % cols.max(1) + 1)
    });
    let Some(place) = region.or(patch) else { return };
    note_ui(ui, &format!("Lines under words, for {place}:"));
    direction_ui(ui, cx);
    let button = ui.small_button("×").on_hover_text("Let go of it");
    button.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Let go of {place}"))
    });
    if button.clicked() {
        cx.send(Command::Select(selection.at_place(selection.region, selection.patch)));
    }
}
