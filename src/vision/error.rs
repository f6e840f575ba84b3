//! What can be wrong with a picture, in one line each: what, what to do, and where.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};

use image::ImageError;

use super::format::PictureFormat;

/// Why a file is not a picture the model can be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VisionError {
    /// The file is missing, or may not be read.
    #[error("cannot read the picture: {}", path.display())]
    Unreadable {
        /// The file asked for.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The path names a folder.
    #[error("this is a folder, name a picture in it: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("the file is empty: {}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is too long to be read into memory.
    #[error("the file is longer than {limit} bytes, save a smaller copy: {}", path.display())]
    FileTooLong {
        /// The file.
        path: PathBuf,
        /// The longest file accepted, in bytes.
        limit: u64,
    },
    /// The content begins like no picture format known here.
    #[error("not a picture in a known format, save it as PNG or JPEG: {}", path.display())]
    NotAPicture {
        /// The file.
        path: PathBuf,
    },
    /// The content is a picture in a format that is not read here.
    #[error("{format} is not supported, save it as PNG or JPEG: {}", path.display())]
    UnsupportedFormat {
        /// The file.
        path: PathBuf,
        /// The format's usual name.
        format: &'static str,
    },
    /// The format is read here, but not this use of it (a compression, a sample type).
    #[error("this kind of {format} is not supported, save it as PNG or JPEG: {}", path.display())]
    UnsupportedKind {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
        /// What exactly, in the decoder's words.
        #[source]
        source: ImageError,
    },
    /// The samples are floating-point numbers, whose range of brightness is not stated.
    #[error("{format} with floating-point samples is not supported, save it as 8-bit: {}", path.display())]
    FloatSamples {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
    },
    /// Width or height is zero.
    #[error("the picture has no pixels ({width} x {height}): {}", path.display())]
    NoPixels {
        /// The file.
        path: PathBuf,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// More pixels, or a longer side, than is accepted; said before any of them is decoded.
    #[error(
        "the picture is too large ({width} x {height}; at most {max_pixels} pixels and {max_side} a side), \
         save a smaller copy: {}", path.display()
    )]
    TooManyPixels {
        /// The file.
        path: PathBuf,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// Most pixels accepted.
        max_pixels: u64,
        /// Longest side accepted, in pixels.
        max_side: u32,
    },
    /// Decoding would take more memory than is accepted, although the picture's size is fine.
    #[error("decoding this {format} needs too much memory, save it again as PNG: {}", path.display())]
    TooMuchMemory {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
    },
    /// The file ends before the picture does.
    #[error("the {format} is cut off before its end, get a complete copy: {}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
    },
    /// The content contradicts its format.
    #[error("the {format} is damaged, get another copy: {}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
        /// Where it went wrong, in the decoder's words.
        #[source]
        source: ImageError,
    },
    /// Somebody asked to stop.
    #[error("stopped: {}", path.display())]
    Stopped {
        /// The file that was being read.
        path: PathBuf,
    },
    /// The decoder itself gave up in a way it should not.
    #[error("the {format} decoder failed on this file, save it again as PNG: {}", path.display())]
    DecoderFailed {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: PictureFormat,
    },
}

impl VisionError {
    /// Sorts what a decoder of `image` says into cut off, too much, not supported, and damaged.
    pub(super) fn of_decoder(source: ImageError, format: PictureFormat, name: &Path) -> Self {
        let path = name.to_owned();
        if ends_early(&source) {
            return Self::Truncated { path, format };
        }
        match source {
            ImageError::Limits(_) => Self::TooMuchMemory { path, format },
            source @ ImageError::Unsupported(_) => Self::UnsupportedKind { path, format, source },
            source => Self::Damaged { path, format, source },
        }
    }
}

/// Whether the cause, at any depth, is that the bytes ran out.
fn ends_early(error: &ImageError) -> bool {
    let is_end = |io: &io::Error| io.kind() == io::ErrorKind::UnexpectedEof;
    if let ImageError::IoError(io) = error {
        return is_end(io);
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        // The GIF decoder has a word of its own for it, in a type that `image` does not show.
        if error.downcast_ref().is_some_and(is_end) || error.to_string() == "Unexpected End of File"
        {
            return true;
        }
        cause = error.source();
    }
    false
}
