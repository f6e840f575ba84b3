//! Pictures: what Pillow reads from a file, to the bit where the format allows, and clear refusals.

use std::fs;
use std::path::{Path, PathBuf};

use aki_lens::domain::ImageSize;
use aki_lens::vision::{self, DecodedImage, PictureFormat, VisionError};
use safetensors::SafeTensors;

const GOLDEN_CASES: [&str; 4] = ["phi3_plain", "phi3_longrope", "llama", "qwen2"];

/// A picture of `tests/data/images`, how far its samples may be from Pillow's, and its warnings.
///
/// Only JPEG decoders, and the CMYK of TIFF, round differently.
type Sample = (&'static str, u8, &'static [&'static str]);

const ALPHA: &str = "transparency is ignored";
const DEEP: &str = "16 bits";
const CMYK: &str = "CMYK";
const ANIMATED: &str = "first frame";

const SAMPLES: &[Sample] = &[
    ("rgb.png", 0, &[]),
    ("grey.png", 0, &[]),
    ("one_bit.png", 0, &[]),
    ("grey_alpha.png", 0, &[ALPHA]),
    ("rgba.png", 0, &[ALPHA]),
    ("palette.png", 0, &[]),
    ("palette_transparent.png", 0, &[ALPHA]),
    ("grey16.png", 0, &[DEEP]),
    ("rgb16.png", 0, &[DEEP]),
    ("rgba16.png", 0, &[ALPHA, DEEP]),
    ("oriented.png", 0, &[]),
    ("rgb.jpg", 3, &[]),
    ("subsampled.jpg", 3, &[]),
    ("progressive.jpg", 3, &[]),
    ("grey.jpg", 3, &[]),
    ("oriented.jpg", 3, &[]),
    ("cmyk.jpg", 3, &[CMYK]),
    ("cmyk_without_adobe.jpg", 3, &[CMYK]),
    ("ycck.jpg", 3, &[CMYK]),
    ("rgb.bmp", 0, &[]),
    ("palette.bmp", 0, &[]),
    ("still.gif", 0, &[]),
    ("animated.gif", 0, &[ANIMATED]),
    ("transparent.gif", 0, &[ALPHA]),
    ("lossless.webp", 0, &[]),
    ("lossy.webp", 0, &[]),
    ("rgba.webp", 0, &[ALPHA]),
    ("animated.webp", 0, &[ANIMATED]),
    ("oriented.webp", 0, &[]),
    ("rgb.tif", 0, &[]),
    ("cmyk.tif", 1, &[CMYK]),
    ("oriented.tif", 0, &[]),
];

fn images() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/images")
}

fn bytes_of(name: &str) -> Vec<u8> {
    fs::read(images().join(name)).unwrap()
}

fn expected(name: &str) -> DecodedImage {
    vision::open(&images().join("expected").join(format!("{name}.png"))).unwrap()
}

fn check_same(name: &str, found: &DecodedImage, tolerance: u8) {
    let expected = expected(name);
    assert_eq!(found.size, expected.size, "{name}");
    let pairs = found.rgb.iter().zip(&expected.rgb);
    let largest = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(largest <= tolerance, "{name}: differs by {largest} levels, {tolerance} allowed");
}

#[test]
fn every_kind_of_picture_reads_as_pillow_reads_it() {
    for &(name, tolerance, warnings) in SAMPLES {
        let found = vision::open(&images().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        check_same(name, &found, tolerance);
        assert_eq!(found.warnings.len(), warnings.len(), "{name}: {:?}", found.warnings);
        for (warning, part) in found.warnings.iter().zip(warnings) {
            assert!(warning.contains(part), "{name}: {warning:?} does not say {part:?}");
        }
    }
}

#[test]
fn each_exif_orientation_turns_the_picture_upright() {
    let jpeg = bytes_of("oriented.jpg");
    let tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1];
    let at = jpeg.windows(8).position(|part| part == tag).unwrap() + 9;
    for orientation in 1..=8 {
        let mut turned = jpeg.clone();
        turned[at] = orientation;
        let found = vision::decode(&turned, Path::new("turned.jpg")).unwrap();
        assert_eq!(found.orientation, orientation);
        check_same(&format!("oriented_{orientation}.jpg"), &found, 3);
    }
}

#[test]
fn the_format_is_found_by_content_and_not_by_name() {
    let found = vision::decode(&bytes_of("rgb.png"), Path::new("photo.jpg")).unwrap();
    assert_eq!(found.format, PictureFormat::Png);
}

// ---- resize and scaling

fn check_golden(case: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(case);
    let file = fs::read(folder.join("golden.safetensors")).unwrap();
    let golden = SafeTensors::deserialize(&file).unwrap();
    let image = vision::open(&folder.join("inputs/image.png")).unwrap();
    assert!(image.rgb == golden.tensor("image.rgb").unwrap().data(), "{case}: decoded picture");

    let pixels = golden.tensor("pixel_values").unwrap();
    let side = pixels.shape()[1];
    let resized = vision::resize_square(&image.rgb, image.size, side);
    assert!(resized == golden.tensor("image.resized").unwrap().data(), "{case}: resized picture");

    let (input, fit) = vision::preprocess(&image, side);
    let to_f32 = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
    let expected: Vec<f32> = pixels.data().chunks_exact(4).map(to_f32).collect();
    assert_eq!(input.values, expected, "{case}: pixel values");
    assert_eq!((fit.image, fit.model_side as usize), (image.size, side), "{case}");
}

#[test]
fn preprocessing_equals_the_reference_to_the_bit() {
    GOLDEN_CASES.into_iter().for_each(check_golden);
}

/// Noise is the hardest content for rounding and clipping.
fn noise(len: usize, random: &mut Random) -> Vec<u8> {
    (0..len).map(|_| random.below(256) as u8).collect()
}

/// Width, height and side, up and down and extreme, with the checksum of Pillow 10.4's result;
/// printed by `data/images/resizes.py`.
const PILLOW_RESIZES: &[(u32, u32, usize, u32)] = &[
    (1, 1, 7, 0xa8bd_4aa7),
    (1, 1500, 24, 0xc952_5ec6),
    (1500, 1, 24, 0xb84f_5506),
    (2, 3, 384, 0xa287_164b),
    (384, 100, 384, 0xfc69_27b3),
    (100, 384, 384, 0xf0b0_f9be),
    (383, 385, 384, 0x57ad_7db4),
    (640, 480, 384, 0xf289_317b),
    (1500, 1100, 384, 0xa5f8_aea5),
    (97, 1009, 56, 0x0d1f_4cc4),
    (2000, 3, 5, 0x920b_2563),
    (56, 56, 55, 0x7508_c52b),
    (9, 9, 1, 0x02fb_017c),
    (767, 769, 384, 0xff8f_2d59),
    (5, 288, 4, 0x4dde_180c),
    (392, 24, 40, 0xb8e9_5853),
    (146, 30, 6, 0x57b3_357e),
    (4, 2, 84, 0x7ddc_3396),
    (18, 3, 197, 0x6388_69f0),
    (6, 15, 6, 0x5670_357e),
    (60, 44, 37, 0xb207_e883),
    (6, 7, 5, 0x4d8c_251e),
    (9, 3, 3, 0xb492_0bcd),
    (527, 514, 4, 0x4a37_17ee),
    (2, 4, 67, 0x0c1e_0c59),
    (159, 2, 33, 0xf28a_6884),
    (2, 29, 47, 0x0de5_014b),
    (606, 6, 124, 0xc273_1fe2),
    (287, 403, 2, 0x26f7_05fd),
    (22, 590, 11, 0x0687_b592),
    (199, 35, 103, 0xcb6f_1f2e),
    (24, 2, 2, 0x29f6_068d),
    (3, 6, 327, 0xe72b_9676),
    (61, 203, 30, 0x7749_3f92),
    (63, 196, 260, 0xbe73_e938),
    (377, 213, 2, 0x26ef_05fc),
    (11, 2, 27, 0xf2fb_f079),
    (177, 2, 4, 0x4380_17d5),
    (11, 5, 118, 0x913e_04a9),
    (10, 64, 20, 0x134a_56e9),
];

/// Adler-32: short enough to stand here, and in Python's `zlib` for `make.py`.
fn adler32(bytes: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = bytes.iter().fold((1, 0), step);
    b << 16 | a
}

#[test]
fn noise_of_any_size_is_resized_to_pillows_bytes() {
    for &(width, height, side, checksum) in PILLOW_RESIZES {
        let rgb = noise((width * height * 3) as usize, &mut Random(u64::from(width)));
        let resized = vision::resize_square(&rgb, ImageSize { width, height }, side);
        assert_eq!(adler32(&resized), checksum, "{width} x {height} to {side}");
    }
}

#[test]
fn a_picture_of_the_right_size_is_not_touched() {
    let rgb = noise(24 * 24 * 3, &mut Random(1));
    assert_eq!(vision::resize_square(&rgb, ImageSize { width: 24, height: 24 }, 24), rgb);
}

#[test]
fn black_is_minus_one_and_full_is_one_in_separate_planes() {
    let input = vision::pixels_from_resized(&[255, 0, 0], 1);
    assert_eq!(input.values, [1.0, -1.0, -1.0]);
}

// ---- refusals

fn refusal(bytes: &[u8]) -> VisionError {
    let error = vision::decode(bytes, Path::new("some/picture")).unwrap_err();
    let line = error.to_string();
    assert!(line.ends_with(": some/picture") && !line.contains('\n'), "{line}");
    error
}

#[test]
fn a_missing_file_a_folder_and_an_empty_file_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.png");
    fs::write(&empty, []).unwrap();
    let missing = folder.path().join("missing.png");
    assert!(matches!(vision::open(folder.path()), Err(VisionError::Folder { .. })));
    assert!(matches!(vision::open(&empty), Err(VisionError::Empty { .. })));
    assert!(matches!(vision::open(&missing), Err(VisionError::Unreadable { .. })));
}

