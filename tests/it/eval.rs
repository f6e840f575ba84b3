//! Evaluation: files of questions, shares, and maps.

use std::{fs, ops::ControlFlow, sync::Arc};

use aki_lens::{
    app::{
        Picture,
        jobs::{
            Eval, ModelSlot, Question, ScenesRequest, Split, TaggerChoice, answer, eval, scenes,
        },
    },
    domain::{AttentionMode, Reading},
    eval::{QuestionFile, Tally, evaluate, wilson},
    inference::Engine,
    model::{ComputeDevice, DeviceChoice},
    scene::World,
    vision,
};
use tempfile::TempDir;

use crate::golden::golden_folder;

#[test]
fn wilson_intervals_are_those_of_the_tables() {
    let close = |a: (f64, f64), b: (f64, f64)| {
        assert!((a.0 - b.0).abs() < 5e-4 && (a.1 - b.1).abs() < 5e-4, "{a:?} and {b:?}");
    };
    // Newcombe 1998, table I, method 3.
    close(wilson(Tally { n: 263, hits: 81 }), (0.2553, 0.3662));
    close(wilson(Tally { n: 148, hits: 15 }), (0.0624, 0.1605));
    close(wilson(Tally { n: 20, hits: 0 }), (0.0, 0.1611));
    assert_eq!(wilson(Tally::default()), (0.0, 1.0));
}

#[test]
fn questions_come_back_as_the_world_asked_them() {
    let temp = TempDir::new().unwrap();
    let out = temp.path().join("scenes");
    let request = ScenesRequest { n: 3, seed: 1, split: Split::Test, side: 32, out: out.clone() };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    let file = QuestionFile::open(&out.join("questions.tsv")).unwrap();
    let world = World::new();
    let asked: Vec<_> = (0..3).flat_map(|i| world.questions(Split::Test, i, 1)).collect();
    assert_eq!(file.rows.len(), asked.len());
    for (row, question) in file.rows.iter().zip(&asked) {
        assert_eq!((&row.text, &row.answer), (&question.text, &question.answer));
        assert_eq!(row.category, question.kind.name());
        assert_eq!(row.is_held_out, question.held_out);
    }
}

