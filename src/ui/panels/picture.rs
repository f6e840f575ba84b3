//! The picture with a map over it.

use std::sync::Arc;

use egui::{Frame, Id, Panel, Pos2, Stroke, StrokeKind, Ui};

use super::{
    Tool, draw_with_tool, map_controls::map_controls_ui, map_foot::map_foot_ui, welcome_ui,
};
use crate::{
    app::{Command, Maybe, Picture, PictureRegions, RunId, Subject},
    domain::{Colormap, Heatmap},
    ui::{
        context::{Hover, ViewContext},
        theme::Colors,
        widgets::{Layer, PatchField, PictureView, Placed, picture_ui},
    },
};

/// A map with the ends of its scale.
pub(super) type Scaled = (Arc<Maybe<Heatmap>>, (f64, f64));

/// Shows the picture, the map of what is chosen or hovered, and its scale.
pub(crate) fn picture_panel_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(picture) = &cx.state.picture else {
        welcome_ui(ui, cx);
        return;
    };
    map_controls_ui(ui, cx);
    let subject = cx.subject();
    let map = cx.run_id().and_then(|id| scaled_map(cx, id, &subject));
    // The foot takes what it needs, and at least this much, so that the picture keeps its place while
    // the pointer goes over words.
    Panel::bottom("map foot")
        .frame(Frame::NONE)
        .resizable(false)
        .show_separator_line(false)
        .min_size(46.0)
        .show(ui, |ui| map_foot_ui(ui, cx, map.as_ref()));
    let shown = Shown {
        id: Id::unique("the picture"),
        picture,
        patches: cx.state.run().map(|run| PatchField::of(&run.run)),
        map: map.as_ref(),
        colormap: cx.state.workspace.view.colormap,
        has_tool: true,
    };
    picture_with_map_ui(ui, cx, &shown);
}

/// A picture, what lies over it, and whether it can be drawn on.
pub(super) struct Shown<'a> {
    pub(super) id: Id,
    pub(super) picture: &'a Arc<Picture>,
    /// The patches of the run that is shown.
    pub(super) patches: Option<PatchField>,
    pub(super) map: Option<&'a Scaled>,
    pub(super) colormap: Colormap,
    pub(super) has_tool: bool,
}

/// Draws picture, map and regions, and lets the pointer choose.
pub(super) fn picture_with_map_ui(ui: &mut Ui, cx: &ViewContext<'_>, shown: &Shown<'_>) -> Placed {
    let view = &cx.state.workspace.view;
    let (mut layers, ctx) = (Vec::new(), ui.ctx().clone());
    {
        let mut textures = cx.textures.borrow_mut();
        layers.push(Layer::whole(textures.picture(&ctx, shown.picture), 1.0));
        if let Some((map, scale)) = shown.map {
            let texture = textures.heatmap(&ctx, map, *scale, (view.texels, shown.colormap));
            // A map covers what its patches see, and no more.
            let over = |id| match shown.patches {
                Some(patches) => Layer { texture: id, opacity: view.opacity, part: patches.part() },
                None => Layer::whole(id, view.opacity),
            };
            layers.extend(texture.map(over));
        }
        if let Some(regions) = shown_regions(cx, shown.picture) {
            let filled = cx.hovered.region().or(cx.state.workspace.selection.region);
            // Under the pointer the map keeps its colors: there the outline alone stands out.
            let is_filled = !matches!(cx.hovered.get(), Some(Hover::Patch(_)));
            let filled = filled.and_then(|i| textures.highlight(&ctx, regions, (i, is_filled)));
            layers.extend(filled.map(|(texture, part)| Layer { texture, opacity: 0.9, part }));
            layers.push(Layer::whole(textures.outlines(&ctx, regions), 0.9));
        }
    }
    let draws = shown.has_tool && *cx.tool.borrow() != Tool::Select;
    let placed = picture_ui(
        ui,
        &PictureView {
            id: shown.id,
            name: &format!("picture: {}", shown.picture.name),
            size: shown.picture.image.size,
            layers: &layers,
            patches: shown.patches,
            has_grid: view.has_patch_grid,
            draws,
        },
    );
    if draws {
        draw_with_tool(ui, cx, &placed, shown.picture.image.size);
    } else {
        cx.hovered.lead_by_keys(placed.is_by_keys);
        point(ui, cx, &placed, shown);
        cx.hovered.lead_by_keys(false);
    }
    placed
}

