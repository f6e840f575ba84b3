//! Knock-outs: attention taken away from the answer that is looked at, and what became of it.

use egui::{Grid, Id, RichText, ScrollArea, Ui};

use super::{
    knockout_form::knockout_form_ui,
    picture::{Shown, picture_with_map_ui},
};
use crate::{
    app::{
        Command, Finding, FindingMaps, Found, ViewPart,
        jobs::{Answered, KnockoutReport, KnockoutSweepReport, SweepOver},
    },
    domain::{Figure, MatrixFigure},
    ui::{
        context::{Hover, ViewContext},
        export_window::export_button_ui,
        theme::{self, Colors},
        widgets::{
            PatchField, badge_ui, empty_ui, logprob_text, matrix_ui, note_ui, number as number_text,
        },
    },
};

/// From this width on, maps stand beside the numbers instead of below them.
const BESIDE: f32 = 440.0;

/// Shows the choices, what was found before, and what is looked at of it.
pub(crate) fn knockout_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some((id, answered)) = cx.run_id().zip(cx.state.run()) else {
        empty_ui(ui, "No run", "Ask a question first: a knock-out begins with its answer.");
        return;
    };
    knockout_form_ui(ui, cx, answered);
    let all: Vec<(usize, &Found)> = cx.state.causes_of(id).collect();
    let Some((number, found)) = cx.state.shown_cause() else {
        empty_ui(
            ui,
            "Nothing taken away yet",
            "Attention says where a model looked, not what its answer rests on. Take attention away, \
             and see what becomes of the answer.",
        );
        return;
    };
    ui.separator();
    ui.horizontal_wrapped(|ui| {
        for (other, found) in &all {
            let label = ui.selectable_label(*other == number, title(&found.finding));
            if label.on_hover_text("What was found before; kept in the session").clicked() {
                cx.send(Command::ShowFinding(*other));
            }
        }
        export_button_ui(ui, cx, ViewPart::Knockout);
    });
    ScrollArea::both().auto_shrink([false, false]).show(ui, |ui| match found.finding.as_ref() {
        Finding::Knockout(report) => {
            let maps = cx.state.finding_maps(number);
            let width = ui.available_width();
            if width < BESIDE {
                once_ui(ui, cx, answered, report);
                if let Some(maps) = &maps {
                    maps_ui(ui, cx, answered, maps);
                }
                return;
            }
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(0.44 * width);
                    once_ui(ui, cx, answered, report);
                });
                if let Some(maps) = &maps {
                    maps_ui(ui, cx, answered, maps);
                }
            });
        }
        Finding::Sweep(report) => {
            if let Some(table) = cx.state.sweep_table(number) {
                match table.as_ref() {
                    Ok(Figure::Matrix(table)) => sweep_ui(ui, cx, report, table),
                    Ok(_) => {}
                    Err(why) => empty_ui(ui, "No table", why),
                }
            }
        }
        Finding::Contrast(_) => {}
    });
}

/// A finding in a few words, for a list.
fn title(finding: &Finding) -> String {
    match finding {
        Finding::Knockout(report) => {
            let (rows, columns) = (&report.rows.part, &report.columns.part);
            format!("{rows} → {columns}  {:+.3}", report.change)
        }
        Finding::Sweep(report) => {
            format!("sweep of {}: {} → {}", report.over, report.rows, report.columns)
        }
        Finding::Contrast(_) => "comparison".to_owned(),
    }
}

/// The answer before and after, and what became of the first one's tokens.
fn once_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered, report: &KnockoutReport) {
    let colors = Colors::of(ui);
    Grid::new("before and after").num_columns(3).spacing([14.0, 4.0]).show(ui, |ui| {
        for (name, under) in [("before", &report.before), ("after", &report.after)] {
            ui.weak(name);
            ui.label(RichText::new(under.answer.trim()).heading().color(colors.strong));
            let rounded = logprob_text(under.logprob);
            let text = match name {
                "before" => format!("log-probability {rounded}"),
                _ => format!("of the first answer now {rounded}"),
            };
            ui.label(text).on_hover_text(format!("{} nats", under.logprob));
            ui.end_row();
        }
    });
    ui.horizontal_wrapped(|ui| {
        let (text, color) = match report.answer_changed {
            true => ("another answer", colors.warning),
            false => ("the same answer", colors.quiet),
        };
        badge_ui(ui, text, color);
        let change = format!("{:+.3} nats", report.change);
        ui.label(RichText::new(change).heading().color(colors.strong)).on_hover_text(
            "Change of the first answer's log-probability; negative: it needed what was taken away",
        );
        note_ui(
            ui,
            &format!(
                "without {} → {} in {} of its decoder layers; {} pairs closed in each",
                report.rows.part,
                report.columns.part,
                report.layers.len(),
                report.closed_pairs
            ),
        );
    });
    if report.before.logprobs.len() > 1 {
        tokens_ui(ui, cx, answered, report);
    }
}

