//! Regions by words: what each word pays to each thing, or gets from it.

use egui::{Color32, ScrollArea, Ui};

use crate::{
    app::{Command, Subject, ViewPart},
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
        export_button_ui(ui, cx, ViewPart::Entities);
    });
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
