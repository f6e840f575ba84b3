//! Draws a window without a graphics card: textured triangles, one pixel after the other. The same
//! meshes give the same pixels on every machine.

use std::collections::BTreeMap;

use egui::{
    Color32, Context, FullOutput, ImageData, Mesh, Pos2, Rect, TextureFilter, TextureId,
    TexturesDelta, epaint::Primitive,
};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// A painter, and the textures it was given.
#[derive(Default)]
pub(crate) struct Painter {
    textures: BTreeMap<TextureId, Texture>,
}

struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
    is_smooth: bool,
}

impl TestRenderer for Painter {
    #[expect(clippy::iter_over_hash_type, reason = "no texture depends on another")]
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, images) in delta.set.drain() {
            for change in images {
                let ImageData::Color(image) = &change.image;
                let is_smooth = change.options.magnification == TextureFilter::Linear;
                let Some([left, top]) = change.pos else {
                    let texture =
                        Texture { size: image.size, pixels: image.pixels.clone(), is_smooth };
                    self.textures.insert(id, texture);
                    continue;
                };
                let texture = self.textures.get_mut(&id).unwrap();
                for (row, pixels) in image.pixels.chunks_exact(image.size[0]).enumerate() {
                    let start = (top + row) * texture.size[0] + left;
                    texture.pixels[start..start + pixels.len()].copy_from_slice(pixels);
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let mut canvas = RgbaImage::new(size.x.round() as u32, size.y.round() as u32);
        canvas.pixels_mut().for_each(|pixel| pixel.0 = [0, 0, 0, 255]);
        for part in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = part.primitive else {
                return Err("a picture that only a graphics card can draw".to_owned());
            };
            let texture =
                self.textures.get(&mesh.texture_id).ok_or("a texture that is not there")?;
            paint(&mut canvas, &mesh, texture, scale, part.clip_rect * scale);
        }
        Ok(canvas)
    }
}

fn paint(canvas: &mut RgbaImage, mesh: &Mesh, texture: &Texture, scale: f32, clip: Rect) {
    let (width, height) = (i64::from(canvas.width()), i64::from(canvas.height()));
    let within = |at: f32, most: i64| (at.round() as i64).clamp(0, most);
    let (left, right) = (within(clip.left(), width), within(clip.right(), width));
    let (top, bottom) = (within(clip.top(), height), within(clip.bottom(), height));
    for corners in mesh.indices.chunks_exact(3) {
        let corners = [0, 1, 2].map(|i| mesh.vertices[corners[i] as usize]);
        let at = corners.map(|corner| snapped(corner.pos, scale));
        let Some(triangle) = Triangle::of(at) else { continue };
        let [first, last] = triangle.span(0);
        let [upper, lower] = triangle.span(1);
        for y in upper.max(top)..lower.min(bottom) {
            for x in first.max(left)..last.min(right) {
                let Some(parts) = triangle.parts_at(x, y) else { continue };
                let mix = |of: &dyn Fn(usize) -> f32| (0..3).map(|i| parts[i] * of(i)).sum::<f32>();
                let uv = Pos2::new(mix(&|i| corners[i].uv.x), mix(&|i| corners[i].uv.y));
                let texel = texture.at(uv);
                let color = |channel: usize| {
                    mix(&|i| f32::from(corners[i].color[channel])) * texel[channel] / 255.0
                };
                let alpha = color(3) / 255.0;
                let pixel = canvas.get_pixel_mut(x as u32, y as u32);
                for channel in 0..3 {
                    let below = f32::from(pixel.0[channel]);
                    pixel.0[channel] = (color(channel) + below * (1.0 - alpha)).round() as u8;
                }
            }
        }
    }
}

/// Steps to a pixel: places are whole numbers of them, so that triangles that share an edge share no pixel.
const STEPS: i64 = 256;

fn snapped(at: Pos2, scale: f32) -> [i64; 2] {
    [at.x, at.y].map(|at| (f64::from(at * scale) * STEPS as f64).round() as i64)
}

struct Triangle {
    corners: [[i64; 2]; 3],
    area: i64,
}

impl Triangle {
    fn of(corners: [[i64; 2]; 3]) -> Option<Self> {
        let area = side(corners[0], corners[1], corners[2]);
        (area != 0).then_some(Self { corners, area })
    }

    /// First and end of the pixels that it can touch.
    fn span(&self, axis: usize) -> [i64; 2] {
        let places = self.corners.map(|corner| corner[axis]);
        let (low, high) = (places.into_iter().min(), places.into_iter().max());
        [low.unwrap_or(0).div_euclid(STEPS), high.unwrap_or(0).div_euclid(STEPS) + 1]
    }

    /// How much each corner counts in the middle of a pixel, if that lies inside.
    fn parts_at(&self, x: i64, y: i64) -> Option<[f32; 3]> {
        let at = [x * STEPS + STEPS / 2, y * STEPS + STEPS / 2];
        let mut parts = [0.0; 3];
        for (i, part) in parts.iter_mut().enumerate() {
            let (from, to) = (self.corners[(i + 1) % 3], self.corners[(i + 2) % 3]);
            let way = self.area.signum();
            let far = way * side(from, to, at);
            let (dx, dy) = (way * (to[0] - from[0]), way * (to[1] - from[1]));
            // A pixel on an edge belongs to the triangle below it or to its right.
            let has_edge = dy < 0 || (dy == 0 && dx > 0);
            if far < 0 || (far == 0 && !has_edge) {
                return None;
            }
            *part = (far as f64 / self.area.abs() as f64) as f32;
        }
        Some(parts)
    }
}

/// Twice the area of the triangle of three places; positive on one side of the line of the first two.
fn side(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

impl Texture {
    fn texel(&self, x: i64, y: i64) -> [f32; 4] {
        let inside = |at: i64, n: usize| at.clamp(0, n as i64 - 1) as usize;
        let at = inside(y, self.size[1]) * self.size[0] + inside(x, self.size[0]);
        self.pixels[at].to_array().map(f32::from)
    }

    /// The color at a place in parts of the texture.
    fn at(&self, uv: Pos2) -> [f32; 4] {
        let (x, y) = (uv.x * self.size[0] as f32, uv.y * self.size[1] as f32);
        if !self.is_smooth {
            return self.texel(x.floor() as i64, y.floor() as i64);
        }
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (right_part, lower_part) = (x - 0.5 - left, y - 0.5 - top);
        let (left, top) = (left as i64, top as i64);
        let mixed = |a: [f32; 4], b: [f32; 4], part: f32| {
            [0, 1, 2, 3].map(|i| a[i] * (1.0 - part) + b[i] * part)
        };
        let row = |y| mixed(self.texel(left, y), self.texel(left + 1, y), right_part);
        mixed(row(top), row(top + 1), lower_part)
    }
}
