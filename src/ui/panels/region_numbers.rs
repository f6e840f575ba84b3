//! A region without a pointer: a box, a polygon or a stroke of the brush by their numbers.

use egui::{DragValue, Grid, TextEdit, Ui};

use crate::{
    app::{Command, Drawing},
    domain::ImageSize,
    ui::{
        context::ViewContext,
        widgets::{menu_with_fields_ui, note_ui},
    },
};

/// A box in pixels of the picture.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// Points as typed, and the radius of a stroke through them, in pixels of the picture.
#[derive(Clone, Debug)]
struct Points {
    text: String,
    radius: f64,
}

/// Shows the button, and the menu; what is typed is kept by egui while the window is open.
pub(super) fn numbers_menu_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(picture) = &cx.state.picture else { return };
    let size = picture.image.size;
    let id = ui.scope_id().with("by numbers");
    menu_with_fields_ui(ui, "by numbers ⏷", |ui| {
        let whole = Numbers { left: 0, top: 0, width: size.width, height: size.height };
        let mut numbers = ui.data(|data| data.get_temp(id)).unwrap_or(whole);
        numbers_ui(ui, size, &mut numbers);
        ui.data_mut(|data| data.insert_temp(id, numbers));
        if ui.button("Add the box").clicked() {
            add(ui, cx, boxed(numbers));
        }
        ui.separator();
        let radius = f64::from((size.width / 50).max(1));
        let blank = Points { text: String::new(), radius };
        let mut points = ui.data(|data| data.get_temp(id)).unwrap_or(blank);
        points_ui(ui, cx, &mut points);
        ui.data_mut(|data| data.insert_temp(id, points));
    })
    .on_hover_text("Add a box, a polygon or a stroke by its numbers, in pixels of the picture");
}

fn add(ui: &Ui, cx: &ViewContext<'_>, drawing: Drawing) {
    let number = cx.state.regions.as_ref().map_or(0, |all| all.set.regions().len());
    cx.send(Command::DrawRegion(drawing, format!("drawn {}", number + 1)));
    ui.close();
}

fn points_ui(ui: &mut Ui, cx: &ViewContext<'_>, points: &mut Points) {
    let label = ui.label("points, as x,y x,y x,y");
    let field = TextEdit::singleline(&mut points.text).hint_text("10,10 60,10 10,60");
    ui.add(field.desired_width(180.0)).labelled_by(label.id);
    let read = points_of(&points.text);
    let n = read.as_ref().map_or(0, Vec::len);
    ui.horizontal(|ui| {
        if ui.add_enabled(n >= 3, egui::Button::new("Add the polygon")).clicked() {
            add(ui, cx, Drawing::Polygon(read.clone().unwrap_or_default()));
        }
        if ui.add_enabled(n >= 1, egui::Button::new("Add the stroke")).clicked() {
            add(ui, cx, Drawing::Brush(read.clone().unwrap_or_default(), points.radius));
        }
        let label = ui.label("of radius");
        let drag = DragValue::new(&mut points.radius).range(0.5..=10_000.0).suffix(" px");
        ui.add(drag).labelled_by(label.id);
    });
    if let (Err(why), false) = (&read, points.text.trim().is_empty()) {
        note_ui(ui, why);
    }
}

/// Points as a person types them.
fn points_of(text: &str) -> Result<Vec<[f64; 2]>, String> {
    let point = |word: &str| {
        let (x, y) = word.split_once(',')?;
        let number = |text: &str| text.parse().ok().filter(|at: &f64| at.is_finite());
        Some([number(x)?, number(y)?])
    };
    text.split_whitespace()
        .map(|word| point(word).ok_or_else(|| format!("\"{word}\" is no point like 10,20")))
        .collect()
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

fn boxed(numbers: Numbers) -> Drawing {
    let [left, top, width, height] =
        [numbers.left, numbers.top, numbers.width, numbers.height].map(f64::from);
    Drawing::Box([left, top], [left + width, top + height])
}
