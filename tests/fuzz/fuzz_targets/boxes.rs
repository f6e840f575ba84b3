//! Typed boxes.
#![no_main]

use aki_lens::domain::ImageSize;
use aki_lens::regions::from_boxes;
use libfuzzer_sys::fuzz_target;

const SIZE: ImageSize = ImageSize { width: 6, height: 4 };

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(set) = from_boxes([text], SIZE)
    {
        assert!(!set.regions()[0].mask.is_empty());
    }
});