/// Each token of the first answer, before and after.
fn tokens_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered, report: &KnockoutReport) {
    let both = report.before.logprobs.iter().zip(&report.after.logprobs);
    ui.horizontal_wrapped(|ui| {
        for (i, ((before, after), text)) in both.zip(&answered.token_texts).enumerate() {
            let token = ui.label(format!("{} {:+.3}", text.trim(), after - before));
            let told = format!(
                "token {} of the first answer: log-probability {before:.4} before, {after:.4} after",
                i + 1
            );
            if token.on_hover_text(told).hovered() {
                cx.hovered.set(Hover::Token(i));
            }
        }
    });
}

fn maps_ui(ui: &mut Ui, cx: &ViewContext<'_>, answered: &Answered, maps: &FindingMaps) {
    let side = (ui.available_width() / 2.0 - 6.0).clamp(110.0, 320.0);
    let size = egui::vec2(side, side);
    ui.horizontal(|ui| {
        for (name, map) in [("before", &maps.left), ("after", &maps.right)] {
            ui.vertical(|ui| {
                ui.set_width(size.x);
                let kind = match map.as_ref() {
                    Ok(map) => format!("{name}: {}", map.kind),
                    Err(_) => name.to_owned(),
                };
                let told =
                    format!("Mass, both maps on one scale, from 0 to {}", number_text(maps.top));
                ui.weak(kind).on_hover_text(told);
                if let Err(why) = map.as_ref() {
                    note_ui(ui, why);
                }
                let scaled = (std::sync::Arc::clone(map), (0.0, maps.top));
                let shown = Shown {
                    id: Id::unique("a knock-out's pictures"),
                    picture: &answered.picture,
                    patches: Some(PatchField::of(&answered.run)),
                    map: Some(&scaled),
                    has_tool: false,
                    colormap: cx.state.workspace.view.colormap,
                };
                ui.push_id(name, |ui| {
                    ui.allocate_ui(size, |ui| picture_with_map_ui(ui, cx, &shown))
                });
            });
        }
    });
}

/// The heat table, then each entry beside its control.
fn sweep_ui(ui: &mut Ui, cx: &ViewContext<'_>, report: &KnockoutSweepReport, table: &MatrixFigure) {
    note_ui(
        ui,
        &format!(
            "Change of log-probability of “{}” ({}), in nats, without {} → {}; negative: it needed that.",
            report.answer.trim(),
            logprob_text(report.logprob),
            report.rows,
            report.columns
        ),
    );
    let values = table.parts().values.iter().flatten();
    let far = values.map(|value| value.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let color = |value: f64| theme::diverging(0.5 + 0.5 * value / far);
    let (_, found) = matrix_ui(ui, table, &color, &|_, _| None);
    if let Some((row, _)) = found.filter(|_| report.over == SweepOver::Words) {
        cx.hovered.set(Hover::Word(row));
    }
    ui.add_space(6.0);
    controls_ui(ui, report);
    for note in &table.parts().notes {
        note_ui(ui, note);
    }
}

fn controls_ui(ui: &mut Ui, report: &KnockoutSweepReport) {
    let colors = Colors::of(ui);
    Grid::new("control").striped(true).num_columns(5).spacing([14.0, 3.0]).show(ui, |ui| {
        for head in ["", "change", "control (lowest to highest)", "rank", "answer then"] {
            ui.label(RichText::new(head).small().color(colors.quiet));
        }
        ui.end_row();
        for entry in &report.entries {
            ui.label(&entry.label);
            ui.label(entry.change.map_or("closed".to_owned(), |change| format!("{change:+.3}")));
            if let Some(control) = &entry.control {
                    let range = format!("{:+.3} ({:+.2} to {:+.2})", control.mean, control.low, control.high);
                    ui.label(range).on_hover_text(format!(
                        "{} random sets of {}, seed {}",
                        control.draws, report.control_pool, report.seed
                    ));
                    ui.label(format!("{:.2}", control.rank)).on_hover_text(
                        "(1 + draws that hurt at least as much) / (1 + draws): small where this matters \
                         more than its number of positions",
                    );
            } else {
                    ui.weak("none");
                    ui.weak("–");
            }
            match entry.answer_changed {
                true => ui.colored_label(colors.warning, entry.answer.trim()),
                false => ui.weak("the same"),
            };
            ui.end_row();
        }
    });
}
