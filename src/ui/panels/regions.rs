//! The regions of the picture: imported, drawn, named, and what attention they get.

use std::ops::Range;

use egui::{RichText, ScrollArea, TextEdit, Ui};

use super::{Tool, region_numbers::numbers_menu_ui};
use crate::{
    app::{
        Command, PictureRegions, ViewPart,
        jobs::{Overlaps, RegionWeight},
    },
    ui::{
        context::ViewContext,
        dialogs::Wanted,
        export_window::export_button_ui,
        theme::{Colors, color_of_region},
        widgets::{empty_ui, exact_ui, note_ui, number, percent},
    },
};

/// Shows the list, and the tools to add to it.
pub(crate) fn regions_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    if cx.state.picture.is_none() {
        empty_ui(ui, "No picture", "Open a picture: its regions are listed here.");
        return;
    }
    tools_ui(ui, cx);
    let Some(regions) = &cx.state.regions else {
        empty_ui(
            ui,
            "No regions",
            "Draw one with a tool above, or import masks of SAM, COCO, LabelMe, Label Studio, \
             NumPy or PNG: a file or a folder, also dropped into the window.",
        );
        return;
    };
    ScrollArea::vertical().auto_shrink([false, false]).show_viewport(ui, |ui, in_sight| {
        let step = ROW + ui.spacing().item_spacing.y;
        let n = regions.set.regions().len();
        let shown = rows_in_sight(n, in_sight.y_range().span() / step, in_sight.top() / step);
        ui.add_space(step * shown.start as f32);
        list_ui(ui, cx, regions, shown.clone());
        ui.add_space(step * (n - shown.end) as f32);
        note_ui(ui, &format!("from {} ({})", regions.set.source(), regions.set.format()));
        for warning in &regions.warnings {
            note_ui(ui, warning);
        }
        let kind = cx.state.workspace.view.map_kind(&cx.subject());
        note_ui(ui, &format!("Of the map that is shown. {}.", RegionWeight::meaning(kind)));
    });
}

/// The tools to draw with: name, tool, what to do.
pub(crate) fn tools() -> [(&'static str, Tool, &'static str); 4] {
    [
        ("select", Tool::Select, "Select and move"),
        ("box", Tool::Box(None), "Drag from corner to corner"),
        ("polygon", Tool::Polygon(Vec::new()), "Click corners; Enter or a double click closes"),
        ("brush", Tool::Brush(Vec::new()), "Drag over the thing"),
    ]
}

/// What can be done where regions lie over each other.
pub(crate) const OVERLAPS: [(Overlaps, &str); 3] = [
    (Overlaps::All, "a pixel may count for several"),
    (Overlaps::Exclusive, "each pixel belongs to the smallest region over it"),
    (Overlaps::TopLevel, "regions inside a larger one are left out"),
];

fn tools_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.weak("draw");
        let mut tool = cx.tool.borrow_mut();
        for (name, one, told) in tools() {
            let is_on = std::mem::discriminant(&*tool) == std::mem::discriminant(&one);
            if ui.selectable_label(is_on, name).on_hover_text(told).clicked() {
                *tool = one;
            }
        }
        numbers_menu_ui(ui, cx);
        ui.separator();
        if ui.button("Import file…").clicked() {
            cx.dialogs.ask(Wanted::RegionFile, cx.queue);
        }
        if ui.button("Import folder…").clicked() {
            cx.dialogs.ask(Wanted::RegionFolder, cx.queue);
        }
        if let Some(regions) = &cx.state.regions {
            overlaps_ui(ui, cx, regions);
            if ui.button("Remove all").clicked() {
                cx.send(Command::RemoveRegion(None));
            }
            export_button_ui(ui, cx, ViewPart::Regions);
        }
    });
}

/// The height of a row: that of its tallest control, so that rows out of sight take as much room.
const ROW: f32 = 25.0;
/// So many rows are all laid out; of more, those in sight.
const FEW: usize = 40;

/// The rows to lay out, where `high` of them have room and `above` are scrolled past: two more at each
/// end, so that Tab goes on beyond what is seen.
fn rows_in_sight(n: usize, high: f32, above: f32) -> Range<usize> {
    if n <= FEW {
        return 0..n;
    }
    let first = (above as usize).saturating_sub(2).min(n);
    // The names of the columns take a row.
    first..((above + high) as usize + 3).clamp(first, n)
}

/// What a row takes beside the name of its region.
const BESIDE_NAME: f32 = 330.0;

