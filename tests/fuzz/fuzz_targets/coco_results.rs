//! COCO results: a record, and whole files.
#![no_main]

use std::path::Path;

use aki_lens::domain::ImageSize;
use aki_lens::regions::{Overlaps, RegionsReport, Target, import_bytes, with_overlaps, with_rest};
use libfuzzer_sys::fuzz_target;

/// Before the fuzzer's bytes, so that they reach the format at once.
const HEAD: &[u8] = b"[{\"image_id\":1,\"segmentation\":";
/// After them.
const TAIL: &[u8] = b"}]";

fuzz_target!(|bytes: &[u8]| {
    let file = [HEAD, bytes, TAIL].concat();
    let target = Target::new(ImageSize { width: 6, height: 4 }).with_name("scene.jpg");
    for file in [&file[..], bytes] {
        if let Ok(imported) = import_bytes(file, Path::new("input"), &target) {
            RegionsReport::of(&imported);
            let split = with_rest(&with_overlaps(&imported.set, Overlaps::TopLevel));
            let pixels: u32 = split.regions().iter().map(|region| region.mask.area()).sum();
            assert_eq!(pixels, 24, "disjoint regions and the rest are the picture");
        }
    }
});