/// What the pointer is over lights its words; a click keeps it: a region, else a patch.
fn point(ui: &Ui, cx: &ViewContext<'_>, placed: &Placed, shown: &Shown<'_>) {
    let colors = Colors::of(ui);
    // Patches are numbers of the run that is looked at: in another grid they are other places.
    let looked_at = cx.state.run().map(|run| run.run.patches);
    let patches = shown.patches.filter(|patches| looked_at == Some(patches.grid));
    let patch = patches.and_then(|patches| placed.patch(patches));
    let region = placed.pointer.and_then(|at| region_at(cx, shown.picture, at));
    if let Some(patch) = patch {
        cx.hovered.set(Hover::Patch(patch));
    }
    if let Some(region) = region {
        cx.hovered.set_region(region);
    }
    // In every picture of the window: the pointer in one is seen at its place in the others.
    let under_pointer = match cx.hovered.get() {
        Some(Hover::Patch(patch)) => Some(patch),
        _ => None,
    };
    let selection = &cx.state.workspace.selection;
    let is_here = is_looked_at(cx, shown.picture);
    let chosen = selection.patch.filter(|_| is_here);
    let marks = [(chosen, 2.0, colors.accent), (under_pointer, 1.5, colors.strong)];
    for (patch, width, color) in marks {
        if let (Some(patches), Some(patch)) = (patches, patch)
            && patch < patches.grid.len()
        {
            let rect = placed.patch_rect(patches, patch);
            placed.painter.rect_stroke(rect, 0, Stroke::new(width, color), StrokeKind::Inside);
        }
    }
    // A place of another picture is none of this one.
    if !is_here {
        return;
    }
    if placed.response.double_clicked() {
        // It shows all of the picture; what its first click chose was not meant.
        cx.send(Command::Select(selection.at_place(None, None)));
    } else if placed.response.clicked() {
        cx.send(Command::Select(selection.at_place(region, patch)));
    }
}

/// Whether a picture is the one that is looked at.
fn is_looked_at(cx: &ViewContext<'_>, picture: &Picture) -> bool {
    cx.state.picture.as_ref().is_some_and(|here| here.checksum() == picture.checksum())
}

/// The regions that are drawn over a picture: those of the very picture.
fn shown_regions<'a>(cx: &ViewContext<'a>, picture: &Picture) -> Option<&'a PictureRegions> {
    cx.state.regions_of(picture).filter(|_| cx.state.workspace.view.has_regions)
}

/// The smallest shown region at a place in parts of the picture.
fn region_at(cx: &ViewContext<'_>, picture: &Picture, at: Pos2) -> Option<usize> {
    let regions = shown_regions(cx, picture)?;
    let size = regions.set.image();
    let (x, y) = ((at.x * size.width as f32) as u32, (at.y * size.height as f32) as u32);
    if x >= size.width || y >= size.height {
        return None;
    }
    let all = regions.set.regions().iter().enumerate();
    all.filter(|(i, region)| !regions.hidden.contains(i) && region.mask.contains(x, y))
        .min_by_key(|(_, region)| region.mask.area())
        .map(|(i, _)| i)
}

/// The map of a subject in a run, with the ends of its scale.
pub(super) fn scaled_map(cx: &ViewContext<'_>, id: RunId, subject: &Subject) -> Option<Scaled> {
    let map = cx.state.heatmap(id, subject)?;
    let made = map.as_ref().as_ref().ok();
    let scale = made.map_or((0.0, 1.0), |map| cx.state.map_scale(id, subject, map));
    Some((map, scale))
}
