//! Polygons, whose corners are the fuzzer's bytes as numbers.
#![no_main]

use aki_lens::domain::ImageSize;
use aki_lens::regions::fill_polygon;
use libfuzzer_sys::fuzz_target;

const SIZE: ImageSize = ImageSize { width: 6, height: 4 };

fuzz_target!(|bytes: &[u8]| {
    let corners: Vec<f64> =
        bytes.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)).collect();
    if let Ok(mask) = fill_polygon(&corners, SIZE) {
        assert_eq!(mask.counts().iter().sum::<u32>(), 24);
    }
});
