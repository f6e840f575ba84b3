//! Regions in COCO's form, which this program and most others read.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::RegionSet;

use super::ExportError;

#[derive(Serialize)]
struct File<'a> {
    images: [Image<'a>; 1],
    annotations: Vec<Annotation<'a>>,
    categories: Vec<Category>,
}

#[derive(Serialize)]
struct Image<'a> {
    id: u32,
    file_name: &'a str,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: usize,
    image_id: u32,
    category_id: usize,
    segmentation: Runs<'a>,
    area: u32,
    /// Left, top, width, height.
    bbox: [u32; 4],
    /// COCO's mark of a mask in run lengths.
    iscrowd: u32,
}

#[derive(Serialize)]
struct Runs<'a> {
    /// Height, width.
    size: [u32; 2],
    counts: &'a [u32],
}

#[derive(Serialize)]
struct Category {
    id: usize,
    name: String,
}

/// The regions of a picture as a COCO file: a category a name, masks as plain run lengths, down the
/// columns.
///
/// # Errors
/// [`ExportError::Json`] if the writer fails.
///
/// # Source
/// COCO data format, "Object Detection", and `common/maskApi.c` for run lengths.
pub fn regions_coco(set: &RegionSet, file_name: &str) -> Result<String, ExportError> {
    let size = set.image();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut annotations = Vec::new();
    for (i, region) in set.regions().iter().enumerate() {
        let next = names.len() + 1;
        let category_id = *names.entry(region.name()).or_insert(next);
        let bounds = region.mask.bounds();
        annotations.push(Annotation {
            id: i + 1,
            image_id: 1,
            category_id,
            segmentation: Runs { size: [size.height, size.width], counts: region.mask.counts() },
            area: region.mask.area(),
            bbox: [bounds.x, bounds.y, bounds.width, bounds.height],
            iscrowd: 1,
        });
    }
    let mut categories: Vec<Category> =
        names.into_iter().map(|(name, id)| Category { id, name }).collect();
    categories.sort_by_key(|category| category.id);
    let image = Image { id: 1, file_name, width: size.width, height: size.height };
    let mut text = serde_json::to_string(&File { images: [image], annotations, categories })?;
    text.push('\n');
    Ok(text)
}
