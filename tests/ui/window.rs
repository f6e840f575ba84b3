//! A window in a test harness, stepped until something holds.

use std::{thread::sleep, time::Duration};

use aki_lens::ui::{Opening, Shell};
use egui_kittest::{Harness, kittest::Queryable as _};

/// A window at its first example, which remembers nothing and has shown its tour.
pub(crate) fn window(size: [f32; 2]) -> Harness<'static, Shell> {
    window_with(size, Opening::default())
}

/// A window that is opened with something, and has shown its tour.
pub(crate) fn window_with(size: [f32; 2], opening: Opening) -> Harness<'static, Shell> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(64)
        .build_eframe(|cc| Shell::new(cc, None, opening));
    until(&mut harness, |harness| harness.query_by_label("Do not show again").is_some());
    harness.get_by_label("Do not show again").click();
    until(&mut harness, |harness| harness.query_by_label("Do not show again").is_none());
    harness
}

/// A window whose first example is answered.
pub(crate) fn answered(size: [f32; 2]) -> Harness<'static, Shell> {
    let mut harness = window(size);
    until(&mut harness, |harness| harness.state().state().run().is_some());
    harness.run_ok();
    harness
}

/// Steps until a condition holds; workers run meanwhile.
pub(crate) fn until(
    harness: &mut Harness<'static, Shell>,
    holds: impl Fn(&Harness<'static, Shell>) -> bool,
) {
    for _ in 0..6000 {
        harness.step();
        if holds(harness) {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("waited in vain; notices: {:?}", harness.state().state().notices);
}
