//! Regions: named sets of pixels of a picture, kept as run lengths, and their share of each patch.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ImageSize, RegionMask};

/// What a region is called in the file it came from.
///
/// A region whose file gives it no id has its place in that file, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RegionId {
    /// A number, as COCO and Segment Anything count.
    Number(i64),
    /// Any other name, as Label Studio gives.
    Text(String),
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A segmentation in pixels of the picture as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its id in the file it came from.
    pub id: RegionId,
    /// Its name; empty where the file gives none.
    pub label: String,
    /// Its pixels.
    pub mask: RegionMask,
}

impl Region {
    /// The name to show: the label, or the id where there is no label.
    pub fn name(&self) -> String {
        match self.label.as_str() {
            "" => format!("region {}", self.id),
            label => label.to_owned(),
        }
    }
}

/// The form in which regions were stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionFormat {
    /// A list of records with run lengths, as Segment Anything's `amg.py --convert-to-rle` writes.
    AmgRle,
    /// A folder of pictures and `metadata.csv`, as Segment Anything's `amg.py` writes.
    AmgPng,
    /// A file of the SA-1B data set.
    #[serde(rename = "sa-1b")]
    Sa1b,
    /// COCO instances.
    Coco,
    /// A list of COCO results.
    CocoResults,
    /// `LabelMe`.
    #[serde(rename = "labelme")]
    LabelMe,
    /// Label Studio.
    LabelStudio,
    /// A `NumPy` array: one mask, or a stack.
    Npy,
    /// A `NumPy` archive.
    Npz,
    /// One number per pixel, in a picture or an array.
    LabelMap,
    /// Pictures of one mask each.
    MaskPng,
    /// Boxes typed by a person.
    Boxes,
}

impl fmt::Display for RegionFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AmgRle => "amg-rle",
            Self::AmgPng => "amg-png",
            Self::Sa1b => "sa-1b",
            Self::Coco => "coco",
            Self::CocoResults => "coco-results",
            Self::LabelMe => "labelme",
            Self::LabelStudio => "label-studio",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::LabelMap => "label-map",
            Self::MaskPng => "mask-png",
            Self::Boxes => "boxes",
        })
    }
}

/// The regions of one picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionSet {
    image: ImageSize,
    format: RegionFormat,
    source: String,
    regions: Vec<Region>,
}

impl RegionSet {
    /// Regions of a picture of size `image`.
    ///
    /// `source` is where they came from, in words that a person can find again.
    ///
    /// # Panics
    /// Where one of them is of another size: whoever reads regions checks that.
    pub fn new(
        image: ImageSize,
        format: RegionFormat,
        source: String,
        regions: Vec<Region>,
    ) -> Self {
        let fits = regions.iter().all(|region| region.mask.size() == image);
        assert!(fits, "regions of one picture have its size");
        Self { image, format, source, regions }
    }

    /// Other regions of the same picture, from the same place.
    ///
    /// # Panics
    /// As [`RegionSet::new`].
    #[must_use]
    pub fn with_regions(&self, regions: Vec<Region>) -> Self {
        Self::new(self.image, self.format, self.source.clone(), regions)
    }

    /// Where each region's mask stood before: in the same place, or in the next one as where a region was taken
    /// away; `None` of one that was in neither. An edit changes few masks, and what is known of the others stays.
    pub fn places_before(&self, before: &[Region]) -> Vec<Option<usize>> {
        let mut next = 0;
        let place = |region: &Region| {
            let is_same = |i: &usize| before.get(*i).is_some_and(|r| r.mask == region.mask);
            let found = [next, next + 1].into_iter().find(is_same);
            next = found.unwrap_or(next) + 1;
            found
        };
        self.regions.iter().map(place).collect()
    }

    /// Size of the picture.
    pub fn image(&self) -> ImageSize {
        self.image
    }

    /// The form in which they were stored.
    pub fn format(&self) -> RegionFormat {
        self.format
    }

    /// Where they came from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The regions, in the order of their file.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }
}

/// The share of each patch that lies inside each region.
///
/// # Shapes
/// `shares`: `[regions, patches]`, row-major, each in 0..=1.
///
/// # Units
/// Parts of a patch's area; for regions that split the picture, a patch's shares sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// Number of patches.
    pub n_patches: usize,
    /// The shares, region after region.
    pub shares: Vec<f32>,
}

impl Coverage {
    /// The shares of one region, patch by patch.
    ///
    /// # Panics
    /// Where there is no such region.
    pub fn of_region(&self, region_idx: usize) -> &[f32] {
        &self.shares[region_idx * self.n_patches..][..self.n_patches]
    }
}
