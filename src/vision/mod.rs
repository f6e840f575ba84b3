//! Image file to model input.
//!
//! - **Owns**: reading a picture as a person sees it, bringing it to the model's square, and scaling
//!   it to the numbers the vision tower was trained on; painting parts of that square over.
//! - **May import**: `domain`.
//! - **Never**: color management (profiles and gamma are ignored, as in AKI's own code), writing
//!   files, anything of the network.
//! - **Invariant**: what [`resize_square`] makes of RGB are Pillow 10.4's bytes exactly.
//!
//! Where AKI's own code does otherwise, on purpose:
//! - It ignores the EXIF orientation; here the picture is turned as a person sees it.
//! - It resizes first and converts to RGB afterwards, so Pillow resizes palette and 1-bit pictures
//!   by nearest neighbor, and pictures with alpha premultiplied. Here the conversion comes first.
//!   RGB and 8-bit grey pictures come out the same either way.
//! - It shows the network almost white 16-bit grey pictures, because Pillow clips them at 255; here
//!   they are reduced to their high byte.

mod decode;
mod error;
mod fill;
mod format;
mod preprocess;
mod resize;
mod samples;

pub use self::{
    decode::{DecodedImage, MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE, decode, open, open_while},
    error::VisionError,
    fill::{Fill, painted},
    format::PictureFormat,
    preprocess::{pixels_from_resized, preprocess},
    resize::resize_square,
};
