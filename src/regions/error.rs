//! What can be wrong with an import, in one line each: what, where, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::{ImageSize, RunsError, Stopped};

use super::fix::SizeFix;
use super::limits::{MAX_COORDINATE, MAX_OUTLINE};

/// Why one mask cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaskFault {
    /// The run lengths are not those of the picture.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// A compressed string holds a character that COCO does not use.
    #[error("character {character:?} at {at} is not of COCO's run-length alphabet")]
    BadCharacter {
        /// Bytes before it.
        at: usize,
        /// The character.
        character: char,
    },
    /// A number of a compressed string is longer than any length.
    #[error("the number that ends at character {at} is too long for a run length")]
    LongNumber {
        /// Bytes before its last character.
        at: usize,
    },
    /// A compressed string ends within a number.
    #[error("the run lengths are cut off")]
    CutOff,
    /// More runs than are kept.
    #[error("more than {limit} runs, too scattered for a region")]
    TooManyRuns {
        /// The most accepted.
        limit: usize,
    },
    /// More values than regions are kept.
    #[error("more than {limit} different values, is this a photograph?")]
    TooManyValues {
        /// The most accepted.
        limit: usize,
    },
    /// The size beside run lengths is no size.
    #[error("the size is {found:?}, not [height, width] in pixels")]
    BadSize {
        /// What stands there.
        found: Vec<i64>,
    },
    /// A polygon has an x without a y, or fewer than three corners.
    #[error("a polygon of {numbers} numbers has no three corners")]
    FewCorners {
        /// Numbers of its list.
        numbers: usize,
    },
    /// A corner is not a number, or too far away.
    #[error("the corner {}, {} is not within {MAX_COORDINATE} pixels", short(*x), short(*y))]
    FarCorner {
        /// Pixels from the left.
        x: f64,
        /// Pixels from the top.
        y: f64,
    },
    /// A polygon's outline is longer than is followed.
    #[error("an outline of more than {} pixels", MAX_OUTLINE / 5)]
    LongOutline,
    /// A box has no area, or lies outside of the picture.
    #[error("the box {}, {}, {}, {} holds no pixel of the picture",
        short(*x), short(*y), short(*width), short(*height))]
    EmptyBox {
        /// Pixels left of it.
        x: f64,
        /// Pixels above it.
        y: f64,
        /// Pixels from left to right.
        width: f64,
        /// Pixels from top to bottom.
        height: f64,
    },
    /// The record names no pixels at all.
    #[error("there is no segmentation")]
    Nothing,
    /// A value of an array is no number.
    #[error("it holds {}, which is no label", short(*value))]
    Value {
        /// The value.
        value: f64,
    },
    /// An array of real numbers that are neither labels nor shares.
    #[error("values like {} look like logits, save `masks > 0` instead", short(*value))]
    Logits {
        /// One of them.
        value: f64,
    },
    /// A packed bit stream contradicts itself.
    #[error("the packed brush is damaged: {fault}")]
    Brush {
        /// In which way.
        fault: &'static str,
    },
    /// A picture within the file cannot be read.
    #[error("the mask picture is damaged: {reason}")]
    Picture {
        /// The decoder's words.
        reason: String,
    },
    /// A picture holds several values where one mask was expected.
    #[error("{values} different values, not one mask")]
    ManyValues {
        /// How many.
        values: usize,
    },
    /// A kind of shape that has no area, or is not read.
    #[error("{kind} is not read, only areas are")]
    Kind {
        /// As the file calls it.
        kind: String,
    },
}

