//! Pictures and maps on the graphics card, each made once for its content.

use std::{any::Any, sync::Arc};

use egui::{Color32, ColorImage, Context, Rect, TextureHandle, TextureId, TextureOptions};

use super::{
    region_pixels::{Outlines, highlight, highlight_place},
    theme,
    widgets::plan_image,
};
use crate::{
    app::{
        HeadMap, HeadMaps, Maybe, Picture, PictureRegions, Texels,
        jobs::{Answered, KeptPicture},
    },
    domain::{Colormap, Heatmap},
};

/// Pictures are mostly shown smaller than they are: averaged, they do not flicker.
const SMALLER: TextureOptions =
    TextureOptions { mipmap_mode: Some(egui::TextureFilter::Linear), ..TextureOptions::LINEAR };

/// How a card reads between the texels of a map.
fn options(texels: Texels) -> TextureOptions {
    match texels {
        Texels::Patches => TextureOptions::NEAREST,
        Texels::Smooth => TextureOptions::LINEAR,
    }
}

/// What a texture was made of: the value itself, kept alive, and how it was drawn.
struct Kept {
    source: Arc<dyn Any + Send + Sync>,
    how: String,
    texture: TextureHandle,
    /// Of a texture that grows: how many of its parts were drawn.
    n_drawn: usize,
}

/// As many textures as are kept.
const MOST: usize = 96;

/// Textures by content.
#[derive(Default)]
pub(crate) struct Textures {
    kept: Vec<Kept>,
    outlines: Outlines,
}

impl Textures {
    fn get(
        &mut self,
        ctx: &Context,
        source: Arc<dyn Any + Send + Sync>,
        how: String,
        options: TextureOptions,
        make: impl FnOnce() -> ColorImage,
    ) -> TextureId {
        let is_it = |kept: &Kept| Arc::ptr_eq(&kept.source, &source) && kept.how == how;
        if let Some(at) = self.kept.iter().position(is_it) {
            let kept = self.kept.remove(at);
            let id = kept.texture.id();
            self.kept.push(kept);
            return id;
        }
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
        let texture = ctx.load_texture(&how, make(), options);
        let id = texture.id();
        self.kept.push(Kept { source, how, texture, n_drawn: 0 });
        id
    }

    /// A picture.
    pub(crate) fn picture(&mut self, ctx: &Context, picture: &Arc<Picture>) -> TextureId {
        let source: Arc<dyn Any + Send + Sync> = picture.clone();
        self.get(ctx, source, "picture".to_owned(), SMALLER, || {
            let (size, rgb) = picture.shown();
            ColorImage::from_rgb([size.width as usize, size.height as usize], rgb)
        })
    }

    /// A small picture of a session.
    pub(crate) fn thumbnail(&mut self, ctx: &Context, kept: &Arc<KeptPicture>) -> TextureId {
        let source: Arc<dyn Any + Send + Sync> = kept.clone();
        self.get(ctx, source, "thumbnail".to_owned(), TextureOptions::LINEAR, || {
            ColorImage::from_rgb([kept.size.width as usize, kept.size.height as usize], &kept.rgb)
        })
    }

