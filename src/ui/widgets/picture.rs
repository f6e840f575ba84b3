//! A picture with layers over it: zoom and pan with pointer or keys, and which place in it is meant.

use egui::{
    Color32, Id, Key, Modifiers, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind,
    TextureId, Ui, Vec2,
};

use super::{
    cell_cursor::{Meant, meant_cell},
    patch_field::PatchField,
};
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

impl Sight {
    /// Makes the picture so many times as large; what lies at `part` stays where it is.
    fn zoom_at(&mut self, part: Pos2, times: f32) {
        let before = self.zoom;
        self.zoom = (before * times).clamp(1.0, MOST_ZOOM);
        self.center = part + (self.center - part) * (before / self.zoom);
    }

    /// Brings a place into sight, where it is not.
    fn show(&mut self, part: Pos2) {
        let reach = Vec2::splat(0.4 / self.zoom);
        self.center = self.center.clamp(part - reach, part + reach);
    }

    /// The picture cannot be pushed out of sight.
    fn keep_inside(&mut self) {
        let margin = 0.5 / self.zoom;
        let (least, most) = (Pos2::new(margin, margin), Pos2::new(1.0 - margin, 1.0 - margin));
        self.center = self.center.clamp(least, most);
    }
}

/// Something that is drawn over the picture.
#[derive(Clone, Copy)]
pub(crate) struct Layer {
    pub(crate) texture: TextureId,
    /// 0 to 1.
    pub(crate) opacity: f32,
    /// The place that it fills, in parts of the picture.
    pub(crate) part: Rect,
}

impl Layer {
    /// One that fills the picture.
    pub(crate) fn whole(texture: TextureId, opacity: f32) -> Self {
        Self { texture, opacity, part: ALL }
    }
}

/// All of a picture, or of a texture.
const ALL: Rect = Rect { min: Pos2::ZERO, max: Pos2::new(1.0, 1.0) };

/// What to show.
pub(crate) struct PictureView<'a> {
    /// Two pictures with the same id show the same part.
    pub(crate) id: Id,
    /// The name for screen readers.
    pub(crate) name: &'a str,
    /// Pixels of the picture.
    pub(crate) size: ImageSize,
    /// Drawn over each other.
    pub(crate) layers: &'a [Layer],
    /// Its patches, once there are any; arrows go from one to the next.
    pub(crate) patches: Option<PatchField>,
    /// Whether their borders are drawn.
    pub(crate) has_grid: bool,
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
    /// The pointer in parts of the picture, or the middle of the patch that arrows lead to.
    pub(crate) pointer: Option<Pos2>,
    /// Whether arrows lead there.
    pub(crate) is_by_keys: bool,
}

impl Placed {
    /// A place of the screen, of one in parts of the picture.
    pub(crate) fn screen_from_part(&self, part: Pos2) -> Pos2 {
        self.rect.min + part.to_vec2() * self.rect.size()
    }

    /// The patch under the pointer.
    pub(crate) fn patch(&self, patches: PatchField) -> Option<usize> {
        patches.at(self.pointer?)
    }

    /// The place of a patch on the screen.
    pub(crate) fn patch_rect(&self, patches: PatchField, patch: usize) -> Rect {
        let part = patches.part_of(patch);
        Rect::from_min_max(self.screen_from_part(part.min), self.screen_from_part(part.max))
    }
}

/// Shows a picture in all the space there is.
pub(crate) fn picture_ui(ui: &mut Ui, view: &PictureView<'_>) -> Placed {
    let colors = Colors::of(ui);
    let space = ui.available_size().max(Vec2::splat(40.0));
    let (frame, response) = ui.allocate_exact_size(space, Sense::click_and_drag());
    let painter = ui.painter_at(frame);
    painter.rect_filled(frame, ROUND, colors.stage);

    let mut sight: Sight = ui.data(|data| data.get_temp(view.id)).unwrap_or_default();
    let size = Vec2::new(view.size.width as f32, view.size.height as f32);
    let inner = frame.shrink(8.0);
    let fit = (inner.size() / size).min_elem().max(1e-3);
    move_sight(ui, &response, view.draws, (inner, size * fit), &mut sight);
    let part_of = |at: Pos2, rect: Rect| ((at - rect.min) / rect.size()).to_pos2();
    let pointer = |rect: Rect| response.hover_pos().map(|at| part_of(at, rect));
    let (meant, led_to) = keys(ui, &response, view.patches, &mut sight, &|sight| {
        pointer(place(inner, size * fit, sight))
    });
    let rect = place(inner, size * fit, sight);
    ui.data_mut(|data| data.insert_temp(view.id, sight));
    let name = match response.has_focus() {
        true => format!("{}{}", view.name, spoken(view.patches, meant, sight)),
        false => view.name.to_owned(),
    };
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &name));

    for Layer { texture, opacity, part } in view.layers {
        let on_screen = |at: Pos2| rect.min + at.to_vec2() * rect.size();
        let place = Rect::from_min_max(on_screen(part.min), on_screen(part.max));
        painter.image(*texture, place, ALL, Color32::WHITE.gamma_multiply(*opacity));
    }
    if let Some(patches) = view.patches.filter(|_| view.has_grid) {
        paint_grid(&painter, rect, patches);
    }
    if response.has_focus() {
        painter.rect_stroke(frame, ROUND, Stroke::new(1.0, colors.accent), StrokeKind::Inside);
    }
    let pointer = led_to.or_else(|| pointer(rect));
    Placed { response, painter, rect, pointer, is_by_keys: led_to.is_some() }
}

