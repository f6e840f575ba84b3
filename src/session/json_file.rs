//! The texts of a session, read whole: run, arrangement, regions, findings.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use super::error::{Result, SessionError};

/// The most bytes of one text; hundreds of outlines of a large photograph are a few megabytes.
const MAX_BYTES: u64 = 256 << 20;

/// Reads a text of a session.
///
/// # Errors
/// [`SessionError::Unreadable`]; [`SessionError::TooLarge`] before memory is taken for it.
pub(super) fn read_json(path: &Path) -> Result<Vec<u8>> {
    read_at_most(path, MAX_BYTES)
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>> {
    let unreadable = |source: io::Error| SessionError::unreadable(path)(source);
    let file = File::open(path).map_err(unreadable)?;
    let too_large = || SessionError::TooLarge { path: path.to_owned(), most };
    if file.metadata().map_err(unreadable)?.len() > most {
        return Err(too_large());
    }
    // What is no plain file has no length to go by.
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}
