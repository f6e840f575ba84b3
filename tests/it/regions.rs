//! Regions: every format's sample, and COCO's own numbers.

use std::fs;
use std::path::{Path, PathBuf};

use aki_lens::domain::{
    ImageSize, PixelBox, Region, RegionFormat, RegionId, RegionMask, RegionSet,
};
use aki_lens::export::regions_coco;
use aki_lens::regions::{
    Imported, RegionsError, RegionsReport, SizeFix, Target, decode_brush, decode_rle, encode_rle,
    fill_polygon, from_boxes, import, import_bytes,
};
use proptest::prelude::*;
use serde::Deserialize;

/// The picture of most samples.
const SCENE: ImageSize = ImageSize { width: 6, height: 4 };
/// Rows 1 and 2, columns 2 to 4: most samples' first region.
const FIRST: &str = "9220003";
/// The pixel at the top left: most samples' second region.
const SECOND: &str = "01g0";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/regions").join(name)
}

pub(crate) fn size(width: u32, height: u32) -> ImageSize {
    ImageSize { width, height }
}

/// A mask from a picture of `#` and `.`, its rows parted by spaces.
fn mask(picture: &str) -> RegionMask {
    let rows: Vec<&[u8]> = picture.split_whitespace().map(str::as_bytes).collect();
    let shown = size(rows[0].len() as u32, rows.len() as u32);
    let mut stretches = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        for x in (0..row.len()).filter(|x| row[*x] == b'#') {
            let at = x as u32 * shown.height + y as u32;
            stretches.push((at, at + 1));
        }
    }
    RegionMask::empty(shown).unwrap().with_stretches(stretches)
}

