//! The line at the bottom: what runs, what was recorded, and what a person should know.

use egui::{Align, Layout, RichText, Ui};

use super::{
    context::ViewContext,
    theme::Colors,
    widgets::{busy_ui, note_ui},
};
use crate::{
    app::{Command, JobId, Level, Notice, RunningJob},
    domain::{Precision, Progress, Tower},
};

/// Shows the line.
pub(crate) fn status_bar_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    ui.horizontal(|ui| {
        let Some((id, job)) = cx.state.jobs.iter().next() else {
            facts_ui(ui, cx);
            return;
        };
        let (what, part) = step(job);
        busy_ui(ui, &what, part);
        if let Some(bytes) = job.recorded_bytes {
            note_ui(ui, &format!("recording at most {}", megabytes(bytes)));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            cancel_ui(ui, cx, *id, job);
            let more = cx.state.jobs.len() - 1;
            if more > 0 {
                let text = RichText::new(format!("and {more} more ⏷")).small();
                ui.menu_button(text, |ui| others_ui(ui, cx));
            }
        });
    });
}

/// What waits or runs beside the first.
fn others_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    for (id, job) in cx.state.jobs.iter().skip(1) {
        ui.horizontal(|ui| {
            cancel_ui(ui, cx, *id, job);
            ui.label(step(job).0);
        });
    }
}

/// Stops a piece of work at its next step.
fn cancel_ui(ui: &mut Ui, cx: &ViewContext<'_>, id: JobId, job: &RunningJob) {
    let text = if job.is_stopping() { "stopping…" } else { "Cancel" };
    let button = ui.add_enabled(!job.is_stopping(), egui::Button::new(text).small());
    button.widget_info(|| {
        let name = format!("{text}: {}", job.title);
        egui::WidgetInfo::labeled(egui::Role::Button, !job.is_stopping(), name)
    });
    if button.on_hover_text("Stop at the next step").clicked() {
        cx.send(Command::Cancel(id));
    }
}

fn facts_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(answered) = cx.state.run() else {
        note_ui(ui, "ready");
        return;
    };
    let run = &answered.run;
    let timing = &run.timing;
    let total = timing.vision_secs + timing.prefill_secs + timing.decode_secs;
    let kind = if run.spec.precision == Precision::F32 { "f32" } else { "f16" };
    note_ui(
        ui,
        &format!(
            "{}   ·   {}   ·   {} positions, {} tokens written   ·   {:.0} ms   ·   {} of attention kept ({kind})",
            answered.model,
            answered.device,
            run.prompt.layout.len(),
            run.answer_ids.len(),
            1e3 * total,
            megabytes(run.trace.bytes()),
        ),
    );
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// What a job does now, and how much of that is done.
fn step(job: &RunningJob) -> (String, Option<f32>) {
    match &job.progress {
        Some(Progress::Loading { bytes, total }) if *total > 0 => {
            ("loading weights".to_owned(), Some(*bytes as f32 / *total as f32))
        }
        Some(Progress::Layer { site, of }) if job.text.is_empty() => {
            let verb = match site.tower {
                Tower::Vision => "seeing",
                Tower::Resampler => "resampling",
                Tower::Decoder => "reading",
            };
            (
                format!("{verb}, layer {} of {of}", site.layer + 1),
                Some((site.layer + 1) as f32 / *of as f32),
            )
        }
        Some(Progress::Step { what, done, of }) if *of > 1 => {
            (format!("{what}, {done} of {of}"), Some(*done as f32 / *of as f32))
        }
        Some(Progress::Part { what, done, of }) if *of > 0 => {
            let part = *done as f32 / *of as f32;
            (format!("{}: {what}, {:.0} %", job.title, 100.0 * part), Some(part))
        }
        Some(Progress::Part { what, .. }) => (format!("{}: {what}", job.title), None),
        Some(Progress::Text(_) | Progress::Layer { .. }) => ("writing".to_owned(), None),
        _ => (job.title.clone(), None),
    }
}

/// What a notice offers, from right to left.
fn offers_ui(ui: &mut Ui, cx: &ViewContext<'_>, notice: &Notice) {
    for offer in notice.offers.iter().rev() {
        if ui.small_button(offer.label()).clicked() {
            cx.send(offer.command());
            cx.send(Command::Dismiss(notice.number));
        }
    }
}

/// Shows the notices above the line; each can be copied and taken away.
pub(crate) fn notices_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let colors = Colors::of(ui);
    let skipped = cx.state.notices.len().saturating_sub(4);
    for notice in cx.state.notices.iter().skip(skipped) {
        let (sign, color) = match notice.level {
            Level::Info => ("i", colors.accent),
            Level::Warning => ("!", colors.warning),
            Level::Error => ("×", colors.error),
        };
        ui.horizontal(|ui| {
            ui.label(RichText::new(sign).strong().color(color));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let dismiss = ui.small_button("×").on_hover_text("Take this away");
                dismiss
                    .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Dismiss"));
                if dismiss.clicked() {
                    cx.send(Command::Dismiss(notice.number));
                }
                if ui.small_button("Copy").on_hover_text("Copy this text").clicked() {
                    ui.ctx().copy_text(notice.text.clone());
                }
                offers_ui(ui, cx, notice);
                ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                    ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
                });
            });
        });
    }
    if skipped > 0 {
        note_ui(ui, &format!("and {skipped} earlier"));
    }
}
