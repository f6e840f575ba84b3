//! Pictures that are kept, and how far another one may be from them.

use std::{fs, path::Path};

use image::{
    ImageEncoder as _, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

/// How far a channel of a pixel may be from the kept one, of 255: what rounding on another processor could
/// do. No pixel may be further.
const FAR: u8 = 3;

/// Compares a picture with the kept one of that name; another one is written beside it.
///
/// # Errors
/// What differs, the file to look at, and what to do.
pub(crate) fn check_kept(picture: &RgbaImage, name: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/snapshots");
    let (path, new) = (folder.join(format!("{name}.png")), folder.join(format!("{name}.new.png")));
    // What an earlier test left says nothing of this one.
    fs::remove_file(&new).ok();
    let found = match image::open(&path) {
        Ok(kept) => difference(&kept.to_rgba8(), picture),
        Err(error) => Some(format!("there is no picture to compare with ({error})")),
    };
    let Some(found) = found else { return Ok(()) };
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    fs::write(&new, png(picture)?).map_err(|error| error.to_string())?;
    let (path, new) = (path.display(), new.display());
    Err(format!("{name}: {found}; look at {new} beside {path}, and move it there if it is right"))
}

fn difference(kept: &RgbaImage, picture: &RgbaImage) -> Option<String> {
    if kept.dimensions() != picture.dimensions() {
        let ((w, h), (width, height)) = (kept.dimensions(), picture.dimensions());
        return Some(format!("{width} x {height} pixels instead of {w} x {h}"));
    }
    let far = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| {
        a.0.iter().zip(b.0).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
    };
    let all: Vec<u8> = kept.pixels().zip(picture.pixels()).map(far).collect();
    let n = all.iter().filter(|far| **far > FAR).count();
    let first = all.iter().position(|far| *far > FAR)?;
    let (x, y) = (first as u32 % kept.width(), first as u32 / kept.width());
    let most = all.iter().max().copied().unwrap_or(0);
    Some(format!("{n} pixels differ, by up to {most} of 255, the first at x {x}, y {y}"))
}

/// As small as may be: they are kept with the source.
fn png(picture: &RgbaImage) -> Result<Vec<u8>, String> {
    let rgb = image::DynamicImage::ImageRgba8(picture.clone()).to_rgb8();
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    encoder
        .write_image(&rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}