pub(crate) fn drawn(mask: &RegionMask) -> String {
    let row = |y| (0..mask.size().width).map(move |x| if mask.contains(x, y) { '#' } else { '.' });
    (0..mask.size().height).map(|y| row(y).collect::<String>()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn set(pictures: &[&str]) -> RegionSet {
    let region = |(i, picture): (usize, &&str)| Region {
        id: RegionId::Number(i as i64),
        label: String::new(),
        mask: mask(picture),
    };
    let regions: Vec<_> = pictures.iter().enumerate().map(region).collect();
    RegionSet::new(regions[0].mask.size(), RegionFormat::MaskPng, "test".to_owned(), regions)
}

fn scene() -> Target {
    Target::new(SCENE).with_name("scene.jpg")
}

fn strings(imported: &Imported) -> Vec<String> {
    imported.set.regions().iter().map(|region| encode_rle(&region.mask)).collect()
}

fn ids(imported: &Imported) -> Vec<String> {
    imported.set.regions().iter().map(|region| region.id.to_string()).collect()
}

fn labels(imported: &Imported) -> Vec<&str> {
    imported.set.regions().iter().map(|region| region.label.as_str()).collect()
}

#[derive(Deserialize)]
struct Golden {
    masks: Vec<GoldenMask>,
    polygons: Vec<GoldenPolygon>,
}

#[derive(Deserialize)]
struct GoldenMask {
    size: [u32; 2],
    counts: Vec<u32>,
    string: String,
    area: u32,
    bbox: [u32; 4],
}

#[derive(Deserialize)]
struct GoldenPolygon {
    size: [u32; 2],
    parts: Vec<Vec<f64>>,
    string: String,
    area: u32,
}

fn golden() -> Golden {
    serde_json::from_slice(&fs::read(data("pycocotools.json")).unwrap()).unwrap()
}

#[test]
fn run_lengths_are_those_of_pycocotools() {
    for case in golden().masks {
        let shown = size(case.size[1], case.size[0]);
        let decoded = decode_rle(&case.string, shown).unwrap();
        assert_eq!(decoded.counts(), case.counts, "{}", case.string);
        assert_eq!(encode_rle(&decoded), case.string);
        assert_eq!(decoded.area(), case.area);
        let [x, y, width, height] = case.bbox;
        assert_eq!(decoded.bounds(), PixelBox { x, y, width, height }, "{}", case.string);
        let runs = case.counts.iter().map(|run| i64::from(*run));
        assert_eq!(RegionMask::from_runs(shown, runs).unwrap(), decoded);
    }
}

#[test]
fn the_known_vectors_of_the_format_hold() {
    let check = |shown: ImageSize, counts: &[u32], string: &str, bbox: [u32; 4], area: u32| {
        let mask = decode_rle(string, shown).unwrap();
        assert_eq!(mask.counts(), counts, "{string}");
        assert_eq!(encode_rle(&mask), string);
        let [x, y, width, height] = bbox;
        assert_eq!(mask.bounds(), PixelBox { x, y, width, height }, "{string}");
        assert_eq!(mask.area(), area);
    };
    let small = size(4, 3);
    check(small, &[12], "<", [0, 0, 0, 0], 0);
    check(small, &[0, 12], "0<", [0, 0, 4, 3], 12);
    check(small, &[0, 1, 11], "01;", [0, 0, 1, 1], 1);
    check(small, &[11, 1], ";1", [3, 2, 1, 1], 1);
    check(SCENE, &[9, 2, 2, 2, 2, 2, 5], FIRST, [2, 1, 3, 2], 6);
    check(small, &[4, 1, 7], "417", [1, 1, 1, 1], 1);
    let block = RegionMask::empty(size(120, 100)).unwrap();
    let block = block.with_stretches((20..100).map(|x| (x * 100 + 10, x * 100 + 90)).collect());
    assert_eq!(block.counts().len(), 161);
    assert!(encode_rle(&block).starts_with("jn1`2d0000"));
    assert_eq!((block.area(), block.bounds().x, block.bounds().height), (6400, 20, 80));
}

#[test]
fn polygons_are_filled_by_the_rule_of_coco() {
    for case in golden().polygons {
        let shown = size(case.size[1], case.size[0]);
        let parts: Vec<_> = case.parts.iter().map(|p| fill_polygon(p, shown).unwrap()).collect();
        let mask = RegionMask::union(&parts).unwrap();
        assert_eq!(encode_rle(&mask), case.string, "{:?} {:?}", case.size, case.parts);
        assert_eq!(mask.area(), case.area);
    }
    let square = fill_polygon(&[1.0, 1.0, 4.0, 1.0, 4.0, 3.0, 1.0, 3.0], size(5, 6)).unwrap();
    assert_eq!(square.area(), 6);
}

#[test]
fn runs_of_no_pixels_are_taken_out() {
    let mask = RegionMask::from_runs(size(4, 3), [2, 3, 0, 1, 6, 0]).unwrap();
    assert_eq!(mask.counts(), [2, 4, 6]);
}

#[test]
fn every_format_is_told_by_its_content_and_gives_the_same_regions() {
    let check = |name: &str, format: &str, expected_ids: &str, expected_labels: &[&str]| {
        let imported = import(&data(name), &scene()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(imported.set.format().to_string(), format, "{name}");
        assert_eq!(strings(&imported), [FIRST, SECOND], "{name}");
        assert_eq!(ids(&imported).join(" "), expected_ids, "{name}");
        assert_eq!(labels(&imported), expected_labels, "{name}");
        // The same bytes under a name that lies.
        let bytes = fs::read(data(name)).unwrap();
        let renamed = import_bytes(&bytes, Path::new("x.txt"), &scene()).unwrap();
        assert_eq!(strings(&renamed), [FIRST, SECOND], "{name}");
    };
    check("amg_rle.json", "amg-rle", "0 1", &["", ""]);
    check("amg_numbers.json", "amg-rle", "0 1", &["", ""]);
    check("sa_1b.json", "sa-1b", "501 502", &["", ""]);
    check("stack_bool.npy", "npy", "0 1", &["", ""]);
    check("stack_fortran.npy", "npy", "0 1", &["", ""]);
    check("stack_last.npy", "npy", "0 1", &["", ""]);
    check("stack_4d.npy", "npy", "0 1", &["", ""]);
    check("masks.npz", "npz", "0 1", &["", ""]);
    check("stored.npz", "npz", "0 1", &["", ""]);
    check("labels_i64.npy", "label-map", "3 7", &["", ""]);
    check("labels_big_endian.npy", "label-map", "3 7", &["", ""]);
    check("labels_16bit.png", "label-map", "3000 7000", &["", ""]);
}

#[test]
fn a_single_mask_is_one_region_called_as_its_file() {
    for (name, format) in [("mask.png", "mask-png"), ("mask_1bit.png", "mask-png")] {
        let imported = import(&data(name), &scene()).unwrap();
        assert_eq!(imported.set.format().to_string(), format);
        assert_eq!(strings(&imported), [FIRST], "{name}");
        assert_eq!(labels(&imported), [name.trim_end_matches(".png")]);
    }
    let imported = import(&data("mask_f16_fortran.npy"), &scene()).unwrap();
    assert_eq!(strings(&imported), [FIRST]);
}

#[test]
fn of_a_palette_the_indices_are_read_and_void_is_left_out() {
    let imported = import(&data("indexed.png"), &scene()).unwrap();
    assert_eq!(ids(&imported), ["1", "3"]);
    assert_eq!(strings(&imported)[1], FIRST);
    assert!(imported.warnings.iter().any(|w| w.contains("void")), "{:?}", imported.warnings);
}

#[test]
fn of_colored_masks_each_color_is_a_region() {
    let imported = import(&data("colors.png"), &scene()).unwrap();
    assert_eq!(labels(&imported), ["#0000ff", "#ff0000"]);
    assert_eq!(strings(&imported), [SECOND, FIRST]);
}

#[test]
fn a_coco_file_gives_the_regions_of_the_picture_it_names() {
    let imported = import(&data("coco.json"), &scene()).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::Coco);
    assert_eq!(ids(&imported), ["11", "12", "14"]);
    assert_eq!(labels(&imported), ["cup", "key", "key"]);
    assert_eq!(strings(&imported), [FIRST, SECOND, FIRST]);
    assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
    let other = import(&data("coco.json"), &Target::new(SCENE).with_name("third.jpg"));
    assert!(matches!(other, Err(RegionsError::WhichPicture { names, .. }) if names.len() == 2));
}

#[test]
fn what_is_written_as_coco_is_read_again_as_it_was() {
    let rows = ["##... ##... ..... .....", "..... ..#.. .###. ..#..", "#.... ..... ..... ....#"];
    let set = set(&rows);
    let named = set
        .regions()
        .iter()
        .zip(["cup", "", "cup"])
        .map(|(region, label)| Region { label: label.to_owned(), ..region.clone() });
    let set = set.with_regions(named.collect());
    let text = regions_coco(&set, "scene.png").unwrap();
    let target = Target { name: Some("scene.png".to_owned()), ..Target::new(set.image()) };
    let imported = import_bytes(text.as_bytes(), Path::new("out.json"), &target).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::Coco);
    assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
    let pixels = |set: &RegionSet| -> Vec<(String, RegionMask)> {
        set.regions().iter().map(|region| (region.name(), region.mask.clone())).collect()
    };
    assert_eq!(pixels(&imported.set), pixels(&set));
}

#[test]
fn coco_results_are_joined_by_the_number_in_the_file_name() {
    let named = Target::new(SCENE).with_name("000000000042.jpg");
    let imported = import(&data("coco_results.json"), &named).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::CocoResults);
    assert_eq!(
        (strings(&imported), labels(&imported)),
        (vec![FIRST.to_owned()], vec!["category 18"])
    );
    let unnamed = import(&data("coco_results.json"), &scene());
    assert!(matches!(unnamed, Err(RegionsError::WhichPicture { .. })));
}

