//! Regions of a picture: what an import of them would give, and reading them for other jobs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};

use crate::{
    domain::{OnProgress, RegionSet},
    regions::{
        Imported, Overlaps, RegionsReport, SizeFix, Target, from_boxes, import, import_while,
        with_overlaps, with_rest,
    },
    session::{Pixels, regions_of_picture, regions_of_session},
    vision::{self, DecodedImage},
};

/// Where regions come from, and what is made of them.
#[derive(Clone, Debug, Default)]
pub struct RegionSource {
    /// Regions that are known already; nothing is read then.
    pub set: Option<Arc<RegionSet>>,
    /// A file or folder; none where boxes are given.
    pub path: Option<PathBuf>,
    /// Boxes as `x,y,w,h` in pixels of the picture as shown.
    pub boxes: Vec<String>,
    /// What to do with regions of another size.
    pub size_fix: Option<SizeFix>,
    /// What to do where regions lie over each other.
    pub overlaps: Overlaps,
    /// Whether the rest of the picture becomes a region.
    pub with_rest: bool,
}

impl RegionSource {
    /// Whether there is anything to read.
    pub fn is_some(&self) -> bool {
        self.set.is_some() || self.path.is_some() || !self.boxes.is_empty()
    }
}

/// Which regions, of which picture.
#[derive(Clone, Debug)]
pub struct Regions {
    /// Where they come from.
    pub source: RegionSource,
    /// The picture they belong to.
    pub image: PathBuf,
}

/// Reads the regions and says what they are.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn regions(request: &Regions) -> Result<RegionsReport> {
    let picture = vision::open(&request.image)?;
    Ok(RegionsReport::of(&read_regions(&request.source, &picture, &request.image)?))
}

/// Of a picture with more values than this, nobody would think that it is a mask.
const MOST_VALUES: usize = 256;

/// How many regions a file would give as a mask of exactly this picture; none of one that is hardly
/// that, as a photograph, and of one whose reading was stopped.
pub fn mask_of(path: &Path, picture: &DecodedImage, on_progress: OnProgress<'_>) -> Option<usize> {
    let target = Target::new(picture.size).with_orientation(picture.orientation);
    let n_regions = import_while(path, &target, on_progress).ok()?.set.regions().len();
    (n_regions <= MOST_VALUES).then_some(n_regions)
}

/// Reads the regions of a picture, and applies what was asked for: overlaps, rest of image.
///
/// # Errors
/// As [`regions`].
pub fn read_regions(
    source: &RegionSource,
    picture: &DecodedImage,
    name: &Path,
) -> Result<Imported> {
    let mut imported = match (&source.set, &source.path) {
        (Some(set), _) => Imported { set: (**set).clone(), warnings: Vec::new() },
        (None, None) => {
            let set = from_boxes(source.boxes.iter().map(String::as_str), picture.size)
                .context("--box")?;
            Imported { set, warnings: Vec::new() }
        }
        (None, Some(path)) => match regions_of_session(path) {
            Some(file) => kept_in_session(&file, picture)?,
            None => import(path, &target_of(picture, name, source.size_fix))?,
        },
    };
    let n_before = imported.set.regions().iter().filter(|r| !r.mask.is_empty()).count();
    imported.set = with_overlaps(&imported.set, source.overlaps);
    let n_left = imported.set.regions().iter().filter(|r| !r.mask.is_empty()).count();
    if n_left < n_before && source.overlaps == Overlaps::Exclusive {
        let n = n_before - n_left;
        imported.warnings.push(format!("{n} of {n_before} regions keep no pixel of their own"));
    }
    if source.with_rest {
        imported.set = with_rest(&imported.set);
    }
    Ok(imported)
}

/// The regions that a person drew or read in the window, of the very pixels of this picture.
fn kept_in_session(file: &Path, picture: &DecodedImage) -> Result<Imported> {
    let pixels = Pixels { size: picture.size, rgb: &picture.rgb };
    let (kept, warnings) = regions_of_picture(file, pixels.checksum())?;
    Ok(Imported { set: kept.set, warnings })
}

fn target_of(picture: &DecodedImage, name: &Path, size_fix: Option<SizeFix>) -> Target {
    let target = Target::new(picture.size).with_orientation(picture.orientation);
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned());
    Target { name, fix: size_fix, ..target }
}
