//! The sessions on disk, read on a thread of their own with their thumbnails.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use crate::app::jobs::{KeptPicture, SessionSummary, read_picture, sessions_in};

/// A session, and its small picture where it has one.
pub(crate) type Listed = (SessionSummary, Option<Arc<KeptPicture>>);

/// What is known of the sessions on disk.
#[derive(Debug)]
pub(crate) struct SessionList {
    sender: SyncSender<Vec<Listed>>,
    received: Receiver<Vec<Listed>>,
    known: RefCell<Option<Arc<Vec<Listed>>>>,
    is_reading: Cell<bool>,
    ctx: egui::Context,
}

impl SessionList {
    /// Nothing known; `ctx` is woken when something is.
    pub(crate) fn new(ctx: egui::Context) -> Self {
        let (sender, received) = sync_channel(2);
        let known = RefCell::new(None);
        Self { sender, received, known, is_reading: Cell::new(false), ctx }
    }

    /// What is known; the first time, it is looked up.
    pub(crate) fn get(&self, folder: Option<&PathBuf>) -> Option<Arc<Vec<Listed>>> {
        if let Some(read) = self.received.try_iter().last() {
            self.is_reading.set(false);
            *self.known.borrow_mut() = Some(Arc::new(read));
        }
        let known = self.known.borrow().clone();
        if known.is_none() {
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
