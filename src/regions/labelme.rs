//! `LabelMe`: polygons, rectangles, circles and pasted masks; shapes of one group are one region.

use std::collections::HashMap;
use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::domain::{ImageSize, RegionFormat, RegionId, RegionMask};

use super::collect::Collector;
use super::error::{MaskFault, RegionsError};
use super::fields::{Corners, Id, Text};
use super::json::{Json, each_record};
use super::limits::{MAX_PIXELS, MAX_SIDE};
use super::png_masks;
use super::target::Imported;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    image_height: Option<u32>,
    image_width: Option<u32>,
    #[serde(default)]
    image_path: Text,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Shape {
    label: Text,
    points: Corners,
    group_id: Id,
    shape_type: Text,
    mask: Text,
}

/// A region that may still grow by shapes of its group.
struct Growing {
    place: String,
    id: RegionId,
    label: String,
    parts: Vec<RegionMask>,
}

/// Reads the shapes of a file.
///
/// # Source
/// `labelme`, `_label_file.py` and `_utils/shape.py`.
pub(super) fn import(
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let path = into.path;
    let head: Head =
        serde_json::from_slice(json.bytes).map_err(|error| RegionsError::json(path, &error))?;
    let size = match (head.image_width, head.image_height) {
        (Some(width), Some(height)) => ImageSize { width, height },
        _ => into.target.size,
    };
    into.check_size(&"the picture in the file", size)?;
    into.note_other_picture(head.image_path.0.as_deref());
    let mut regions: Vec<Growing> = Vec::new();
    let mut groups: HashMap<(RegionId, String), usize> = HashMap::new();
    each_record(json, path, Some("shapes"), &mut |index, shape: Shape| {
        let place = format!("shapes[{index}]");
        let label = shape.label.0.clone().unwrap_or_default();
        let mask = match shape.mask(size, &mut into) {
            Ok(mask) => mask,
            Err(fault) => {
                into.leave_out(&place, fault);
                return Ok(());
            }
        };
        let group = shape.group_id.0.map(|group| (group, label.clone()));
        let known = group.as_ref().and_then(|group| groups.get(group).copied());
        if let Some(region) = known.and_then(|at| regions.get_mut(at)) {
            region.parts.push(mask);
            return Ok(());
        }
        groups.extend(group.map(|group| (group, regions.len())));
        let id = RegionId::Number(index as i64);
        regions.push(Growing { place, id, label, parts: vec![mask] });
        into.check_count(regions.len())
    })?;
    json.begin(regions.len() as u64, path)?;
    for Growing { place, id, label, parts } in regions {
        let mask = RegionMask::union(&parts).ok_or(MaskFault::Nothing);
        into.add(&place, id, label, mask)?;
        json.step(path)?;
    }
    into.finish(RegionFormat::LabelMe)
}

impl Shape {
    fn mask(&self, size: ImageSize, into: &mut Collector<'_>) -> Result<RegionMask, MaskFault> {
        let corners = &self.points.0[..];
        match (self.shape_type.0.as_deref().unwrap_or("polygon"), corners) {
            ("rectangle", &[x0, y0, x1, y1]) => {
                into.fill(&[vec![x0, y0, x1, y0, x1, y1, x0, y1]], size)
            }
            ("polygon" | "oriented_rectangle" | "rectangle", _) => {
                into.fill(&[corners.to_vec()], size)
            }
            ("circle", &[x, y, rim_x, rim_y]) => {
                into.fill(&[circle(x, y, (rim_x - x).hypot(rim_y - y))], size)
            }
            ("mask", &[x, y, ..]) => self.pasted(x, y, size),
            (kind, _) => {
                Err(MaskFault::Kind { kind: format!("a {kind} of {} numbers", corners.len()) })
            }
        }
    }

    /// The picture in `mask`, placed with its top left corner at `x`, `y`.
    fn pasted(&self, x: f64, y: f64, size: ImageSize) -> Result<RegionMask, MaskFault> {
        let damaged = |reason: &dyn ToString| MaskFault::Picture { reason: reason.to_string() };
        let text = self.mask.0.as_deref().ok_or(MaskFault::Nothing)?;
        let bytes = STANDARD.decode(text.trim()).map_err(|error| damaged(&error))?;
        let accept = |size: ImageSize| {
            let is_large = size.width.max(size.height) > MAX_SIDE
                || u64::from(size.width) * u64::from(size.height) > MAX_PIXELS;
            match is_large {
                true => Err(RegionsError::NoRegions { path: std::path::PathBuf::new() }),
                false => Ok(()),
            }
        };
        let labels = png_masks::read(Cursor::new(bytes), accept)
            .map_err(|_refused| damaged(&"it is too large"))??;
        if !(x.is_finite() && y.is_finite()) {
            return Err(MaskFault::FarCorner { x, y });
        }
        // As Python rounds: halves to even.
        let (left, top) = (x.round_ties_even() as i64, y.round_ties_even() as i64);
        let (width, height) = (i64::from(size.width), i64::from(size.height));
        let segments = labels.masks.iter().flat_map(|(_, mask)| mask.segments());
        let placed = segments.filter_map(|segment| {
            let column = Some(left.saturating_add(i64::from(segment.x)));
            let column = column.filter(|x| (0..width).contains(x))?;
            let row = |y: u32| top.saturating_add(i64::from(y)).clamp(0, height);
            let at = |y: u32| (column * height + row(y)) as u32;
            Some((at(segment.top), at(segment.bottom)))
        });
        let placed = placed.collect();
        Ok(RegionMask::empty(size)?.with_stretches(placed))
    }
}

/// A circle as a polygon whose corners lie less than a tenth of a pixel off it.
fn circle(x: f64, y: f64, radius: f64) -> Vec<f64> {
    let n = (8.0 * radius.max(1.0).sqrt()).ceil().clamp(16.0, 4096.0) as usize;
    let corner = |i: usize| {
        let angle = std::f64::consts::TAU * i as f64 / n as f64;
        [x + radius * angle.cos(), y + radius * angle.sin()]
    };
    (0..n).flat_map(corner).collect()
}
