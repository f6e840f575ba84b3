//! A picture with layers over it: zoom at the pointer, pan, and where the pointer is in the picture.

use egui::{Color32, Id, Painter, Pos2, Rect, Response, Role, Sense, Stroke, TextureId, Ui, Vec2};

use crate::{
    domain::{Grid, ImageSize},
    ui::theme::{Colors, ROUND},
};

/// The furthest in.
const MOST_ZOOM: f32 = 24.0;

/// Which part is seen: kept by egui under the picture's id, since it changes with every wheel click.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sight {
    zoom: f32,
    /// What lies in the middle, in parts of the picture.
    center: Pos2,
}

impl Default for Sight {
    fn default() -> Self {
        Self { zoom: 1.0, center: Pos2::new(0.5, 0.5) }
    }
}

/// What to show.
pub(crate) struct PictureView<'a> {
    /// Two pictures with the same id show the same part.
    pub(crate) id: Id,
    /// The name for screen readers.
    pub(crate) name: &'a str,
    /// Pixels of the picture.
    pub(crate) size: ImageSize,
    /// Drawn over each other, each with its opacity.
    pub(crate) layers: &'a [(TextureId, f32)],
    /// Patches whose borders are drawn.
    pub(crate) grid: Option<Grid>,
    /// Whether dragging draws instead of moving the picture.
    pub(crate) draws: bool,
}

/// Where the picture is on the screen.
pub(crate) struct Placed {
    /// Clicks, hovering, dragging.
    pub(crate) response: Response,
    /// For whatever is drawn over it; cut at the border of the view.
    pub(crate) painter: Painter,
    /// The whole picture, also what lies outside the view.
    pub(crate) rect: Rect,
    /// The pointer in parts of the picture.
    pub(crate) pointer: Option<Pos2>,
}

impl Placed {
    /// A place of the screen, of one in parts of the picture.
    pub(crate) fn screen_from_part(&self, part: Pos2) -> Pos2 {
        self.rect.min + part.to_vec2() * self.rect.size()
    }

    /// The patch under the pointer.
    pub(crate) fn patch(&self, grid: Grid) -> Option<usize> {
        patch_at(self.pointer?, grid)
    }

    /// The place of a patch on the screen.
    pub(crate) fn patch_rect(&self, grid: Grid, patch: usize) -> Rect {
        let cell = self.rect.size() / Vec2::new(grid.cols as f32, grid.rows as f32);
        let at = Vec2::new((patch % grid.cols) as f32, (patch / grid.cols) as f32) * cell;
        Rect::from_min_size(self.rect.min + at, cell)
    }
}

/// The patch at a place in parts of the picture; none outside it.
pub(crate) fn patch_at(part: Pos2, grid: Grid) -> Option<usize> {
    let inside = (0.0..1.0).contains(&part.x) && (0.0..1.0).contains(&part.y);
    let (col, row) = (part.x * grid.cols as f32, part.y * grid.rows as f32);
    inside.then_some(row as usize * grid.cols + col as usize)
}

/// Shows a picture in all the space there is.
pub(crate) fn picture_ui(ui: &mut Ui, view: &PictureView<'_>) -> Placed {
    let colors = Colors::of(ui);
    let space = ui.available_size().max(Vec2::splat(40.0));
    let (frame, response) = ui.allocate_exact_size(space, Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, view.name));
    let painter = ui.painter_at(frame);
    painter.rect_filled(frame, ROUND, colors.stage);

    let mut sight: Sight = ui.data(|data| data.get_temp(view.id)).unwrap_or_default();
    let size = Vec2::new(view.size.width as f32, view.size.height as f32);
    let inner = frame.shrink(8.0);
    let fit = (inner.size() / size).min_elem().max(1e-3);
    move_sight(ui, &response, view.draws, (inner, size * fit), &mut sight);
    let rect = place(inner, size * fit, sight);
    ui.data_mut(|data| data.insert_temp(view.id, sight));

    let all = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    for (texture, opacity) in view.layers {
        painter.image(*texture, rect, all, Color32::WHITE.gamma_multiply(*opacity));
    }
    if let Some(grid) = view.grid {
        paint_grid(&painter, rect, grid);
    }
    let pointer = response.hover_pos().map(|at| ((at - rect.min) / rect.size()).to_pos2());
    Placed { response, painter, rect, pointer }
}

fn place(inner: Rect, fit: Vec2, sight: Sight) -> Rect {
    let size = fit * sight.zoom;
    Rect::from_min_size(inner.center() - sight.center.to_vec2() * size, size)
}

fn move_sight(
    ui: &Ui,
    response: &Response,
    draws: bool,
    (inner, fit): (Rect, Vec2),
    sight: &mut Sight,
) {
    let before = place(inner, fit, *sight);
    if response.double_clicked() {
        *sight = Sight::default();
        return;
    }
    if let Some(at) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            let part = (at - before.min) / before.size();
            sight.zoom = (sight.zoom * factor).clamp(1.0, MOST_ZOOM);
            // What lies under the pointer stays under it.
            let away = (at - inner.center()) / (fit * sight.zoom);
            sight.center = (part - away).to_pos2();
        }
    }
    let moves = response.dragged_by(egui::PointerButton::Middle)
        || (!draws && response.dragged_by(egui::PointerButton::Primary));
    if moves && sight.zoom > 1.0 {
        sight.center -= response.drag_delta() / before.size();
    }
    // The picture cannot be pushed out of sight.
    let margin = 0.5 / sight.zoom;
    sight.center =
        sight.center.clamp(Pos2::new(margin, margin), Pos2::new(1.0 - margin, 1.0 - margin));
}

fn paint_grid(painter: &Painter, rect: Rect, grid: Grid) {
    let line = Stroke::new(1.0, Color32::from_white_alpha(70));
    for col in 1..grid.cols {
        let x = rect.left() + rect.width() * col as f32 / grid.cols as f32;
        painter.vline(x, rect.y_range(), line);
    }
    for row in 1..grid.rows {
        let y = rect.top() + rect.height() * row as f32 / grid.rows as f32;
        painter.hline(rect.x_range(), y, line);
    }
}
