//! Label Studio's packed brush, as bytes.
#![no_main]

use aki_lens::domain::ImageSize;
use aki_lens::regions::decode_brush;
use libfuzzer_sys::fuzz_target;

const SIZE: ImageSize = ImageSize { width: 6, height: 4 };

fuzz_target!(|bytes: &[u8]| {
    // The number of values that fits, so that the blocks are reached.
    let packed = [&[0, 0, 0, 96], bytes].concat();
    if let Ok(mask) = decode_brush(&packed, SIZE) {
        assert_eq!(mask.counts().iter().sum::<u32>(), 24);
    }
});