/// How much larger one press makes the picture.
const STEP: f32 = 1.25;

/// What keys do to a picture that has the keyboard: arrows go from patch to patch, with Shift they move
/// what is seen; + and - zoom at the patch, Home shows all. Also returns the middle of the patch that arrows
/// lead to, in parts of the picture.
fn keys(
    ui: &Ui,
    response: &Response,
    patches: Option<PatchField>,
    sight: &mut Sight,
    pointer: &dyn Fn(Sight) -> Option<Pos2>,
) -> (Meant, Option<Pos2>) {
    if !response.has_focus() {
        return (Meant::default(), None);
    }
    let pressed = |modifiers, key| ui.input_mut(|i| i.count_and_consume_key(modifiers, key)) as f32;
    let moved = |key| pressed(Modifiers::SHIFT, key);
    let across = moved(Key::ArrowRight) - moved(Key::ArrowLeft);
    let down = moved(Key::ArrowDown) - moved(Key::ArrowUp);
    let plain = |key| pressed(Modifiers::NONE, key);
    let zoom = plain(Key::Plus) + plain(Key::Equals) - plain(Key::Minus);
    if plain(Key::Home) > 0.0 {
        *sight = Sight::default();
    }
    let meant = patches.map_or_else(Meant::default, |patches| {
        let grid = patches.grid;
        let under_pointer = pointer(*sight).and_then(|part| patches.at(part));
        let under_pointer = under_pointer.map(|patch| (patch / grid.cols, patch % grid.cols));
        meant_cell(ui, response, under_pointer, (grid.rows, grid.cols))
    });
    let led_to = patches
        .zip(meant.cell.filter(|_| meant.is_by_keys))
        .map(|(patches, (row, col))| patches.part_of(row * patches.grid.cols + col).center());
    sight.zoom_at(led_to.unwrap_or(sight.center), STEP.powf(zoom));
    sight.center += 0.25 * Vec2::new(across, down) / sight.zoom;
    if let Some(part) = led_to.filter(|_| meant.is_moved) {
        sight.show(part);
    }
    sight.keep_inside();
    (meant, led_to)
}

/// What a screen reader is told of a picture that has the keyboard.
fn spoken(patches: Option<PatchField>, meant: Meant, sight: Sight) -> String {
    let mut told = String::new();
    if let (Some(patches), Some((row, col))) = (patches, meant.cell) {
        let Grid { rows, cols } = patches.grid;
        told = format!("; row {}, column {} of {rows} × {cols} patches", row + 1, col + 1);
    }
    if sight.zoom > 1.0 {
        told = format!("{told}; {:.1} times as large", sight.zoom);
    }
    told
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
    // A tool has a double click for itself.
    if response.double_clicked() && !draws {
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
    sight.keep_inside();
}

fn paint_grid(painter: &Painter, rect: Rect, patches: PatchField) {
    let line = Stroke::new(1.0, Color32::from_white_alpha(70));
    let Grid { rows, cols } = patches.grid;
    let covered = Rect::from_min_size(rect.min, rect.size() * patches.covers);
    let is_whole = patches.covers == Vec2::splat(1.0);
    // Where a rim is seen by no patch, the last ones end within the picture.
    for col in 1..cols + usize::from(!is_whole) {
        let x = covered.left() + covered.width() * col as f32 / cols as f32;
        painter.vline(x, covered.y_range(), line);
    }
    for row in 1..rows + usize::from(!is_whole) {
        let y = covered.top() + covered.height() * row as f32 / rows as f32;
        painter.hline(covered.x_range(), y, line);
    }
}
