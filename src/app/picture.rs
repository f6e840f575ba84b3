//! A picture as the window holds it.

use std::path::{Path, PathBuf};

use crate::{session::Pixels, vision::DecodedImage};

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
}

impl Picture {
    /// A picture of these pixels.
    pub fn new(name: String, path: Option<PathBuf>, image: DecodedImage) -> Self {
        let checksum = Pixels { size: image.size, rgb: &image.rgb }.checksum();
        Self { name, path, image, checksum }
    }

    /// The picture of a file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let image = crate::vision::open(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self::new(name, Some(path.to_owned()), image))
    }

    /// A number that tells its pixels from others.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }
}
