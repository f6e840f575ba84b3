//! Everything that a window can ask for, and the queue in which it asks.

use std::{cell::RefCell, path::PathBuf};

use super::{
    batch_choice::BatchChoice,
    jobs::{CauseChoice, DeviceChoice, ExportRequest, Overlaps, SizeFix},
    knockout_form::KnockoutForm,
    pasted::PastedPicture,
    picture_regions::Drawing,
    settings::Settings,
    workspace::{RunId, Selection, Subject, ViewChoice},
};
use crate::domain::{AttentionMode, Bucket, Region};

/// A running piece of work, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Something to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Ask the picture the question.
    Ask,
    /// Ask the chosen run's question again under another mode, and put it beside.
    AskBeside(AttentionMode),
    /// Stop the question that is being answered, within one token.
    Stop,
    /// Stop a piece of work at its next step.
    Cancel(JobId),
    /// The question as typed.
    SetQuestion(String),
    /// A model folder or name; `None` for the embedded one.
    SetModel(Option<String>),
    /// The attention mode of the next run.
    SetMode(AttentionMode),
    /// The device of the next run, and of the first one after the next start.
    SetDevice(DeviceChoice),
    /// Look what devices there are.
    FindDevices,
    /// Tokens to write at most.
    SetMaxNewTokens(usize),
    /// Open a picture.
    OpenPicture(PathBuf),
    /// Take a picture from the clipboard.
    PastePicture(PastedPicture),
    /// Open files and folders as what they are.
    TakeDropped {
        /// The files and folders.
        paths: Vec<PathBuf>,
        /// Whether all of them are regions of the picture.
        as_regions: bool,
    },
    /// Open an example by its number, and ask its question.
    OpenExample(usize),
    /// Choose for all panels.
    Select(Selection),
    /// Choose what the map is of.
    SelectSubject(Subject),
    /// Look at a run.
    SelectRun(RunId),
    /// Put a run beside it, or none.
    SetBeside(Option<RunId>),
    /// How things are shown.
    SetView(ViewChoice),
    /// What is to be knocked out.
    SetKnockout(Box<KnockoutForm>),
    /// What a word does: a person's correction, or the tagger's own again.
    SetBucket(usize, Option<Bucket>),
    /// Read regions from a file or folder.
    ImportRegions(PathBuf, Option<SizeFix>),
    /// Add a region that was drawn.
    AddRegion(Region),
    /// Add a region that a person draws, under a name.
    DrawRegion(Drawing, String),
    /// Give a region another name.
    RenameRegion(usize, String),
    /// Give a region a color, or its own again.
    RecolorRegion(usize, Option<[u8; 3]>),
    /// What is done where regions lie over each other.
    SetOverlap(Overlaps),
    /// Show or hide a region.
    ShowRegion(usize, bool),
    /// Take a region away; `None` for all.
    RemoveRegion(Option<usize>),
    /// Write what is shown.
    Export(ExportRequest),
    /// Write everything of the view into a new folder of this one.
    ExportView(PathBuf),
    /// Take attention away from the run that is looked at, and see what becomes of its answer.
    FindCause(Box<CauseChoice>),
    /// Look at a finding, by its place.
    ShowFinding(usize),
    /// Stop whatever finds something out about runs.
    CancelExamining,
    /// Compare the run that is looked at with the one beside it, in full.
    FindContrast,
    /// Look at batches: folders that `batch` or `merge` wrote, or the records in them.
    OpenBatch(Vec<PathBuf>),
    /// Look at more batches beside those that are open.
    AddBatch(Vec<PathBuf>),
    /// Look at no batch.
    CloseBatch,
    /// Read the questions of one of the open batches, by its place, from this file.
    FindQuestions(usize, PathBuf),
    /// Read them again from where the record has them.
    ReadQuestions(usize),
    /// Choose what is looked at of the open batch.
    SetBatch(Box<BatchChoice>),
    /// Ask a row of the open batch again, by its place, or look at the run that was made of it.
    AskBatchRow(usize),
    /// Open a session that is on disk.
    OpenSession(PathBuf),
    /// Begin a new session; what is open stays on disk.
    NewSession,
    /// Call the session something else.
    RenameSession(String),
    /// Go back one step of arranging.
    Undo,
    /// Go forward again.
    Redo,
    /// Change settings.
    SetSettings(Box<Settings>),
    /// The folder of rust-bert's model.
    SetTaggerModel(PathBuf),
    /// Look for rust-bert again and start it, or start it before a question needs it.
    StartTagger {
        /// Whether one that failed is started anew.
        again: bool,
    },
    /// Say something.
    Notify(super::state::Level, String),
    /// Take a notice away.
    Dismiss(usize),
}

/// Commands in the order they were sent. Panels hold it by shared reference.
#[derive(Debug, Default)]
pub struct CommandQueue(RefCell<Vec<Command>>);

impl CommandQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for something; it is done before the next frame is drawn.
    pub fn send(&self, command: Command) {
        self.0.borrow_mut().push(command);
    }

    /// Whether something waits.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Takes all that waits.
    pub fn take(&self) -> Vec<Command> {
        std::mem::take(&mut self.0.borrow_mut())
    }
}
