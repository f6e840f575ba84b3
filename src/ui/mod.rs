//! Floor 5: the window.
//!
//! - **Owns**: panels, widgets, colors, keys: how the application's state looks and is touched.
//! - **May import**: `domain`, `app`.
//! - **Never**: computing anything, reading or writing files, changing the state but by a command.
//! - **Invariant**: drawing is a pure reading; a frame never waits for a worker.

mod arranging;
mod ask_bar;
mod context;
mod device_menu;
mod dialogs;
mod export_window;
mod fonts;
mod help;
mod launch;
mod layout;
mod menu;
mod palette;
mod panels;
mod paste;
mod region_pixels;
mod session_list;
mod shell;
mod shortcuts;
mod status_bar;
mod steps;
mod textures;
mod theme;
mod tour;
mod widgets;

pub use self::{
    launch::{Opening, run},
    shell::Shell,
};
