//! What is shown, written into files: one part, and everything with how it was made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    ops::ControlFlow,
    path::Path,
};

use aki_lens::{
    app::{
        Command, Drawing, Subject, ViewPart,
        jobs::{CauseChoice, ExportRequest, MapAsked, Part, export, export_view},
    },
    domain::{AttentionMode, Bucket, Choice, Figure},
    export::figure_from_json,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::app::Desk;

const QUESTION: &str = "The fish is on which color plate?";

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_part_of_a_view_is_written_in_all_its_formats() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(Command::DrawRegion(Drawing::Box([10.0, 10.0], [40.0, 50.0]), "a cup".to_owned()));
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    let knock_out = CauseChoice {
        rows: Part::Image,
        columns: Part::Question,
        layers: Choice::All,
        region_share: 0.5,
        map: MapAsked::AnsweredFrom,
        sweep: None,
    };
    for command in [Command::FindContrast, Command::FindCause(Box::new(knock_out))] {
        desk.send(command);
        desk.until(|state| state.jobs.is_empty());
    }
    // A batch's figure has bars, as that by bucket has.
    let missing = [ViewPart::Batch];
    for part in ViewPart::ALL {
        let drawn = match desk.state.drawn(part) {
            Ok(drawn) => drawn,
            Err(why) => {
                assert!(missing.contains(&part), "{part:?}: {why}");
                continue;
            }
        };
        assert!(!missing.contains(&part), "{part:?}");
        for format in drawn.formats() {
            let path = folder.path().join(format!("{}.{format}", part.stem()));
            let request = ExportRequest { drawn: drawn.clone(), path, replaces: false };
            export(&request).unwrap();
            assert!(fs::metadata(&request.path).unwrap().len() > 100, "{}", request.path.display());
        }
    }
    // The numbers behind a figure are those of the window.
    let json = fs::read_to_string(folder.path().join("layers-by-heads.json")).unwrap();
    let Figure::Matrix(matrix) = figure_from_json(&json).unwrap() else { panic!("no matrix") };
    check_comparison_table(&desk, &folder.path().join("comparison.csv"));
    let subject = desk.state.workspace.selection.subject.clone();
    let id = desk.state.workspace.selection.run.unwrap();
    let maps = desk.state.head_maps(id, &subject).unwrap();
    let maps = maps.as_ref().as_ref().unwrap();
    let sums: Vec<Option<f64>> = maps.maps().map(|map| Some(map.total)).collect();
    assert_eq!(matrix.parts().values, sums);
}

/// A comparison's table has both maps and right less left, patch by patch.
fn check_comparison_table(desk: &Desk, path: &Path) {
    let (_, contrast) = desk.state.shown_contrast().unwrap();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let panel = row[0].split(':').next().unwrap().to_owned();
        values.entry(panel).or_default().push(row[9].parse().unwrap());
    }
    let difference = &contrast.difference;
    let of = |name: &str| values.get(name).cloned();
    assert_eq!(of("left"), difference.map.left.values);
    assert_eq!(of("right"), difference.map.right.values);
    assert_eq!(of("right \u{2212} left"), difference.map_difference);
    assert_eq!(values.len(), 3);
}

/// The picture that an SVG holds.
fn embedded_picture(svg: &str) -> image::RgbImage {
    let (_, rest) = svg.split_once("base64,").unwrap();
    let (data, _) = rest.split_once('"').unwrap();
    image::load_from_memory(&STANDARD.decode(data).unwrap()).unwrap().to_rgb8()
}

#[test]
fn a_mask_is_written_cell_by_cell_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let drawn = desk.state.drawn(ViewPart::Mask).unwrap();
    let write = |ending: &str| {
        let path = folder.path().join(format!("mask.{ending}"));
        export(&ExportRequest { drawn: drawn.clone(), path: path.clone(), replaces: false })
            .unwrap();
        fs::read_to_string(path).unwrap()
    };
    let mask = &desk.state.run().unwrap().run.plan.mask;
    let picture = embedded_picture(&write("svg"));
    let zoom = picture.width() as usize / mask.len();
    let mut kinds: BTreeMap<[u8; 3], BTreeSet<(bool, bool)>> = BTreeMap::new();
    let mut lines = write("csv").lines().skip(1).map(str::to_owned).collect::<Vec<_>>().into_iter();
    for (i, allowed) in mask.entries().iter().enumerate() {
        let (query, key) = (i / mask.len(), i % mask.len());
        let pixel = picture.get_pixel((key * zoom) as u32, (query * zoom) as u32).0;
        kinds.entry(pixel).or_default().insert((*allowed, key <= query));
        let line = lines.next().unwrap();
        assert!(line.starts_with(&format!("{query},")), "{line}");
        assert!(line.ends_with(&format!(",{allowed},{}", key <= query)), "{line}");
    }
    // One color for one kind of entry, and the kinds that modality-mutual attention has.
    let kinds: Vec<BTreeSet<(bool, bool)>> = kinds.into_values().collect();
    assert!(kinds.iter().all(|kind| kind.len() == 1), "{kinds:?}");
    let kinds: BTreeSet<(bool, bool)> = kinds.into_iter().flatten().collect();
    assert_eq!(kinds, BTreeSet::from([(true, true), (true, false), (false, false)]));
    let json: serde_json::Value = serde_json::from_str(&write("json")).unwrap();
    let rows = json["rows"].as_array().unwrap().iter().map(|row| row.as_str().unwrap());
    let open: String = mask.entries().iter().map(|open| if *open { '1' } else { '0' }).collect();
    assert_eq!(rows.collect::<String>(), open);
}

