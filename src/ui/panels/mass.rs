//! What the answer's rows pay to each part of the sequence, layer by layer.

use egui::{Color32, RichText, Ui};

use crate::{
    app::{Command, Subject, ViewPart},
    domain::{Bucket, Choice, Segment},
    ui::{
        context::ViewContext,
        export_window::export_button_ui,
        theme::{Colors, bucket_color},
        widgets::{curves_ui, empty_ui, note_ui},
    },
};

/// Shows one curve a segment; a click reads that layer alone.
pub(crate) fn mass_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(id) = cx.run_id() else {
        empty_ui(
            ui,
            "No run",
            "Ask a question: where its answer looks, layer by layer, is drawn here.",
        );
        return;
    };
    let Some(segments) = cx.state.mass_by_segment(id) else { return };
    let segments = match segments.as_ref() {
        Ok(segments) => segments,
        Err(why) => {
            empty_ui(ui, "No curves", why);
            return;
        }
    };
    let colors = Colors::of(ui);
    let visuals = ui.visuals().clone();
    let of = |segment: Segment| -> (&str, Color32) {
        match segment {
            Segment::Prelude => ("system text", colors.quiet),
            Segment::Image => ("picture", colors.accent),
            Segment::Question => ("question", bucket_color(&visuals, Bucket::Objects)),
            Segment::Cue => ("template", bucket_color(&visuals, Bucket::Template)),
            Segment::Answer => ("answer", bucket_color(&visuals, Bucket::Attributes)),
        }
    };
    let what = match &cx.state.workspace.selection.subject {
        Subject::Answer(tokens) if tokens.len() == 1 => "the chosen token of the answer",
        Subject::Answer(_) => "the chosen tokens of the answer",
        _ => "all tokens of the answer",
    };
    ui.horizontal_wrapped(|ui| {
        for (segment, _) in segments {
            let (name, color) = of(*segment);
            ui.label(RichText::new("●").color(color));
            ui.label(name);
        }
        export_button_ui(ui, cx, ViewPart::ByLayer);
    });
    let curves: Vec<(String, Color32, Vec<f64>)> = segments
        .iter()
        .map(|(segment, values)| {
            let (name, color) = of(*segment);
            (name.to_owned(), color, values.clone())
        })
        .collect();
    let chosen = cx.state.workspace.selection.layers.clone();
    let is_marked = |layer: usize| chosen != Choice::All && chosen.contains(layer);
    let (_, clicked) = curves_ui(ui, ("layer", "share of the row"), &curves, &is_marked);
    if let Some(layer) = clicked {
        let mut selection = cx.state.workspace.selection.clone();
        let only = Choice::Only(vec![layer]);
        selection.layers = if selection.layers == only { Choice::All } else { only };
        cx.send(Command::Select(selection));
    }
    note_ui(
        ui,
        &format!(
            "Rows while choosing {what}; mean over the chosen heads. The parts of a row sum to 1."
        ),
    );
}
