//! Work that takes longer than a frame: what it is, and what comes of it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};

use super::{
    command::JobId,
    findings::Finding,
    jobs::{
        self, Answered, BatchAsk, BatchChart, BatchQuestions, CauseRequest, ChartChoice,
        ComputeDevice, ContrastRequest, DeviceChoice, DeviceReport, EstimateRequest, EstimateSlot,
        Example, ExportRequest, KeepFinding, KeepRuns, KeepView, Kept, ModelSlot, OpenedBatch,
        OpenedQuestion, OpenedSession, Question, QuestionsRequest, RecordSize, RustBertState,
        SessionSlot, SizeFix, TaggerRequest, ViewExport,
    },
    pasted::PastedPicture,
    picture::Picture,
    settings::Settings,
};
use crate::{
    domain::{OnProgress, Progress, RegionSet},
    regions::{Target, import_while},
};

/// Work that takes longer than a frame.
#[derive(Clone, Debug)]
pub enum Job {
    /// Answer a question.
    Ask(Question),
    /// Read a picture.
    OpenPicture(PathBuf),
    /// Take a picture from the clipboard.
    PastePicture(PastedPicture),
    /// Read a picture, unless it looks like a mask of this one.
    OpenPictureOrMask(PathBuf, Arc<Picture>),
    /// Draw an example.
    OpenExample(usize),
    /// Read regions of a picture.
    ImportRegions(PathBuf, Arc<Picture>, Option<SizeFix>),
    /// Write something that is shown.
    Export(ExportRequest),
    /// Write everything of a view.
    ExportView(Box<ViewExport>),
    /// Load a model, so that its first question need not wait for that.
    LoadModel(String, DeviceChoice),
    /// Find out how much a run will record.
    Estimate(EstimateRequest),
    /// Look what devices there are.
    FindDevices,
    /// Start a tagger, or one that failed anew.
    StartTagger(TaggerRequest, bool),
    /// Open a session under this number.
    OpenSession(u64, PathBuf),
    /// Keep runs.
    KeepRuns(KeepRuns),
    /// Keep an arrangement.
    KeepView(KeepView),
    /// Keep a finding.
    KeepFinding(KeepFinding),
    /// Write settings.
    KeepSettings(Box<Settings>, PathBuf),
    /// Take attention away from a run.
    FindCause(Box<CauseRequest>),
    /// Compare two runs in full.
    FindContrast(Box<ContrastRequest>),
    /// Read the records of batches.
    OpenBatch(Vec<PathBuf>),
    /// Read the questions of a batch.
    ReadQuestions(Box<QuestionsRequest>),
    /// Draw batches.
    DrawBatch(Arc<OpenedBatch>, ChartChoice),
    /// Read a question of a batch with its picture.
    OpenBatchRow(BatchAsk),
}

/// A thread's line of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// What needs the model.
    Model,
    /// What reads and writes files.
    Files,
    /// What is kept, in order: the session, settings.
    Session,
    /// What reads the files of batches, which may be long.
    Batch,
}

/// What came of it.
#[derive(Debug)]
pub enum JobOutput {
    /// A run.
    Answered(Box<Answered>),
    /// A model is loaded.
    Loaded(String),
    /// A picture.
    Picture(Box<Picture>),
    /// A file that could be a mask of the picture, with so many regions, or a picture of its own.
    PictureOrMask(PathBuf, usize),
    /// An example.
    Example(Box<Example>),
    /// Regions of a picture, and what was wrong with some.
    Regions(Arc<Picture>, RegionSet, Vec<String>),
    /// How much a run will record, or why that is not known.
    Estimated(Result<RecordSize, String>),
    /// Every kind of device, usable or not, best first.
    Devices(Vec<DeviceReport>),
    /// How rust-bert is; none where the embedded tagger was chosen.
    Tagger(Option<RustBertState>),
    /// A file or folder was written.
    Written(PathBuf),
    /// A session.
    Session(Box<OpenedSession>),
    /// Runs are on disk.
    Kept(Kept),
    /// The arrangement of this session is on disk.
    ViewKept(u64),
    /// A finding is on disk.
    FindingKept,
    /// Settings are on disk.
    SettingsKept,
    /// Something was found out about runs.
    Found(Finding),
    /// Batches, with their rows.
    Batch(Box<OpenedBatch>),
    /// The questions of a batch.
    Questions(Box<BatchQuestions>),
    /// Batches, drawn.
    Chart(Box<BatchChart>),
    /// A question of a batch, to be asked again.
    BatchRow(Box<OpenedQuestion>),
}

