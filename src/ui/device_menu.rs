//! Where the next run is computed: what there is, and why the rest is not.

use egui::Ui;

use super::{context::ViewContext, widgets::menu_with_fields_ui};
use crate::app::{Command, Devices, jobs::DeviceChoice};

/// What a device is called.
pub(crate) fn device_name(choice: DeviceChoice) -> String {
    match choice {
        DeviceChoice::Best => "best device".to_owned(),
        other => other.to_string(),
    }
}

/// Shows the menu of devices, and how long an answer may be.
pub(super) fn device_menu_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let device = cx.state.workspace.device;
    menu_with_fields_ui(ui, format!("{} ⏷", device_name(device)), |ui| {
        if matches!(cx.state.devices, Devices::Unknown) {
            cx.send(Command::FindDevices);
        }
        for choice in cx.state.devices.choices() {
            let is_missing = cx.state.devices.is_missing(choice);
            ui.add_enabled_ui(!is_missing, |ui| {
                if ui.selectable_label(device == choice, told(cx, choice)).clicked() {
                    cx.send(Command::SetDevice(choice));
                    ui.close();
                }
            });
        }
        if matches!(cx.state.devices, Devices::Looking) {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.weak("looking what there is");
            });
        }
        ui.separator();
        let mut tokens = cx.state.workspace.max_new_tokens;
        ui.horizontal(|ui| {
            let label = ui.label("answer at most");
            let drag = egui::DragValue::new(&mut tokens).range(1..=4096);
            if ui.add(drag).labelled_by(label.id).changed() {
                cx.send(Command::SetMaxNewTokens(tokens));
            }
            ui.label("tokens");
        });
    })
    .on_hover_text("Where the next run is computed");
}

/// A device, and what was found of it.
fn told(cx: &ViewContext<'_>, choice: DeviceChoice) -> String {
    let name = device_name(choice);
    match cx.state.devices.of(choice) {
        None => name,
        Some(device) => match &device.unusable {
            Some(why) => format!("{name}: {why}"),
            None if choice == DeviceChoice::Best => format!("{name}: {}", device.name),
            None => device.name.clone(),
        },
    }
}
