//! Samples of every kind to 8-bit red, green and blue.

use image::DynamicImage;

/// Drops alpha and low bytes, repeats grey; says so where something was lost.
pub(super) fn rgb_from(picture: DynamicImage, warnings: &mut Vec<String>) -> Vec<u8> {
    let high = |sample: u16| (sample >> 8) as u8;
    let (is_deep, is_translucent, rgb) = match picture {
        DynamicImage::ImageRgb8(rgb) => (false, false, rgb.into_raw()),
        DynamicImage::ImageLuma8(grey) => {
            (false, false, grey.into_raw().into_iter().flat_map(|v| [v; 3]).collect())
        }
        DynamicImage::ImageLumaA8(grey) => {
            let rgb = grey.pixels().flat_map(|p| [p.0[0]; 3]).collect();
            (false, grey.pixels().any(|p| p.0[1] != u8::MAX), rgb)
        }
        DynamicImage::ImageRgba8(color) => {
            let rgb = color.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]]).collect();
            (false, color.pixels().any(|p| p.0[3] != u8::MAX), rgb)
        }
        DynamicImage::ImageLuma16(grey) => {
            (true, false, grey.into_raw().into_iter().flat_map(|v| [high(v); 3]).collect())
        }
        DynamicImage::ImageLumaA16(grey) => {
            let rgb = grey.pixels().flat_map(|p| [high(p.0[0]); 3]).collect();
            (true, grey.pixels().any(|p| p.0[1] != u16::MAX), rgb)
        }
        DynamicImage::ImageRgb16(color) => {
            (true, false, color.into_raw().into_iter().map(high).collect())
        }
        DynamicImage::ImageRgba16(color) => {
            let rgb = color.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]].map(high)).collect();
            (true, color.pixels().any(|p| p.0[3] != u16::MAX), rgb)
        }
        // Floating-point samples are refused before decoding; no other kind exists today.
        other => (false, other.color().has_alpha(), other.into_rgb8().into_raw()),
    };
    if is_translucent {
        warnings.push("transparency is ignored: the model sees the colors behind it".to_owned());
    }
    if is_deep {
        warnings.push("16 bits a sample were reduced to their high 8".to_owned());
    }
    rgb
}
