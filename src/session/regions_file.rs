//! Regions on disk: `regions.json`, the regions of every picture of a session.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    error::{Result, SessionError},
    json_file::read_json,
    list::is_session,
    write_whole,
};
use crate::domain::{ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet};

/// The regions of one picture of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRegions {
    /// The picture's checksum.
    pub picture: u64,
    /// The regions.
    pub set: RegionSet,
    /// Those that are not drawn, by place in the list.
    pub hidden: BTreeSet<usize>,
    /// Colors that a person chose, by place in the list.
    pub colors: BTreeMap<usize, [u8; 3]>,
    /// What is done where regions lie over each other, by its name; `set` is as before that.
    pub overlaps: String,
}

/// Where a session keeps its regions.
pub const REGIONS_FILE: &str = "regions.json";

/// The latest version of `regions.json`.
const REGIONS_VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
struct RegionsFile {
    version: u64,
    pictures: Vec<PictureRegions>,
}

#[derive(Serialize, Deserialize)]
struct PictureRegions {
    /// The picture's checksum, 16 hexadecimal digits.
    picture: String,
    image: ImageSize,
    format: RegionFormat,
    source: String,
    #[serde(default)]
    overlaps: String,
    /// Each a [`RegionEntry`]; read one by one, so that a damaged one costs only itself.
    regions: Vec<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct RegionEntry {
    id: RegionId,
    label: String,
    #[serde(default)]
    is_hidden: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    color: Option<[u8; 3]>,
    mask: RegionMask,
}

/// Writes the regions of all pictures.
pub(super) fn write_regions(path: &Path, all: &[KeptRegions]) -> Result<()> {
    let damaged = |e: serde_json::Error| SessionError::damaged(path, e);
    let entry = |kept: &KeptRegions, i: usize, region: &Region| {
        serde_json::to_value(RegionEntry {
            id: region.id.clone(),
            label: region.label.clone(),
            is_hidden: kept.hidden.contains(&i),
            color: kept.colors.get(&i).copied(),
            mask: region.mask.clone(),
        })
    };
    let mut pictures = Vec::new();
    for kept in all {
        let regions = kept.set.regions().iter().enumerate();
        let regions: std::result::Result<_, _> =
            regions.map(|(i, region)| entry(kept, i, region)).collect();
        pictures.push(PictureRegions {
            picture: format!("{:016x}", kept.picture),
            image: kept.set.image(),
            format: kept.set.format(),
            source: kept.set.source().to_owned(),
            overlaps: kept.overlaps.clone(),
            regions: regions.map_err(damaged)?,
        });
    }
    let file = RegionsFile { version: REGIONS_VERSION, pictures };
    let json = serde_json::to_vec(&file).map_err(damaged)?;
    write_whole(path, &json).map_err(SessionError::unwritable(path))
}

/// Reads the regions of all pictures; a file that is not there holds none. What cannot be read of them
/// is told to `faults`.
///
/// # Errors
/// A file that is unreadable, too large or damaged as a whole.
pub(super) fn read_regions(path: &Path, faults: &mut Vec<String>) -> Result<Vec<KeptRegions>> {
    let text = match read_json(path) {
        Err(SessionError::Unreadable { source, .. })
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            return Ok(Vec::new());
        }
        text => text?,
    };
    let file: RegionsFile =
        serde_json::from_slice(&text).map_err(|e| SessionError::damaged(path, e))?;
    if file.version > REGIONS_VERSION {
        let (path, found, known) = (path.to_owned(), file.version, REGIONS_VERSION);
        faults.push(SessionError::Newer { path, found, known }.to_string());
    }
    Ok(file.pictures.into_iter().filter_map(|of| kept_regions(path, of, faults)).collect())
}

/// The file of a session's regions, where `path` is that file or the session's folder.
pub fn regions_of_session(path: &Path) -> Option<PathBuf> {
    let is_file = path.file_name().is_some_and(|name| name == REGIONS_FILE);
    let folder = if is_file { path.parent()? } else { path };
    // A bare file name lies in the current folder, whose path is empty.
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    is_session(here).then(|| folder.join(REGIONS_FILE))
}

/// The regions that a session keeps of one picture, with what could not be read.
///
/// # Errors
/// A file that is unreadable, too large or damaged as a whole; [`SessionError::NoRegions`] where it
/// keeps none of that picture.
pub fn regions_of_picture(path: &Path, picture: u64) -> Result<(KeptRegions, Vec<String>)> {
    let mut faults = Vec::new();
    let all = read_regions(path, &mut faults)?;
    let n_pictures = all.len();
    if let Some(kept) = all.into_iter().find(|kept| kept.picture == picture) {
        return Ok((kept, faults));
    }
    let found = faults.into_iter().next().unwrap_or_else(|| {
        let others = match n_pictures {
            0 => "none",
            1 => "those of another picture",
            _ => "those of other pictures",
        };
        format!("it keeps {others}, and pictures are told apart by their pixels")
    });
    Err(SessionError::NoRegions { path: path.to_owned(), found })
}

fn kept_regions(path: &Path, of: PictureRegions, faults: &mut Vec<String>) -> Option<KeptRegions> {
    let Ok(picture) = u64::from_str_radix(&of.picture, 16) else {
        let reason = format!("\"{}\" is no checksum of a picture", of.picture);
        faults.push(SessionError::damaged(path, reason).to_string());
        return None;
    };
    let (mut regions, mut hidden, mut colors) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for (i, value) in of.regions.into_iter().enumerate() {
        let entry: RegionEntry = match serde_json::from_value(value) {
            Ok(entry) => entry,
            Err(error) => {
                faults.push(format!(
                    "{}: region {i} is damaged and left out: {error}",
                    path.display()
                ));
                continue;
            }
        };
        if entry.mask.size() != of.image {
            let text = "is of another size than its picture and left out";
            faults.push(format!("{}: region {i} {text}", path.display()));
            continue;
        }
        if entry.is_hidden {
            hidden.insert(regions.len());
        }
        if let Some(color) = entry.color {
            colors.insert(regions.len(), color);
        }
        regions.push(Region { id: entry.id, label: entry.label, mask: entry.mask });
    }
    let set = RegionSet::new(of.image, of.format, of.source, regions);
    Some(KeptRegions { picture, set, hidden, colors, overlaps: of.overlaps })
}
