//! Writing scenes to a folder.

use std::{fs, ops::ControlFlow};

use aki_lens::{
    app::jobs::{ScenesRequest, scenes},
    scene::{QuestionKind, Split},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

fn request(out: &std::path::Path, n: usize) -> ScenesRequest {
    ScenesRequest { n, seed: 5, split: Split::Test, side: 64, out: out.to_owned() }
}

#[test]
fn scenes_are_written_with_their_truth_and_their_questions() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/scenes");
    let mut told = Vec::new();
    let report = scenes(&request(&out, 6), &mut |n| {
        told.push(n);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(told, [1, 2, 3, 4, 5, 6]);
    assert_eq!((report.n_scenes, report.stopped), (6, false));
    assert_eq!(report.n_questions[&QuestionKind::Existence], 6);

    let truth: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("truth.json")).unwrap()).unwrap();
    let told = truth["scenes"].as_array().unwrap();
    assert_eq!(told.len(), 6);
    for scene in told {
        let png = fs::read(out.join(scene["image"].as_str().unwrap())).unwrap();
        let picture = image::load_from_memory(&png).unwrap();
        assert_eq!((picture.width(), picture.height()), (64, 64));
        for thing in scene["things"].as_array().unwrap() {
            let counts = thing["region"]["counts"].as_array().unwrap();
            let counts: Vec<u64> = counts.iter().map(|n| n.as_u64().unwrap()).collect();
            assert_eq!(counts.iter().sum::<u64>(), 64 * 64);
            let inside: u64 = counts.iter().skip(1).step_by(2).sum();
            assert_eq!(thing["visible_area"], inside);
            assert!(thing["box"]["width"].as_u64().unwrap() > 4);
            assert_eq!(thing["plate"].is_null(), thing["plate_region"].is_null());
        }
    }
    check_table(&out, told);
}

/// The table holds what the truth holds, and a picture is where its row says.
fn check_table(out: &std::path::Path, scenes: &[serde_json::Value]) {
    let mut table =
        csv::ReaderBuilder::new().delimiter(b'\t').from_path(out.join("questions.tsv")).unwrap();
    let header = table.headers().unwrap().clone();
    let expected =
        ["index", "image", "question", "A", "B", "C", "D", "answer", "category", "l2-category"];
    assert_eq!(header.iter().collect::<Vec<_>>(), expected);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let questions = scenes.iter().flat_map(|scene| {
        scene["questions"].as_array().unwrap().iter().map(move |question| (scene, question))
    });
    let mut n_rows = 0;
    for ((scene, question), row) in questions.zip(&rows) {
        assert_eq!(row[0], n_rows.to_string());
        let image = if row[1].len() > 64 {
            &row[1]
        } else {
            let first: usize = row[1].parse().unwrap();
            &rows[first][1]
        };
        let file = fs::read(out.join(scene["image"].as_str().unwrap())).unwrap();
        assert_eq!(STANDARD.decode(image).unwrap(), file);
        assert!(question["text"].as_str().unwrap().starts_with(&row[2]));
        assert_eq!(question["answer"], row[7]);
        assert_eq!(question["kind"], row[8]);
        assert_eq!(question["held_out"], row[9] == *"held_out");
        let choices = question["choices"].as_array().unwrap();
        assert_eq!(row[3].is_empty(), choices.is_empty());
        for (choice, cell) in choices.iter().zip(row.iter().skip(3)) {
            assert_eq!(choice, cell);
        }
        n_rows += 1;
    }
    assert_eq!(n_rows, rows.len());
}

#[test]
fn a_stopped_job_tells_of_the_scenes_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let stop = &mut |n| {
        if n == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let report = scenes(&request(folder.path(), 6), stop).unwrap();
    assert_eq!((report.n_scenes, report.stopped), (2, true));
    assert_eq!(fs::read_dir(folder.path().join("images")).unwrap().count(), 2);
    assert!(folder.path().join("truth.json").is_file());
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let error = scenes(&request(folder.path(), 1), go_on).unwrap_err().to_string();
    assert!(error.contains("holds files already"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
