//! How plates, shadows and icons come onto the canvas.

use super::{
    draw::NOTHING,
    noise::smooth,
    palette::{PlateColor, Rgb, mix},
    sprite::{SHADOW_REACH, Sprite, channels},
    tabletop::{REACH, Thing, turn},
};

/// Where shadows fall, as a multiple of a thing's size: the light comes from the upper left.
const SHADOW_OFFSET: [f32; 2] = [0.025, 0.05];
/// How far a plate's shadow reaches, the plate's radius being 1.
const PLATE_SHADOW: f32 = 1.3;
/// Where a plate's well ends and its rim begins.
const WELL: f32 = 0.8;
const WHITE: Rgb = [1.0, 1.0, 1.0];
const BLACK: Rgb = [0.0, 0.0, 0.0];

/// A picture in the making.
#[derive(Debug)]
pub(super) struct Canvas {
    side: usize,
    pub(super) rgb: Vec<Rgb>,
    pub(super) owner: Vec<u8>,
    pub(super) plate_owner: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(side: usize) -> Self {
        Self {
            side,
            rgb: vec![BLACK; side * side],
            owner: vec![NOTHING; side * side],
            plate_owner: vec![NOTHING; side * side],
        }
    }

    /// A plate with its shadow: a well, a rim that catches the light, and a thin dark edge.
    pub(super) fn paint_plate(&mut self, thing: &Thing, color: PlateColor, index: u8) {
        let radius = thing.plate_radius();
        // A pixel's width in the plate's own measure, in which its radius is 1.
        let pixel = 1.0 / (radius * self.side as f32);
        let inside = |edge: f32, r: f32| ((edge - r) / pixel + 0.5).clamp(0.0, 1.0);
        let soft = |edge: f32, r: f32, width: f32| smooth((edge - r) / width.max(pixel) + 0.5);
        let base = color.rgb();
        let is_dark = color == PlateColor::Black;
        let rim = mix(base, WHITE, if is_dark { 0.16 } else { 0.14 });
        let edge = mix(base, BLACK, 0.38);
        self.each_near(thing.center, radius * PLATE_SHADOW, |canvas, at, dx, dy| {
            let (x, y) = (dx / radius, dy / radius);
            let r = (x * x + y * y).sqrt();
            let cover = inside(1.0, r);
            let under = &mut canvas.rgb[at];
            if cover < 1.0 {
                let (sx, sy) = (x - 0.05, y - 0.1);
                let shadow = 0.42 * smooth((1.16 - (sx * sx + sy * sy).sqrt()) / 0.34);
                *under = mix(*under, BLACK, shadow);
            }
            if cover <= 0.0 {
                return;
            }
            let slope = -0.05 * (x + y);
            let shade = if r < WELL - pixel.max(0.08) {
                lighten(base, slope)
            } else {
                // 1 towards the light, -1 away from it.
                let lit = -(0.5 * x + 0.86 * y) / r.max(0.2);
                let well = soft(WELL, r, 0.05);
                let step = soft(WELL + 0.04, r, 0.06) - soft(WELL - 0.04, r, 0.06);
                let shade = lighten(
                    mix(rim, base, well),
                    0.07 * lit * (1.0 - well) - 0.16 * lit * step + slope * well,
                );
                mix(shade, edge, 0.75 * (1.0 - soft(0.965, r, 0.03)))
            };
            *under = mix(*under, shade, cover);
            if cover >= 0.5 {
                canvas.plate_owner[at] = index;
                canvas.owner[at] = NOTHING;
            }
        });
    }

    /// The soft shadow that an icon casts on what is under it.
    pub(super) fn paint_shadow(&mut self, thing: &Thing, sprite: &Sprite) {
        let strength = if thing.plate.is_some() { 0.38 } else { 0.5 };
        let [cos, sin] = turn(thing.angle).map(|part| part / thing.size);
        let center = [
            thing.center[0] + SHADOW_OFFSET[0] * thing.size,
            thing.center[1] + SHADOW_OFFSET[1] * thing.size,
        ];
        self.each_near(center, thing.size * SHADOW_REACH, |canvas, at, dx, dy| {
            let shadow = strength * sprite.shadow_at(cos * dx + sin * dy, cos * dy - sin * dx);
            canvas.rgb[at] = canvas.rgb[at].map(|part| part * (1.0 - shadow));
        });
    }

    /// The icon itself: the mean of four places in each pixel.
    pub(super) fn paint_icon(&mut self, thing: &Thing, sprite: &Sprite, index: u8) {
        let reader = sprite.reader(thing.size * self.side as f32);
        let unit = reader.units() / thing.size;
        let [cos, sin] = turn(thing.angle).map(|part| part * unit);
        let middle = reader.middle();
        let quarter = 0.25 / self.side as f32;
        let (a, b) = ((quarter * (cos + sin)) as i32, (quarter * (cos - sin)) as i32);
        let reach = thing.size * REACH + 1.0 / self.side as f32;
        self.each_near(thing.center, reach, |canvas, at, dx, dy| {
            let x = (cos * dx + sin * dy) as i32 + middle;
            let y = (cos * dy - sin * dx) as i32 + middle;
            let sum = reader.at(x - a, y - b)
                + reader.at(x + b, y - a)
                + reader.at(x - b, y + a)
                + reader.at(x + a, y + b);
            if sum == 0 {
                return;
            }
            let [r, g, b, alpha] = channels(sum).map(|value| value / (4.0 * 255.0));
            let under = &mut canvas.rgb[at];
            let left = 1.0 - alpha;
            *under = [r + under[0] * left, g + under[1] * left, b + under[2] * left];
            if alpha >= 0.5 {
                canvas.owner[at] = index;
                canvas.plate_owner[at] = NOTHING;
            }
        });
    }

    /// Visits the pixels within `reach` of a point, with their distance from it; both as parts of
    /// the picture's side.
    fn each_near(
        &mut self,
        center: [f32; 2],
        reach: f32,
        mut visit: impl FnMut(&mut Self, usize, f32, f32),
    ) {
        let side = self.side as f32;
        let first = ((center[1] - reach) * side).max(0.0) as usize;
        let last = ((center[1] + reach) * side + 1.0).min(side) as usize;
        for row in first..last {
            let dy = (row as f32 + 0.5) / side - center[1];
            // Only the row's part inside of the circle.
            let half = (reach * reach - dy * dy).max(0.0).sqrt();
            let first = ((center[0] - half) * side).max(0.0) as usize;
            let last = ((center[0] + half) * side + 1.0).min(side) as usize;
            for col in first..last {
                let dx = (col as f32 + 0.5) / side - center[0];
                visit(self, row * self.side + col, dx, dy);
            }
        }
    }
}

/// Brighter for positive amounts, darker for negative ones.
fn lighten(color: Rgb, amount: f32) -> Rgb {
    if amount >= 0.0 { mix(color, WHITE, amount) } else { mix(color, BLACK, -amount) }
}
