//! What an import of regions would give.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{
    regions::{Imported, RegionsReport, SizeFix, Target, from_boxes, import},
    vision,
};

/// Which regions, of which picture.
#[derive(Clone, Debug)]
pub struct Regions {
    /// A file or folder; none where boxes are given.
    pub source: Option<PathBuf>,
    /// Boxes as `x,y,w,h` in pixels of the picture as shown.
    pub boxes: Vec<String>,
    /// The picture they belong to.
    pub image: PathBuf,
    /// What to do with regions of another size.
    pub size_fix: Option<SizeFix>,
}

/// Reads the regions and says what they are.
///
/// # Errors
/// One line that says what is wrong, where, and what to do.
pub fn regions(request: &Regions) -> Result<RegionsReport> {
    let picture = vision::open(&request.image)?;
    let imported = match &request.source {
        None => {
            let set = from_boxes(request.boxes.iter().map(String::as_str), picture.size)
                .context("--box")?;
            Imported { set, warnings: Vec::new() }
        }
        Some(path) => {
            let mut target = Target::new(picture.size).with_orientation(picture.orientation);
            if let Some(name) = request.image.file_name() {
                target = target.with_name(name.to_string_lossy());
            }
            if let Some(fix) = request.size_fix {
                target = target.with_fix(fix);
            }
            import(path, &target)?
        }
    };
    Ok(RegionsReport::of(&imported))
}