#[test]
fn the_map_of_each_head_is_written_as_the_window_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let drawn = desk.state.drawn(ViewPart::HeadMaps).unwrap();
    for ending in ["csv", "svg"] {
        let path = folder.path().join(format!("maps.{ending}"));
        export(&ExportRequest { drawn: drawn.clone(), path, replaces: false }).unwrap();
    }
    let id = desk.state.workspace.selection.run.unwrap();
    let maps = desk.state.head_maps(id, &desk.state.workspace.selection.subject).unwrap();
    let maps = maps.as_ref().as_ref().unwrap();
    let csv = fs::read_to_string(folder.path().join("maps.csv")).unwrap();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("layer,head,row,col,value"));
    let places = maps.layers.iter().flat_map(|l| maps.heads.iter().map(move |h| (l, h)));
    for ((layer, head), map) in places.zip(maps.maps()) {
        for (i, value) in map.values.iter().enumerate() {
            let (row, col) = (i / maps.patches.cols, i % maps.patches.cols);
            let line = lines.next().unwrap();
            let (place, written) = line.rsplit_once(',').unwrap();
            assert_eq!(place, format!("{layer},{head},{row},{col}"));
            assert_eq!(written.parse::<f64>().unwrap(), *value, "{line}");
        }
    }
    assert_eq!(lines.next(), None);
    // Pixels beside each other: layers down, heads across.
    let svg = fs::read_to_string(folder.path().join("maps.svg")).unwrap();
    let picture = embedded_picture(&svg);
    let across = maps.heads.len() * maps.patches.cols;
    let down = maps.layers.len() * maps.patches.rows;
    assert_eq!(picture.width() as usize * down, picture.height() as usize * across);
}

#[test]
fn a_map_is_written_as_json_with_the_edges_of_its_patches() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let path = folder.path().join("map.json");
    let drawn = desk.state.drawn(ViewPart::Map).unwrap();
    export(&ExportRequest { drawn, path: path.clone(), replaces: false }).unwrap();
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let id = desk.state.workspace.selection.run.unwrap();
    let map = desk.state.heatmap(id, &desk.state.workspace.selection.subject).unwrap();
    let map = map.as_ref().as_ref().unwrap();
    let written = &json["panels"][0]["map"];
    let values: Vec<f64> = serde_json::from_value(written["values"].clone()).unwrap();
    assert_eq!(values, map.values);
    assert_eq!(written["unplaced"].as_f64(), Some(map.unplaced));
    assert_eq!(written["across"].as_array().unwrap().len(), map.patches.cols + 1);
    assert_eq!(written["down"].as_array().unwrap().len(), map.patches.rows + 1);
}

#[test]
fn what_panels_list_is_written_as_tables() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let id = desk.state.workspace.selection.run.unwrap();
    let csv = |part: ViewPart| {
        let path = folder.path().join(format!("{}.csv", part.stem()));
        let drawn = desk.state.drawn(part).unwrap();
        export(&ExportRequest { drawn, path: path.clone(), replaces: false }).unwrap();
        fs::read_to_string(path).unwrap()
    };
    let latents = csv(ViewPart::Latents);
    let places = desk.state.latent_places(id).unwrap();
    let first = places.as_ref().as_ref().unwrap()[0];
    let (head, rest) = latents.split_once('\n').unwrap();
    assert_eq!(head, "latent,placed,entropy,effective area,in map");
    let line = format!("0,{},{},{},", first.placed, first.entropy, first.effective_area);
    assert!(rest.starts_with(&line), "{line} is not in {rest}");
    // A column without an interval is one column.
    assert_eq!(latents.lines().count(), 1 + places.as_ref().as_ref().unwrap().len());
    let sinks = csv(ViewPart::Sinks);
    let all = desk.state.incoming(id).unwrap();
    let strongest = all.as_ref().as_ref().unwrap().iter().max_by(|a, b| a.lift.total_cmp(&b.lift));
    let strongest = strongest.unwrap();
    let line = sinks.lines().nth(1).unwrap();
    let numbers = format!(",{},{},{},", strongest.position, strongest.mass, strongest.lift);
    assert!(line.contains(&numbers), "{numbers} is not in {line}");
}