#[test]
fn labelme_shapes_of_a_group_are_one_region_and_lines_are_left_out() {
    let imported = import(&data("labelme.json"), &scene()).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::LabelMe);
    assert_eq!(labels(&imported), ["cup", "key"]);
    assert_eq!(drawn(&imported.set.regions()[0].mask), "#..... ..###. ..###. ......");
    assert_eq!(strings(&imported)[1], FIRST);
    assert_eq!(imported.warnings.len(), 1, "{:?}", imported.warnings);
    assert!(imported.warnings[0].starts_with("shapes[3] is left out"));
}

#[test]
fn label_studio_brushes_polygons_and_rectangles_are_read() {
    let imported = import(&data("label_studio.json"), &scene()).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::LabelStudio);
    assert_eq!(ids(&imported), ["aB1", "aB2", "aB3"]);
    assert_eq!(labels(&imported), ["cup", "key", "lamp"]);
    assert_eq!(strings(&imported), [FIRST, FIRST, SECOND]);
    assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
    let packed =
        [0, 0, 0, 96, 57, 27, 254, 31, 0, 183, 255, 108, 2, 223, 254, 27, 0, 0].map(|b: u8| b);
    assert_eq!(encode_rle(&decode_brush(&packed, SCENE).unwrap()), FIRST);
}

#[test]
fn a_mask_folder_is_read_by_number_and_compared_with_its_table() {
    let imported = import(&data("amg_png"), &scene()).unwrap();
    assert_eq!(imported.set.format(), RegionFormat::AmgPng);
    assert_eq!(ids(&imported), ["2", "9", "10"]);
    assert_eq!(strings(&imported)[1..], [FIRST, SECOND]);
    assert_eq!(imported.set.regions()[0].mask.area(), 24);
    let said = imported.warnings.join("\n");
    assert!(said.contains("10.png has 1 pixels, metadata.csv says 2"), "{said}");
    assert!(said.contains("names 11.png"), "{said}");
}

