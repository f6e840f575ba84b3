//! The system's file dialogs, each on a thread of its own: some never answer, and the window does
//! not wait for them.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use crate::app::{Command, CommandQueue, Level};

/// What a chosen path is for.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// A picture to open.
    Picture,
    /// A file of regions.
    RegionFile,
    /// A folder of regions.
    RegionFolder,
    /// A model's folder.
    ModelFolder,
    /// Where a figure goes.
    Figure(std::sync::Arc<crate::domain::Figure>, String),
}

/// The dialogs that are open.
#[derive(Debug)]
pub(crate) struct Dialogs {
    sender: SyncSender<(Wanted, Option<PathBuf>)>,
    chosen: Receiver<(Wanted, Option<PathBuf>)>,
    ctx: egui::Context,
}

impl Dialogs {
    /// None open; `ctx` is woken when one closes.
    pub(crate) fn new(ctx: egui::Context) -> Self {
        let (sender, chosen) = sync_channel(8);
        Self { sender, chosen, ctx }
    }

    /// Opens a dialog.
    pub(crate) fn ask(&self, wanted: Wanted, queue: &CommandQueue) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let show = move || {
            let dialog = rfd::FileDialog::new();
            let path = match &wanted {
                Wanted::Picture => dialog
                    .set_title("Open a picture")
                    .add_filter(
                        "pictures",
                        &["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"],
                    )
                    .pick_file(),
                Wanted::RegionFile => dialog.set_title("Import regions").pick_file(),
                Wanted::RegionFolder => {
                    dialog.set_title("Import a folder of regions").pick_folder()
                }
                Wanted::ModelFolder => dialog.set_title("Open a model's folder").pick_folder(),
                Wanted::Figure(_, name) => dialog
                    .set_title("Export a figure")
                    .set_file_name(name)
                    .add_filter("figures and data", &["svg", "png", "csv", "json"])
                    .save_file(),
            };
            // The window may be gone by now.
            sender.send((wanted, path)).ok();
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("dialog".to_owned()).spawn(show) {
            queue.send(Command::Notify(Level::Error, format!("cannot open a dialog: {error}")));
        }
    }

    /// Sends on what was chosen. No answer and a closed dialog look alike, so both say how to go on.
    pub(crate) fn collect(&self, queue: &CommandQueue) {
        for (wanted, path) in self.chosen.try_iter() {
            let Some(path) = path else {
                let text = "no file was chosen. Where the system shows no dialog: drop the file into \
                            the window, or paste its path into the path field";
                queue.send(Command::Notify(Level::Info, text.to_owned()));
                continue;
            };
            queue.send(match wanted {
                Wanted::Picture => Command::OpenPicture(path),
                Wanted::RegionFile | Wanted::RegionFolder => Command::ImportRegions(path, None),
                Wanted::ModelFolder => Command::SetModel(Some(path.display().to_string())),
                Wanted::Figure(figure, _) => {
                    Command::Export(crate::app::ExportRequest { figure, path })
                }
            });
        }
    }
}
