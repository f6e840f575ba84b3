//! Segment Anything: lists of records, and files of the SA-1B data set.

use serde::Deserialize;

use crate::domain::{ImageSize, RegionFormat, RegionId};

use super::collect::Collector;
use super::error::RegionsError;
use super::json::{Json, each_record};
use super::record::Record;
use super::target::Imported;

/// Reads the list of records under `key`, or a bare list; they are numbered from 0.
///
/// # Source
/// `segment-anything`, `scripts/amg.py`, `--convert-to-rle`; SAM 2's generator gives the same records.
pub(super) fn import_list(
    json: &Json<'_, '_>,
    key: Option<&str>,
    into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    import_records(json, key, RegionFormat::AmgRle, into)
}

#[derive(Deserialize)]
struct Sa1b {
    image: Sa1bImage,
}

#[derive(Deserialize)]
struct Sa1bImage {
    width: u32,
    height: u32,
    file_name: Option<String>,
}

/// Reads a file of SA-1B, which is about one picture and names its size.
///
/// # Source
/// `segment-anything`, README, "Dataset".
pub(super) fn import_sa1b(
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let Sa1b { image } = serde_json::from_slice(json.bytes)
        .map_err(|error| RegionsError::json(into.path, &error))?;
    into.check_size(&"image", ImageSize { width: image.width, height: image.height })?;
    into.note_other_picture(image.file_name.as_deref());
    import_records(json, Some("annotations"), RegionFormat::Sa1b, into)
}

fn import_records(
    json: &Json<'_, '_>,
    key: Option<&str>,
    format: RegionFormat,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let path = into.path;
    each_record(json, path, key, &mut |index, mut record: Record| {
        let place = format!("{}[{index}]", key.unwrap_or("record"));
        let size = into.target.size;
        let mask = record.mask(&place, size, &mut into)?;
        let label = record.own_label().unwrap_or_default();
        let id = record.id.0.unwrap_or(RegionId::Number(index as i64));
        into.add(&place, id, label, mask)
    })?;
    into.finish(format)
}
