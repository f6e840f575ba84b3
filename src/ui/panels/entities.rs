//! Regions by words: what each word pays to each thing, or gets from it.

use egui::{Color32, ScrollArea, Ui};

use crate::{
    app::{Command, Subject, ViewPart, jobs::EntityReading},
    domain::{Colormap, MatrixFigure},
    ui::{
        context::{Hover, ViewContext},
        export_window::export_button_ui,
        theme,
        widgets::{empty_ui, matrix_ui, note_ui},
    },
};

/// Shows the matrix; a click chooses the word and the region.
pub(crate) fn entities_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(id) = cx.run_id() else {
        empty_ui(
            ui,
            "No run",
            "Ask a question: its words by the picture's regions are drawn here.",
        );
        return;
    };
    let Some(matrix) = cx.state.entity_matrix(id) else {
        empty_ui(ui, "No regions", "Import or draw regions: each becomes a row.");
        return;
    };
    let (figure, words) = match matrix.as_ref() {
        Ok(matrix) => (&matrix.figure, &matrix.words),
        Err(why) => {
            empty_ui(ui, "No matrix", why);
            return;
        }
    };
    let parts = figure.parts();
    ui.horizontal_wrapped(|ui| {
        ui.label(&parts.value_label);
        reading_ui(ui, cx);
        export_button_ui(ui, cx, ViewPart::Entities);
    });
    note_ui(ui, cx.state.workspace.view.reading_of_regions().meaning());
    ScrollArea::both().auto_shrink([false, false]).show(ui, |ui| {
        let hint = |_, _| Some("a click chooses both".to_owned());
        let color = colors_of_values(figure);
        let (response, found) = matrix_ui(ui, figure, &color, &hint);
        let found = found.and_then(|(row, column)| Some((row, *words.get(column)?)));
        if let Some((row, word)) = found {
            cx.hovered.set(Hover::Word(word));
            if response.clicked() {
                let mut selection = cx.state.workspace.selection.clone();
                (selection.region, selection.subject) = (Some(row), Subject::word(word));
                cx.send(Command::Select(selection));
            }
        }
        for note in &parts.notes {
            note_ui(ui, note);
        }
    });
}

/// How a cell is read: as maps are, or as one of its own readings.
fn reading_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    for reading in REGION_READINGS {
        let told = region_reading(reading);
        let name = told.split(':').next().unwrap_or_default();
        ui.selectable_value(&mut view.region_reading, reading, name).on_hover_text(told);
    }
    if view != *before {
        cx.send(Command::SetView(view));
    }
}

/// How regions by words can be read.
pub(crate) const REGION_READINGS: [Option<EntityReading>; 4] =
    [None, Some(EntityReading::Mass), Some(EntityReading::Density), Some(EntityReading::Lift)];

/// One line of what a reading of regions by words means; before the colon stands its name.
pub(crate) fn region_reading(reading: Option<EntityReading>) -> &'static str {
    reading
        .map_or("as maps: mass where maps are read as mass, otherwise lift", EntityReading::meaning)
}

/// The color of each value of a matrix. Around a middle: as far below as above, by ratio. Else from 0 to the
/// largest value. The scale is found once, and not for each of some thousand cells.
pub(super) fn colors_of_values(figure: &MatrixFigure) -> impl Fn(f64) -> Color32 + use<> {
    let parts = figure.parts();
    let values = || parts.values.iter().flatten().copied();
    let center = parts.center.filter(|center| *center > 0.0);
    let away = move |value: f64| center.map(|center| (value.max(1e-6) / center).log2());
    let far = values().filter_map(away).map(f64::abs).fold(1.0, f64::max).min(4.0);
    let top = values().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    move |value| match away(value) {
        Some(away) => theme::diverging(0.5 + 0.5 * away / far),
        None => theme::heat(Colormap::Inferno, value / top),
    }
}
