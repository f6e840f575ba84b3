//! Files and folders that are dropped into the window: each is opened as what it is.

use std::path::{Path, PathBuf};

use super::{
    batch::batch_command,
    command::Command,
    job::Job,
    jobs::{is_batch, is_session},
    offer::Offer,
    region_commands::import_together,
    state::{AppState, Level},
    update::start,
};

/// Endings of pictures.
const PICTURES: [&str; 8] = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif"];

/// Opens sessions, batches and pictures; all else is read as regions of the picture, and so is
/// everything where a person says that it is regions.
pub(super) fn take_dropped(state: &mut AppState, paths: Vec<PathBuf>, as_regions: bool) {
    let (mut batches, mut regions) = (Vec::new(), Vec::new());
    for path in paths {
        if as_regions {
            regions.push(path);
        } else if let Some(session) = session_of(&path) {
            state.open_session(session);
        } else if is_batch(&path) {
            batches.push(path);
        } else if let Some(ending) = picture_ending(&path) {
            open(state, path, &ending);
        } else {
            regions.push(path);
        }
    }
    import_together(state, regions);
    if !batches.is_empty() {
        batch_command(state, Command::OpenBatch(batches));
    }
}

/// The folder of a session, of itself or of its `session.json`.
fn session_of(path: &Path) -> Option<&Path> {
    let is_manifest = path.file_name().is_some_and(|name| name == "session.json");
    let folder = if is_manifest { path.parent()? } else { path };
    is_session(folder).then_some(folder)
}

fn picture_ending(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    PICTURES.contains(&ending.as_str()).then_some(ending)
}

/// A PNG beside an open picture may be a mask of it: that is looked at before the picture goes.
fn open(state: &mut AppState, path: PathBuf, ending: &str) {
    let job = match &state.picture {
        Some(here) if ending == "png" => Job::OpenPictureOrMask(path, here.clone()),
        _ => Job::OpenPicture(path),
    };
    start(state, job);
}

/// Asks whether a file is a mask of the picture, or a picture of its own.
pub(super) fn ask_what_it_is(state: &mut AppState, path: PathBuf, n_regions: usize) {
    let regions = if n_regions == 1 { "region" } else { "regions" };
    let text = format!(
        "{} is as large as the picture and can be read as {n_regions} {regions} of it: is it that, or \
         a picture of its own?",
        path.display()
    );
    let offers = vec![Offer::ImportRegions(path.clone(), None), Offer::OpenPicture(path)];
    state.notify_with(Level::Info, text, offers);
}
