//! What is shown, written into files: one part, and everything with how it was made.

use std::{collections::BTreeSet, fs, ops::ControlFlow, path::Path};

use aki_lens::{
    app::{
        Command, Subject, ViewPart,
        jobs::{ExportRequest, export, export_view},
    },
    domain::{Bucket, Figure},
    export::figure_from_json,
};

use crate::app::Desk;

const QUESTION: &str = "The fish is on which color plate?";

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_part_of_a_view_is_written_in_all_its_formats() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::of_specimen(QUESTION);
    for part in [ViewPart::Map, ViewPart::Buckets, ViewPart::ByLayer, ViewPart::Heads] {
        let drawn = desk.state.drawn(part).unwrap();
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
    let subject = desk.state.workspace.selection.subject.clone();
    let id = desk.state.workspace.selection.run.unwrap();
    let maps = desk.state.head_maps(id, &subject).unwrap();
    let maps = maps.as_ref().as_ref().unwrap();
    let sums: Vec<Option<f64>> = maps.maps().map(|map| Some(map.total)).collect();
    assert_eq!(matrix.parts().values, sums);
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
