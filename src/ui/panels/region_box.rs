//! A region without a pointer: a box by its numbers.

use egui::{DragValue, Grid, Ui};

use crate::{
    app::{Command, Drawing},
    domain::ImageSize,
    ui::{context::ViewContext, widgets::menu_with_fields_ui},
};

/// A box in pixels of the picture, kept by egui while the window is open.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// Shows the button, and the menu with the box's numbers.
pub(super) fn box_menu_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(picture) = &cx.state.picture else { return };
    let size = picture.image.size;
    let id = ui.scope_id().with("box by numbers");
    menu_with_fields_ui(ui, "box by numbers ⏷", |ui| {
        let whole = Numbers { left: 0, top: 0, width: size.width, height: size.height };
        let mut numbers = ui.data(|data| data.get_temp(id)).unwrap_or(whole);
        numbers_ui(ui, size, &mut numbers);
        ui.data_mut(|data| data.insert_temp(id, numbers));
        if ui.button("Add the box").clicked() {
            let number = cx.state.regions.as_ref().map_or(0, |all| all.set.regions().len());
            let name = format!("drawn {}", number + 1);
            cx.send(Command::DrawRegion(drawing(numbers), name));
            ui.close();
        }
    })
    .on_hover_text("Add a box by its place and size, in pixels of the picture");
}

fn numbers_ui(ui: &mut Ui, size: ImageSize, numbers: &mut Numbers) {
    // Another picture may be smaller.
    numbers.left = numbers.left.min(size.width.saturating_sub(1));
    numbers.top = numbers.top.min(size.height.saturating_sub(1));
    let (right, bottom) = (size.width - numbers.left, size.height - numbers.top);
    let Numbers { left, top, width, height } = numbers;
    Grid::new("box").num_columns(2).show(ui, |ui| {
        for (name, value, least, most) in [
            ("left", left, 0, size.width.saturating_sub(1)),
            ("top", top, 0, size.height.saturating_sub(1)),
            ("width", width, 1, right),
            ("height", height, 1, bottom),
        ] {
            let label = ui.label(name);
            ui.add(DragValue::new(value).range(least..=most).suffix(" px")).labelled_by(label.id);
            ui.end_row();
        }
    });
}

fn drawing(numbers: Numbers) -> Drawing {
    let [left, top, width, height] =
        [numbers.left, numbers.top, numbers.width, numbers.height].map(f64::from);
    Drawing::Box([left, top], [left + width, top + height])
}
