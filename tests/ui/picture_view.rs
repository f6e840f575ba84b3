//! The picture: zoomed, moved and looked at with the pointer.

use aki_lens::ui::Shell;
use egui::{Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Role, TouchPhase, Vec2};
use egui_kittest::Harness;
use image::RgbaImage;

use crate::{
    keys::named,
    pictures::{answered, window},
};

/// What is seen of the picture while the pointer is elsewhere.
fn seen(harness: &mut Harness<'_, Shell>) -> RgbaImage {
    harness.remove_cursor();
    harness.run_steps(3);
    let rect = named(harness, Role::Image, "picture: ").rect();
    let all = harness.render().unwrap();
    let [x, y, width, height] =
        [rect.min.x, rect.min.y, rect.width(), rect.height()].map(|n| n.round() as u32);
    image::imageops::crop_imm(&all, x, y, width, height).to_image()
}

fn wheel(harness: &mut Harness<'_, Shell>, at: Pos2, points: f32) {
    harness.hover_at(at);
    harness.step();
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    // It is smoothed over several frames.
    harness.run_steps(20);
}

#[test]
fn the_wheel_zooms_dragging_moves_and_a_double_click_shows_all() {
    let mut harness = window(answered(), [1280.0, 800.0]);
    let whole = seen(&mut harness);
    let middle = named(&harness, Role::Image, "picture: ").rect().center();
    // Nothing to move as long as all is seen.
    let drag = |harness: &mut Harness<'_, Shell>| {
        harness.hover_at(middle);
        harness.drag_at(middle);
        harness.run_steps(2);
        harness.hover_at(middle + Vec2::new(60.0, 30.0));
        harness.run_steps(2);
        harness.drop_at(middle + Vec2::new(60.0, 30.0));
        harness.run_steps(2);
    };
    drag(&mut harness);
    assert!(seen(&mut harness) == whole);
    wheel(&mut harness, middle, 300.0);
    let near = seen(&mut harness);
    assert!(near != whole);
    drag(&mut harness);
    assert!(seen(&mut harness) != near);
    // A double click is two that follow each other closely: here, within a frame.
    harness.hover_at(middle);
    harness.step();
    let buttons = [true, false, true, false].map(|pressed| Event::PointerButton {
        pos: middle,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
    harness.input_mut().events.extend(buttons);
    harness.run_steps(3);
    assert!(seen(&mut harness) == whole);
}
