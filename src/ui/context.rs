//! What a panel gets: the state to read, the queue to ask through, textures, and what is hovered.

use std::cell::{Cell, RefCell};

use egui::{Event, InputState, Response};

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
    /// A latent.
    Latent(usize),
}

/// What the pointer is over, or what has the keyboard: whichever of the two was used last. What is found
/// in one frame is shown in the next, so that all panels agree within a frame.
#[derive(Debug, Default)]
pub(crate) struct Hovered {
    now: Cell<Under>,
    pointed: Cell<Under>,
    focused: Cell<Under>,
    /// Whether what is told comes from keys.
    is_by_keys: Cell<bool>,
    /// Whether keys were used later than the pointer.
    keys_lead: Cell<bool>,
}

/// In one place there can be a region and, in the picture, a patch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Under {
    hover: Option<Hover>,
    region: Option<usize>,
}

impl Hovered {
    /// What was found in the last frame.
    pub(crate) fn get(&self) -> Option<Hover> {
        self.now.get().hover
    }

    /// The region that was found in the last frame, by its place in the list.
    pub(crate) fn region(&self) -> Option<usize> {
        self.now.get().region
    }

    /// Tells what is under the pointer.
    pub(crate) fn set(&self, hover: Hover) {
        let slot = self.slot();
        slot.set(Under { hover: Some(hover), ..slot.get() });
    }

    /// Tells which region is under the pointer, by its place in the list.
    pub(crate) fn set_region(&self, region: usize) {
        let slot = self.slot();
        slot.set(Under { region: Some(region), ..slot.get() });
    }

    fn slot(&self) -> &Cell<Under> {
        if self.is_by_keys.get() { &self.focused } else { &self.pointed }
    }

    /// Tells of a control that stands for something, if it is under the pointer or has the keyboard.
    pub(crate) fn set_at(&self, response: &Response, hover: Hover) {
        if response.hovered() {
            self.set(hover);
        }
        if response.has_focus() {
            self.focused.set(Under { hover: Some(hover), ..self.focused.get() });
        }
    }

    /// Whether what is told from here on comes from keys.
    pub(crate) fn lead_by_keys(&self, is_by_keys: bool) {
        self.is_by_keys.set(is_by_keys);
    }

    fn next(&self) -> Under {
        let (first, second) = match self.keys_lead.get() {
            true => (self.focused.get(), self.pointed.get()),
            false => (self.pointed.get(), self.focused.get()),
        };
        if first == Under::default() { second } else { first }
    }

    /// Whether something else is found than what is shown.
    pub(crate) fn changes(&self) -> bool {
        self.now.get() != self.next()
    }

    /// Begins a frame; true where it differs from the last, so that it has to be drawn again.
    pub(crate) fn turn(&self, input: &InputState) -> bool {
        let is_press = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
        if input.pointer.is_moving() || input.pointer.any_pressed() {
            self.keys_lead.set(false);
        } else if input.events.iter().any(is_press) {
            self.keys_lead.set(true);
        }
        let next = self.next();
        self.pointed.take();
        self.focused.take();
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
