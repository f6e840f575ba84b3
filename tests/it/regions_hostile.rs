//! Regions from files that are damaged, cut off, or made to harm: one line, no panic, no memory.

use std::fs;
use std::path::{Path, PathBuf};

use aki_lens::domain::{ImageSize, RegionMask, RunsError};
use aki_lens::regions::{
    MaskFault, RegionsError, Target, decode_brush, decode_rle, fill_polygon, from_boxes, import,
    import_bytes,
};
use proptest::prelude::*;

const SCENE: ImageSize = ImageSize { width: 6, height: 4 };

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn scene() -> Target {
    Target::new(SCENE).with_name("scene.jpg")
}

fn refusal(name: &str) -> RegionsError {
    let error = import(&data("broken/regions").join(name), &scene());
    let error = error.err().unwrap_or_else(|| panic!("{name} was accepted"));
    let said = error.to_string();
    assert!(!said.contains('\n') && said.len() < 400 && said.contains(name), "{name}: {said}");
    error
}

fn fault(name: &str) -> MaskFault {
    match refusal(name) {
        RegionsError::Mask { fault, .. } => fault,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn run_lengths_that_cannot_be_are_refused() {
    let runs = |name| match fault(name) {
        MaskFault::Runs(error) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(runs("rle_short.json"), RunsError::TooShort { found: 11, expected: 24 });
    assert_eq!(runs("rle_overflow.json"), RunsError::TooLong { index: 1, expected: 24 });
    assert_eq!(runs("rle_negative.json"), RunsError::TooLong { index: 0, expected: 24 });
    assert!(matches!(
        fault("rle_character.json"),
        MaskFault::BadCharacter { at: 2, character: '~' }
    ));
    assert!(matches!(fault("rle_cut.json"), MaskFault::CutOff));
    assert!(matches!(fault("rle_long_number.json"), MaskFault::LongNumber { .. }));
    assert!(matches!(fault("rle_size.json"), MaskFault::BadSize { .. }));
    let negative = RegionMask::from_runs(SCENE, [10, -6, 20]);
    assert_eq!(negative, Err(RunsError::Negative { index: 1, length: -6 }));
    let vast = ImageSize { width: u32::MAX, height: 2 };
    assert!(matches!(RegionMask::empty(vast), Err(RunsError::TooManyPixels { .. })));
}

#[test]
fn polygons_that_are_none_are_refused() {
    assert!(matches!(fault("coco_two_corners.json"), MaskFault::FewCorners { numbers: 4 }));
    assert!(matches!(fault("coco_far.json"), MaskFault::FarCorner { .. }));
    assert!(matches!(refusal("coco_nan.json"), RegionsError::Json { .. }));
    let nan = fill_polygon(&[f64::NAN, 0.0, 1.0, 1.0, 2.0, 0.0], SCENE);
    assert!(matches!(nan, Err(MaskFault::FarCorner { .. })));
    let zigzag: Vec<f64> = (0..40_000).flat_map(|i| [f64::from(i % 2) * 9e5, 1.0]).collect();
    assert!(matches!(fill_polygon(&zigzag, SCENE), Err(MaskFault::LongOutline)));
}

#[test]
fn a_list_of_more_corners_than_are_kept_is_refused_while_it_is_read() {
    let corners = "1,2,".repeat(1_100_000);
    let json = format!("[{{\"segmentation\":[[{corners}3,4]]}}]");
    let error = import_bytes(json.as_bytes(), Path::new("x"), &scene()).unwrap_err();
    assert!(matches!(error, RegionsError::Json { .. }), "{error}");
    assert!(error.to_string().contains("more than 1048576 corners"), "{error}");
}

#[test]
fn damaged_json_is_refused_with_its_place() {
    for name in ["cut.json", "deep.json"] {
        let error = refusal(name);
        assert!(
            matches!(&error, RegionsError::Json { reason, .. } if reason.contains("column")),
            "{error}"
        );
    }
    assert!(matches!(refusal("empty.json"), RegionsError::Empty { .. }));
    assert!(matches!(fault("labelme_mask.json"), MaskFault::Picture { .. }));
    assert!(matches!(fault("label_studio_cut.json"), MaskFault::Brush { .. }));
    assert!(matches!(fault("label_studio_byte.json"), MaskFault::Brush { .. }));
}

#[test]
fn what_is_known_and_not_read_is_called_by_its_name() {
    for (name, word) in [
        ("video.json", "SA-V"),
        ("pickle.pkl", "pickle"),
        ("pickled.npy", "pickled"),
        ("photo.jpg", "JPEG"),
        ("picture.npy", "color picture"),
    ] {
        let error = refusal(name);
        assert!(
            matches!(&error, RegionsError::Unsupported { what, .. } if what.contains(word)),
            "{error}"
        );
    }
}

#[test]
fn arrays_and_archives_that_lie_are_refused() {
    assert!(matches!(refusal("vast.npy"), RegionsError::Damaged { .. }));
    assert!(matches!(refusal("cut.npy"), RegionsError::Damaged { .. }));
    assert!(matches!(refusal("cut.npz"), RegionsError::Damaged { .. }));
    assert!(
        matches!(refusal("checksum.npz"), RegionsError::Damaged { reason, .. } if reason.contains("checksum"))
    );
    assert!(matches!(refusal("bomb.npz"), RegionsError::Damaged { .. }));
    assert!(matches!(fault("logits.npy"), MaskFault::Logits { .. }));
    assert!(matches!(fault("nan.npy"), MaskFault::Value { .. }));
}

#[test]
fn pictures_that_lie_are_refused() {
    assert!(matches!(refusal("cut.png"), RegionsError::Damaged { .. }));
    assert!(matches!(
        refusal("vast.png"),
        RegionsError::Size { .. } | RegionsError::Damaged { .. }
    ));
}

#[test]
fn a_path_that_is_not_there_is_said_so() {
    assert!(matches!(refusal("nothing.json"), RegionsError::Unreadable { .. }));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(import(empty.path(), &scene()), Err(RegionsError::NoRegions { .. })));
}

fn samples() -> Vec<PathBuf> {
    let files = fs::read_dir(data("regions")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| {
            path.is_file() && !path.ends_with("make.py") && !path.ends_with("pycocotools.json")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_beginning_of_a_valid_file_gives_an_answer() {
    for path in samples() {
        let bytes = fs::read(&path).unwrap();
        for end in 0..bytes.len() {
            if let Err(error) = import_bytes(&bytes[..end], &path, &scene()) {
                assert!(!error.to_string().contains('\n'), "{} to {end}: {error}", path.display());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), head in 0_usize..6) {
        let heads: [&[u8]; 6] = [b"", b"[", b"{\"shapes\":[", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04", b"\x93NUMPY\x01\x00"];
        let file = [heads[head], &bytes].concat();
        import_bytes(&file, Path::new("x"), &scene()).ok(); // only that it returns
    }

    #[test]
    fn a_changed_byte_never_panics(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let files = samples();
        let path = &files[which.index(files.len())];
        let mut bytes = fs::read(path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        import_bytes(&bytes, path, &scene()).ok(); // only that it returns
    }

    #[test]
    fn random_strings_are_masks_of_the_right_size_or_refused(string in "[0-o]{0,24}") {
        if let Ok(mask) = decode_rle(&string, SCENE) {
            prop_assert_eq!(mask.counts().iter().sum::<u32>(), 24);
        }
    }

    #[test]
    fn random_polygons_stay_within_the_picture(corners in proptest::collection::vec(-50.0_f64..50.0, 6..24)) {
        if let Ok(mask) = fill_polygon(&corners, SCENE) {
            prop_assert_eq!(mask.counts().iter().sum::<u32>(), 24);
        }
    }

    #[test]
    fn random_brushes_and_boxes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), text in "[0-9eE.,+-]{0,20}") {
        let packed = [&[0, 0, 0, 96], &bytes[..]].concat();
        decode_brush(&packed, SCENE).ok(); // only that it returns
        from_boxes([text.as_str()], SCENE).ok();
    }
}