#[test]
fn a_png_says_how_many_pixels_an_inch_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    for part in [ViewPart::Map, ViewPart::Buckets] {
        let path = folder.path().join(format!("{}.png", part.stem()));
        let drawn = desk.state.drawn(part).unwrap();
        export(&ExportRequest { drawn, path: path.clone(), replaces: false }).unwrap();
        let bytes = fs::read(&path).unwrap();
        let at = bytes.windows(4).position(|w| w == b"pHYs").unwrap();
        let per_metre = u32::from_be_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        assert_eq!((f64::from(per_metre) * 0.0254).round() as u32, 300, "{part:?}");
    }
}

#[test]
fn a_file_is_replaced_only_where_that_was_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let path = folder.path().join("bars.csv");
    fs::write(&path, "mine").unwrap();
    let drawn = desk.state.drawn(ViewPart::Buckets).unwrap();
    let request = ExportRequest { drawn, path: path.clone(), replaces: false };
    let error = export(&request).unwrap_err().to_string();
    assert!(error.contains("is there already"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    export(&ExportRequest { replaces: true, ..request.clone() }).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("Objects"));
    let nowhere = folder.path().join("none/bars.csv");
    let error = export(&ExportRequest { path: nowhere, ..request.clone() }).unwrap_err();
    assert!(error.to_string().contains("there is no folder"), "{error}");
    let strange = folder.path().join("bars.pdf");
    let error = export(&ExportRequest { path: strange, ..request }).unwrap_err();
    assert!(error.to_string().contains("bars.pdf"), "{error}");
}

#[test]
fn everything_of_a_view_lies_in_a_new_folder_that_says_how_it_was_made() {
    let parent = tempfile::tempdir().unwrap();
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(Command::SetBucket(0, Some(Bucket::Other)));
    desk.send(Command::ExportView(parent.path().to_owned()));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.notices.iter().any(|n| n.text.starts_with("wrote ")));
    let folders = names(parent.path());
    let folder = parent.path().join(folders.first().unwrap());
    assert!(folders.first().unwrap().ends_with("-the-fish-is-on-which-color-plate"), "{folders:?}");
    let files = names(&folder);
    for file in ["README.md", "words.csv", "answer.csv", "picture-with-map.png"] {
        assert!(files.contains(file), "{files:?}");
    }
    assert!(!files.contains("regions-by-words.svg"));
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let answered = desk.state.run().unwrap();
    let weights = answered.weights.clone().unwrap();
    let line = desk.state.command_line().unwrap().line;
    for said in [
        QUESTION,
        weights.as_str(),
        line.as_str(),
        "| attention | mma |",
        "| layers | mean of all |",
        "| reading | share |",
        "1 words corrected by hand",
        "not here: Regions × words (there are no regions)",
    ] {
        assert!(readme.contains(said), "{said} is not in\n{readme}");
    }
    for file in files.iter().filter(|file| *file != "README.md") {
        assert!(readme.contains(file.as_str()), "{file} is not told of in\n{readme}");
    }
    let words = fs::read_to_string(folder.join("words.csv")).unwrap();
    assert!(words.lines().nth(1).unwrap().ends_with(",Other,true"), "{words}");
    let answer = fs::read_to_string(folder.join("answer.csv")).unwrap();
    assert_eq!(answer.lines().count(), 1 + answered.run.answer_ids.len());
    // A second one stands beside the first.
    desk.send(Command::ExportView(parent.path().to_owned()));
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(names(parent.path()).len(), 2);
}

#[test]
fn a_view_whose_writing_is_stopped_leaves_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    let export = desk.state.view_export(parent.path().to_owned()).unwrap();
    let error = export_view(&export, &mut |_| ControlFlow::Break(())).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
    assert_eq!(names(parent.path()), BTreeSet::new());
}

#[test]
fn what_a_view_does_not_have_says_why() {
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(Command::SelectSubject(Subject::Nothing));
    let why = desk.state.drawn(ViewPart::Map).unwrap_err();
    assert!(why.contains("choose a word"), "{why}");
    assert_eq!(desk.state.drawn(ViewPart::Entities).unwrap_err(), "there are no regions");
    let empty = Desk::new();
    assert_eq!(empty.state.drawn(ViewPart::Buckets).unwrap_err(), "ask a question first");
}
