//! A picture as the window holds it.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
};

use crate::{
    domain::{ImageSize, Meter, OnProgress, Stopped, go_on},
    session::Pixels,
    vision::{self, DecodedImage},
};

/// Pixels along the longer side of a picture on a screen, at most.
const LONGEST: u32 = 1600;

/// A picture that can be asked about.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is called on screen.
    pub name: String,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// Its pixels.
    pub image: DecodedImage,
    /// A number that tells its pixels from others.
    checksum: u64,
    /// The same in fewer pixels, where a screen would show fewer.
    small: Option<Shown>,
}

impl Picture {
    /// A picture of these pixels. For a large one, this is more than a frame has time for.
    pub fn new(name: String, path: Option<PathBuf>, image: DecodedImage) -> Self {
        let checksum = Pixels { size: image.size, rgb: &image.rgb }.checksum();
        let Ok(small) = shrunk(image.size, &image.rgb, |_| Ok::<(), Infallible>(()));
        Self { name, path, image, checksum, small }
    }

    /// The same, telling how much of the pixels was looked at, and stopped from outside between.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn new_while(
        name: String,
        path: Option<PathBuf>,
        image: DecodedImage,
        on_progress: OnProgress<'_>,
    ) -> Result<Self, Stopped> {
        let meter = Meter::new(on_progress);
        let checksum = Pixels { size: image.size, rgb: &image.rgb }.checksum_while(&meter)?;
        meter.begin("shrinking", image.rgb.len() as u64)?;
        let small = shrunk(image.size, &image.rgb, |n| meter.add(n))?;
        Ok(Self { name, path, image, checksum, small })
    }

    /// The picture of a file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Self::open_while(path, &mut go_on)
    }

    /// The same, telling how far it is, and stopped from outside between.
    ///
    /// # Errors
    /// As [`open`](Self::open); `stopped`.
    pub fn open_while(path: &Path, on_progress: OnProgress<'_>) -> anyhow::Result<Self> {
        let image = vision::open_while(path, on_progress)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self::new_while(name, Some(path.to_owned()), image, on_progress)?)
    }

    /// A number that tells its pixels from others.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }

    /// What a screen shows of it: at most 1600 pixels along the longer side, each the mean of a square of
    /// its own; row by row, `[height, width, 3]`.
    pub fn shown(&self) -> (ImageSize, &[u8]) {
        let small = self.small.as_ref().map(|(size, rgb)| (*size, rgb.as_slice()));
        small.unwrap_or((self.image.size, &self.image.rgb))
    }
}

/// A size and as many pixels.
type Shown = (ImageSize, Vec<u8>);

/// Means of squares of pixels; none where the picture is small already. `on_bytes` is told of each row
/// of squares.
fn shrunk<E>(
    size: ImageSize,
    rgb: &[u8],
    on_bytes: impl Fn(u64) -> Result<(), E>,
) -> Result<Option<Shown>, E> {
    let step = size.width.max(size.height).div_ceil(LONGEST);
    if step < 2 {
        return Ok(None);
    }
    let small = ImageSize { width: size.width.div_ceil(step), height: size.height.div_ceil(step) };
    let (width, height, step) = (size.width as usize, size.height as usize, step as usize);
    let row_len = 3 * small.width as usize;
    let mut means = Vec::with_capacity(row_len * small.height as usize);
    let mut sums = vec![0_u32; row_len];
    for rows in rgb.chunks(3 * width * step).take(height.div_ceil(step)) {
        sums.fill(0);
        for row in rows.chunks_exact(3 * width) {
            for (square, sum) in row.chunks(3 * step).zip(sums.chunks_exact_mut(3)) {
                for pixel in square.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(s, value)| *s += u32::from(*value));
                }
            }
        }
        let n_rows = rows.len() / (3 * width);
        for (x, sum) in sums.chunks_exact(3).enumerate() {
            let n = (n_rows * step.min(width - x * step)) as u32;
            means.extend(sum.iter().map(|sum| (sum / n.max(1)) as u8));
        }
        on_bytes(rows.len() as u64)?;
    }
    Ok(Some((small, means)))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use crate::domain::ImageSize;

    fn shrunk(size: ImageSize, rgb: &[u8]) -> Option<super::Shown> {
        let Ok(shown) = super::shrunk(size, rgb, |_| Ok::<(), Infallible>(()));
        shown
    }

    #[test]
    fn a_large_picture_is_shown_by_the_means_of_squares_and_a_small_one_as_it_is() {
        let small = ImageSize { width: 1600, height: 2 };
        assert_eq!(shrunk(small, &vec![7; 3 * 3200]), None);
        // Squares of 2 by 2; the last column and the last row are halves.
        let size = ImageSize { width: 1601, height: 3 };
        let value = |x: usize, y: usize| (x % 50 + 100 * y % 150) as u8;
        let rgb: Vec<u8> = (0..3)
            .flat_map(|y| (0..1601).flat_map(move |x| [value(x, y), 9, value(x, y)]))
            .collect();
        let (shown, means) = shrunk(size, &rgb).unwrap();
        assert_eq!(shown, ImageSize { width: 801, height: 2 });
        let mean = |places: &[(usize, usize)]| {
            let sum: u32 = places.iter().map(|(x, y)| u32::from(value(*x, *y))).sum();
            let mean = (sum / places.len() as u32) as u8;
            [mean, 9, mean]
        };
        let at = |x: usize, y: usize| &means[3 * (801 * y + x)..][..3];
        assert_eq!(at(3, 0), mean(&[(6, 0), (7, 0), (6, 1), (7, 1)]));
        assert_eq!(at(800, 0), mean(&[(1600, 0), (1600, 1)]));
        assert_eq!(at(4, 1), mean(&[(8, 2), (9, 2)]));
        assert_eq!(at(800, 1), mean(&[(1600, 2)]));
    }
}
