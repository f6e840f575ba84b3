//! A bar figure on screen: the same value that goes to paper, with every number under the pointer.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2};

use crate::{
    domain::{Bar, BarFigure},
    ui::{theme::Colors, widgets::number},
};

/// Draws a figure. `color` gives the color of a group's bar in a category, both counted from 0.
/// The response says which category was pressed, by `clicked`.
pub(crate) fn bars_ui(
    ui: &mut Ui,
    figure: &BarFigure,
    color: &dyn Fn(usize, usize) -> Color32,
    lit: Option<usize>,
) -> (Response, Option<usize>) {
    let parts = figure.parts();
    let colors = Colors::of(ui);
    let height = (ui.available_height() - 8.0).clamp(140.0, 300.0);
    let size = Vec2::new(ui.available_width().max(160.0), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let summary = spoken(figure);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &summary));
    let painter = ui.painter_at(rect);
    let plot =
        Rect::from_min_max(rect.min + Vec2::new(46.0, 22.0), rect.max - Vec2::new(8.0, 40.0));
    let top = nice_top(figure);
    let y_of = |value: f64| plot.bottom() - (value / top) as f32 * plot.height();
    let label = FontId::proportional(11.0);
    painter.text(
        rect.left_top(),
        Align2::LEFT_TOP,
        &parts.value_label,
        label.clone(),
        colors.quiet,
    );
    for i in 0..=4 {
        let value = top * f64::from(i) / 4.0;
        let y = y_of(value);
        painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line.gamma_multiply(0.6)));
        let at = Pos2::new(plot.left() - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, number(value), label.clone(), colors.quiet);
    }
    let step = plot.width() / parts.categories.len() as f32;
    let n_groups = parts.groups.len() as f32;
    let width = (step * 0.72 / n_groups).min(46.0);
    let hovered = response.hover_pos().filter(|at| rect.contains(*at)).map(|at| {
        (((at.x - plot.left()) / step).max(0.0) as usize).min(parts.categories.len() - 1)
    });
    for (c, category) in parts.categories.iter().enumerate() {
        let middle = plot.left() + step * (c as f32 + 0.5);
        let column =
            Rect::from_x_y_ranges(middle - step / 2.0..=middle + step / 2.0, plot.y_range());
        if hovered == Some(c) || lit == Some(c) {
            painter.rect_filled(column, 3, colors.raised.gamma_multiply(0.45));
        }
        for (g, group) in parts.groups.iter().enumerate() {
            let left = middle + (g as f32 - n_groups / 2.0) * width;
            let slot = (left + 1.0, left + width - 1.0);
            paint_bar(&painter, &group.bars[c], slot, &y_of, color(g, c), &colors);
        }
        paint_name(&painter, &category.name, Pos2::new(middle, plot.bottom() + 5.0), step, &colors);
    }
    if let Some(line) = &parts.reference {
        let y = y_of(line.value);
        let dash = Stroke::new(1.0, colors.text);
        let ends = [Pos2::new(plot.left(), y), Pos2::new(plot.right(), y)];
        painter.extend(egui::Shape::dashed_line(&ends, dash, 5.0, 4.0));
        let at = Pos2::new(plot.right(), y - 2.0);
        painter.text(at, Align2::RIGHT_BOTTOM, &line.label, label, colors.text);
    }
    let clicked = hovered.filter(|_| response.clicked());
    let response = match hovered {
        Some(c) => response.on_hover_ui_at_pointer(|ui| hover_ui(ui, figure, c)),
        None => response,
    };
    (response, clicked)
}

fn paint_bar(
    painter: &Painter,
    bar: &Bar,
    (left, right): (f32, f32),
    y_of: &dyn Fn(f64) -> f32,
    color: Color32,
    colors: &Colors,
) {
    let middle = f32::midpoint(left, right);
    let floor = y_of(0.0);
    let text = |y, text: &str| {
        let at = Pos2::new(middle, y);
        painter.text(at, Align2::CENTER_BOTTOM, text, FontId::proportional(11.0), colors.text);
    };
    match bar.value {
        _ if bar.by_construction => {
            let mark = Rect::from_x_y_ranges(left..=right, floor - 3.0..=floor);
            painter.rect_stroke(mark, 1, Stroke::new(1.0, color), egui::StrokeKind::Inside);
            text(floor - 5.0, "closed");
        }
        None => text(floor - 2.0, "–"),
        Some(value) => {
            let y = y_of(value);
            let body = Rect::from_x_y_ranges(left..=right, y.min(floor - 1.0)..=floor);
            painter.rect_filled(body, 2, color);
            if right - left > 24.0 {
                text(y - 2.0, &number(value));
            }
        }
    }
    if let Some(interval) = bar.interval {
        let range = y_of(interval.high)..=y_of(interval.low);
        painter.vline(middle, range, Stroke::new(1.5, colors.strong));
    }
}

/// A category's name, turned smaller until it has room.
fn paint_name(painter: &Painter, name: &str, at: Pos2, room: f32, colors: &Colors) {
    let lay =
        |size| painter.layout_no_wrap(name.to_owned(), FontId::proportional(size), colors.text);
    let fits = [12.0, 11.0, 10.0].into_iter().map(lay).find(|g| g.size().x <= room - 2.0);
    let galley = fits.unwrap_or_else(|| {
        painter.layout(name.to_owned(), FontId::proportional(9.5), colors.text, room)
    });
    let left = at.x - galley.size().x / 2.0;
    painter.galley(Pos2::new(left, at.y), galley, colors.text);
}

fn hover_ui(ui: &mut Ui, figure: &BarFigure, category: usize) {
    let parts = figure.parts();
    ui.strong(&parts.categories[category].name);
    for group in &parts.groups {
        let bar = group.bars[category];
        let value = match bar.value {
            _ if bar.by_construction => "closed by the mask: zero by construction".to_owned(),
            Some(value) => format!("{value:.5}"),
            None => "not defined".to_owned(),
        };
        ui.label(format!("{}: {value}", group.name));
    }
    ui.weak(&parts.value_label);
}

/// All numbers in a sentence, for screen readers.
fn spoken(figure: &BarFigure) -> String {
    let parts = figure.parts();
    let of_group = |group: &crate::domain::BarGroup| {
        let named = parts.categories.iter().zip(&group.bars);
        let bars = named.map(|(category, bar)| match bar.value {
            Some(value) => format!("{} {}", category.name, number(value)),
            None => format!("{} none", category.name),
        });
        format!("{}: {}", group.name, bars.collect::<Vec<_>>().join(", "))
    };
    let groups: Vec<String> = parts.groups.iter().map(of_group).collect();
    format!("{}. {}", parts.value_label, groups.join(". "))
}

/// A round number at or above everything that is drawn.
fn nice_top(figure: &BarFigure) -> f64 {
    let parts = figure.parts();
    let bars = parts.groups.iter().flat_map(|group| &group.bars);
    let values = bars.flat_map(|bar| bar.value.into_iter().chain(bar.interval.map(|i| i.high)));
    let most = values.chain(parts.reference.iter().map(|line| line.value)).fold(0.0, f64::max);
    round_up(most * 1.08)
}

/// The next of 1, 1.5, 2, 3, 4, 5, 6, 8, 10 times a power of ten.
pub(super) fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let found = steps.into_iter().find(|step| step * power >= value);
    found.unwrap_or(10.0) * power
}