#[test]
fn an_evaluation_counts_every_question_and_points_at_things() {
    let temp = TempDir::new().unwrap();
    let out = temp.path().join("scenes");
    let request = ScenesRequest { n: 4, seed: 1, split: Split::Test, side: 96, out: out.clone() };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    let file = QuestionFile::open(&out.join("questions.tsv")).unwrap();
    let specimen = golden_folder().join("specimen/checkpoint");
    let on_load = &mut |_| ControlFlow::Continue(());
    let engine = Engine::open(&specimen, ComputeDevice::cpu(), None, on_load).unwrap();
    let mut seen = 0;
    let mut count = |_| {
        seen += 1;
        ControlFlow::Continue(())
    };
    let mode = AttentionMode::ModalityMutual;
    let (report, answers) = evaluate(&engine, "specimen", mode, &file, 8, &mut count).unwrap();
    assert_eq!(seen, file.rows.len());
    assert_eq!(report.questions, file.rows.len());
    assert_eq!(report.by_type.values().map(|share| share.n).sum::<usize>(), file.rows.len());
    assert_eq!(report.held_out.n + report.seen.n, file.rows.len());
    assert_eq!(report.overall.n, answers.len());
    assert!(answers.iter().zip(&file.rows).all(|(answer, row)| answer.index == row.index));
    let pointing = report.pointing.unwrap();
    assert!(pointing.chance > 0.0 && pointing.chance < 0.5);
    let maps: Vec<&str> = pointing.maps.keys().copied().collect();
    assert_eq!(maps, ["answered_from", "looks_at", "read_by"]);
    for (name, map) in &pointing.maps {
        assert!(map.mean.n > 0 && map.mean.n <= pointing.uniform_latents.n, "{name}");
        assert_eq!(map.by_layer.len(), 4, "{name}");
        assert_eq!(map.energy_by_layer.len(), 4, "{name}");
        assert!(map.energy > 0.0 && map.energy < 1.0, "{name}: {}", map.energy);
    }

    // Under a causal mask no latent may attend to a word: there is no such map, not one of zeros.
    let mode = AttentionMode::Causal;
    let (causal, _) =
        evaluate(&engine, "specimen", mode, &file, 8, &mut |_| ControlFlow::Continue(())).unwrap();
    let maps: Vec<&str> = causal.pointing.unwrap().maps.into_keys().collect();
    assert_eq!(maps, ["answered_from", "looks_at"]);

    let stopped = evaluate(&engine, "specimen", mode, &file, 8, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
}

#[test]
fn what_an_evaluation_measured_of_maps_is_shown_with_these_weights_under_this_mask_only() {
    let temp = TempDir::new().unwrap();
    let (out, model) = (temp.path().join("scenes"), temp.path().join("model"));
    let request = ScenesRequest { n: 2, seed: 1, split: Split::Test, side: 96, out: out.clone() };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    fs::create_dir(&model).unwrap();
    for file in fs::read_dir(golden_folder().join("specimen/checkpoint")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), model.join(file.file_name())).unwrap();
    }
    let mode = AttentionMode::ModalityMutual;
    let request = Eval {
        model: model.to_str().unwrap().to_owned(),
        mode,
        data: out.join("questions.tsv"),
        out: temp.path().join("report"),
        max_new_tokens: 2,
    };
    let on_progress = &mut |_| ControlFlow::Continue(());
    let report = eval(&request, ComputeDevice::cpu(), on_progress).unwrap().pointing.unwrap();
    let rates = temp.path().join("report/pointing.json");
    let ask = |mode| {
        let picture = vision::open(&out.join("images/000000.png")).unwrap();
        let question = Question {
            picture: Arc::new(Picture::new("it".to_owned(), None, picture)),
            text: "Is there a cup?".to_owned(),
            turn: None,
            model: Some(request.model.clone()),
            mode,
            device: DeviceChoice::Cpu,
            max_new_tokens: 1,
            tagger: TaggerChoice::Brill.into(),
        };
        let slot = &mut ModelSlot::default();
        answer(slot, &question, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    assert_eq!(ask(mode).pointing, None, "nothing lies beside the weights");
    let path = model.join("pointing.json");
    fs::copy(&rates, &path).unwrap();
    let found = ask(mode).pointing.unwrap();
    let measured = &report.maps["looks_at"];
    let rate = found.rate("looks_at", Reading::Mass, None).unwrap();
    assert_eq!((rate.n, rate.share), (measured.mean.n, measured.mean.accuracy));
    for reading in Reading::ALL {
        let rate = found.rate("looks_at", reading, None).unwrap();
        assert_eq!(rate.share, measured.by_reading[&reading.to_string()].accuracy);
    }
    assert_eq!(found.names, report.names);
    let name = found.names.first().expect("some thing was asked for by its name");
    assert!(found.has_name(name) && found.has_name(&format!("{name}s")));
    assert!(!found.has_name("things") && !found.has_name("table"));
    let layer = found.rate("looks_at", Reading::Mass, Some(3)).unwrap();
    assert_eq!(layer.share, measured.by_layer[3].accuracy);
    assert_eq!(found.rate("looks_at", Reading::Lift, Some(3)), None);
    assert_eq!(ask(AttentionMode::Causal).pointing, None, "it was asked under another mask");

    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&rates).unwrap()).unwrap();
    json["weights"] = "fnv1a64:0000000000000000".into();
    fs::write(&path, json.to_string()).unwrap();
    assert_eq!(ask(mode).pointing, None, "other weights were measured");
    let mut long = " ".repeat(2 << 20);
    long.push_str(&fs::read_to_string(&rates).unwrap());
    fs::write(&path, long).unwrap();
    let answered = ask(mode);
    assert_eq!(answered.pointing, None, "a file of any length is not read into memory");
    assert!(answered.warnings.iter().any(|warning| warning.contains("pointing.json is longer")));
    fs::write(&path, "{\"version\": 2}").unwrap();
    let answered = ask(mode);
    assert_eq!(answered.pointing, None);
    assert!(
        answered.warnings.iter().any(|warning| warning.contains("pointing.json is damaged")),
        "{:?}",
        answered.warnings
    );
}

#[test]
fn a_broken_question_file_says_which_row_is_wrong() {
    let temp = TempDir::new().unwrap();
    let path = temp.path().join("q.tsv");
    let cases = [
        ("index\timage\tanswer\n0\tAAAA\tyes\n", "question"),
        ("index\timage\tquestion\tanswer\n7\t@@@\tIs it?\tyes\n", "row 1 (index 7)"),
        ("index\timage\tquestion\tanswer\n7\t\tIs it?\tyes\n", "image_path"),
        ("index\timage_path\tquestion\tanswer\n7\tno.png\tIs it?\tyes\n", "no.png"),
        ("index\timage\tquestion\tanswer\n", "no question"),
    ];
    for (text, expected) in cases {
        fs::write(&path, text).unwrap();
        let error = QuestionFile::open(&path).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("q.tsv"), "{error}");
    }
    let missing = QuestionFile::open(&temp.path().join("none.tsv")).unwrap_err().to_string();
    assert!(missing.contains("none.tsv"), "{missing}");
}
