//! Which map is shown, how it is read, and how it looks.

use egui::{Slider, Ui};

use crate::{
    app::{Command, MapScale, Subject, Texels, ViewChoice, ViewPart, jobs::Projection},
    domain::{Colormap, MapKind, Reading, TokenRow},
    ui::{context::ViewContext, export_window::export_button_ui},
};

/// Shows the switches over the picture.
pub(super) fn map_controls_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let before = &cx.state.workspace.view;
    let mut view = before.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding.x = 6.0;
        ui.spacing_mut().item_spacing.x = 4.0;
        let subject = cx.subject();
        if matches!(subject, Subject::Latents(_)) {
            ui.weak("made from").on_hover_text(MapKind::MadeFrom.meaning());
        } else if matches!(subject, Subject::Answer(_)) {
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
        reading_ui(ui, &mut view);
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
        ui.separator();
        export_button_ui(ui, cx, ViewPart::Map);
    });
    if view != *before {
        cx.send(Command::SetView(view));
    }
}

/// One line of what a reading of a map means.
pub(super) fn reading_of_maps(reading: Reading) -> &'static str {
    match reading {
        Reading::Mass => "mass: the weights as computed; the whole row sums to 1",
        Reading::Share => {
            "share: of what a row pays to the picture (read by: to the question), the part of each \
             patch"
        }
        Reading::Lift => {
            "lift: times what uniform attention under the same mask would bring; 1 says nothing"
        }
    }
}

/// How latents can be carried back: a window records no patterns of the vision tower, so there is no way
/// through it.
pub(crate) const WAYS_BACK: [Projection; 3] =
    [Projection::Composed, Projection::LastLayer, Projection::MeanOfLayers];

/// The colors that a map can have.
pub(crate) const COLORMAPS: [Colormap; 3] =
    [Colormap::Viridis, Colormap::Inferno, Colormap::Cividis];

/// One line of how latents are carried back.
fn way_back(projection: Projection) -> &'static str {
    match projection {
        Projection::Composed => {
            "composed: all layers of the resampler, paths from latent to latent followed"
        }
        Projection::LastLayer => "last layer: what the resampler's last layer read from patches",
        Projection::MeanOfLayers => "mean: what its layers read from patches, on average",
        Projection::ThroughVision => "through vision: composed, and back through the vision tower",
    }
}

/// The same in a word or two.
pub(crate) fn way_back_name(projection: Projection) -> &'static str {
    way_back(projection).split(':').next().unwrap_or_default()
}

fn reading_ui(ui: &mut Ui, view: &mut ViewChoice) {
    let menu = ui.menu_button(format!("{} ⏷", view.reading), |ui| {
        for reading in Reading::ALL {
            ui.selectable_value(&mut view.reading, reading, reading_of_maps(reading));
        }
    });
    menu.response.on_hover_text("How attention is read, in the map and in the bars by bucket");
    let name = way_back_name(view.projection);
    let menu = ui.menu_button(format!("{name} ⏷"), |ui| {
        for way in WAYS_BACK {
            ui.selectable_value(&mut view.projection, way, way_back(way));
        }
    });
    menu.response.on_hover_text("How latents are carried back to the patches of the picture");
}

fn toggles_ui(ui: &mut Ui, view: &mut ViewChoice) {
    let mut is_smooth = view.texels == Texels::Smooth;
    ui.toggle_value(&mut is_smooth, "smooth").on_hover_text(
        "Colors run between the patches' middles; off: one square a patch, as computed",
    );
    view.texels = if is_smooth { Texels::Smooth } else { Texels::Patches };
    ui.toggle_value(&mut view.has_patch_grid, "grid").on_hover_text("The borders of patches (G)");
    ui.toggle_value(&mut view.has_regions, "regions").on_hover_text("The outlines of regions (R)");
    let colors = ui.menu_button(format!("{} ⏷", view.colormap), |ui| {
        for colormap in COLORMAPS {
            ui.selectable_value(&mut view.colormap, colormap, colormap.to_string());
        }
    });
    colors.response.on_hover_text("The colors of maps; each rises in lightness from end to end");
}
