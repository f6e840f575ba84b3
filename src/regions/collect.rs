//! The regions of an import as they come in: sizes checked, limits kept, what is unreadable noted.

use std::collections::HashSet;
use std::fmt::Display;
use std::path::Path;

use crate::domain::{ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet};

use super::error::{MaskFault, RegionsError};
use super::fix::{SizeFix, offer, scaled, turned};
use super::limits::{MAX_OUTLINES, MAX_PIXELS, MAX_REGIONS, MAX_RUNS, MAX_SIDE, MAX_WARNINGS};
use super::polygon;
use super::target::{Imported, Target};

/// Regions read so far, and what was said about them.
pub(super) struct Collector<'a> {
    /// The file or folder, for messages.
    pub(super) path: &'a Path,
    /// The picture that the regions are of.
    pub(super) target: &'a Target,
    regions: Vec<Region>,
    warnings: Vec<String>,
    n_warnings: usize,
    first_fault: Option<(String, MaskFault)>,
    n_runs: usize,
    outlines: u64,
}

impl<'a> Collector<'a> {
    /// Nothing read yet.
    pub(super) fn new(path: &'a Path, target: &'a Target) -> Self {
        Self {
            path,
            target,
            regions: Vec::new(),
            warnings: Vec::new(),
            n_warnings: 0,
            first_fault: None,
            n_runs: 0,
            outlines: 0,
        }
    }

    /// Whether `n` regions are not too many.
    ///
    /// # Errors
    /// [`RegionsError::TooMuch`].
    pub(super) fn check_count(&self, n: usize) -> Result<(), RegionsError> {
        match n > MAX_REGIONS {
            true => Err(RegionsError::too_much(self.path, "regions", MAX_REGIONS as u64)),
            false => Ok(()),
        }
    }

    /// Notes something that a person should know and that stops nothing.
    pub(super) fn warn(&mut self, warning: String) {
        self.n_warnings += 1;
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    /// Notes a mask that cannot be read; the others go on.
    pub(super) fn leave_out(&mut self, place: &dyn Display, fault: MaskFault) {
        self.warn(format!("{place} is left out: {fault}"));
        self.first_fault.get_or_insert_with(|| (place.to_string(), fault));
    }

    /// Says so where the file is about a picture of another name.
    pub(super) fn note_other_picture(&mut self, name: Option<&str>) {
        let own = self.target.name.as_deref();
        if let (Some(name), Some(own)) = (name.filter(|name| !name.is_empty()), own)
            && !self.target.has_stem(name)
        {
            self.warn(format!("the file is about a picture called {name}, not {own}"));
        }
    }

    /// Whether masks of size `found` are the picture's, or are accepted as such.
    ///
    /// # Errors
    /// [`RegionsError::Size`], with an offer where there is one.
    pub(super) fn check_size(
        &self,
        place: &dyn Display,
        found: ImageSize,
    ) -> Result<(), RegionsError> {
        let expected = self.target.size;
        if found == expected {
            return Ok(());
        }
        let is_large = found.width.max(found.height) > MAX_SIDE
            || u64::from(found.width) * u64::from(found.height) > MAX_PIXELS;
        let offer = offer(found, expected).filter(|_| !is_large);
        if offer.is_some() && offer == self.target.fix {
            return Ok(());
        }
        let (path, place) = (self.path.to_owned(), place.to_string());
        Err(RegionsError::Size { path, place, found, expected, offer })
    }

    /// The pixels of polygons that lie on a picture of size `size`: their union.
    pub(super) fn fill(
        &mut self,
        parts: &[Vec<f64>],
        size: ImageSize,
    ) -> Result<RegionMask, MaskFault> {
        let mut masks = Vec::new();
        for part in parts {
            self.outlines += polygon::outline_of(part);
            if self.outlines > MAX_OUTLINES {
                return Err(MaskFault::LongOutline);
            }
            masks.push(polygon::fill(part, size)?);
        }
        RegionMask::union(&masks).ok_or(MaskFault::Nothing)
    }

    /// Keeps a region, or notes why it cannot be read.
    ///
    /// # Errors
    /// [`RegionsError::Size`], and [`RegionsError::TooMuch`] for all regions together.
    pub(super) fn add(
        &mut self,
        place: &dyn Display,
        id: RegionId,
        label: String,
        mask: Result<RegionMask, MaskFault>,
    ) -> Result<(), RegionsError> {
        let mask = match mask {
            Ok(mask) => mask,
            Err(fault) => {
                self.leave_out(place, fault);
                return Ok(());
            }
        };
        self.check_size(place, mask.size())?;
        let mask = match self.brought(mask) {
            Ok(mask) => mask,
            Err(fault) => {
                self.leave_out(place, fault);
                return Ok(());
            }
        };
        self.n_runs += mask.counts().len();
        if self.n_runs > MAX_RUNS {
            return Err(RegionsError::too_much(self.path, "runs in all", MAX_RUNS as u64));
        }
        self.check_count(self.regions.len() + 1)?;
        if mask.is_empty() {
            self.warn(format!("{place} has no pixels"));
        }
        self.regions.push(Region { id, label, mask });
        Ok(())
    }

    /// The mask on the picture as shown.
    fn brought(&self, mask: RegionMask) -> Result<RegionMask, MaskFault> {
        if mask.size() == self.target.size {
            return Ok(mask);
        }
        match self.target.fix {
            Some(SizeFix::Scale) => scaled(&mask, self.target.size),
            Some(SizeFix::Swap) => {
                let quarter = Some(self.target.orientation).filter(|o| (5..=8).contains(o));
                turned(&mask, quarter.unwrap_or(5))
            }
            None => Ok(mask),
        }
    }

    /// What was read.
    ///
    /// # Errors
    /// [`RegionsError::Mask`] where there were masks and none can be read, and
    /// [`RegionsError::NoRegions`] where there were none.
    pub(super) fn finish(mut self, format: RegionFormat) -> Result<Imported, RegionsError> {
        if self.regions.is_empty() {
            let path = self.path.to_owned();
            return Err(match self.first_fault {
                Some((place, fault)) => RegionsError::Mask { path, place, fault },
                None => RegionsError::NoRegions { path },
            });
        }
        if (2..=4).contains(&self.target.orientation) {
            self.warn(
                "EXIF turns this picture without changing its size: check that the regions were \
                 drawn on the turned picture"
                    .to_owned(),
            );
        }
        let mut ids = HashSet::new();
        if let Some(twice) = self.regions.iter().find(|region| !ids.insert(&region.id)) {
            self.warn(format!("the id {} is given to more than one region", twice.id));
        }
        if self.n_warnings > self.warnings.len() {
            let more = self.n_warnings + 1 - self.warnings.len();
            self.warnings.pop();
            self.warnings.push(format!("and {more} more warnings"));
        }
        let source = self.path.display().to_string();
        let set = RegionSet::new(self.target.size, format, source, self.regions);
        Ok(Imported { set, warnings: self.warnings })
    }
}
