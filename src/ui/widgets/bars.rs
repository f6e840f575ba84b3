//! A bar figure on screen: the same value that goes to paper, with every number under the pointer.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2};

use super::cell_cursor::{meant_cell, tell_cell};
use crate::{
    domain::{Bar, BarFigure, ReferenceLine},
    ui::{theme::Colors, widgets::number},
};

/// How a figure is drawn, and what of it can be pressed.
pub(crate) struct BarsLook<'a> {
    /// The color of a group's bar in a category, both counted from 0.
    pub(crate) color: &'a dyn Fn(usize, usize) -> Color32,
    /// A category that something else speaks of.
    pub(crate) lit: Option<usize>,
    /// The bar that is chosen: its group and its category.
    pub(crate) chosen: Option<(usize, usize)>,
    /// What pressing a bar does, where each is pressed by itself.
    pub(crate) told: Option<&'a dyn Fn(usize, usize) -> String>,
}

/// Draws a figure. The second of the result is what was pressed: a group's bar where bars are pressed
/// by themselves, else a category, as the bar of its first group.
pub(crate) fn bars_ui(
    ui: &mut Ui,
    figure: &BarFigure,
    look: &BarsLook<'_>,
) -> (Response, Option<(usize, usize)>) {
    let parts = figure.parts();
    let colors = Colors::of(ui);
    let height = (ui.available_height() - 8.0).clamp(120.0, 300.0);
    let size = Vec2::new(ui.available_width().max(160.0), height);
    // Where bars are pressed by themselves, the figure as a whole is no stop on the way of Tab.
    let sense = if look.told.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let plot =
        Rect::from_min_max(rect.min + Vec2::new(46.0, 22.0), rect.max - Vec2::new(8.0, 40.0));
    let axis = Axis { plot, top: nice_top(figure) };
    paint_axis(&ui.painter_at(rect), rect, &axis, &parts.value_label, &colors);
    let step = plot.width() / parts.categories.len() as f32;
    let n_groups = parts.groups.len() as f32;
    let width = (step * 0.72 / n_groups).min(46.0);
    let middle = |c: usize| plot.left() + step * (c as f32 + 0.5);
    let slot = |g: usize, c: usize| {
        let left = middle(c) + (g as f32 - n_groups / 2.0) * width;
        Rect::from_x_y_ranges(left..=left + width, plot.y_range())
    };
    let category_at = |at: Pos2| {
        (((at.x - plot.left()) / step).max(0.0) as usize).min(parts.categories.len() - 1)
    };
    let pressed = look.told.map(|told| press_bars(ui, figure, &slot, told));
    let under_pointer = response.hover_pos().filter(|at| rect.contains(*at)).map(category_at);
    let under_pointer = under_pointer.map(|c| (0, c));
    let meant = meant_cell(ui, &response, under_pointer, (1, parts.categories.len()));
    let told = meant.cell.filter(|_| response.has_focus()).map(|(_, c)| told_of(figure, c));
    let told = told.map_or(String::new(), |told| format!(". {}", told.replace('\n', ", ")));
    let summary = format!("{}{told}", spoken(figure));
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &summary));
    let pointer = meant.cell.map(|(_, c)| c);
    let hovered = pressed.as_ref().and_then(|found| found.hovered).or(pointer);
    let painter = ui.painter_at(rect);
    for (c, category) in parts.categories.iter().enumerate() {
        let column =
            Rect::from_x_y_ranges(middle(c) - step / 2.0..=middle(c) + step / 2.0, plot.y_range());
        if hovered == Some(c) || look.lit == Some(c) {
            painter.rect_filled(column, 3, colors.raised.gamma_multiply(0.45));
        }
        for (g, group) in parts.groups.iter().enumerate() {
            let place = slot(g, c);
            if look.chosen == Some((g, c)) {
                painter.rect_filled(place, 2, colors.accent_soft);
                let line = Stroke::new(1.5, colors.accent);
                painter.rect_stroke(place, 2, line, egui::StrokeKind::Inside);
            }
            let ends = (place.left() + 1.0, place.right() - 1.0);
            paint_bar(&painter, &group.bars[c], ends, &axis, (look.color)(g, c), &colors);
        }
        let at = Pos2::new(middle(c), plot.bottom() + 5.0);
        paint_name(&painter, &category.name, at, step, &colors);
    }
    if let Some(line) = &parts.reference {
        paint_reference(&painter, rect, &axis, line, &colors);
    }
    let clicked = match &pressed {
        Some(found) => found.clicked,
        None => pointer.filter(|_| response.clicked()).map(|c| (0, c)),
    };
    let response = match pointer {
        Some(c) if meant.is_by_keys => {
            let place = Rect::from_x_y_ranges(middle(c)..=middle(c), plot.y_range());
            tell_cell(ui, response, meant, place, told_of(figure, c))
        }
        Some(c) => response.on_hover_ui_at_pointer(|ui| hover_ui(ui, figure, c)),
        None => response,
    };
    (response, clicked)
}

/// What is under the pointer of bars that are pressed by themselves.
struct Pressed {
    hovered: Option<usize>,
    clicked: Option<(usize, usize)>,
}

