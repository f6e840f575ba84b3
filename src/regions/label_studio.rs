//! Label Studio: brushes, polygons and rectangles of a task's annotations.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::{ImageSize, RegionFormat, RegionId, RegionMask};

use super::brush;
use super::collect::Collector;
use super::error::{MaskFault, RegionsError};
use super::fields::{Corners, Id, Numbers, Text};
use super::json::{Json, each_record};
use super::limits::{MAX_REGIONS, MAX_SIDE};
use super::target::{Imported, base};

/// The most results of a task that are looked at.
const MAX_RESULTS: usize = 4 * MAX_REGIONS;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Task {
    annotations: Vec<Annotation>,
    completions: Vec<Annotation>,
    /// Where a single annotation stands for the task.
    result: Vec<Outcome>,
    data: BTreeMap<String, Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotation {
    result: Vec<Outcome>,
    was_cancelled: bool,
}

/// One result: a region, or something else that people were asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Outcome {
    id: Id,
    original_width: Option<u32>,
    original_height: Option<u32>,
    value: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Value {
    format: Text,
    rle: Option<Numbers>,
    points: Option<Corners>,
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    rotation: Option<f64>,
    #[serde(rename = "radiusX")]
    radius_x: Option<IgnoredAny>,
    #[serde(alias = "brushlabels", alias = "polygonlabels", alias = "rectanglelabels")]
    labels: Option<Vec<String>>,
}

/// Reads a list of tasks, of which one is about the picture.
pub(super) fn import_tasks(
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let (path, target) = (into.path, into.target);
    let mut named = None;
    let mut only = None;
    let mut names = Vec::new();
    each_record(json, path, None, &mut |_, task: Task| {
        let is_named = task.data.values().flat_map(|data| &data.0).any(|url| is_of(url, target));
        names.push(task.picture().unwrap_or("(no name)").to_owned());
        if is_named && named.is_none() {
            named = Some(task);
        } else {
            only = Some(task);
        }
        into.check_count(names.len())
    })?;
    if named.is_none() && names.len() == 1 {
        into.note_other_picture(names.first().map(|name| upload_name(name)));
    }
    let only = only.filter(|_| names.len() == 1);
    let Some(task) = named.or(only) else {
        let (path, wanted) = (path.to_owned(), target.name.clone());
        return Err(RegionsError::WhichPicture { path, wanted, names });
    };
    import_task(task, json, into)
}

/// Reads a file that is one task.
pub(super) fn import_single(
    json: &Json<'_, '_>,
    into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let task = serde_json::from_slice(json.bytes);
    import_task(task.map_err(|error| RegionsError::json(into.path, &error))?, json, into)
}

/// Reads a bare list of results.
pub(super) fn import_results(
    json: &Json<'_, '_>,
    into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let mut result = Vec::new();
    each_record(json, into.path, None, &mut |_, outcome: Outcome| {
        result.push(outcome);
        check_results(result.len(), &into)
    })?;
    import_task(Task { result, ..Task::default() }, json, into)
}

fn check_results(n: usize, into: &Collector<'_>) -> Result<(), RegionsError> {
    match n > MAX_RESULTS {
        true => Err(RegionsError::too_much(into.path, "results", MAX_RESULTS as u64)),
        false => Ok(()),
    }
}

impl Task {
    fn picture(&self) -> Option<&str> {
        let image = self.data.get("image").and_then(|image| image.0.as_deref());
        image.or_else(|| self.data.values().find_map(|data| data.0.as_deref())).map(base)
    }
}

/// The name without the random letters and the dash that an upload puts before it.
fn upload_name(name: &str) -> &str {
    match name.split_once('-') {
        Some((mark, rest)) if mark.len() == 8 && mark.bytes().all(|b| b.is_ascii_hexdigit()) => {
            rest
        }
        _ => name,
    }
}

fn is_of(url: &str, target: &super::target::Target) -> bool {
    let name = base(url);
    target.is_called(name) || target.is_called(upload_name(name))
}

fn import_task(
    mut task: Task,
    json: &Json<'_, '_>,
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    task.annotations.append(&mut task.completions);
    task.annotations.retain(|annotation| !annotation.was_cancelled);
    if task.annotations.len() > 1 {
        let n = task.annotations.len();
        into.warn(format!("of {n} annotations of this task, the first is taken"));
    }
    let first = task.annotations.into_iter().next().map(|annotation| annotation.result);
    let outcomes = first.unwrap_or(task.result);
    check_results(outcomes.len(), &into)?;
    // One region may have several results of the same id: its pixels, and its labels.
    let mut by_id: BTreeMap<RegionId, usize> = BTreeMap::new();
    let mut regions: Vec<(String, RegionId, Option<String>, Option<Outcome>)> = Vec::new();
    for (index, mut outcome) in outcomes.into_iter().enumerate() {
        let id = outcome.id.0.clone().unwrap_or(RegionId::Number(index as i64));
        let label = outcome.value.as_mut().and_then(|value| value.labels.take());
        let label = label.map(|labels| labels.join(", "));
        let drawn = Some(outcome).filter(Outcome::is_drawn);
        let at = *by_id.entry(id.clone()).or_insert_with(|| {
            regions.push((format!("result[{index}]"), id, None, None));
            regions.len() - 1
        });
        let region = &mut regions[at];
        region.2 = region.2.take().or(label);
        region.3 = region.3.take().or(drawn);
    }
    json.begin(regions.len() as u64, into.path)?;
    for (place, id, label, outcome) in regions {
        json.step(into.path)?;
        let Some(outcome) = outcome else { continue };
        let size = outcome.size(into.target.size);
        into.check_size(&place, size)?;
        let mask = outcome.mask(size, &mut into);
        into.add(&place, id, label.unwrap_or_default(), mask)?;
    }
    into.finish(RegionFormat::LabelStudio)
}

impl Outcome {
    /// Whether it is a region, and not an answer or a relation.
    fn is_drawn(&self) -> bool {
        self.value
            .as_ref()
            .is_some_and(|value| value.rle.is_some() || value.points.is_some() || value.x.is_some())
    }

    fn size(&self, shown: ImageSize) -> ImageSize {
        match (self.original_width, self.original_height) {
            (Some(width), Some(height)) => ImageSize { width, height },
            _ => shown,
        }
    }

    fn mask(self, size: ImageSize, into: &mut Collector<'_>) -> Result<RegionMask, MaskFault> {
        let value = self.value.ok_or(MaskFault::Nothing)?;
        if let Some(rle) = value.rle {
            return value_mask(&value.format, &rle, size);
        }
        let ImageSize { width, height } = size;
        // Places and sizes are in percent of the picture.
        let x = |percent: f64| percent / 100.0 * f64::from(width.min(MAX_SIDE));
        let y = |percent: f64| percent / 100.0 * f64::from(height.min(MAX_SIDE));
        if let Some(Corners(points)) = value.points {
            let pairs = points.chunks(2).map(|pair| match pair {
                [px, py] => vec![x(*px), y(*py)],
                odd => odd.to_vec(),
            });
            return into.fill(&[pairs.flatten().collect()], size);
        }
        if value.radius_x.is_some() {
            return Err(MaskFault::Kind { kind: "an ellipse".to_owned() });
        }
        match (value.x, value.y, value.width, value.height) {
            (Some(left), Some(top), Some(w), Some(h)) => {
                let angle = value.rotation.unwrap_or(0.0).to_radians();
                into.fill(&[rectangle([x(left), y(top)], [x(w), y(h)], angle)], size)
            }
            _ => Err(MaskFault::Kind { kind: "a point".to_owned() }),
        }
    }
}

fn value_mask(format: &Text, rle: &Numbers, size: ImageSize) -> Result<RegionMask, MaskFault> {
    if let Some(format) = format.0.as_deref().filter(|format| *format != "rle") {
        return Err(MaskFault::Kind { kind: format!("a brush of format {format}") });
    }
    let bytes: Result<Vec<u8>, _> = rle.0.iter().copied().map(u8::try_from).collect();
    let bytes = bytes.map_err(|_out| MaskFault::Brush { fault: "a number is not a byte" })?;
    brush::decode(&bytes, size)
}

/// The corners of a rectangle that is turned clockwise about its top left corner.
fn rectangle([x, y]: [f64; 2], [width, height]: [f64; 2], angle: f64) -> Vec<f64> {
    let (sin, cos) = angle.sin_cos();
    let corner =
        |across: f64, down: f64| [x + across * cos - down * sin, y + across * sin + down * cos];
    [corner(0.0, 0.0), corner(width, 0.0), corner(width, height), corner(0.0, height)].concat()
}
