//! Figures into files.

use std::{
    io::{self, Write as _},
    path::Path,
};

use crate::domain::{Figure, Meter, go_on};

use super::{ExportError, PaperSize, figure_csv, figure_json, figure_svg, png::figure_pixels};

/// Refuses a file whose ending names no format or whose folder is not there, before a figure is made
/// for it.
///
/// # Errors
/// [`ExportError::UnknownFormat`], [`ExportError::NoFolder`].
pub fn check_format(path: &Path) -> Result<(), ExportError> {
    match ending(path).as_deref() {
        Some("svg" | "png" | "csv" | "json") => check_folder(path),
        _ => Err(ExportError::UnknownFormat { path: path.to_owned() }),
    }
}

/// Whether the folder that a file is to lie in is there.
///
/// # Errors
/// [`ExportError::NoFolder`].
pub fn check_folder(path: &Path) -> Result<(), ExportError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => Err(ExportError::NoFolder { folder: folder.to_owned() }),
        None => Ok(()),
    }
}

/// Bytes that are written between two looks at whether to go on.
const PIECE: usize = 1 << 16;

/// What stands behind the last dot of a file's name, in small letters.
pub(super) fn ending(path: &Path) -> Option<String> {
    path.extension().map(|e| e.to_string_lossy().to_lowercase())
}

/// Writes a figure in the format that the file's ending names: `svg`, `png`, `csv` or `json`.
///
/// The file appears whole or not at all: it is written beside its place, then renamed.
///
/// # Errors
/// [`ExportError`]: an ending that is none of these, an impossible size, a place that cannot be
/// written to.
pub fn write_figure(figure: &Figure, path: &Path, size: PaperSize) -> Result<(), ExportError> {
    write_figure_while(figure, path, size, &Meter::new(&mut go_on))
}

/// The same, telling how far it is, and stopped from outside between.
///
/// # Errors
/// As [`write_figure`]; [`ExportError::Stopped`], and then what was at that place is still there.
pub fn write_figure_while(
    figure: &Figure,
    path: &Path,
    size: PaperSize,
    meter: &Meter<'_>,
) -> Result<(), ExportError> {
    meter.begin("drawing", 0)?;
    let bytes = match ending(path).as_deref() {
        Some("svg") => figure_svg(figure, size)?.into_bytes(),
        Some("png") => figure_pixels(figure, size, meter)?,
        Some("csv") => figure_csv(figure)?.into_bytes(),
        Some("json") => figure_json(figure)?.into_bytes(),
        _ => return Err(ExportError::UnknownFormat { path: path.to_owned() }),
    };
    write_whole(path, &bytes, meter)
}

/// Writes a file beside its place and renames it, unless it is stopped before that.
///
/// # Errors
/// [`ExportError::Write`]; [`ExportError::Stopped`], and then what was at that place is still there.
pub fn write_whole(path: &Path, bytes: &[u8], meter: &Meter<'_>) -> Result<(), ExportError> {
    let unwritable = |source| ExportError::Write { path: path.to_owned(), source };
    meter.begin("writing", bytes.len() as u64)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    for piece in bytes.chunks(PIECE) {
        file.write_all(piece).map_err(unwritable)?;
        meter.add(piece.len() as u64)?;
    }
    file.as_file().sync_all().map_err(unwritable)?;
    // That may have taken a while, and from here on it is there.
    meter.ask()?;
    let file = file.persist(path).map_err(|error| unwritable(error.error))?;
    set_plain_permissions(&file).map_err(unwritable)
}

/// A temporary file is readable by its owner only; a figure should be as readable as any other.
#[cfg(unix)]
fn set_plain_permissions(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_plain_permissions(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
