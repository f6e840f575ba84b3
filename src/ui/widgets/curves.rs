//! A curve figure on screen: values over layers, with every number under the pointer.

use egui::{Align2, Color32, FontId, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2};

use super::{
    bars::round_up,
    cell_cursor::{meant_cell, tell_cell},
};
use crate::ui::{theme::Colors, widgets::number};

/// Draws one curve a name over whole numbers from 0; the second of the response is the number that
/// was pressed, with the pointer or, once arrows lead to it, with Enter. `marks` are numbers with a line.
pub(crate) fn curves_ui(
    ui: &mut Ui,
    (x_label, y_label): (&str, &str),
    curves: &[(String, Color32, Vec<f64>)],
    marks: &dyn Fn(usize) -> bool,
) -> (Response, Option<usize>) {
    let colors = Colors::of(ui);
    let height = ui.available_height().clamp(130.0, 260.0);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width().max(160.0), height), Sense::click());
    let n = curves.iter().map(|(_, _, values)| values.len()).max().unwrap_or(0);
    let of = |(name, _, values): &(String, Color32, Vec<f64>)| {
        let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
        format!("{name}: {}", values.join(", "))
    };
    let summary = curves.iter().map(of).collect::<Vec<_>>().join(". ");
    let painter = ui.painter_at(rect);
    let plot =
        Rect::from_min_max(rect.min + Vec2::new(46.0, 20.0), rect.max - Vec2::new(14.0, 30.0));
    let under_pointer = response.hover_pos().filter(|at| n > 0 && plot.contains(*at)).map(|at| {
        let place = (at.x - plot.left()) / plot.width() * n as f32;
        (0, (place as usize).min(n - 1))
    });
    let meant = meant_cell(ui, &response, under_pointer, (1, n));
    let found = meant.cell.map(|(_, i)| i);
    let told = found.filter(|_| response.has_focus()).map(|i| told_of(x_label, curves, i));
    let told = told.map_or(String::new(), |told| format!("; {}", told.replace('\n', ", ")));
    let name = format!("{y_label} by {x_label}. {summary}{told}");
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &name));
    if n == 0 {
        return (response, None);
    }
    let top = round_up(curves.iter().flat_map(|(_, _, v)| v.iter().copied()).fold(0.0, f64::max));
    let x_of = |i: usize| plot.left() + plot.width() * (i as f32 + 0.5) / n as f32;
    let y_of = |value: f64| plot.bottom() - (value / top) as f32 * plot.height();
    let font = FontId::proportional(11.0);
    painter.text(rect.left_top(), Align2::LEFT_TOP, y_label, font.clone(), colors.quiet);
    for i in 0..=4 {
        let value = top * f64::from(i) / 4.0;
        painter.hline(
            plot.x_range(),
            y_of(value),
            Stroke::new(1.0, colors.line.gamma_multiply(0.6)),
        );
        let at = Pos2::new(plot.left() - 6.0, y_of(value));
        painter.text(at, Align2::RIGHT_CENTER, number(value), font.clone(), colors.quiet);
    }
    let every = n.div_ceil((plot.width() / 28.0).max(1.0) as usize).max(1);
    for i in 0..n {
        if marks(i) {
            let half = plot.width() / n as f32 / 2.0;
            let band = Rect::from_x_y_ranges(x_of(i) - half..=x_of(i) + half, plot.y_range());
            painter.rect_filled(band, 0, colors.accent_soft.gamma_multiply(0.7));
        }
        if i % every == 0 {
            let at = Pos2::new(x_of(i), plot.bottom() + 3.0);
            painter.text(at, Align2::CENTER_TOP, i.to_string(), font.clone(), colors.quiet);
        }
    }
    let at = Pos2::new(plot.center().x, rect.bottom());
    painter.text(at, Align2::CENTER_BOTTOM, x_label, font.clone(), colors.quiet);
    for (_, color, values) in curves {
        let points: Vec<Pos2> =
            values.iter().enumerate().map(|(i, v)| Pos2::new(x_of(i), y_of(*v))).collect();
        for point in &points {
            painter.circle_filled(*point, 2.5, *color);
        }
        painter.line(points, Stroke::new(2.0, *color));
    }
    let Some(i) = found else { return (response, None) };
    painter.vline(x_of(i), plot.y_range(), Stroke::new(1.0, colors.quiet));
    let clicked = response.clicked().then_some(i);
    if meant.is_by_keys {
        let place = Rect::from_x_y_ranges(x_of(i)..=x_of(i), plot.y_range());
        let told = told_of(x_label, curves, i);
        return (tell_cell(ui, response, meant, place, told), clicked);
    }
    (response.on_hover_ui_at_pointer(|ui| hover_ui(ui, x_label, curves, i)), clicked)
}

/// The values of all curves at a number.
fn told_of(x_label: &str, curves: &[(String, Color32, Vec<f64>)], i: usize) -> String {
    let values = curves
        .iter()
        .filter_map(|(name, _, values)| values.get(i).map(|value| format!("{name}: {value:.5}")));
    format!("{x_label} {i}: {}", values.collect::<Vec<_>>().join("\n"))
}

fn hover_ui(ui: &mut Ui, x_label: &str, curves: &[(String, Color32, Vec<f64>)], i: usize) {
    ui.strong(format!("{x_label} {i}"));
    for (name, color, values) in curves {
        if let Some(value) = values.get(i) {
            ui.colored_label(*color, format!("{name}: {value:.5}"));
        }
    }
}
