//! Sessions: runs are kept, arrangements are kept, and all of it is opened again without a model.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use serde_json::Value;

use super::{Answered, FirstLook, QuestionWords};
use crate::{
    app::{Picture, RunId, saved_view::SavedPicture},
    domain::{BucketEdits, ImageSize, OnProgress, Run},
    session::{
        KeptFinding, KeptPicture, KeptRegions, KeptRun, Moment, Pixels, RunFacts, SessionStore,
    },
    text::align,
    vision::{DecodedImage, PictureFormat},
};

/// The session that is open on a thread, and the number under which the window knows it.
#[derive(Debug)]
pub struct SessionSlot {
    key: u64,
    store: SessionStore,
}

/// Runs to keep.
#[derive(Clone, Debug)]
pub struct KeepRuns {
    /// The session, as the window knows it.
    pub key: u64,
    /// Where a session is begun if none is open under that number.
    pub sessions: PathBuf,
    /// What it is called then.
    pub title: String,
    /// The runs.
    pub runs: Vec<(RunId, Arc<Answered>)>,
}

/// An arrangement to keep.
#[derive(Clone, Debug)]
pub struct KeepView {
    /// The session, as the window knows it.
    pub key: u64,
    /// What it is called.
    pub title: String,
    /// How it is arranged.
    pub view: Value,
    /// The regions of its pictures.
    pub regions: Vec<KeptRegions>,
    /// A picture that no run asked about.
    pub picture: Option<Arc<Picture>>,
}

/// A finding to keep.
#[derive(Clone, Debug)]
pub struct KeepFinding {
    /// The session, as the window knows it.
    pub key: u64,
    /// The finding.
    pub finding: KeptFinding,
}

/// What was kept.
#[derive(Debug)]
pub struct Kept {
    /// The session.
    pub key: u64,
    /// Its folder.
    pub folder: PathBuf,
    /// The names of runs that are on disk now.
    pub names: Vec<(RunId, String)>,
    /// Why the others are not.
    pub fault: Option<String>,
}

/// A session that was opened.
#[derive(Debug)]
pub struct OpenedSession {
    /// The number under which the window knows it.
    pub key: u64,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it may be written to.
    pub is_writable: bool,
    /// What it is called.
    pub title: String,
    /// How it was arranged.
    pub view: Value,
    /// Its runs by name, in the order they were made.
    pub runs: Vec<(String, Answered)>,
    /// The regions of its pictures.
    pub regions: Vec<KeptRegions>,
    /// Pictures that no run asked about.
    pub pictures: Vec<Arc<Picture>>,
    /// What was found out about its runs.
    pub findings: Vec<KeptFinding>,
    /// What could not be read, and what was done about it.
    pub faults: Vec<String>,
}

impl Answered {
    /// What a session keeps beside the run.
    pub fn facts(&self) -> RunFacts {
        let mut words = self.words.words.clone();
        // Corrections belong to the arrangement.
        for word in &mut words {
            word.edited = false;
        }
        RunFacts {
            made: self.made,
            model: self.model.clone(),
            weights: self.weights.clone(),
            device: self.device.clone(),
            picture_name: self.picture.name.clone(),
            picture_path: self.picture.path.clone(),
            tagger: self.words.tagger.to_string(),
            words,
            token_texts: self.token_texts.clone(),
            warnings: self.warnings.clone(),
            pointing: self.pointing.clone(),
            turn: self.turn.clone(),
        }
    }
}

/// Keeps runs in the open session, or in a new one.
///
/// # Errors
/// A session that cannot be begun.
pub fn keep_runs(slot: &mut Option<SessionSlot>, keep: &KeepRuns) -> Result<Kept> {
    let store = match slot.take().filter(|open| open.key == keep.key) {
        Some(open) => open.store,
        None => SessionStore::create(&keep.sessions, &keep.title, Moment::now())?,
    };
    let open = slot.insert(SessionSlot { key: keep.key, store });
    let folder = open.store.folder().to_owned();
    let (mut names, mut fault) = (Vec::new(), None);
    for (id, answered) in &keep.runs {
        match append(&mut open.store, answered) {
            Ok(name) => names.push((*id, name)),
            Err(error) => fault = Some(format!("{error:#}")),
        }
    }
    Ok(Kept { key: keep.key, folder, names, fault })
}

fn append(store: &mut SessionStore, answered: &Answered) -> Result<String> {
    let image = &answered.picture.image;
    let pixels = Pixels { size: image.size, rgb: &image.rgb };
    Ok(store.append(&answered.run, &answered.facts(), pixels)?)
}

/// Keeps an arrangement, where the session is open; before its first run there is none.
///
/// # Errors
/// A disk that says no.
pub fn keep_view(slot: &mut Option<SessionSlot>, keep: KeepView) -> Result<()> {
    if let Some(open) = slot.as_mut().filter(|open| open.key == keep.key) {
        if let Some(picture) = &keep.picture {
            let image = &picture.image;
            open.store.save_picture(Pixels { size: image.size, rgb: &image.rgb })?;
        }
        open.store.save_regions(&keep.regions)?;
        open.store.save(&keep.title, keep.view, Moment::now())?;
    }
    Ok(())
}

