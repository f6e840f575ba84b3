//! The picture with a map over it.

use std::sync::Arc;

use egui::{Id, Pos2, RichText, Slider, Stroke, StrokeKind, Ui};

use super::{Tool, draw_with_tool, welcome_ui};
use crate::{
    app::{Command, MapScale, Maybe, Picture, RunId, Subject, Texels, ViewChoice},
    domain::{Colormap, Grid, Heatmap, MapKind, TokenRow},
    ui::{
        context::{Hover, ViewContext},
        theme::{self, Colors},
        widgets::{PictureView, Placed, colorbar_ui, note_ui, number, percent, picture_ui},
    },
};

/// A map with the ends of its scale.
type Scaled = (Arc<Maybe<Heatmap>>, (f64, f64));

/// Shows the picture, the map of what is chosen or hovered, and its scale.
pub(crate) fn picture_panel_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(picture) = &cx.state.picture else {
        welcome_ui(ui, cx);
        return;
    };
    controls_ui(ui, cx);
    let subject = cx.subject();
    let map = cx.run_id().and_then(|id| scaled_map(cx, id, &subject));
    let height = (ui.available_height() - 62.0).max(80.0);
    let size = egui::vec2(ui.available_width(), height);
    let view = Shown { id: Id::unique("the picture"), picture, map: map.as_ref(), has_tool: true };
    let placed = ui.allocate_ui(size, |ui| picture_with_map_ui(ui, cx, &view)).inner;
    let patch = cx.state.run().and_then(|run| placed.patch(run.run.patches));
    foot_ui(ui, cx, map.as_ref(), patch);
}

/// A picture, what lies over it, and whether it can be drawn on.
pub(super) struct Shown<'a> {
    pub(super) id: Id,
    pub(super) picture: &'a Arc<Picture>,
    pub(super) map: Option<&'a Scaled>,
    pub(super) has_tool: bool,
}

/// Draws picture, map and regions, and lets the pointer choose.
pub(super) fn picture_with_map_ui(ui: &mut Ui, cx: &ViewContext<'_>, shown: &Shown<'_>) -> Placed {
    let view = &cx.state.workspace.view;
    let (mut layers, ctx) = (Vec::new(), ui.ctx().clone());
    {
        let mut textures = cx.textures.borrow_mut();
        layers.push((textures.picture(&ctx, shown.picture), 1.0));
        if let Some((map, scale)) = shown.map {
            let texture = textures.heatmap(&ctx, map, *scale, (view.texels, view.colormap));
            layers.extend(texture.map(|id| (id, view.opacity)));
        }
        if let Some(regions) = cx.state.regions.as_ref().filter(|_| view.has_regions) {
            let filled = match cx.hovered.get() {
                Some(Hover::Region(i)) => Some(i),
                _ => cx.state.workspace.selection.region,
            };
            layers.push((textures.regions(&ctx, regions, filled), 0.9));
        }
    }
    let grid = cx.state.run().map(|run| run.run.patches);
    let draws = shown.has_tool && *cx.tool.borrow() != Tool::Select;
    let placed = picture_ui(
        ui,
        &PictureView {
            id: shown.id,
            name: &format!("picture: {}", shown.picture.name),
            size: shown.picture.image.size,
            layers: &layers,
            grid: grid.filter(|_| view.has_patch_grid),
            draws,
        },
    );
    if draws {
        draw_with_tool(ui, cx, &placed, shown.picture.image.size);
    } else {
        point(ui, cx, &placed, grid);
    }
    placed
}

/// What the pointer is over lights its words; a click keeps a region.
fn point(ui: &Ui, cx: &ViewContext<'_>, placed: &Placed, grid: Option<Grid>) {
    let strong = Colors::of(ui).strong;
    if let Some((grid, patch)) = grid.and_then(|grid| Some((grid, placed.patch(grid)?))) {
        cx.hovered.set(Hover::Patch(patch));
        let rect = placed.patch_rect(grid, patch);
        placed.painter.rect_stroke(rect, 0, Stroke::new(1.5, strong), StrokeKind::Inside);
    }
    if placed.response.clicked() {
        let region = placed.pointer.and_then(|at| region_at(cx, at));
        let mut selection = cx.state.workspace.selection.clone();
        if selection.region != region {
            selection.region = region;
            cx.send(Command::Select(selection));
        }
    }
}

/// The smallest shown region at a place in parts of the picture.
fn region_at(cx: &ViewContext<'_>, at: Pos2) -> Option<usize> {
    let regions = cx.state.regions.as_ref().filter(|_| cx.state.workspace.view.has_regions)?;
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
    let range = map.as_ref().as_ref().ok().and_then(Heatmap::range);
    let (low, high) = range.unwrap_or((0.0, 1.0));
    let scale = match cx.state.workspace.view.scale {
        MapScale::Own => (low, high),
        MapScale::Shared => (0.0, cx.state.shared_top(id, subject).max(high)),
    };
    Some((map, scale))
}