#[test]
fn in_a_folder_of_many_pictures_the_name_decides() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["scene.json", "other.json"] {
        fs::copy(data("amg_rle.json"), folder.path().join(name)).unwrap();
    }
    assert_eq!(strings(&import(folder.path(), &scene()).unwrap()), [FIRST, SECOND]);
    let other = import(folder.path(), &Target::new(SCENE).with_name("third.png"));
    assert!(matches!(other, Err(RegionsError::WhichPicture { .. })));
    let outer = tempfile::tempdir().unwrap();
    for name in ["scene", "other"] {
        fs::create_dir(outer.path().join(name)).unwrap();
        fs::copy(data("mask.png"), outer.path().join(name).join("0.png")).unwrap();
    }
    assert_eq!(strings(&import(outer.path(), &scene()).unwrap()), [FIRST]);
}

#[test]
fn a_size_that_differs_is_named_and_offered_or_refused() {
    let offer = |shown: ImageSize| match import(&data("amg_rle.json"), &Target::new(shown)) {
        Err(RegionsError::Size { found, offer, .. }) => {
            assert_eq!(found, SCENE);
            offer
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(offer(size(4, 6)), Some(SizeFix::Swap));
    assert_eq!(offer(size(12, 8)), Some(SizeFix::Scale));
    assert_eq!(offer(size(3, 2)), Some(SizeFix::Scale));
    assert_eq!(offer(size(6, 5)), None);
    assert_eq!(offer(size(7, 4)), None);
    let said = import(&data("amg_rle.json"), &Target::new(size(4, 6))).unwrap_err().to_string();
    assert!(said.contains("6 x 4") && said.contains("EXIF") && !said.contains('\n'), "{said}");
}

#[test]
fn an_accepted_size_turns_or_scales_the_masks() {
    let first = |target: Target| {
        drawn(&import(&data("amg_rle.json"), &target).unwrap().set.regions()[0].mask)
    };
    let swapped = Target::new(size(4, 6)).with_fix(SizeFix::Swap);
    // As stored: rows 1-2, columns 2-4 of 6 x 4.
    assert_eq!(first(swapped.clone()), ".... .... .##. .##. .##. ....");
    // EXIF 6 turns the picture clockwise: the left column becomes the top row.
    assert_eq!(first(swapped.clone().with_orientation(6)), ".... .... .##. .##. .##. ....");
    let corner = |target: Target| {
        drawn(&import(&data("amg_rle.json"), &target).unwrap().set.regions()[1].mask)
    };
    assert_eq!(corner(swapped.clone().with_orientation(5)), "#... .... .... .... .... ....");
    assert_eq!(corner(swapped.clone().with_orientation(6)), "...# .... .... .... .... ....");
    assert_eq!(corner(swapped.clone().with_orientation(7)), ".... .... .... .... .... ...#");
    assert_eq!(corner(swapped.with_orientation(8)), ".... .... .... .... .... #...");
    let twice = first(Target::new(size(12, 8)).with_fix(SizeFix::Scale));
    let row = "....######..";
    assert_eq!(
        twice,
        ["............"; 2]
            .into_iter()
            .chain([row; 4])
            .chain(["............"; 2])
            .collect::<Vec<_>>()
            .join(" ")
    );
    assert_eq!(first(Target::new(size(3, 2)).with_fix(SizeFix::Scale)), ".#. ...");
    let wrong = Target::new(size(4, 6)).with_fix(SizeFix::Scale);
    assert!(matches!(import(&data("amg_rle.json"), &wrong), Err(RegionsError::Size { .. })));
}

#[test]
fn a_mask_that_cannot_be_read_is_left_out_and_named() {
    let json = br#"[{"segmentation":{"size":[4,6],"counts":[9,2]}},
                    {"segmentation":{"size":[4,6],"counts":"b'9220003'"}},
                    {"segmentation":null}]"#;
    let imported = import_bytes(json, Path::new("x"), &scene()).unwrap();
    assert_eq!(
        (strings(&imported), ids(&imported)),
        (vec![FIRST.to_owned()], vec!["1".to_owned()])
    );
    assert_eq!(imported.warnings.len(), 3);
    assert_eq!(
        imported.warnings[0],
        "record[0] is left out: the runs sum to 11, not to the 24 pixels"
    );
}

#[test]
fn typed_boxes_become_regions() {
    let boxes = from_boxes(["2,1,3,2", "-5, -5, 6, 6", "0,0,1e300,0.6"], SCENE).unwrap();
    let drawn: Vec<_> = boxes.regions().iter().map(|region| drawn(&region.mask)).collect();
    assert_eq!(drawn[0], "...... ..###. ..###. ......");
    assert_eq!(drawn[1], "#..... ...... ...... ......");
    assert_eq!(drawn[2], "###### ...... ...... ......");
    let named = from_boxes(["a cup = b=2,1,3,2"], SCENE).unwrap();
    assert_eq!(named.regions()[0].name(), "a cup = b");
    assert_eq!(named.regions()[0].mask, boxes.regions()[0].mask);
    let error = from_boxes(["a cup=1,2,3"], SCENE).unwrap_err().to_string();
    assert!(error.contains("not \"a cup=1,2,3\""), "{error}");
    for bad in ["", "1,2,3", "a=1,2,3", "a=", "1,2,3,4,5", "a,2,3,4", "NaN,0,1,1", "inf,0,1,1"] {
        assert!(matches!(from_boxes([bad], SCENE), Err(RegionsError::BoxText { .. })), "{bad}");
    }
    for empty in ["6,0,3,3", "0,0,0,3", "0,0,-2,3", "0,-9,3,3"] {
        assert!(matches!(from_boxes([empty], SCENE), Err(RegionsError::Box { .. })), "{empty}");
    }
}

#[test]
fn the_report_has_the_promised_form() {
    let imported = import(&data("sa_1b.json"), &scene()).unwrap();
    let json = serde_json::to_value(RegionsReport::of(&imported)).unwrap();
    let expected = serde_json::json!({
        "version": 1, "image": [6, 4], "format": "sa-1b",
        "regions": [
            {"id": 501, "label": "", "area": 6, "bbox": [2, 1, 3, 2], "rle": {"size": [4, 6], "counts": FIRST}},
            {"id": 502, "label": "", "area": 1, "bbox": [0, 0, 1, 1], "rle": {"size": [4, 6], "counts": SECOND}}],
        "covered": 7.0 / 24.0, "overlapping": 0.0, "uncovered": 1.0 - 7.0 / 24.0,
        "warnings": ["the file is about a picture called sa_5.jpg, not scene.jpg"],
    });
    assert_eq!(json, expected);
}

#[test]
fn the_format_is_written_as_it_is_called() {
    for format in [
        RegionFormat::AmgRle,
        RegionFormat::AmgPng,
        RegionFormat::Sa1b,
        RegionFormat::Coco,
        RegionFormat::CocoResults,
        RegionFormat::LabelMe,
        RegionFormat::LabelStudio,
        RegionFormat::Npy,
        RegionFormat::Npz,
        RegionFormat::LabelMap,
        RegionFormat::MaskPng,
        RegionFormat::Boxes,
    ] {
        assert_eq!(serde_json::to_value(format).unwrap(), format.to_string());
    }
}

prop_compose! {
    fn any_mask()(width in 1_u32..24, height in 1_u32..24)
        (bits in proptest::collection::vec(any::<bool>(), (width * height) as usize), width in Just(width), height in Just(height))
        -> RegionMask {
        let stretches = (0_u32..).zip(&bits).filter(|(_, b)| **b).map(|(at, _)| (at, at + 1));
        RegionMask::empty(size(width, height)).unwrap().with_stretches(stretches.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mask_comes_back_from_its_string(mask in any_mask()) {
        prop_assert_eq!(&decode_rle(&encode_rle(&mask), mask.size()).unwrap(), &mask);
        let runs = mask.counts().iter().map(|run| i64::from(*run));
        prop_assert_eq!(&RegionMask::from_runs(mask.size(), runs).unwrap(), &mask);
    }

    #[test]
    fn a_mask_comes_back_from_an_array_in_either_order(mask in any_mask()) {
        let ImageSize { width, height } = mask.size();
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let columns = (0..width).flat_map(|x| (0..height).map(move |y| (x, y)));
        let pixels: [Vec<u8>; 2] = [
            rows.map(|(x, y)| u8::from(mask.contains(x, y))).collect(),
            columns.map(|(x, y)| u8::from(mask.contains(x, y))).collect(),
        ];
        for (order, pixels) in [("False", &pixels[0]), ("True", &pixels[1])] {
            let header = format!("{{'descr': '|u1', 'fortran_order': {order}, 'shape': ({height}, {width})}}\n");
            let mut file = b"\x93NUMPY\x01\x00".to_vec();
            file.extend((header.len() as u16).to_le_bytes());
            file.extend(header.bytes());
            file.extend(pixels);
            let imported = import_bytes(&file, Path::new("x"), &Target::new(mask.size())).unwrap();
            prop_assert_eq!(&imported.set.regions()[0].mask, &mask);
        }
    }
}