/// Keeps a finding, where its session is still open.
///
/// # Errors
/// A disk that says no.
pub fn keep_finding(slot: &Option<SessionSlot>, keep: &KeepFinding) -> Result<()> {
    if let Some(open) = slot.as_ref().filter(|open| open.key == keep.key) {
        open.store.append_finding(&keep.finding)?;
    }
    Ok(())
}

/// Opens a session, without a model.
///
/// # Errors
/// A folder that is no session; being stopped between two runs.
pub fn open_session(
    slot: &mut Option<SessionSlot>,
    key: u64,
    folder: &Path,
    on_progress: OnProgress<'_>,
) -> Result<OpenedSession> {
    let (store, kept) = SessionStore::open_while(folder, on_progress)?;
    let is_writable = store.is_some();
    *slot = store.map(|store| SessionSlot { key, store });
    let mut faults = kept.faults;
    let mut pictures: BTreeMap<u64, Arc<Picture>> = BTreeMap::new();
    let alone = kept.pictures.into_iter().map(|picture| {
        let picture = picture_of(picture, "picture".to_owned(), None);
        let named = SavedPicture::among(&kept.manifest.view, picture.checksum());
        Arc::new(match named {
            Some(named) => named.of(picture),
            None => picture,
        })
    });
    let alone: Vec<_> = alone.collect();
    let mut runs = Vec::new();
    for run in kept.runs {
        let name = run.name.clone();
        match answered(run, &mut pictures) {
            Ok(answered) => runs.push((name, answered.looked_at())),
            Err(error) => faults.push(format!("run {name} is left out: {error:#}")),
        }
    }
    Ok(OpenedSession {
        key,
        folder: folder.to_owned(),
        is_writable,
        title: kept.manifest.title,
        view: kept.manifest.view,
        runs,
        regions: kept.regions,
        pictures: alone,
        findings: kept.findings,
        faults,
    })
}

/// Adds a run and its corrections to the session in a folder; an empty or new folder becomes one.
///
/// # Errors
/// A folder that holds other things, a session of a newer program, and a disk that says no.
pub(super) fn append_to_session(
    folder: &Path,
    run: &Run,
    facts: &RunFacts,
    picture: Pixels<'_>,
    edits: &BucketEdits,
) -> Result<()> {
    let mut store = SessionStore::at(folder, &run.question, facts.made)?;
    let name = store.append(run, facts, picture)?;
    if !edits.is_empty() {
        let (title, mut view) = (store.manifest().title.clone(), store.manifest().view.clone());
        if !view.is_object() {
            view = Value::Object(serde_json::Map::new());
        }
        if !view["edits"].is_object() {
            view["edits"] = Value::Object(serde_json::Map::new());
        }
        view["edits"][name] = serde_json::to_value(edits)?;
        store.save(&title, view, facts.made)?;
    }
    Ok(())
}

/// Whether a run can be kept in a folder, asked before a model is loaded for it.
///
/// # Errors
/// A folder that holds other things, or a session of a newer program.
pub(super) fn check_session(folder: &Path) -> Result<()> {
    Ok(SessionStore::check(folder)?)
}

fn answered(kept: KeptRun, pictures: &mut BTreeMap<u64, Arc<Picture>>) -> Result<Answered> {
    let KeptRun { name, run, facts, picture } = kept;
    let alignment = align(&run.prompt, &facts.words)?;
    let picture = picture.unwrap_or_else(|| missing(run.fit.image));
    let picture = picture_of(picture, facts.picture_name.clone(), facts.picture_path);
    let picture = pictures.entry(picture.checksum()).or_insert_with(|| Arc::new(picture));
    let tagger = facts.tagger.parse().map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    let words = QuestionWords { tagger, words: facts.words, alignment, notice: None };
    Ok(Answered {
        run,
        words,
        token_texts: facts.token_texts,
        picture: Arc::clone(picture),
        model: facts.model,
        weights: facts.weights,
        device: facts.device,
        made: facts.made,
        warnings: facts.warnings,
        pointing: facts.pointing,
        turn: facts.turn,
        first_look: FirstLook::default(),
    })
}

/// Pixels that were kept, as a picture.
fn picture_of(kept: KeptPicture, name: String, path: Option<PathBuf>) -> Picture {
    let image = DecodedImage {
        size: kept.size,
        rgb: kept.rgb,
        format: PictureFormat::Png,
        orientation: 1,
        warnings: Vec::new(),
    };
    Picture::new(name, path, image)
}

/// Stands for a picture that was lost: plain grey, as large as it was. The session's faults say so.
fn missing(size: ImageSize) -> KeptPicture {
    let n = size.width as usize * size.height as usize * 3;
    KeptPicture { size, rgb: vec![128; n] }
}
