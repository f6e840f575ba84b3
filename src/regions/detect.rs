//! Which format a file has, by its content; the name's extension is never asked.

use std::path::Path;

use super::error::RegionsError;
use super::json::Shape;
use super::npy_header::MAGIC;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// Text in JSON.
    Json,
    /// A `NumPy` array.
    Npy,
    /// A zip archive.
    Zip,
    /// A PNG picture.
    Png,
}

/// Which format a JSON file has, and where its records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonFormat {
    /// Records of Segment Anything under a key, or bare.
    Amg(Option<&'static str>),
    /// A file of SA-1B.
    Sa1b,
    /// COCO instances.
    Coco,
    /// COCO results.
    CocoResults,
    /// `LabelMe`.
    LabelMe,
    /// Label Studio's tasks.
    Tasks,
    /// One task, or one annotation.
    Task,
    /// Label Studio's results.
    Results,
}

/// The kind of a file that begins with `head`.
pub(super) fn container(head: &[u8], path: &Path) -> Result<Container, RegionsError> {
    if head.is_empty() {
        return Err(RegionsError::Empty { path: path.to_owned() });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    match head {
        [0x89, b'P', b'N', b'G', ..] => Ok(Container::Png),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Container::Zip),
        _ if head.starts_with(MAGIC) => Ok(Container::Npy),
        _ if matches!(first, Some(b'{' | b'[')) => Ok(Container::Json),
        _ => Err(foreign(head, path)),
    }
}

/// Formats that people have and that are not read, by their first bytes.
fn foreign(head: &[u8], path: &Path) -> RegionsError {
    let (what, advice) = match head {
        [0xff, 0xd8, 0xff, ..] => ("JPEG, which changes masks,", "save masks as PNG"),
        [b'G', b'I', b'F', b'8', ..] => ("GIF", "save masks as PNG"),
        [b'R', b'I', b'F', b'F', ..] => ("WebP", "save masks as PNG"),
        [b'B', b'M', ..] => ("BMP", "save masks as PNG"),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
            ("TIFF", "save masks as PNG")
        }
        [0x80, 2..=5, ..] => ("a Python pickle", "save masks with numpy.savez, or as COCO JSON"),
        [0x1f, 0x8b, ..] => ("gzip", "unpack it first"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ("UTF-16", "save it as UTF-8"),
        [b'<', ..] => ("XML", "export as COCO instead"),
        _ if head.starts_with(b"id,area,") => ("metadata.csv alone", "name the folder it is in"),
        _ => return RegionsError::Unknown { path: path.to_owned() },
    };
    RegionsError::Unsupported { path: path.to_owned(), what: what.to_owned(), advice }
}

/// The format of a JSON file of this shape.
pub(super) fn json_format(shape: &Shape, path: &Path) -> Result<JsonFormat, RegionsError> {
    let format = if shape.is_list { of_list(shape) } else { of_object(shape) };
    if let Some(format) = format {
        return Ok(format);
    }
    let unsupported = |what: &str, advice| {
        Err(RegionsError::Unsupported { path: path.to_owned(), what: what.to_owned(), advice })
    };
    let first = shape.first();
    let has = |key: &str| shape.has(key) || first.is_some_and(|first| first.has(key));
    if shape.is_list && first.is_none() {
        return Err(RegionsError::NoRegions { path: path.to_owned() });
    }
    if has("masklet") {
        return unsupported("a video of SA-V", "save the masks of one frame as a list");
    }
    if has("tag") || has("label_studio") || has("annotation_id") {
        return unsupported("Label Studio's short form (JSON-MIN)", "export as JSON");
    }
    if has("rle") && (has("left") || has("box")) {
        return unsupported("CVAT's run lengths, which are relative to a box,", "export as COCO");
    }
    if has("features") {
        return unsupported("GeoJSON", "export as COCO");
    }
    Err(RegionsError::Unknown { path: path.to_owned() })
}

fn of_object(shape: &Shape) -> Option<JsonFormat> {
    let is_record = |key: &str| {
        let first = shape.get(key).and_then(Shape::first);
        first.is_some_and(is_mask_record)
    };
    let is_task = |key: &str| {
        let first = shape.get(key).and_then(Shape::first);
        first.is_some_and(|first| first.has_list("result"))
    };
    if shape.has_list("shapes") {
        Some(JsonFormat::LabelMe)
    } else if shape.has_list("images") {
        Some(JsonFormat::Coco)
    } else if shape.get("image").is_some_and(|image| image.has("width"))
        && shape.has_list("annotations")
    {
        Some(JsonFormat::Sa1b)
    } else if shape.has_list("result") || is_task("annotations") || is_task("completions") {
        Some(JsonFormat::Task)
    } else if is_record("annotations") {
        Some(JsonFormat::Amg(Some("annotations")))
    } else if is_record("masks") {
        Some(JsonFormat::Amg(Some("masks")))
    } else {
        None
    }
}

fn of_list(shape: &Shape) -> Option<JsonFormat> {
    let first = shape.first()?;
    if is_mask_record(first) {
        Some(match first.has("image_id") {
            true => JsonFormat::CocoResults,
            false => JsonFormat::Amg(None),
        })
    } else if ["annotations", "completions", "result"].iter().any(|key| first.has_list(key)) {
        Some(JsonFormat::Tasks)
    } else if first.has("value") && (first.has("original_width") || first.has("from_name")) {
        Some(JsonFormat::Results)
    } else {
        None
    }
}

fn is_mask_record(record: &Shape) -> bool {
    record.has("segmentation") || (record.has("size") && record.has("counts"))
}
