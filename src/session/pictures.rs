//! Pictures of a session that no run asked about: `pictures/<checksum>.png`, so that regions which were
//! drawn before the first question have their picture.

use std::{fs, path::Path};

use super::{
    KeptPicture, Pixels,
    error::{Result, SessionError},
    picture_file::{read_picture, write_picture},
};

const PICTURES: &str = "pictures";

/// Keeps a picture, unless it is there.
pub(super) fn write_to(session: &Path, picture: Pixels<'_>) -> Result<()> {
    let folder = session.join(PICTURES);
    let path = folder.join(format!("{:016x}.png", picture.checksum()));
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(&folder).map_err(SessionError::unwritable(&folder))?;
    write_picture(&path, picture)
}

/// Reads all of them, by name; a session without is one of a program that kept none. What cannot be
/// read is told to `faults`.
pub(super) fn read_from(session: &Path, faults: &mut Vec<String>) -> Vec<KeptPicture> {
    let entries = fs::read_dir(session.join(PICTURES)).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    // What a kill left of one that was being written has another ending.
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "png"));
    paths.sort();
    let mut pictures = Vec::new();
    for path in paths {
        match read_picture(&path) {
            Ok(picture) => pictures.push(picture),
            Err(error) => faults.push(format!("{error}; this picture is left out")),
        }
    }
    pictures
}