/// Makes a button of each bar's place, from the floor to the top, so that low bars are pressed as
/// easily as high ones, and without a pointer.
fn press_bars(
    ui: &Ui,
    figure: &BarFigure,
    slot: &dyn Fn(usize, usize) -> Rect,
    told: &dyn Fn(usize, usize) -> String,
) -> Pressed {
    let parts = figure.parts();
    let mut found = Pressed { hovered: None, clicked: None };
    let accent = Colors::of(ui).accent;
    for c in 0..parts.categories.len() {
        for g in 0..parts.groups.len() {
            let place = slot(g, c);
            let response = ui.interact(place, ui.scope_id().with(("bar", g, c)), Sense::click());
            let name = told(g, c);
            response.widget_info(|| egui::WidgetInfo::labeled(Role::Button, true, &name));
            if response.hovered() || response.has_focus() {
                found.hovered = Some(c);
            }
            if response.has_focus() {
                let line = Stroke::new(1.0, accent);
                ui.painter().rect_stroke(place, 2, line, egui::StrokeKind::Outside);
            }
            if response.clicked() {
                found.clicked = Some((g, c));
            }
            response.on_hover_ui_at_pointer(|ui| {
                hover_ui(ui, figure, c);
                ui.weak(&name);
            });
        }
    }
    found
}

/// Where values stand in the plot.
struct Axis {
    plot: Rect,
    /// The value at the top; 0 is at the floor.
    top: f64,
}

impl Axis {
    fn y_of(&self, value: f64) -> f32 {
        self.plot.bottom() - (value / self.top) as f32 * self.plot.height()
    }
}

fn paint_axis(painter: &Painter, rect: Rect, axis: &Axis, label: &str, colors: &Colors) {
    let font = FontId::proportional(11.0);
    painter.text(rect.left_top(), Align2::LEFT_TOP, label, font.clone(), colors.quiet);
    for i in 0..=4 {
        let value = axis.top * f64::from(i) / 4.0;
        let y = axis.y_of(value);
        let line = Stroke::new(1.0, colors.line.gamma_multiply(0.6));
        painter.hline(axis.plot.x_range(), y, line);
        let at = Pos2::new(axis.plot.left() - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, number(value), font.clone(), colors.quiet);
    }
}

/// The line, and above the plot, where no bar's number stands, what it means.
fn paint_reference(
    painter: &Painter,
    rect: Rect,
    axis: &Axis,
    line: &ReferenceLine,
    colors: &Colors,
) {
    let dashed = |from: Pos2, to: Pos2| {
        let dash = Stroke::new(1.0, colors.text);
        painter.extend(egui::Shape::dashed_line(&[from, to], dash, 5.0, 4.0));
    };
    let y = axis.y_of(line.value);
    dashed(Pos2::new(axis.plot.left(), y), Pos2::new(axis.plot.right(), y));
    let at = Pos2::new(axis.plot.right(), rect.top());
    let font = FontId::proportional(11.0);
    let text = painter.text(at, Align2::RIGHT_TOP, &line.label, font, colors.quiet);
    let key = text.left_center() - Vec2::new(6.0, 0.0);
    dashed(key - Vec2::new(23.0, 0.0), key);
}

fn paint_bar(
    painter: &Painter,
    bar: &Bar,
    (left, right): (f32, f32),
    axis: &Axis,
    color: Color32,
    colors: &Colors,
) {
    let middle = f32::midpoint(left, right);
    let floor = axis.y_of(0.0);
    let text = |y, text: &str| {
        let at = Pos2::new(middle, y);
        painter.text(at, Align2::CENTER_BOTTOM, text, FontId::proportional(11.0), colors.text);
    };
    match bar.value {
        _ if bar.by_construction => {
            let mark = Rect::from_x_y_ranges(left..=right, floor - 3.0..=floor);
            painter.rect_stroke(mark, 1, Stroke::new(1.0, color), egui::StrokeKind::Inside);
            if right - left > 32.0 {
                text(floor - 5.0, "closed");
            }
        }
        None => text(floor - 2.0, "–"),
        Some(value) => {
            let y = axis.y_of(value);
            let body = Rect::from_x_y_ranges(left..=right, y.min(floor - 1.0)..=floor);
            painter.rect_filled(body, 2, color);
            if right - left > 24.0 {
                text(y - 2.0, &number(value));
            }
        }
    }
    if let Some(interval) = bar.interval {
        let range = axis.y_of(interval.high)..=axis.y_of(interval.low);
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
    for line in lines_of(figure, category) {
        ui.label(line);
    }
    ui.weak(&parts.value_label);
}

/// Everything about a category.
fn told_of(figure: &BarFigure, category: usize) -> String {
    let parts = figure.parts();
    let lines: Vec<String> = lines_of(figure, category).collect();
    format!("{}\n{}\n{}", parts.categories[category].name, lines.join("\n"), parts.value_label)
}

/// The value of each group in a category.
fn lines_of(figure: &BarFigure, category: usize) -> impl Iterator<Item = String> {
    figure.parts().groups.iter().map(move |group| {
        let bar = group.bars[category];
        let value = match bar.value {
            _ if bar.by_construction => "closed by the mask: zero by construction".to_owned(),
            Some(value) => format!("{value:.5}"),
            None => "not defined".to_owned(),
        };
        format!("{}: {value}{}", group.name, of_many_runs(&bar))
    })
}

/// How sure a mean over several runs is; nothing of a single run.
fn of_many_runs(bar: &Bar) -> String {
    if bar.n < 2 {
        return String::new();
    }
    let interval = bar.interval.map(|i| format!("  [{:.5}, {:.5}]", i.low, i.high));
    let pooled = bar.pooled.filter(|_| !bar.by_construction);
    let pooled = pooled.map(|pooled| format!(", pooled {pooled:.5}"));
    let (interval, pooled) = (interval.unwrap_or_default(), pooled.unwrap_or_default());
    format!("{interval}, n = {}{pooled}", bar.n)
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
