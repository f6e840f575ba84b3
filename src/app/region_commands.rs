//! Commands about regions: read, drawn, named, colored, shown, taken away.

use std::{path::PathBuf, sync::Arc};

use super::{
    command::{Command, JobId},
    job::Job,
    jobs::SizeFix,
    picture::Picture,
    picture_regions::{Drawing, PictureRegions, drawn_by_hand},
    state::{AppState, Level},
    update::start,
};
use crate::domain::Region;

/// Does a command about regions.
pub(super) fn region_command(state: &mut AppState, command: Command) {
    match command {
        Command::ImportRegions(path, fix) => {
            import(state, path, fix);
        }
        Command::AddRegion(region) => add_region(state, region),
        Command::DrawRegion(drawing, name) => draw_region(state, &drawing, name),
        Command::RemoveRegion(None) => {
            state.regions = None;
            state.workspace.selection.region = None;
        }
        change => change_region(state, change),
    }
    state.cover();
}

/// Reads files that came together: the regions of all of them are there at the end.
pub(super) fn import_together(state: &mut AppState, paths: Vec<PathBuf>) {
    for (i, path) in paths.into_iter().enumerate() {
        let Some(id) = import(state, path, None) else { return };
        if let Some(job) = state.jobs.get_mut(&id) {
            job.adds_regions = i > 0;
        }
    }
}

fn import(state: &mut AppState, path: PathBuf, fix: Option<SizeFix>) -> Option<JobId> {
    let Some(picture) = state.picture.clone() else {
        state.notify(Level::Error, "open a picture first: regions belong to one");
        return None;
    };
    start(state, Job::ImportRegions(path, picture, fix))
}

fn change_region(state: &mut AppState, command: Command) {
    let Some(regions) = &mut state.regions else { return };
    let n = regions.set.regions().len();
    match command {
        Command::RenameRegion(i, name) => regions.rename(i, &name),
        Command::RecolorRegion(i, Some(color)) if i < n => {
            regions.colors.insert(i, color);
        }
        Command::RecolorRegion(i, None) => {
            regions.colors.remove(&i);
        }
        Command::ShowRegion(i, true) => {
            regions.hidden.remove(&i);
        }
        Command::ShowRegion(i, false) if i < n => {
            regions.hidden.insert(i);
        }
        Command::SetOverlap(overlaps) => regions.treat(overlaps),
        Command::RemoveRegion(Some(i)) => {
            regions.remove(i);
            let chosen = &mut state.workspace.selection.region;
            *chosen =
                chosen.filter(|chosen| *chosen != i).map(|chosen| chosen - usize::from(chosen > i));
        }
        _ => {}
    }
}

fn draw_region(state: &mut AppState, drawing: &Drawing, name: String) {
    let Some(picture) = &state.picture else {
        state.notify(Level::Error, "open a picture first: regions belong to one");
        return;
    };
    match drawing.region(picture.image.size, name) {
        Ok(region) => add_region(state, region),
        Err(error) => state.notify(Level::Error, format!("{error:#}")),
    }
}

fn add_region(state: &mut AppState, region: Region) {
    let Some(picture) = &state.picture else { return };
    let size = picture.image.size;
    if region.mask.size() != size {
        state.notify(Level::Error, "this region is of another size than the picture");
        return;
    }
    if let Some(regions) = &mut state.regions {
        regions.add(region);
    } else {
        let set = drawn_by_hand(size, vec![region]);
        state.regions = Some(PictureRegions::new(set, Vec::new()));
    }
    let last = state.regions.as_ref().map_or(0, |regions| regions.set.regions().len());
    state.workspace.selection.region = last.checked_sub(1);
}

/// Gives a picture more regions.
pub(super) fn add_regions(state: &mut AppState, picture: &Arc<Picture>, more: PictureRegions) {
    let is_here = state.picture.as_ref().is_some_and(|here| here.checksum() == picture.checksum());
    let there =
        if is_here { state.regions.as_ref() } else { state.other_regions.get(&picture.checksum()) };
    let regions = match there.cloned() {
        Some(mut there) => {
            there.append(more);
            there
        }
        None => more,
    };
    set_regions(state, picture, regions);
}

/// Gives a picture its regions, whether it is still looked at or not.
pub(super) fn set_regions(state: &mut AppState, picture: &Arc<Picture>, regions: PictureRegions) {
    for warning in &regions.warnings {
        state.notify(Level::Warning, warning.clone());
    }
    let is_here = state.picture.as_ref().is_some_and(|here| here.checksum() == picture.checksum());
    if is_here {
        state.regions = Some(regions);
        state.workspace.selection.region = None;
        state.cover();
    } else {
        let name = &picture.name;
        let text = format!("the regions of {name} are read; open it again to see them");
        state.notify(Level::Info, text);
        state.other_regions.insert(picture.checksum(), regions);
    }
}
