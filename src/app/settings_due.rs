//! Settings on their way to the disk, on the thread that keeps things: a disk may take longer than a frame.

use super::{
    command::JobId,
    job::Job,
    state::{AppState, Level},
    update::start,
};

/// Whether settings are to be written, and whether they are being.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SettingsDue {
    is_due: bool,
    under_way: Option<JobId>,
}

impl AppState {
    /// Has the settings written: at the end of this step, or, without a thread for it, now.
    pub(super) fn keep_settings(&mut self) {
        let Some(path) = self.settings_file.clone() else { return };
        if self.worker.is_some() {
            self.settings_due.is_due = true;
        } else if let Err(error) = self.settings.write(&path) {
            let what = format!("settings are not remembered: cannot write {}", path.display());
            self.notify(Level::Warning, format!("{what}: {error:#}"));
        }
    }

    /// Sends on the settings that are due. One at a time, so that a size that is dragged fills no line: what
    /// changes meanwhile is written after.
    pub(super) fn send_settings(&mut self) {
        let is_under_way = |id| self.quiet.contains_key(&id);
        if self.settings_due.is_due && !self.settings_due.under_way.is_some_and(is_under_way) {
            self.send_settings_now();
        }
    }

    /// The same for the end of a window, which waits for all that is under way.
    pub(super) fn send_last_settings(&mut self) {
        if self.settings_due.is_due {
            self.send_settings_now();
        }
    }

    fn send_settings_now(&mut self) {
        let Some(path) = self.settings_file.clone() else { return };
        self.settings_due.is_due = false;
        self.settings_due.under_way =
            start(self, Job::KeepSettings(Box::new(self.settings.clone()), path));
    }
}
