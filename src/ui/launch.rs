//! Opening the window.

use std::{env, path::PathBuf};

use anyhow::{Result, bail};
use eframe::egui;

use super::shell::Shell;
use crate::app::config_folder;

/// What the window shows first.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// A picture; none for the first example, or for none beside a batch.
    pub image: Option<PathBuf>,
    /// A question about it, asked at once.
    pub question: Option<String>,
    /// Batches: folders that `batch` or `merge` wrote.
    pub batch: Vec<PathBuf>,
}

/// The name under which the system knows the window.
const APP_ID: &str = "aki-lens";

/// Shows the window until it is closed.
///
/// # Errors
/// No display, or one without OpenGL.
pub fn run(opening: Opening) -> Result<()> {
    if cfg!(target_os = "linux") && !has_display() {
        bail!(
            "no display: neither DISPLAY nor WAYLAND_DISPLAY is set; \
             on the command line, use `aki-lens ask --image FILE --question TEXT`"
        );
    }
    let viewport = egui::ViewportBuilder::default()
        .with_title("aki-lens")
        .with_app_id(APP_ID)
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([900.0, 600.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let settings = config_folder().map(|folder| folder.join("settings.json"));
    let shown = eframe::run_native(
        APP_ID,
        options,
        Box::new(move |cc| Ok(Box::new(Shell::new(cc, settings, opening)))),
    );
    if let Err(error) = shown {
        bail!(
            "the window cannot be shown: {error}; \
             on the command line, use `aki-lens ask --image FILE --question TEXT`"
        );
    }
    Ok(())
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