fn list_ui(ui: &mut Ui, cx: &ViewContext<'_>, regions: &PictureRegions, shown: Range<usize>) {
    let size = regions.set.image();
    let pixels = f64::from(size.width) * f64::from(size.height);
    let subject = cx.subject();
    let weights = cx.run_id().and_then(|id| cx.state.region_weights(id, &subject));
    let weights = weights.as_deref().and_then(|weights| weights.as_ref().ok());
    let meaning = RegionWeight::meaning(cx.state.workspace.view.map_kind(&subject));
    // The name is what can be narrow.
    let name_width = (ui.available_width() - BESIDE_NAME).clamp(48.0, 110.0);
    let grid = egui::Grid::new("regions").striped(true).num_columns(7).min_row_height(ROW);
    grid.start_row(shown.start).show(ui, |ui| {
        for head in ["", "name", "area", "mass", "density", "lift", ""] {
            ui.label(RichText::new(head).small().color(Colors::of(ui).quiet));
        }
        ui.end_row();
        for (i, region) in
            regions.set.regions().iter().enumerate().take(shown.end).skip(shown.start)
        {
            let mut is_shown = !regions.hidden.contains(&i);
            let check = ui.checkbox(&mut is_shown, "");
            check.widget_info(|| {
                let name = format!("show {}", region.name());
                egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_shown, name)
            });
            if check.changed() {
                cx.send(Command::ShowRegion(i, is_shown));
            }
            ui.horizontal(|ui| {
                color_ui(ui, cx, regions, i);
                let mut name = region.label.clone();
                let field = TextEdit::singleline(&mut name).hint_text(region.name());
                // A cell of a grid is as wide as its content: the field has to insist.
                let field = ui.add_sized([name_width, 22.0], field);
                let field = field.accessible_name(format!("name of region {}", i + 1));
                if field.changed() {
                    cx.send(Command::RenameRegion(i, name));
                }
            });
            let area = region.mask.area();
            let told = format!("the part of the picture that it covers: {area} of {pixels} pixels");
            exact_ui(ui, Some(f64::from(area) / pixels), percent, ("area", &told));
            weights_ui(ui, weights.and_then(|weights| weights.get(i)), meaning);
            let last = ui.horizontal(|ui| row_buttons_ui(ui, cx, i, &region.name())).response;
            // The whole row, with half of what lies between it and the next.
            let rows =
                last.rect.union(check.rect).y_range().expand(0.5 * ui.spacing().item_spacing.y);
            if ui.rect_contains_pointer(egui::Rect::from_x_y_ranges(ui.clip_rect().x_range(), rows))
            {
                cx.hovered.set_region(i);
            }
            ui.end_row();
        }
    });
}

/// What a region gets of the map, rounded, and in full where the pointer is.
fn weights_ui(ui: &mut Ui, weight: Option<&RegionWeight>, meaning: &str) {
    for (name, value) in
        [("mass", weight.and_then(|w| w.mass)), ("density", weight.and_then(|w| w.density))]
    {
        exact_ui(ui, value, percent, (name, meaning));
    }
    exact_ui(ui, weight.and_then(|w| w.lift), number, ("lift", meaning));
}

fn row_buttons_ui(ui: &mut Ui, cx: &ViewContext<'_>, i: usize, name: &str) {
    let selection = &cx.state.workspace.selection;
    let is_chosen = selection.region == Some(i);
    let pick = ui.selectable_label(is_chosen, "light");
    pick.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, is_chosen, format!("light {name}"))
    });
    if pick.on_hover_text("Light the words that attend to it").clicked() {
        cx.send(Command::Select(selection.at_place(Some(i), None)));
    }
    let remove = ui.small_button("×").on_hover_text("Remove this region");
    remove.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("remove {name}"))
    });
    if remove.clicked() {
        cx.send(Command::RemoveRegion(Some(i)));
    }
}

fn color_ui(ui: &mut Ui, cx: &ViewContext<'_>, regions: &PictureRegions, i: usize) {
    let [r, g, b, _] = color_of_region(regions, i).to_array();
    let mut rgb = [r, g, b];
    let button = ui.color_edit_button_srgb(&mut rgb);
    button.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::ColorWell, true, format!("color of region {}", i + 1))
    });
    if button.changed() {
        cx.send(Command::RecolorRegion(i, Some(rgb)));
    }
}

fn overlaps_ui(ui: &mut Ui, cx: &ViewContext<'_>, regions: &PictureRegions) {
    let mut overlaps = regions.overlaps;
    let menu = ui.menu_button(format!("overlaps: {overlaps} ⏷"), |ui| {
        for (policy, told) in OVERLAPS {
            ui.selectable_value(&mut overlaps, policy, format!("{policy}: {told}"));
        }
    });
    menu.response.on_hover_text("What is done where regions lie over each other");
    if overlaps != regions.overlaps {
        cx.send(Command::SetOverlap(overlaps));
    }
}
