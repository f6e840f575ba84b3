//! The sessions on disk, read on a thread of their own with their thumbnails.

use std::{
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use crate::app::{
    OpenSession,
    jobs::{KeptPicture, SessionSummary, read_picture, sessions_in},
};

/// A session, and its small picture where it has one.
pub(crate) type Listed = (SessionSummary, Option<Arc<KeptPicture>>);

/// What is known of the sessions on disk.
#[derive(Debug)]
pub(crate) struct SessionList {
    sender: SyncSender<Vec<Listed>>,
    received: Receiver<Vec<Listed>>,
    known: RefCell<Option<Arc<Vec<Listed>>>>,
    is_reading: Cell<bool>,
    /// What was open when they were last looked up.
    seen: RefCell<(Option<PathBuf>, usize, String)>,
    /// The path that is being typed.
    pub(crate) path: RefCell<String>,
    ctx: egui::Context,
}

impl SessionList {
    /// Nothing known; `ctx` is woken when something is.
    pub(crate) fn new(ctx: egui::Context) -> Self {
        let (sender, received) = sync_channel(2);
        let known = RefCell::new(None);
        let is_reading = Cell::new(false);
        let (seen, path) = (RefCell::default(), RefCell::default());
        Self { sender, received, known, is_reading, seen, path, ctx }
    }

    /// What is known; the first time, and when something of the open session is written, it is looked up.
    pub(crate) fn get(
        &self,
        folder: Option<&PathBuf>,
        open: &OpenSession,
    ) -> Option<Arc<Vec<Listed>>> {
        if let Some(read) = self.received.try_iter().last() {
            self.is_reading.set(false);
            *self.known.borrow_mut() = Some(Arc::new(read));
        }
        let known = self.known.borrow().clone();
        let (place, n_runs, title) = open.on_disk();
        let now = (place.map(Path::to_owned), n_runs, title.to_owned());
        let is_known = known.is_some() && *self.seen.borrow() == now;
        if !is_known && !self.is_reading.get() {
            *self.seen.borrow_mut() = now;
            self.read(folder);
        }
        known
    }

    /// Looks them up again.
    pub(crate) fn read(&self, folder: Option<&PathBuf>) {
        let Some(folder) = folder.cloned().filter(|_| !self.is_reading.get()) else { return };
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let look = move || {
            let picture = |summary: &SessionSummary| {
                let kept = read_picture(summary.thumbnail.as_ref()?).ok()?;
                Some(Arc::new(kept))
            };
            let all = sessions_in(&folder).into_iter().map(|summary| {
                let picture = picture(&summary);
                (summary, picture)
            });
            // A window that is gone needs no list.
            sender.try_send(all.collect()).ok();
            ctx.request_repaint();
        };
        let started = thread::Builder::new().name("sessions".to_owned()).spawn(look);
        self.is_reading.set(started.is_ok());
    }
}