    /// A map over `low..high`, which covers more of the picture where its value is larger.
    pub(crate) fn heatmap(
        &mut self,
        ctx: &Context,
        map: &Arc<Maybe<Heatmap>>,
        (low, high): (f64, f64),
        (texels, colormap): (Texels, Colormap),
    ) -> Option<TextureId> {
        let source: Arc<dyn Any + Send + Sync> = map.clone();
        let values = map.as_ref().as_ref().ok()?;
        let how = format!("map {low:e} {high:e} {texels:?} {colormap}");
        Some(self.get(ctx, source, how, options(texels), || {
            let part =
                |value: &f64| ((value - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
            let color = |value: &f64| match value.is_nan() {
                true => Color32::TRANSPARENT,
                false => map_color(colormap, part(value)),
            };
            let pixels = values.values.iter().map(color).collect();
            ColorImage::new([values.patches.cols, values.patches.rows], pixels)
        }))
    }

    /// All layers and heads as one picture, as far as they were made; on a shared scale, once all are.
    pub(crate) fn head_grid(
        &mut self,
        ctx: &Context,
        maps: &Arc<Maybe<HeadMaps>>,
        (shares_scale, colormap): (bool, Colormap),
    ) -> Option<TextureId> {
        let source: Arc<dyn Any + Send + Sync> = maps.clone();
        let made = maps.as_ref().as_ref().ok()?;
        let how = format!("heads {shares_scale} {colormap}");
        if shares_scale && !made.is_whole() {
            let nothing = || ColorImage::filled([1, 1], Color32::TRANSPARENT);
            let how = "heads to come".to_owned();
            return Some(self.get(ctx, source, how, TextureOptions::NEAREST, nothing));
        }
        let [cols, rows] = [made.patches.cols, made.patches.rows];
        let size = [made.heads.len() * cols, made.layers.len() * rows];
        let id = self.get(ctx, source, how, TextureOptions::NEAREST, || {
            ColorImage::filled(size, Color32::TRANSPARENT)
        });
        // The one that was got last stands last.
        let kept = self.kept.last_mut()?;
        if kept.n_drawn == made.n_made() {
            return Some(id);
        }
        let top = shares_scale.then(|| made.maps().map(top_of).fold(0.0, f64::max));
        for (place, map) in made.maps().enumerate().skip(kept.n_drawn) {
            let at = [place % made.heads.len() * cols, place / made.heads.len() * rows];
            let top = top.unwrap_or_else(|| top_of(map)).max(f64::MIN_POSITIVE);
            let pixels = map.values.iter().map(|value| theme::heat(colormap, value / top));
            let image = ColorImage::new([cols, rows], pixels.collect());
            kept.texture.set_partial(at, image, TextureOptions::NEAREST);
            kept.n_drawn = place + 1;
        }
        Some(id)
    }

    /// The mask of a run.
    pub(crate) fn plan(&mut self, ctx: &Context, run: &Arc<Answered>, dark: bool) -> TextureId {
        let source: Arc<dyn Any + Send + Sync> = run.clone();
        self.get(ctx, source, format!("plan {dark}"), TextureOptions::NEAREST, || {
            let colors = theme::Colors::of_visuals(&if dark {
                egui::Visuals::dark()
            } else {
                egui::Visuals::light()
            });
            plan_image(&run.run.plan.mask, &colors)
        })
    }

    /// The outlines of regions.
    pub(crate) fn outlines(&mut self, ctx: &Context, regions: &PictureRegions) -> TextureId {
        let source: Arc<dyn Any + Send + Sync> = regions.shapes.clone();
        let how = format!("outlines {:?} {:?}", regions.hidden, regions.colors);
        let mut drawn = std::mem::take(&mut self.outlines);
        let id = self.get(ctx, source, how, SMALLER, || drawn.draw(regions));
        self.outlines = drawn;
        id
    }

    /// A region that stands out, and its place in parts of the picture.
    pub(crate) fn highlight(
        &mut self,
        ctx: &Context,
        regions: &PictureRegions,
        (region_idx, is_filled): (usize, bool),
    ) -> Option<(TextureId, Rect)> {
        let place = highlight_place(regions, region_idx)?;
        let source: Arc<dyn Any + Send + Sync> = regions.shapes.clone();
        let color = theme::color_of_region(regions, region_idx);
        let how = format!("{HIGHLIGHT} {region_idx} {color:?} {is_filled}");
        // A pointer that goes over many regions must not push out what else is kept.
        self.kept.retain(|kept| kept.how == how || !kept.how.starts_with(HIGHLIGHT));
        let inside = if is_filled { color.gamma_multiply(0.28) } else { Color32::TRANSPARENT };
        let make = || highlight(regions, region_idx, [color, inside]);
        let id = self.get(ctx, source, how, SMALLER, make);
        Some((id, place))
    }
}

/// How the textures of highlighted regions are called.
const HIGHLIGHT: &str = "highlight";

/// The color of a map's part of its scale; values that say little let the picture through.
fn map_color(colormap: Colormap, part: f64) -> Color32 {
    let [r, g, b, _] = theme::heat(colormap, part).to_array();
    Color32::from_rgba_unmultiplied(r, g, b, (255.0 * colormap.cover(part)) as u8)
}

fn top_of(map: &HeadMap) -> f64 {
    map.values.iter().copied().fold(0.0, f64::max)
}
