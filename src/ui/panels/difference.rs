//! Two runs compared in full: their answers under both sides, their maps, how the picture's states
//! move with the question, and what of it can be trusted.

use egui::{Color32, Grid, Id, RichText, ScrollArea, Ui};

use super::picture::{Shown, picture_with_map_ui};
use crate::{
    app::{
        Command, Texels, ViewPart,
        jobs::{ComparedWord, Contrast, LayerShares, Sides, TokenChance},
    },
    domain::{Bucket, Colormap, Curve, Figure},
    ui::{
        context::ViewContext,
        export_window::export_button_ui,
        theme::{self, Colors, bucket_color},
        widgets::{
            BarsLook, PatchField, badge_ui, bars_ui, colorbar_ui, curves_ui, empty_ui, exact_ui,
            logprob_text, note_ui, number, percent,
        },
    },
};

/// Shows the comparison of the chosen run with the one beside it, or the way to it.
pub(crate) fn difference_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let state = cx.state;
    if cx.run_id().is_none() || state.workspace.beside.is_none() {
        empty_ui(
            ui,
            "One run",
            "In the panel Compare, ask the same question under another mask, or put a run beside \
             this one in the list of runs. Then both can be compared in full.",
        );
        return;
    }
    let shown = state.shown_contrast();
    ui.horizontal_wrapped(|ui| {
        let is_busy = state.is_examining();
        let text = if shown.is_some() { "Compare again" } else { "Compare in full" };
        let button = ui.add_enabled(!is_busy, egui::Button::new(text)).on_hover_text(
            "Both answers scored under both sides, both maps on one scale, and how far the picture's \
             states move when the question changes",
        );
        if button.clicked() {
            cx.send(Command::FindContrast);
        }
        if is_busy {
            ui.spinner();
            if ui.button("Cancel").clicked() {
                cx.send(Command::CancelExamining);
            }
        }
        if shown.is_some() {
            export_button_ui(ui, cx, ViewPart::Comparison);
        }
    });
    let Some((number, contrast)) = shown else {
        empty_ui(
            ui,
            "Not compared yet",
            "Two answers side by side are in the panel Compare. In full, each is also scored by the \
             other side; what was found is kept in the session and opens without the model.",
        );
        return;
    };
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        answers_ui(ui, contrast);
        parting_ui(ui, contrast);
        ui.separator();
        map_ui(ui, cx, number);
        ui.separator();
        figures_ui(ui, contrast);
        ui.separator();
        trust_ui(ui, contrast);
    });
}

const NAMES: [&str; 2] = ["left", "right"];

fn both<T>(sides: &Sides<T>) -> [&T; 2] {
    [&sides.left, &sides.right]
}

/// Both answers, differing words marked, and each one's log-probability under both sides.
fn answers_ui(ui: &mut Ui, contrast: &Contrast) {
    let colors = Colors::of(ui);
    let difference = &contrast.difference;
    let logprobs = [&difference.logprob.left_answer, &difference.logprob.right_answer];
    let grid = Grid::new("answers").num_columns(4).striped(true).spacing([14.0, 5.0]);
    grid.show(ui, |ui| {
        for head in ["", "answer", "log-prob. under left", "under right"] {
            ui.label(RichText::new(head).small().color(colors.quiet));
        }
        ui.end_row();
        for (i, side) in both(&contrast.sides).into_iter().enumerate() {
            ui.label(RichText::new(NAMES[i]).color(colors.quiet))
                .on_hover_text(format!("{}:{}", side.model, side.attention));
            ui.horizontal(|ui| words_ui(ui, both(&difference.words)[i]));
            for value in both(logprobs[i]) {
                let told = "teacher-forced, in nats, stop token included";
                if value.is_some() {
                    exact_ui(ui, *value, logprob_text, ("log-probability", told));
                } else {
                    ui.label("not comparable").on_hover_text(told);
                }
            }
            ui.end_row();
        }
    });
    for (i, side) in both(&contrast.sides).into_iter().enumerate() {
        ui.horizontal_wrapped(|ui| {
            note_ui(ui, &format!("{}: {}:{}", NAMES[i], side.model, side.attention));
            if let Some(label) = both(&difference.labels)[i] {
                badge_ui(ui, "out of distribution", colors.warning).on_hover_text(label);
                note_ui(ui, label);
            }
        });
    }
}

/// An answer's words; those that are not in the other answer stand out.
fn words_ui(ui: &mut Ui, words: &[ComparedWord]) {
    let colors = Colors::of(ui);
    ui.spacing_mut().item_spacing.x = 4.0;
    for word in words {
        let color = if word.differs { colors.warning } else { colors.strong };
        let label = ui.label(RichText::new(&word.text).strong().color(color));
        if word.differs {
            label.on_hover_text("not in the other answer");
        }
    }
}

