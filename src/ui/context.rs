//! What a panel gets: the state to read, the queue to ask through, textures, and what is hovered.

use std::cell::{Cell, RefCell};

use super::textures::Textures;
use crate::app::{AppState, Command, CommandQueue, RunId, Subject};

/// What the pointer is over, for panels that speak of the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hover {
    /// A word of the question.
    Word(usize),
    /// A token of the answer.
    Token(usize),
    /// A patch of the picture.
    Patch(usize),
    /// A region, by its place in the list.
    Region(usize),
    /// A latent.
    Latent(usize),
}

/// What the pointer is over. What is found in one frame is shown in the next, so that all panels
/// agree within a frame.
#[derive(Debug, Default)]
pub(crate) struct Hovered {
    now: Cell<Option<Hover>>,
    next: Cell<Option<Hover>>,
}

impl Hovered {
    /// What was found in the last frame.
    pub(crate) fn get(&self) -> Option<Hover> {
        self.now.get()
    }

    /// Tells what is under the pointer.
    pub(crate) fn set(&self, hover: Hover) {
        self.next.set(Some(hover));
    }

    /// Whether something else is under the pointer than what is shown.
    pub(crate) fn changes(&self) -> bool {
        self.now.get() != self.next.get()
    }

    /// Begins a frame; true where it differs from the last, so that it has to be drawn again.
    pub(crate) fn turn(&self) -> bool {
        let next = self.next.take();
        self.now.replace(next) != next
    }
}

/// What a panel gets.
pub(crate) struct ViewContext<'a> {
    /// Everything there is to show.
    pub(crate) state: &'a AppState,
    /// The one way to change it.
    pub(crate) queue: &'a CommandQueue,
    /// Pictures on the graphics card.
    pub(crate) textures: &'a RefCell<Textures>,
    /// What the pointer is over.
    pub(crate) hovered: &'a Hovered,
    /// What is drawn by hand, if anything.
    pub(crate) tool: &'a RefCell<super::panels::Tool>,
    /// What is to be written, and where.
    pub(crate) export: &'a RefCell<super::export_window::ExportWindow>,
    /// Files that a dialog may ask for.
    pub(crate) dialogs: &'a super::dialogs::Dialogs,
    /// The sessions on disk.
    pub(crate) sessions: &'a super::session_list::SessionList,
}

impl ViewContext<'_> {
    /// Asks for something.
    pub(crate) fn send(&self, command: Command) {
        self.queue.send(command);
    }

    /// The run that is looked at.
    pub(crate) fn run_id(&self) -> Option<RunId> {
        let id = self.state.workspace.selection.run?;
        self.state.run_of(id).map(|_| id)
    }

    /// What the map is of: what the pointer is over, else what is chosen.
    pub(crate) fn subject(&self) -> Subject {
        match self.hovered.get() {
            Some(Hover::Word(word)) => Subject::word(word),
            Some(Hover::Token(token)) => Subject::token(token),
            Some(Hover::Latent(latent)) => Subject::latent(latent),
            _ => self.state.workspace.selection.subject.clone(),
        }
    }

    /// Chooses a subject; with Shift or Ctrl it is added to what is chosen.
    pub(crate) fn choose(&self, ui: &egui::Ui, subject: &Subject) {
        let adds = ui.input(|i| i.modifiers.shift || i.modifiers.command);
        let before = &self.state.workspace.selection.subject;
        let after = if adds { before.toggled(subject) } else { subject.clone() };
        self.send(Command::SelectSubject(after));
    }
}
