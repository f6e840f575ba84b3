//! The one way in: a path or bytes to regions.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read as _, Seek, SeekFrom};
use std::path::Path;

use crate::domain::{Meter, OnProgress, RegionFormat, Stopped, go_on};

use super::collect::Collector;
use super::detect::{Container, JsonFormat, container, json_format};
use super::error::RegionsError;
use super::folder::{Content, look_into};
use super::json::Json;
use super::limits::MAX_JSON_BYTES;
use super::target::{Imported, Target};
use super::{coco, label_studio, labelme, npy, npz, png_masks, sam};

/// Reads the regions of a picture from a file or a folder, whatever its name.
///
/// Masks that cannot be read are left out with a warning, as long as one can.
///
/// # Errors
/// One [`RegionsError`] per way in which there is nothing to read; sizes are checked and limits kept
/// before memory is taken.
pub fn import(path: &Path, target: &Target) -> Result<Imported, RegionsError> {
    import_while(path, target, &mut go_on)
}

/// The same, telling how many files of a folder are read, or how much of a file, and stopped from
/// outside between.
///
/// # Errors
/// As [`import`]; [`RegionsError::Stopped`].
pub fn import_while(
    path: &Path,
    target: &Target,
    on_progress: OnProgress<'_>,
) -> Result<Imported, RegionsError> {
    if !path.is_dir() {
        return import_file(path, target, on_progress);
    }
    match look_into(path, target)? {
        Content::Masks(folder) => folder.import(Collector::new(path, target), on_progress),
        Content::Path(file) if file.is_dir() => match look_into(&file, target)? {
            Content::Masks(folder) => folder.import(Collector::new(&file, target), on_progress),
            Content::Path(_) => Err(RegionsError::NoRegions { path: path.to_owned() }),
        },
        Content::Path(file) => import_file(&file, target, on_progress),
    }
}

fn import_file(
    path: &Path,
    target: &Target,
    on_progress: OnProgress<'_>,
) -> Result<Imported, RegionsError> {
    let meter = Meter::new(on_progress);
    let imported = read_file(path, target, &meter);
    // What reads a file has words of its own for a reader that stopped.
    if meter.is_stopped() {
        return Err(RegionsError::stopped(path)(Stopped));
    }
    imported
}

fn read_file(path: &Path, target: &Target, meter: &Meter<'_>) -> Result<Imported, RegionsError> {
    let unreadable = RegionsError::unreadable(path);
    let file = File::open(path).map_err(&unreadable)?;
    let length = file.metadata().map_err(&unreadable)?.len();
    let file = meter.reader("reading", length, file).map_err(RegionsError::stopped(path))?;
    read(&mut BufReader::with_capacity(1 << 16, file), path, target, meter)
}

/// Reads the regions in `bytes`; `name` is only for messages and names.
///
/// # Errors
/// As [`import`].
pub fn import_bytes(bytes: &[u8], name: &Path, target: &Target) -> Result<Imported, RegionsError> {
    read(&mut Cursor::new(bytes), name, target, &Meter::new(&mut go_on))
}

fn read(
    reader: &mut (impl BufRead + Seek),
    path: &Path,
    target: &Target,
    meter: &Meter<'_>,
) -> Result<Imported, RegionsError> {
    let unreadable = RegionsError::unreadable(path);
    let mut head = Vec::new();
    reader.by_ref().take(64).read_to_end(&mut head).map_err(&unreadable)?;
    let container = container(&head, path)?;
    reader.seek(SeekFrom::Start(0)).map_err(&unreadable)?;
    let mut into = Collector::new(path, target);
    match container {
        Container::Png => png_masks::import_picture(reader, into),
        Container::Zip => npz::import(reader, into),
        Container::Npy => {
            let format = npy::import_array(reader, RegionFormat::Npy, &mut into)?;
            into.finish(format)
        }
        Container::Json => {
            let mut json = Vec::new();
            let limit = MAX_JSON_BYTES;
            reader.by_ref().take(limit + 1).read_to_end(&mut json).map_err(&unreadable)?;
            if json.len() as u64 > limit {
                return Err(RegionsError::too_much(path, "bytes of JSON", limit));
            }
            let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
            import_json(&Json::of(json, path, meter)?, into)
        }
    }
}

fn import_json(json: &Json<'_, '_>, into: Collector<'_>) -> Result<Imported, RegionsError> {
    match json_format(&json.shape, into.path)? {
        JsonFormat::Amg(key) => sam::import_list(json, key, into),
        JsonFormat::Sa1b => sam::import_sa1b(json, into),
        JsonFormat::Coco => coco::import_instances(json, into),
        JsonFormat::CocoResults => coco::import_results(json, into),
        JsonFormat::LabelMe => labelme::import(json, into),
        JsonFormat::Tasks => label_studio::import_tasks(json, into),
        JsonFormat::Task => label_studio::import_single(json, into),
        JsonFormat::Results => label_studio::import_results(json, into),
    }
}
