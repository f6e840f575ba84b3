//! Folders: the masks of one picture as PNG files, or one file or folder per picture.

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use rayon::prelude::{IntoParallelRefIterator as _, ParallelExtend as _, ParallelIterator as _};

use crate::domain::{OnProgress, Progress, RegionFormat, RegionId, RegionMask};

use super::collect::Collector;
use super::detect::{Container, container};
use super::error::{MaskFault, RegionsError};
use super::limits::{MAX_FILES, MAX_REGIONS};
use super::metadata::Metadata;
use super::png_masks::{self, PngLabels};
use super::target::{Imported, Target, stem};

/// What a folder holds.
pub(super) enum Content {
    /// Masks of one picture.
    Masks(MaskFolder),
    /// The file or folder that is about the picture.
    Path(PathBuf),
}

/// PNG files with one mask each.
pub(super) struct MaskFolder {
    /// The files, in the order of their numbers.
    pictures: Vec<PathBuf>,
    /// What `metadata.csv` says of them.
    metadata: Option<Metadata>,
}

/// What the folder holds for `target`: PNG masks, or the one file or folder of its name.
pub(super) fn look_into(folder: &Path, target: &Target) -> Result<Content, RegionsError> {
    let mut pictures = Vec::new();
    let mut others = Vec::new();
    let mut metadata = None;
    for path in entries(folder)? {
        let name = name_of(&path);
        if name == "metadata.csv" {
            metadata = Some(Metadata::read(&path)?);
        } else if path.is_dir() {
            others.push(path);
        } else if path.is_file() {
            // Anything else, as a pipe, could keep us waiting.
            match container_of(&path)? {
                Some(Container::Png) => pictures.push(path),
                Some(_) => others.push(path),
                None => {}
            }
        }
    }
    let own = |path: &&PathBuf| match path.is_dir() {
        true => target.name.as_deref().is_some_and(|own| stem(own) == name_of(path)),
        false => target.has_stem(&name_of(path)),
    };
    if metadata.is_some() {
        return Ok(Content::Masks(MaskFolder { pictures: in_order(pictures), metadata }));
    }
    if let Some(path) = others.iter().find(own) {
        return Ok(Content::Path(path.clone()));
    }
    if !pictures.is_empty() {
        return Ok(Content::Masks(MaskFolder { pictures: in_order(pictures), metadata }));
    }
    match &others[..] {
        [] => Err(RegionsError::NoRegions { path: folder.to_owned() }),
        [only] => Ok(Content::Path(only.clone())),
        _ => Err(RegionsError::WhichPicture {
            path: folder.to_owned(),
            wanted: target.name.clone(),
            names: others.iter().map(|path| name_of(path)).collect(),
        }),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, RegionsError> {
    let unreadable = RegionsError::unreadable(folder);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(&unreadable)? {
        let path = entry.map_err(&unreadable)?.path();
        if !name_of(&path).starts_with('.') {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            return Err(RegionsError::too_much(folder, "files", MAX_FILES as u64));
        }
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn container_of(path: &Path) -> Result<Option<Container>, RegionsError> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(RegionsError::unreadable(path))?;
    file.take(64).read_to_end(&mut head).map_err(RegionsError::unreadable(path))?;
    Ok(container(&head, path).ok())
}

/// `9.png` before `10.png`; names without a number come last, by name.
fn in_order(mut pictures: Vec<PathBuf>) -> Vec<PathBuf> {
    pictures.sort_by_cached_key(|path| (number_of(path).unwrap_or(i64::MAX), path.clone()));
    pictures
}

fn number_of(path: &Path) -> Option<i64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Files that are read side by side, before anybody is asked whether to go on.
const AT_ONCE: usize = 32;

type Read = Result<Result<PngLabels, MaskFault>, RegionsError>;

impl MaskFolder {
    /// Reads one mask from each file.
    ///
    /// # Source
    /// `segment-anything`, `scripts/amg.py`, `write_masks_to_folder`.
    pub(super) fn import(
        self,
        mut into: Collector<'_>,
        on_progress: OnProgress<'_>,
    ) -> Result<Imported, RegionsError> {
        if self.pictures.len() > MAX_REGIONS {
            return Err(RegionsError::too_much(into.path, "regions", MAX_REGIONS as u64));
        }
        let check = |path: &PathBuf| -> Read {
            let file = File::open(path).map_err(RegionsError::unreadable(path))?;
            let reader = BufReader::with_capacity(1 << 16, file);
            png_masks::read(reader, |size| into.check_size(&name_of(path), size))
        };
        let mut read: Vec<Read> = Vec::with_capacity(self.pictures.len());
        for some in self.pictures.chunks(AT_ONCE) {
            read.par_extend(some.par_iter().map(check));
            let step =
                Progress::Step { what: "reading masks", done: read.len(), of: self.pictures.len() };
            if on_progress(step).is_break() && read.len() < self.pictures.len() {
                return Err(RegionsError::Stopped { path: into.path.to_owned() });
            }
        }
        for (index, (path, labels)) in self.pictures.iter().zip(read).enumerate() {
            let number = number_of(path).unwrap_or(index as i64);
            let place = name_of(path);
            match labels? {
                Err(fault) => into.leave_out(&place, fault),
                Ok(labels) if self.pictures.len() == 1 && self.metadata.is_none() => {
                    let format = png_masks::add_labels(labels, stem(&place), &mut into)?;
                    return into.finish(format);
                }
                Ok(labels) => self.add(number, path, labels, &mut into)?,
            }
        }
        let Some(metadata) = self.metadata else {
            return into.finish(RegionFormat::MaskPng);
        };
        metadata.note_missing(self.pictures.iter().filter_map(|path| number_of(path)), &mut into);
        into.finish(RegionFormat::AmgPng)
    }

    fn add(
        &self,
        number: i64,
        path: &Path,
        labels: PngLabels,
        into: &mut Collector<'_>,
    ) -> Result<(), RegionsError> {
        let place = name_of(path);
        let mask = match labels.masks.len() {
            0 => RegionMask::empty(labels.size).map_err(MaskFault::from),
            1 => labels.masks.into_iter().map(|(_, mask)| mask).next().ok_or(MaskFault::Nothing),
            values => Err(MaskFault::ManyValues { values }),
        };
        let stated = self.metadata.as_ref().and_then(|metadata| metadata.area_of(number));
        if let (Ok(mask), Some(stated)) = (&mask, stated)
            && i64::from(mask.area()) != stated
        {
            let area = mask.area();
            into.warn(format!("{place} has {area} pixels, metadata.csv says {stated}"));
        }
        // A number is no name; any other file name is.
        let label = match number_of(path) {
            Some(_) => String::new(),
            None => stem(&place).to_owned(),
        };
        into.add(&place, RegionId::Number(number), label, mask)
    }
}
