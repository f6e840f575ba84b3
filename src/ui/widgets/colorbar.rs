//! The scale of a map: colors from its least to its largest value.

use egui::{
    Align2, Color32, FontId, Mesh, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
};

use crate::ui::theme::Colors;

/// Draws a scale with its ends, a notch at the value that says nothing, if there is one, and a mark at
/// the value under the pointer.
pub(crate) fn colorbar_ui(
    ui: &mut Ui,
    color: &dyn Fn(f64) -> Color32,
    (low, high): (f64, f64),
    format: &dyn Fn(f64) -> String,
    (neutral, mark): (Option<f64>, Option<f64>),
) -> Response {
    let colors = Colors::of(ui);
    let width = ui.available_width().clamp(120.0, 260.0);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 30.0), Sense::hover());
    let (from, to) = (format(low), format(high));
    response.widget_info(|| {
        let here = mark.map_or_else(String::new, |value| format!(", here {}", format(value)));
        egui::WidgetInfo::labeled(Role::Image, true, format!("scale from {from} to {to}{here}"))
    });
    let bar = Rect::from_min_size(rect.min + Vec2::new(0.0, 3.0), Vec2::new(rect.width(), 9.0));
    let mut mesh = Mesh::default();
    const STEPS: u16 = 32;
    for i in 0..=STEPS {
        let t = f32::from(i) / f32::from(STEPS);
        let x = egui::lerp(bar.x_range(), t);
        mesh.colored_vertex(egui::pos2(x, bar.top()), color(f64::from(t)));
        mesh.colored_vertex(egui::pos2(x, bar.bottom()), color(f64::from(t)));
        if i > 0 {
            let n = u32::from(i) * 2;
            mesh.add_triangle(n - 2, n - 1, n);
            mesh.add_triangle(n - 1, n, n + 1);
        }
    }
    let painter = ui.painter();
    painter.add(mesh);
    painter.rect_stroke(bar, 0, Stroke::new(1.0, colors.line), StrokeKind::Outside);
    let font = FontId::proportional(11.0);
    painter.text(rect.left_bottom(), Align2::LEFT_BOTTOM, from, font.clone(), colors.quiet);
    painter.text(rect.right_bottom(), Align2::RIGHT_BOTTOM, to, font.clone(), colors.quiet);
    if let Some(value) = neutral.filter(|value| low < *value && *value < high) {
        let x = egui::lerp(bar.x_range(), ((value - low) / (high - low)) as f32);
        painter.vline(x, bar.top()..=(bar.bottom() + 4.0), Stroke::new(1.0, colors.strong));
        // Between the numbers at the ends there is room for one more.
        let is_free = (bar.left() + 40.0..=bar.right() - 40.0).contains(&x) && mark.is_none();
        if is_free {
            let at = egui::pos2(x, rect.bottom());
            painter.text(at, Align2::CENTER_BOTTOM, format(value), font.clone(), colors.quiet);
        }
    }
    if let Some(value) = mark.filter(|_| high > low) {
        let t = (((value - low) / (high - low)) as f32).clamp(0.0, 1.0);
        let x = egui::lerp(bar.x_range(), t);
        painter.vline(x, (bar.top() - 3.0)..=(bar.bottom() + 3.0), Stroke::new(2.0, colors.strong));
        painter.text(
            egui::pos2(rect.center().x, rect.bottom()),
            Align2::CENTER_BOTTOM,
            format(value),
            font,
            colors.strong,
        );
    }
    response
}
