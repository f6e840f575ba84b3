//! `NumPy` archives: which array of a zip file holds the masks, unpacked as it is read.
//!
//! Of zip only what `NumPy` writes is read: entries that are stored or deflated, found by the
//! directory at the end, whose sizes hold (those before the data may not).
//!
//! # Source
//! PKWARE's APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use flate2::CrcReader;
use flate2::read::DeflateDecoder;

use crate::domain::RegionFormat;

use super::collect::Collector;
use super::error::RegionsError;
use super::limits::MAX_ARRAY_BYTES;
use super::npy::import_array;
use super::npy_header::Header;
use super::target::{Imported, stem};

/// Names of arrays that hold masks, the likeliest first.
const MASK_NAMES: [&str; 8] =
    ["masks", "mask", "segmentation", "segmentations", "segments", "label_map", "labels", "arr_0"];

/// The longest comment of an archive, and the record that it ends.
const MAX_TAIL: u64 = 65_535 + 22;

/// The most bytes of a directory that are read.
const MAX_DIRECTORY: u64 = 4 << 20;

/// An entry of the directory.
#[derive(Debug)]
struct Entry {
    name: String,
    method: u16,
    is_encrypted: bool,
    crc: u32,
    packed: u64,
    offset: u64,
}

/// Reads the array of masks in an archive.
pub(super) fn import(
    reader: &mut (impl Read + Seek),
    mut into: Collector<'_>,
) -> Result<Imported, RegionsError> {
    let path = into.path;
    let entries = directory(reader, path)?;
    let entry = masks_of(&entries, reader, path)?;
    if entries.len() > 1 {
        into.warn(format!("of {} arrays, {} is read", entries.len(), entry.name));
    }
    let mut data = CrcReader::new(open(entry, reader, path)?);
    let format = import_array(&mut data, RegionFormat::Npz, &mut into)?;
    std::io::copy(&mut data.by_ref().take(1), &mut std::io::sink())
        .map_err(|error| RegionsError::damaged(path, "npz", error.to_string()))?;
    if data.crc().sum() != entry.crc {
        return Err(RegionsError::damaged(path, "npz", "an array does not have its checksum"));
    }
    into.finish(format)
}

/// The entry that holds the masks: by name, or the only array with two axes or more.
fn masks_of<'a>(
    entries: &'a [Entry],
    reader: &mut (impl Read + Seek),
    path: &Path,
) -> Result<&'a Entry, RegionsError> {
    let arrays = || entries.iter().filter(|entry| stem(&entry.name) != entry.name);
    let named = |name: &&str| arrays().find(|entry| stem(&entry.name) == *name);
    if let Some(entry) = MASK_NAMES.iter().find_map(named) {
        return Ok(entry);
    }
    let mut pictures = Vec::new();
    for entry in arrays() {
        let header = Header::read(&mut open(entry, reader, path)?, path);
        if header.is_ok_and(|header| header.shape.len() > 1) {
            pictures.push(entry);
        }
    }
    match pictures[..] {
        [only] => Ok(only),
        [] => Err(RegionsError::NoRegions { path: path.to_owned() }),
        _ => Err(RegionsError::Unsupported {
            path: path.to_owned(),
            what: format!("an archive of {} arrays, none called masks,", pictures.len()),
            advice: "name the one that holds them `masks`",
        }),
    }
}

fn open<'a>(
    entry: &Entry,
    reader: &'a mut (impl Read + Seek),
    path: &Path,
) -> Result<Box<dyn Read + 'a>, RegionsError> {
    let unreadable = |error: std::io::Error| RegionsError::damaged(path, "npz", error.to_string());
    let unsupported = |what: &str| RegionsError::Unsupported {
        path: path.to_owned(),
        what: format!("{what} in an archive"),
        advice: "save it with numpy.savez_compressed",
    };
    if entry.is_encrypted {
        return Err(unsupported("encryption"));
    }
    reader.seek(SeekFrom::Start(entry.offset)).map_err(unreadable)?;
    let mut head = [0; 30];
    reader.read_exact(&mut head).map_err(unreadable)?;
    if !head.starts_with(b"PK\x03\x04") {
        return Err(RegionsError::damaged(path, "npz", "an entry does not begin where it should"));
    }
    let skip = i64::from(u16_at(&head, 26)) + i64::from(u16_at(&head, 28));
    reader.seek(SeekFrom::Current(skip)).map_err(unreadable)?;
    let packed = reader.take(entry.packed);
    match entry.method {
        0 => Ok(Box::new(packed)),
        8 => Ok(Box::new(DeflateDecoder::new(packed).take(MAX_ARRAY_BYTES + (1 << 20)))),
        _ => Err(unsupported("this compression")),
    }
}

/// The entries of an archive, from the directory at its end.
fn directory(reader: &mut (impl Read + Seek), path: &Path) -> Result<Vec<Entry>, RegionsError> {
    let damaged = |reason: &str| RegionsError::damaged(path, "npz", reason);
    let unreadable = |error: std::io::Error| RegionsError::damaged(path, "npz", error.to_string());
    let length = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let start = length.saturating_sub(MAX_TAIL);
    reader.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut tail = Vec::new();
    reader.by_ref().take(MAX_TAIL).read_to_end(&mut tail).map_err(unreadable)?;
    let end = tail.windows(22).rposition(|window| window.starts_with(b"PK\x05\x06"));
    let end = &tail[end.ok_or_else(|| damaged("it is cut off before its directory"))?..];
    let (size, at) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    if at == u64::from(u32::MAX) || size > MAX_DIRECTORY {
        return Err(damaged("its directory is too large"));
    }
    reader.seek(SeekFrom::Start(at)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    reader.by_ref().take(size).read_to_end(&mut bytes).map_err(unreadable)?;
    let mut entries = Vec::new();
    let mut rest = &bytes[..];
    while rest.len() >= 46 && rest.starts_with(b"PK\x01\x02") {
        let [n_name, n_extra, n_comment] = [28, 30, 32].map(|at| usize::from(u16_at(rest, at)));
        let name = rest.get(46..46 + n_name).ok_or_else(|| damaged("its directory is cut off"))?;
        let (packed, offset) = (u32_at(rest, 20), u32_at(rest, 42));
        if packed == u32::MAX || offset == u32::MAX {
            return Err(RegionsError::too_much(path, "bytes in an archive", u64::from(u32::MAX)));
        }
        entries.push(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16_at(rest, 10),
            is_encrypted: u16_at(rest, 8) & 1 == 1,
            crc: u32_at(rest, 16),
            packed: u64::from(packed),
            offset: u64::from(offset),
        });
        rest = rest.get(46 + n_name + n_extra + n_comment..).unwrap_or_default();
    }
    match entries.is_empty() {
        true => Err(damaged("its directory is empty")),
        false => Ok(entries),
    }
}

/// Two bytes, the low one first; 0 beyond the end.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from(b[0]) | u16::from(b[1]) << 8)
}

/// Four bytes, the low one first; 0 beyond the end.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