#[test]
fn formats_that_are_not_read_are_named() {
    let cases: &[(&[u8], &str)] = &[
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x1cftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\x01\0\x01\0", "ICO"),
        (b"P6\n1 1\n255\n\0\0\0", "PNM"),
        (b"<?xml version=\"1.0\"?><svg/>", "SVG"),
        (b"%PDF-1.7", "PDF"),
    ];
    for (bytes, expected) in cases {
        let error = refusal(bytes);
        let VisionError::UnsupportedFormat { format, .. } = error else { panic!("{error:?}") };
        assert_eq!(format, *expected);
    }
}

#[test]
fn text_is_not_a_picture() {
    assert!(matches!(refusal(b"hello"), VisionError::NotAPicture { .. }));
    assert!(matches!(refusal(b"P1ano lessons"), VisionError::NotAPicture { .. }));
}

#[test]
fn a_picture_cut_in_half_is_refused_as_cut_off() {
    for &(name, ..) in SAMPLES {
        let bytes = bytes_of(name);
        let error = refusal(&bytes[..bytes.len() / 2]);
        assert!(matches!(error, VisionError::Truncated { .. }), "{name}: {error:?}");
    }
}

/// A PNG header that claims a size, and nothing behind it.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut ihdr = b"IHDR".to_vec();
    ihdr.extend(width.to_be_bytes());
    ihdr.extend(height.to_be_bytes());
    ihdr.extend([8, 2, 0, 0, 0]);
    let crc = crc32(&ihdr);
    let empty_idat = [0, 0, 0, 0, b'I', b'D', b'A', b'T', 0x35, 0xaf, 0x06, 0x1e];
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", &ihdr[..], &crc.to_be_bytes(), &empty_idat].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn a_huge_picture_is_refused_by_its_header() {
    for (width, height) in [(20_000, 20_000), (65_536, 1), (1, 65_536), (1 << 30, 1 << 30)] {
        let error = refusal(&png_header(width, height));
        let VisionError::TooManyPixels { width: w, height: h, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!((w, h), (width, height));
    }
}