/// Why a file or folder gives no regions.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegionsError {
    /// The file is missing, or may not be read.
    #[error("cannot read the regions: {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There are no bytes.
    #[error("the file is empty: {}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The content begins like no format known here.
    #[error("not a segmentation in a known format (JSON, npy, npz, PNG), export it as COCO: {}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// The content is known, and not read.
    #[error("{what} is not supported, {advice}: {}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format or the part of it.
        what: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// The JSON is not well-formed, or a field is not what it should be.
    #[error("{reason}: {}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What, and in which line and column.
        reason: String,
    },
    /// The content contradicts its format, or is cut off.
    #[error("the {format} is damaged ({reason}), get another copy: {}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
        /// In which way.
        reason: String,
    },
    /// One of the limits of an import is passed.
    #[error("more than {limit} {what}, split or simplify it: {}", path.display())]
    TooMuch {
        /// The file.
        path: PathBuf,
        /// What there is too much of.
        what: &'static str,
        /// The most accepted.
        limit: u64,
    },
    /// None of the masks can be read; this is the first.
    #[error("{place}: {fault}: {}", path.display())]
    Mask {
        /// The file.
        path: PathBuf,
        /// The place in it, as `annotations[3]`.
        place: String,
        /// What is wrong there.
        fault: MaskFault,
    },
    /// The masks are of another size than the picture as shown.
    #[error("{place} is of {} x {} pixels, the picture is shown with {} x {}; {}: {}",
        found.width, found.height, expected.width, expected.height, advice(*offer), path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// The place in it.
        place: String,
        /// Size of the masks.
        found: ImageSize,
        /// Size of the picture.
        expected: ImageSize,
        /// What would make them fit, if a person agrees.
        offer: Option<SizeFix>,
    },
    /// The file is about several pictures, and none is the one asked for.
    #[error("{} pictures and none is called {}, rename the picture or name one of {}: {}",
        names.len(), wanted.as_deref().unwrap_or("(no name)"), names.iter().take(5).cloned().collect::<Vec<_>>().join(", "), path.display())]
    WhichPicture {
        /// The file or folder.
        path: PathBuf,
        /// The picture's file name.
        wanted: Option<String>,
        /// The pictures that there are.
        names: Vec<String>,
    },
    /// There are no regions of this picture.
    #[error("no regions of this picture: {}", path.display())]
    NoRegions {
        /// The file or folder.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[error("stopped: {}", path.display())]
    Stopped {
        /// The file or folder that was being read.
        path: PathBuf,
    },
    /// A box is not written as four numbers.
    #[error("a box is x,y,width,height or name=x,y,width,height in pixels, not {text:?}")]
    BoxText {
        /// What was typed.
        text: String,
    },
    /// A typed box holds nothing.
    #[error("{fault}")]
    Box {
        /// What is wrong with it.
        fault: MaskFault,
    },
}

impl RegionsError {
    /// A failure of reading from `path`.
    pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Unreadable { path: path.to_owned(), source }
    }

    /// A reading that was stopped from outside.
    pub(super) fn stopped(path: &Path) -> impl Fn(Stopped) -> Self + '_ {
        |Stopped| Self::Stopped { path: path.to_owned() }
    }

    /// JSON that is not well-formed, or not what was expected.
    pub(super) fn json(path: &Path, error: &serde_json::Error) -> Self {
        let reason = error.to_string();
        let reason = match error.classify() {
            serde_json::error::Category::Eof => format!("the JSON is cut off ({reason})"),
            _ => format!("the JSON is not as expected ({reason})"),
        };
        Self::Json { path: path.to_owned(), reason }
    }

    /// Content of `format` that contradicts itself.
    pub(super) fn damaged(path: &Path, format: &'static str, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), format, reason: reason.into() }
    }

    /// A limit that is passed.
    pub(super) fn too_much(path: &Path, what: &'static str, limit: u64) -> Self {
        Self::TooMuch { path: path.to_owned(), what, limit }
    }
}

/// A number without hundreds of digits.
fn short(value: f64) -> String {
    if value.abs() < 1e9 { value.to_string() } else { format!("{value:e}") }
}

fn advice(offer: Option<SizeFix>) -> String {
    match offer {
        Some(SizeFix::Swap) => {
            "width and height are exchanged, as where EXIF was ignored: accept it with the size fix `swap`".to_owned()
        }
        Some(SizeFix::Scale) => {
            "the proportions are the same: accept it with the size fix `scale`".to_owned()
        }
        None => "segment this picture itself".to_owned(),
    }
}