/// What a thread has to tell.
#[derive(Debug)]
pub enum JobEvent {
    /// How far it is. Some of these may be lost.
    Progress(JobId, Progress),
    /// It is over.
    Done(JobId, Result<JobOutput>),
}

/// What a thread keeps from one job to the next.
#[derive(Debug, Default)]
pub struct Slots {
    /// The loaded model.
    pub model: ModelSlot,
    /// The model folder that was looked into.
    pub estimate: EstimateSlot,
    /// The open session.
    pub session: Option<SessionSlot>,
}

impl Job {
    /// What it does, for the progress line.
    pub fn title(&self) -> String {
        let name = |path: &Path| {
            path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
        };
        match self {
            Self::Ask(question) => format!("asking under {}", question.mode),
            Self::OpenPicture(path) | Self::OpenPictureOrMask(path, _) => {
                format!("opening {}", name(path))
            }
            Self::PastePicture(_) => "taking the pasted picture".to_owned(),
            Self::OpenExample(_) => "drawing an example".to_owned(),
            Self::ImportRegions(path, ..) => format!("reading regions of {}", name(path)),
            Self::Export(request) => format!("writing {}", name(&request.path)),
            Self::LoadModel(name_or_path, _) => {
                format!("loading {}", name(Path::new(name_or_path)))
            }
            Self::Estimate(_) => "measuring the recording".to_owned(),
            Self::FindDevices => "looking for devices".to_owned(),
            Self::StartTagger(request, _) => format!("starting the tagger {}", request.choice),
            Self::ExportView(_) => "writing everything of this view".to_owned(),
            Self::OpenSession(_, folder) => format!("opening {}", name(folder)),
            Self::KeepRuns(_) => "keeping the run".to_owned(),
            Self::KeepView(_) => "keeping the session".to_owned(),
            Self::KeepFinding(_) => "keeping a finding".to_owned(),
            Self::KeepSettings(..) => "remembering the settings".to_owned(),
            Self::FindCause(request) => match &request.choice.sweep {
                None => "knocking out".to_owned(),
                Some(sweep) => format!("knocking out {}", sweep.over),
            },
            Self::FindContrast(_) => "comparing".to_owned(),
            Self::OpenBatch(paths) => match &paths[..] {
                [path] => format!("opening the batch {}", name(path)),
                paths => format!("opening {} batches", paths.len()),
            },
            Self::ReadQuestions(_) => "reading the batch's questions".to_owned(),
            Self::DrawBatch(..) => "drawing the batch".to_owned(),
            Self::OpenBatchRow(ask) => format!("opening row {} of the batch", ask.row + 1),
        }
    }

    /// The thread that does it.
    pub fn line(&self) -> Line {
        match self {
            Self::Ask(_)
            | Self::LoadModel(..)
            | Self::StartTagger(..)
            | Self::FindCause(_)
            | Self::FindContrast(_) => Line::Model,
            Self::OpenPicture(_)
            | Self::PastePicture(_)
            | Self::OpenPictureOrMask(..)
            | Self::OpenExample(_)
            | Self::ImportRegions(..)
            | Self::Estimate(_)
            | Self::FindDevices
            | Self::ExportView(_)
            | Self::DrawBatch(..)
            | Self::OpenBatchRow(_)
            | Self::Export(_) => Line::Files,
            Self::OpenBatch(_) | Self::ReadQuestions(_) => Line::Batch,
            Self::OpenSession(..)
            | Self::KeepRuns(_)
            | Self::KeepView(_)
            | Self::KeepFinding(_)
            | Self::KeepSettings(..) => Line::Session,
        }
    }

    /// Whether it is done without a word: what nobody asked for shows nowhere, unless it fails.
    pub fn is_quiet(&self) -> bool {
        matches!(
            self,
            Self::KeepRuns(_)
                | Self::KeepView(_)
                | Self::KeepFinding(_)
                | Self::KeepSettings(..)
                | Self::StartTagger(..)
                | Self::FindDevices
                | Self::Estimate(_)
                | Self::DrawBatch(..)
        )
    }

