//! A picture as the window holds it.

use std::path::{Path, PathBuf};

use crate::vision::DecodedImage;

/// A picture that can be asked about.
#[derive(Debug)]
pub struct Picture {
    /// What it is called on screen.
    pub name: String,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// Its pixels.
    pub image: DecodedImage,
}

impl Picture {
    /// The picture of a file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let image = crate::vision::open(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, path: Some(path.to_owned()), image })
    }
}
