//! The system's file dialogs, each on a thread of its own: some never answer, and the window does
//! not wait for them.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use crate::app::{
    Command, CommandQueue, Level,
    jobs::{Drawn, ExportRequest},
};

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
    /// The folder of rust-bert's model.
    TaggerModel,
    /// Where something shown goes: it, and the name that its file has unless another is chosen.
    Drawn(Drawn, String),
    /// The folder in which everything of the view gets a folder.
    ViewFolder,
    /// A session's folder.
    Session,
    /// Folders of batches.
    Batch,
    /// Folders of batches beside those that are open.
    MoreBatches,
    /// The questions of one of the open batches, by its place.
    Questions(usize),
}

/// The dialogs that are open.
#[derive(Debug)]
pub(crate) struct Dialogs {
    sender: SyncSender<(Wanted, Vec<PathBuf>)>,
    /// What was wanted, and what was chosen: nothing where the dialog was closed.
    chosen: Receiver<(Wanted, Vec<PathBuf>)>,
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
            let paths = ask_system(&wanted);
            // The window may be gone by now.
            sender.send((wanted, paths)).ok();
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("dialog".to_owned()).spawn(show) {
            queue.send(Command::Notify(Level::Error, format!("cannot open a dialog: {error}")));
        }
    }

    /// Sends on what was chosen. No answer and a closed dialog look alike, so both say how to go on.
    pub(crate) fn collect(&self, queue: &CommandQueue) {
        for (wanted, paths) in self.chosen.try_iter() {
            let Some(path) = paths.first().cloned() else {
                let text = "no file was chosen. Where the system shows no dialog: drop the file into \
                            the window, or type its path where a field asks for one";
                queue.send(Command::Notify(Level::Info, text.to_owned()));
                continue;
            };
            queue.send(match wanted {
                Wanted::Picture => Command::OpenPicture(path),
                Wanted::RegionFile | Wanted::RegionFolder => Command::ImportRegions(path, None),
                Wanted::ModelFolder => Command::SetModel(Some(path.display().to_string())),
                Wanted::TaggerModel => Command::SetTaggerModel(path),
                // The dialog has asked whether a file may be replaced.
                Wanted::Drawn(drawn, _) => {
                    Command::Export(ExportRequest { drawn, path, replaces: true })
                }
                Wanted::ViewFolder => Command::ExportView(path),
                Wanted::Session => Command::OpenSession(path),
                Wanted::Batch => Command::OpenBatch(paths),
                Wanted::MoreBatches => Command::AddBatch(paths),
                Wanted::Questions(batch) => Command::FindQuestions(batch, path),
            });
        }
    }
}

/// Shows the dialog and waits for it.
fn ask_system(wanted: &Wanted) -> Vec<PathBuf> {
    let dialog = rfd::FileDialog::new();
    let path = match wanted {
        Wanted::Picture => dialog
            .set_title("Open a picture")
            .add_filter("pictures", &["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"])
            .pick_file(),
        Wanted::RegionFile => dialog.set_title("Import regions").pick_file(),
        Wanted::RegionFolder => dialog.set_title("Import a folder of regions").pick_folder(),
        Wanted::ModelFolder => dialog.set_title("Open a model's folder").pick_folder(),
        Wanted::TaggerModel => dialog.set_title("The folder of rust-bert's model").pick_folder(),
        Wanted::Drawn(drawn, name) => dialog
            .set_title("Export a figure")
            .set_file_name(name)
            .add_filter("figures and data", drawn.formats())
            .save_file(),
        Wanted::ViewFolder => dialog.set_title("Where the view's folder is made").pick_folder(),
        Wanted::Session => dialog.set_title("Open a session's folder").pick_folder(),
        Wanted::Questions(_) => dialog.set_title("The questions that the batch asked").pick_file(),
        Wanted::Batch | Wanted::MoreBatches => {
            let dialog = dialog.set_title("Folders that batch or merge wrote");
            return dialog.pick_folders().unwrap_or_default();
        }
    };
    path.into_iter().collect()
}