    /// Does it.
    ///
    /// # Errors
    /// One line that says what is wrong, where, and what to do.
    pub fn run(self, slots: &mut Slots, on_progress: OnProgress<'_>) -> Result<JobOutput> {
        Ok(match self {
            Self::Ask(question) => {
                let answered = jobs::answer(&mut slots.model, &question, on_progress)?;
                JobOutput::Answered(Box::new(answered))
            }
            Self::OpenPicture(path) => open_picture(&path, on_progress)?,
            Self::PastePicture(pasted) => {
                JobOutput::Picture(Box::new(pasted.picture(on_progress)?))
            }
            Self::OpenPictureOrMask(path, picture) => {
                open_picture_or_mask(path, &picture, on_progress)?
            }
            Self::OpenExample(number) => JobOutput::Example(Box::new(jobs::example(number)?)),
            Self::ImportRegions(path, picture, fix) => {
                import_regions(&path, picture, fix, on_progress)?
            }
            Self::Export(request) => {
                jobs::export_while(&request, on_progress)?;
                JobOutput::Written(request.path)
            }
            Self::ExportView(export) => {
                JobOutput::Written(jobs::export_view(&export, on_progress)?)
            }
            Self::LoadModel(name, device) => {
                jobs::load_model(&mut slots.model, &name, device, on_progress)?;
                JobOutput::Loaded(name)
            }
            Self::Estimate(request) => {
                // A question that no prompt can be made of is told where the bytes would stand.
                let found = jobs::estimate(&mut slots.estimate, &request);
                JobOutput::Estimated(found.map_err(|error| format!("{error:#}")))
            }
            Self::FindDevices => JobOutput::Devices(ComputeDevice::report()),
            Self::StartTagger(request, again) => {
                let slot = &mut slots.model;
                JobOutput::Tagger(jobs::start_tagger(slot, &request, again, on_progress))
            }
            Self::OpenSession(key, folder) => {
                let opened = jobs::open_session(&mut slots.session, key, &folder, on_progress)?;
                JobOutput::Session(Box::new(opened))
            }
            Self::KeepFinding(keep) => {
                jobs::keep_finding(&slots.session, &keep)?;
                JobOutput::FindingKept
            }
            Self::KeepSettings(settings, path) => {
                settings
                    .write(&path)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                JobOutput::SettingsKept
            }
            Self::FindCause(request) => {
                let found = jobs::find_cause(&mut slots.model, &request, on_progress)?;
                JobOutput::Found(found.into())
            }
            Self::FindContrast(request) => {
                let found = jobs::contrast(&mut slots.model, &request, on_progress)?;
                JobOutput::Found(Finding::Contrast(Arc::new(found)))
            }
            Self::OpenBatch(paths) => {
                JobOutput::Batch(Box::new(jobs::open_batch(&paths, on_progress)?))
            }
            Self::ReadQuestions(request) => {
                let read = jobs::read_batch_questions(&request, on_progress)?;
                JobOutput::Questions(Box::new(read))
            }
            Self::DrawBatch(batch, choice) => {
                JobOutput::Chart(Box::new(jobs::batch_chart(&batch, &choice)?))
            }
            Self::OpenBatchRow(ask) => {
                JobOutput::BatchRow(Box::new(jobs::open_batch_question(&ask)?))
            }
            Self::KeepRuns(keep) => JobOutput::Kept(jobs::keep_runs(&mut slots.session, &keep)?),
            Self::KeepView(keep) => {
                let key = keep.key;
                jobs::keep_view(&mut slots.session, keep)?;
                JobOutput::ViewKept(key)
            }
        })
    }
}

fn open_picture(path: &Path, on_progress: OnProgress<'_>) -> Result<JobOutput> {
    Ok(JobOutput::Picture(Box::new(Picture::open_while(path, on_progress)?)))
}

fn open_picture_or_mask(
    path: PathBuf,
    picture: &Picture,
    on_progress: OnProgress<'_>,
) -> Result<JobOutput> {
    match jobs::mask_of(&path, &picture.image, on_progress) {
        Some(n_regions) => Ok(JobOutput::PictureOrMask(path, n_regions)),
        // Also where it was stopped there: the picture then stops at its first step.
        None => open_picture(&path, on_progress),
    }
}

fn import_regions(
    path: &Path,
    picture: Arc<Picture>,
    fix: Option<SizeFix>,
    on_progress: OnProgress<'_>,
) -> Result<JobOutput> {
    let image = &picture.image;
    let mut target = Target::new(image.size).with_orientation(image.orientation);
    if let Some(name) = picture.path.as_ref().and_then(|path| path.file_name()) {
        target = target.with_name(name.to_string_lossy());
    }
    if let Some(fix) = fix {
        target = target.with_fix(fix);
    }
    let imported = import_while(path, &target, on_progress)?;
    Ok(JobOutput::Regions(picture, imported.set, imported.warnings))
}
