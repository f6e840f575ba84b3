//! What an import is asked for, and what it gives.

use crate::domain::{ImageSize, RegionSet};

use super::fix::SizeFix;

/// The picture whose regions are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its size as shown, after its EXIF orientation was applied.
    pub size: ImageSize,
    /// Its file name, by which it is found in files about several pictures.
    pub name: Option<String>,
    /// The EXIF orientation that was applied, 1..=8; 1 where the picture is shown as stored.
    pub orientation: u8,
    /// A difference of size that is accepted.
    pub fix: Option<SizeFix>,
}

impl Target {
    /// A picture of this size, shown as stored.
    pub fn new(size: ImageSize) -> Self {
        Self { size, name: None, orientation: 1, fix: None }
    }

    /// The same with a file name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same, turned by EXIF.
    #[must_use]
    pub fn with_orientation(self, orientation: u8) -> Self {
        Self { orientation, ..self }
    }

    /// The same, with a difference of size accepted.
    #[must_use]
    pub fn with_fix(self, fix: SizeFix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// Whether `name`, perhaps with folders before it, is this picture's file name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own == base(name))
    }

    /// Whether `name` is this picture's file name but for the extension.
    pub(super) fn has_stem(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| stem(own) == stem(base(name)))
    }
}

/// The part after the last slash of either kind.
pub(super) fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The part before the last dot.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Regions that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The regions, and the form in which they were stored.
    pub set: RegionSet,
    /// What of the file was left out or looks odd, one sentence each.
    pub warnings: Vec<String>,
}