/// Where the answers part, and what else could have stood there.
fn parting_ui(ui: &mut Ui, contrast: &Contrast) {
    let difference = &contrast.difference;
    let Some((at, sides)) = difference.first_differing_token.zip(difference.alternatives.as_ref())
    else {
        note_ui(ui, "The answers' tokens are the same, or cannot be compared.");
        return;
    };
    ui.label(format!("Likeliest at token {}, the first that differs:", at + 1));
    for (i, chances) in both(sides).into_iter().enumerate() {
        ui.horizontal_wrapped(|ui| {
            ui.weak(NAMES[i]);
            for (place, chance) in chances.iter().enumerate() {
                if place > 0 {
                    ui.label("·");
                }
                chance_ui(ui, chance);
            }
        });
    }
}

fn chance_ui(ui: &mut Ui, chance: &TokenChance) {
    ui.label(format!("“{}”", chance.text.trim()));
    let told = format!("from 0 to 1; its log-probability is {} nats", chance.logprob);
    exact_ui(ui, Some(chance.logprob.exp()), percent, ("probability", &told));
}

/// Both maps on one scale, and right less left around zero.
fn map_ui(ui: &mut Ui, cx: &ViewContext<'_>, number_of: usize) {
    let (Some(answered), Some(maps)) = (cx.state.run(), cx.state.finding_maps(number_of)) else {
        return;
    };
    let texels = cx.state.workspace.view.texels;
    let smooth = if texels == Texels::Smooth { "smoothed" } else { "as computed" };
    note_ui(
        ui,
        &format!("Right map less left map, mass of a patch, {smooth}: red is more on the right."),
    );
    if let Err(why) = maps.difference.as_ref() {
        ui.colored_label(Colors::of(ui).warning, why);
        return;
    }
    if maps.far == 0.0 {
        note_ui(ui, "No difference: both maps are the same, number for number.");
        return;
    }
    let far = maps.far;
    let scaled = (std::sync::Arc::clone(&maps.difference), (-far, far));
    let size = egui::vec2(ui.available_width(), (ui.available_width() * 0.7).clamp(150.0, 260.0));
    let shown = Shown {
        id: Id::unique("the difference"),
        picture: &answered.picture,
        patches: Some(PatchField::of(&answered.run)),
        map: Some(&scaled),
        has_tool: false,
        colormap: Colormap::Diverging,
    };
    ui.allocate_ui(size, |ui| picture_with_map_ui(ui, cx, &shown));
    colorbar_ui(ui, &theme::diverging, (-far, far), &number, (Some(0.0), None));
}

fn figures_ui(ui: &mut Ui, contrast: &Contrast) {
    let visuals = ui.visuals().clone();
    if let Figure::Bars(bars) = &contrast.bars {
        let categories = &bars.parts().categories;
        let color = |group: usize, category: usize| {
            let bucket = categories[category].name.parse().unwrap_or(Bucket::Other);
            let color = bucket_color(&visuals, bucket);
            if group == 0 { color.gamma_multiply(0.55) } else { color }
        };
        note_ui(ui, "By bucket: left pale, right full.");
        let look = BarsLook { color: &color, lit: None, chosen: None, told: None };
        bars_ui(ui, bars, &look);
    }
    let colors = Colors::of(ui);
    let sides = [colors.quiet, colors.accent];
    legend_ui(ui, sides);
    if let Figure::Curves(drift) = &contrast.drift {
        let named = drift.parts().curves.iter().zip(sides);
        let curve = |(curve, color): (&Curve, Color32)| {
            (curve.name.clone(), color, curve.points.iter().map(|point| point[1]).collect())
        };
        let curves: Vec<(String, Color32, Vec<f64>)> = named.map(curve).collect();
        curves_ui(ui, ("after layer", "drift of the latents, 0 to 2"), &curves, &|_| false);
        let [first, second] = &contrast.difference.latent_drift_between;
        note_ui(
            ui,
            &format!(
                "How far the picture's states lie apart between “{first}” and “{second}”. 0: they \
                 know nothing of the question."
            ),
        );
    }
    type Of = fn(&LayerShares) -> f64;
    let curves: [(&str, Of); 2] = [
        ("answer's attention on the picture", |layer| layer.answer_on_picture),
        ("entropy of the answer's rows, nats", |layer| layer.answer_entropy),
    ];
    for (name, of) in curves {
        let of_side = |(i, layers): (usize, &Vec<LayerShares>)| {
            (NAMES[i].to_owned(), sides[i], layers.iter().map(of).collect())
        };
        let both = both(&contrast.difference.by_layer).into_iter().enumerate();
        let curves: Vec<(String, Color32, Vec<f64>)> = both.map(of_side).collect();
        curves_ui(ui, ("layer", name), &curves, &|_| false);
    }
}

fn legend_ui(ui: &mut Ui, sides: [Color32; 2]) {
    ui.horizontal(|ui| {
        for (name, color) in NAMES.iter().zip(sides) {
            ui.label(RichText::new("●").color(color));
            ui.label(*name);
        }
    });
}

/// What can be trusted, and what cannot be compared.
fn trust_ui(ui: &mut Ui, contrast: &Contrast) {
    note_ui(ui, &contrast.trust_line);
    for reason in &contrast.difference.not_comparable {
        ui.colored_label(Colors::of(ui).warning, format!("not comparable: {reason}"));
    }
    for warning in &contrast.warnings {
        note_ui(ui, warning);
    }
}