#[test]
fn a_gif_without_area_is_refused() {
    let mut gif = bytes_of("still.gif");
    gif[6..10].fill(0);
    assert!(matches!(refusal(&gif), VisionError::NoPixels { .. }));
}

// ---- damage

/// A small deterministic generator (`SplitMix64`), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Either a picture that keeps its own promises, or a one-line error.
fn check_any(bytes: &[u8]) {
    match vision::decode(bytes, Path::new("damaged")) {
        Ok(image) => {
            let ImageSize { width, height } = image.size;
            assert_eq!(image.rgb.len(), width as usize * height as usize * 3);
            assert!(!image.rgb.is_empty());
        }
        Err(error) => {
            assert!(!matches!(error, VisionError::DecoderFailed { .. }), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
}

#[test]
fn no_truncation_makes_the_reader_panic() {
    for &(name, ..) in SAMPLES {
        let bytes = bytes_of(name);
        (0..bytes.len()).step_by(3).for_each(|len| check_any(&bytes[..len]));
    }
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let mut random = Random(7);
    for &(name, ..) in SAMPLES {
        let bytes = bytes_of(name);
        for _ in 0..150 {
            let mut damaged = bytes.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u64) as usize;
                damaged[at] = random.below(256) as u8;
            }
            check_any(&damaged);
        }
    }
}