fn controls_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding.x = 6.0;
        ui.spacing_mut().item_spacing.x = 4.0;
        if matches!(cx.subject(), Subject::Answer(_)) {
            ui.weak("answered from");
            for row in [TokenRow::WhileChoosing, TokenRow::AfterWriting] {
                ui.selectable_value(&mut view.token_row, row, row.to_string())
                    .on_hover_text(MapKind::AnsweredFrom(row).meaning());
            }
        } else {
            for kind in [MapKind::LooksAt, MapKind::ReadBy] {
                ui.selectable_value(&mut view.word_map, kind, kind.to_string())
                    .on_hover_text(kind.meaning());
            }
        }
        ui.separator();
        let label = ui.weak("opacity");
        ui.spacing_mut().slider_width = 80.0;
        ui.add(Slider::new(&mut view.opacity, 0.0..=1.0).show_value(false))
            .labelled_by(label.id)
            .on_hover_text("How strongly the map covers the picture");
        ui.separator();
        ui.selectable_value(&mut view.scale, MapScale::Own, "own scale")
            .on_hover_text("From this map's least to its largest value");
        ui.selectable_value(&mut view.scale, MapScale::Shared, "shared").on_hover_text(
            "From 0 to the largest value of all words' maps, so that maps can be compared",
        );
        ui.separator();
        toggles_ui(ui, &mut view);
    });
    if view != *before {
        cx.send(Command::SetView(view));
    }
}

fn toggles_ui(ui: &mut Ui, view: &mut ViewChoice) {
    let mut is_smooth = view.texels == Texels::Smooth;
    ui.toggle_value(&mut is_smooth, "smooth").on_hover_text(
        "Colors run between the patches' middles; off: one square a patch, as computed",
    );
    view.texels = if is_smooth { Texels::Smooth } else { Texels::Patches };
    ui.toggle_value(&mut view.has_patch_grid, "patches")
        .on_hover_text("The borders of patches (G)");
    ui.toggle_value(&mut view.has_regions, "regions").on_hover_text("The outlines of regions (R)");
    let colors = ui.menu_button(view.colormap.to_string(), |ui| {
        for colormap in [Colormap::Viridis, Colormap::Inferno, Colormap::Cividis] {
            ui.selectable_value(&mut view.colormap, colormap, colormap.to_string());
        }
    });
    colors.response.on_hover_text("The colors of maps; each rises in lightness from end to end");
}

/// What the map shows, its scale, and what has no place in it.
fn foot_ui(ui: &mut Ui, cx: &ViewContext<'_>, map: Option<&Scaled>, patch: Option<usize>) {
    let colors = Colors::of(ui);
    let Some((map, scale)) = map else {
        note_ui(
            ui,
            "Choose a word or a token of the answer: its map is drawn here. \
             The wheel zooms, dragging moves, a double click shows all.",
        );
        return;
    };
    let map = match map.as_ref() {
        Ok(map) => map,
        Err(why) => {
            ui.colored_label(colors.warning, why);
            return;
        }
    };
    ui.horizontal(|ui| {
        let value = patch.and_then(|patch| map.value(patch));
        let colormap = cx.state.workspace.view.colormap;
        ui.allocate_ui(egui::vec2(220.0, 34.0), |ui| {
            colorbar_ui(ui, &|part| theme::heat(colormap, part), *scale, &number, value);
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            summary_ui(ui, cx, map);
            note_ui(ui, &format!("{}: {}", map.kind, map.kind.meaning()));
        });
    });
}

fn summary_ui(ui: &mut Ui, cx: &ViewContext<'_>, map: &Heatmap) {
    let colors = Colors::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(subject_text(cx)).strong().color(colors.strong));
        if map.by_construction {
            ui.colored_label(colors.warning, "closed by the mask: zero by construction");
            return;
        }
        let total = map.values.iter().sum::<f64>() + map.unplaced;
        let unplaced = if total > 0.0 { map.unplaced / total } else { 0.0 };
        let text = format!(
            "{} of the row's attention is on the picture; {} of that has no place",
            percent(total),
            percent(unplaced)
        );
        ui.label(text).on_hover_text(
            "Latents have no place in the picture. The resampler's own attention carries their \
             mass to patches; what it paid to latents stays there and has no place.",
        );
    });
}

/// What the map is of, in words.
fn subject_text(cx: &ViewContext<'_>) -> String {
    let Some(answered) = cx.state.run() else { return String::new() };
    let texts: Vec<&str> = match cx.subject() {
        Subject::Nothing => return String::new(),
        Subject::Words(words) => {
            let words = words.iter().filter_map(|i| answered.words.words.get(*i));
            words.map(|word| word.text.as_str()).collect()
        }
        Subject::Answer(tokens) => {
            let tokens = tokens.iter().filter_map(|i| answered.token_texts.get(*i));
            tokens.map(|text| text.trim()).collect()
        }
    };
    format!("“{}”", texts.join(" "))
}
