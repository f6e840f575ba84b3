//! Layers by heads as a grid of small maps: one texture and one quad, however many there are.

use egui::{
    Align2, Color32, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, TextureId, Ui, Vec2,
};

use super::cell_cursor::{meant_cell, tell_cell};
use crate::ui::theme::Colors;

/// What to show: a texture in which the maps lie in rows of layers and columns of heads.
pub(crate) struct HeadGrid<'a> {
    /// All maps in one texture.
    pub(crate) texture: TextureId,
    /// The layers' numbers, top to bottom.
    pub(crate) layers: &'a [usize],
    /// The heads' numbers, left to right.
    pub(crate) heads: &'a [usize],
    /// Whether a layer is chosen.
    pub(crate) has_layer: &'a dyn Fn(usize) -> bool,
    /// Whether a head is chosen.
    pub(crate) has_head: &'a dyn Fn(usize) -> bool,
    /// What the pointer is told of a layer and a head.
    pub(crate) tell: &'a dyn Fn(usize, usize) -> String,
}

/// Draws the grid; returns the layer and head under the pointer, or those that arrows lead to. A click may
/// be Enter.
pub(crate) fn head_grid_ui(ui: &mut Ui, grid: &HeadGrid<'_>) -> (Response, Option<(usize, usize)>) {
    let colors = Colors::of(ui);
    let (n_layers, n_heads) = (grid.layers.len(), grid.heads.len());
    let margin = Vec2::new(28.0, 18.0);
    let space = ui.available_size() - margin - Vec2::splat(4.0);
    let cell = (space.x / n_heads as f32).min(space.y / n_layers as f32).clamp(4.0, 200.0).floor();
    let size = Vec2::new(cell * n_heads as f32, cell * n_layers as f32);
    let (rect, response) = ui.allocate_exact_size(size + margin, Sense::click());
    let maps = Rect::from_min_size(rect.min + margin, size);
    let under_pointer = response.hover_pos().filter(|at| maps.contains(*at)).map(|at| {
        let place = (at - maps.min) / cell;
        ((place.y as usize).min(n_layers - 1), (place.x as usize).min(n_heads - 1))
    });
    let meant = meant_cell(ui, &response, under_pointer, (n_layers, n_heads));
    let told = meant.cell.map(|(l, h)| (grid.tell)(grid.layers[l], grid.heads[h]));
    // Asked here: egui is locked while it takes in what a widget is.
    let has_keyboard = response.has_focus();
    response.widget_info(|| {
        let cell = told.as_ref().filter(|_| has_keyboard);
        let cell = cell.map_or(String::new(), |told| format!("; {}", told.replace('\n', ", ")));
        let name = format!("{n_layers} layers by {n_heads} heads, a small map each{cell}");
        egui::WidgetInfo::labeled(Role::Grid, true, name)
    });
    let painter = ui.painter().clone();
    let all = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    // What was not made yet is no color of any map.
    painter.rect_filled(maps, 0, colors.control);
    painter.image(grid.texture, maps, all, Color32::WHITE);
    let font = FontId::proportional(10.5);
    let gap = Stroke::new((cell / 12.0).clamp(0.5, 2.0), colors.panel);
    // Names that would lie over each other are left out.
    let every = |room: f32| (room / cell).ceil().max(1.0) as usize;
    for (h, head) in grid.heads.iter().enumerate() {
        let x = maps.left() + cell * h as f32;
        painter.vline(x, maps.y_range(), gap);
        if h % every(24.0) == 0 {
            let ink = if (grid.has_head)(*head) { colors.strong } else { colors.quiet };
            let at = egui::pos2(x + cell / 2.0, maps.top() - 3.0);
            painter.text(at, Align2::CENTER_BOTTOM, format!("H{head}"), font.clone(), ink);
        }
    }
    for (l, layer) in grid.layers.iter().enumerate() {
        let y = maps.top() + cell * l as f32;
        painter.hline(maps.x_range(), y, gap);
        if l % every(12.0) == 0 {
            let ink = if (grid.has_layer)(*layer) { colors.strong } else { colors.quiet };
            let at = egui::pos2(maps.left() - 5.0, y + cell / 2.0);
            painter.text(at, Align2::RIGHT_CENTER, format!("L{layer}"), font.clone(), ink);
        }
    }
    painter.vline(maps.right(), maps.y_range(), gap);
    painter.hline(maps.x_range(), maps.bottom(), gap);
    let cell_rect = |l: usize, h: usize| {
        let at = Vec2::new(h as f32, l as f32) * cell;
        Rect::from_min_size(maps.min + at, Vec2::splat(cell)).shrink(0.5)
    };
    for (l, layer) in grid.layers.iter().enumerate() {
        for (h, head) in grid.heads.iter().enumerate() {
            if !((grid.has_layer)(*layer) && (grid.has_head)(*head)) {
                painter.rect_filled(cell_rect(l, h), 0, colors.panel.gamma_multiply(0.72));
            }
        }
    }
    let Some(((l, h), told)) = meant.cell.zip(told) else { return (response, None) };
    let place = cell_rect(l, h);
    painter.rect_stroke(place, 1, Stroke::new(2.0, colors.accent), StrokeKind::Outside);
    let response = tell_cell(ui, response, meant, place, told);
    (response, Some((grid.layers[l], grid.heads[h])))
}
