//! One mask record of JSON, in the form that Segment Anything, SA-1B and COCO share.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::domain::{ImageSize, RegionMask};

use super::collect::Collector;
use super::error::{MaskFault, RegionsError};
use super::fields::{Id, Numbers, Parts, Text};
use super::limits::MAX_SIDE;
use super::rle;

/// A record; what is not listed is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    /// Its id.
    pub(super) id: Id,
    /// The picture it is of.
    pub(super) image_id: Id,
    /// What it shows, as a number.
    pub(super) category_id: Id,
    /// Its pixels.
    pub(super) segmentation: Segmentation,
    /// Names that some tools add.
    label: Text,
    name: Text,
    category_name: Text,
    /// Run lengths that stand in the record itself.
    size: Option<Numbers>,
    counts: Option<Counts>,
}

/// A region's pixels, in one of the forms of COCO.
#[derive(Debug, Default)]
pub(super) enum Segmentation {
    /// None given.
    #[default]
    Nothing,
    /// Polygons, which are united.
    Polygons(Parts),
    /// Run lengths.
    Runs(Runs),
}

/// Run lengths with the size of their mask.
#[derive(Debug, Deserialize)]
pub(super) struct Runs {
    size: Numbers,
    counts: Counts,
}

/// Run lengths as numbers, or as COCO's string.
#[derive(Debug)]
enum Counts {
    Numbers(Numbers),
    Text(String),
}

impl Record {
    /// The name that the record itself gives.
    pub(super) fn own_label(&mut self) -> Option<String> {
        let names = [&mut self.label, &mut self.name, &mut self.category_name];
        names.into_iter().find_map(|name| name.0.take())
    }

    /// The mask, for which polygons are laid on a picture of size `size`.
    ///
    /// # Errors
    /// [`RegionsError::Size`] where run lengths are of a size that is not accepted.
    pub(super) fn mask(
        &mut self,
        place: &dyn fmt::Display,
        size: ImageSize,
        into: &mut Collector<'_>,
    ) -> Result<Result<RegionMask, MaskFault>, RegionsError> {
        if let (Some(size), Some(counts)) = (self.size.take(), self.counts.take()) {
            self.segmentation = Segmentation::Runs(Runs { size, counts });
        }
        match std::mem::take(&mut self.segmentation) {
            Segmentation::Nothing => Ok(Err(MaskFault::Nothing)),
            Segmentation::Polygons(parts) => Ok(into.fill(&parts.0, size)),
            Segmentation::Runs(runs) => runs.mask(place, into),
        }
    }
}

impl Runs {
    fn mask(
        self,
        place: &dyn fmt::Display,
        into: &mut Collector<'_>,
    ) -> Result<Result<RegionMask, MaskFault>, RegionsError> {
        let side = |v: i64| u32::try_from(v).ok().filter(|v| (1..=MAX_SIDE).contains(v));
        let size = match self.size.0[..] {
            [height, width] => side(height).zip(side(width)),
            _ => None,
        };
        let Some((height, width)) = size else {
            return Ok(Err(MaskFault::BadSize {
                found: self.size.0.into_iter().take(4).collect(),
            }));
        };
        let size = ImageSize { width, height };
        into.check_size(place, size)?;
        Ok(match self.counts {
            Counts::Numbers(runs) => RegionMask::from_runs(size, runs.0).map_err(MaskFault::from),
            Counts::Text(text) => match rle::inside_of_printed_bytes(&text) {
                Some(inner) => {
                    into.warn(format!("{place}: the run lengths are printed Python bytes"));
                    rle::decode(&inner, size)
                }
                None => rle::decode(&text, size),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Segmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SegmentationVisitor)
    }
}

struct SegmentationVisitor;

impl<'de> Visitor<'de> for SegmentationVisitor {
    type Value = Segmentation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("polygons or run lengths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Segmentation, A::Error> {
        Parts::deserialize(SeqAccessDeserializer::new(list)).map(Segmentation::Polygons)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Segmentation, A::Error> {
        Runs::deserialize(MapAccessDeserializer::new(map)).map(Segmentation::Runs)
    }

    fn visit_unit<E>(self) -> Result<Segmentation, E> {
        Ok(Segmentation::Nothing)
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountsVisitor)
    }
}

struct CountsVisitor;

impl<'de> Visitor<'de> for CountsVisitor {
    type Value = Counts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("run lengths, as numbers or as COCO's string")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Counts, A::Error> {
        Numbers::deserialize(SeqAccessDeserializer::new(list)).map(Counts::Numbers)
    }

    fn visit_str<E>(self, text: &str) -> Result<Counts, E> {
        Ok(Counts::Text(text.to_owned()))
    }
}
