//! Boxes that a person types: `x,y,width,height`, or `name=x,y,width,height`.

use crate::domain::{ImageSize, Region, RegionFormat, RegionId, RegionMask, RegionSet};

use super::error::{MaskFault, RegionsError};

/// One region for each of `texts`, by the place of a box among them.
///
/// Numbers are pixels and may have decimals; a box covers the pixels whose middle is inside, as in
/// COCO, and what reaches beyond the picture is cut off.
///
/// # Errors
/// [`RegionsError::BoxText`] where a text is not four numbers, and [`RegionsError::Box`] where a
/// box holds no pixel.
pub fn from_boxes<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    image: ImageSize,
) -> Result<RegionSet, RegionsError> {
    let region = |(index, text): (usize, &str)| {
        let (label, corners) = match text.rsplit_once('=') {
            Some((name, corners)) => (name.trim().to_owned(), corners),
            None => (format!("box {text}"), text),
        };
        let mask = mask_of(corners, image, text)?;
        Ok(Region { id: RegionId::Number(index as i64), label, mask })
    };
    let regions = texts.into_iter().enumerate().map(region).collect::<Result<Vec<_>, _>>()?;
    Ok(RegionSet::new(image, RegionFormat::Boxes, "--box".to_owned(), regions))
}

fn mask_of(corners: &str, image: ImageSize, text: &str) -> Result<RegionMask, RegionsError> {
    let bad = || RegionsError::BoxText { text: text.chars().take(60).collect() };
    let numbers: Result<Vec<f64>, _> = corners.split(',').map(|part| part.trim().parse()).collect();
    let Ok([x, y, width, height]) = numbers.as_deref() else {
        return Err(bad());
    };
    if [x, y, width, height].iter().any(|v| !v.is_finite()) {
        return Err(bad());
    }
    // Pixel i has its middle at i + 1/2, so from 2.5 on it begins with pixel 2, from 2.51 with 3.
    let inside = |start: f64, length: f64, side: u32| {
        let edge = |v: f64| (v - 0.5).ceil().clamp(0.0, f64::from(side)) as u32;
        edge(start)..edge(start + length)
    };
    let (columns, rows) = (inside(*x, *width, image.width), inside(*y, *height, image.height));
    if columns.is_empty() || rows.is_empty() {
        let (x, y, width, height) = (*x, *y, *width, *height);
        return Err(RegionsError::Box { fault: MaskFault::EmptyBox { x, y, width, height } });
    }
    let mask = RegionMask::of_box(image, columns, rows);
    mask.map_err(|error| RegionsError::Box { fault: error.into() })
}
