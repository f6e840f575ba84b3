//! COCO: instances with pictures and categories, and bare lists of results.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::{ImageSize, RegionFormat, RegionId};

use super::collect::Collector;
use super::error::RegionsError;
use super::fields::{Id, Text};
use super::json::{Json, each_record};
use super::record::Record;
use super::target::{Imported, base, stem};

/// The most pictures whose names an error could list; more are counted only.
const MAX_NAMES: usize = 1000;

#[derive(Clone, Deserialize)]
struct Picture {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    file_name: Text,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Deserialize)]
struct Category {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    name: Text,
}

/// Reads the annotations of one picture of a COCO file.
///
/// The picture is found by its file name, then by its name without extension; a file about a single
/// picture is taken as it is, and said so where the names differ.
///
/// # Source
/// <https://cocodataset.org/#format-data>, "Object Detection".
pub(super) fn import_instances(
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let path = into.path;
    let picture = picture_of(json, &mut into)?;
    let size = match (picture.width, picture.height) {
        (Some(width), Some(height)) => ImageSize { width, height },
        _ => into.target.size,
    };
    into.check_size(&"the picture in the file", size)?;
    let mut names = BTreeMap::new();
    each_record(json, path, Some("categories"), &mut |_, category: Category| {
        if let (Some(id), Some(name)) = (category.id.0, category.name.0) {
            names.insert(id, name);
        }
        Ok(())
    })?;
    each_record(json, path, Some("annotations"), &mut |index, mut record: Record| {
        if record.image_id.0.is_some() && record.image_id != picture.id {
            return Ok(());
        }
        let place = format!("annotations[{index}]");
        let mask = record.mask(&place, size, &mut into)?;
        let named = record.category_id.0.as_ref().and_then(|id| names.get(id).cloned());
        let label = named.unwrap_or_else(|| label_of(&mut record));
        let id = record.id.0.unwrap_or(RegionId::Number(index as i64));
        into.add(&place, id, label, mask)
    })?;
    into.finish(RegionFormat::Coco)
}

fn picture_of(json: &Json<'_, '_>, into: &mut Collector<'_>) -> Result<Picture, RegionsError> {
    let (path, target) = (into.path, into.target);
    let mut by_name = None;
    let mut by_stem = None;
    let mut first = None;
    let mut names = Vec::new();
    each_record(json, path, Some("images"), &mut |index, picture: Picture| {
        let name = picture.file_name.0.as_deref().unwrap_or("");
        if by_name.is_none() && target.is_called(name) {
            by_name = Some(picture.clone());
        }
        if by_stem.is_none() && target.has_stem(name) {
            by_stem = Some(picture.clone());
        }
        if names.len() < MAX_NAMES {
            names.push(name.to_owned());
        }
        if index == 0 {
            first = Some(picture);
        }
        Ok(())
    })?;
    let only = first.filter(|_| names.len() == 1);
    if by_name.is_none() && by_stem.is_none() && only.is_some() {
        into.note_other_picture(names.first().map(String::as_str));
    }
    by_name.or(by_stem).or(only).ok_or_else(|| match names.is_empty() {
        true => RegionsError::NoRegions { path: path.to_owned() },
        false => {
            RegionsError::WhichPicture { path: path.to_owned(), wanted: target.name.clone(), names }
        }
    })
}

/// Reads a list of results of one picture, which names pictures by id only.
///
/// Of several pictures, the one is taken whose id is the file name, or the number in it, as in
/// COCO's own names.
///
/// # Source
/// <https://cocodataset.org/#format-results>.
pub(super) fn import_results(
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let (path, target) = (into.path, into.target);
    let mut pictures = BTreeSet::new();
    each_record(json, path, None, &mut |_, record: PictureOf| {
        if pictures.len() < MAX_NAMES {
            pictures.extend(record.image_id.0);
        }
        Ok(())
    })?;
    let name = target.name.as_deref().map_or("", |name| stem(base(name)));
    let digits = name.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    let by_name = [
        Some(RegionId::Text(name.to_owned())),
        target.name.clone().map(RegionId::Text),
        digits.parse().ok().map(RegionId::Number),
    ];
    let known = by_name.into_iter().flatten().find(|id| pictures.contains(id));
    let only = pictures.first().filter(|_| pictures.len() == 1).cloned();
    let Some(picture) = known.or(only) else {
        let names = pictures.iter().map(ToString::to_string).collect();
        let (path, wanted) = (path.to_owned(), target.name.clone());
        return Err(RegionsError::WhichPicture { path, wanted, names });
    };
    each_record(json, path, None, &mut |index, mut record: Record| {
        if record.image_id.0.as_ref() != Some(&picture) {
            return Ok(());
        }
        let place = format!("result[{index}]");
        let mask = record.mask(&place, target.size, &mut into)?;
        let label = label_of(&mut record);
        let id = record.id.0.unwrap_or(RegionId::Number(index as i64));
        into.add(&place, id, label, mask)
    })?;
    into.finish(RegionFormat::CocoResults)
}

#[derive(Deserialize)]
struct PictureOf {
    #[serde(default)]
    image_id: Id,
}

/// What the record says of itself, or the number of its category.
fn label_of(record: &mut Record) -> String {
    let category = record.category_id.0.as_ref().map(|id| format!("category {id}"));
    record.own_label().or(category).unwrap_or_default()
}
