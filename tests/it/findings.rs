//! Knock-outs and comparisons of a window's runs: what is found is what the command line finds, it is
//! kept in the session, and it opens without a model.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use aki_lens::{
    app::{
        Command, Finding, RunId, Subject, ViewPart,
        jobs::{
            CauseChoice, Compare, ComputeDevice, DeviceChoice, Drawn, Knockout, KnockoutReport,
            MapAsked, Measure, Part, RegionSource, SideRequest, SubjectRequest, SweepChoice,
            SweepOver, TaggerChoice, compare, knockout, write_comparison_figure,
        },
    },
    domain::{AttentionMode, Bucket, Choice, Figure},
};

use crate::app::Desk;

const QUESTION: &str = "The fish is on which color plate?";

fn specimen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen")
}

fn choice(rows: Part, columns: Part, sweep: Option<SweepChoice>) -> Command {
    Command::FindCause(Box::new(CauseChoice {
        rows,
        columns,
        layers: Choice::All,
        region_share: 0.5,
        map: MapAsked::AnsweredFrom,
        sweep,
    }))
}

fn words(draws: usize) -> SweepChoice {
    SweepChoice { over: SweepOver::Words, window: Some(1), draws, seed: 7 }
}

/// Sends a command and waits for what it finds.
fn find(desk: &mut Desk, command: Command) {
    let n = desk.state.findings.len();
    desk.send(command);
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.state.findings.len(), n + 1, "{:?}", desk.state.notices);
}

fn last_knockout(desk: &Desk) -> &KnockoutReport {
    match desk.state.findings.last().unwrap().finding.as_ref() {
        Finding::Knockout(report) => report,
        other => panic!("{other:?}"),
    }
}

fn cpu() -> ComputeDevice {
    ComputeDevice::open(DeviceChoice::Cpu).unwrap().0
}

#[test]
fn a_run_is_examined_with_the_tokens_of_its_answer_and_not_with_those_of_the_next_question() {
    let mut desk = Desk::of_specimen(QUESTION);
    let n = desk.state.run().unwrap().run.answer_ids.len();
    assert!(n > 1);
    desk.send(Command::SetMaxNewTokens(1));
    find(&mut desk, choice(Part::Image, Part::Bucket(Bucket::Objects), None));
    assert_eq!(last_knockout(&desk).before.answer_ids.len(), n);
    assert!(last_knockout(&desk).after.answer_ids.len() > 1);
}

#[test]
fn a_knock_out_of_the_run_that_is_looked_at_is_the_one_of_the_command_line() {
    let mut desk = Desk::of_specimen(QUESTION);
    find(&mut desk, choice(Part::Image, Part::Bucket(Bucket::Objects), None));
    let found = last_knockout(&desk);
    let asked = Knockout {
        subject: SubjectRequest {
            model: specimen().join("checkpoint").display().to_string(),
            image: specimen().join("examples/scene_01.png"),
            question: QUESTION.to_owned(),
            mode: AttentionMode::ModalityMutual,
            max_new_tokens: 4,
            dtype: None,
            tagger: TaggerChoice::Brill,
            edits: Vec::new(),
        },
        rows: Part::Image,
        columns: Part::Bucket(Bucket::Objects),
        layers: Choice::All,
        regions: RegionSource::default(),
        region_share: 0.5,
        map: MapAsked::AnsweredFrom,
    };
    let expected = knockout(&asked, cpu(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(found.change, expected.change);
    assert_eq!(found.after.answer_ids, expected.after.answer_ids);
    assert_eq!((&found.rows, &found.columns), (&expected.rows, &expected.columns));
    assert_eq!(found.closed_pairs, expected.closed_pairs);
    // What is looked at, and what a paper gets of it: both maps.
    let (number, _) = desk.state.shown_cause().unwrap();
    let maps = desk.state.finding_maps(number).unwrap();
    let before = maps.left.as_ref().as_ref().unwrap();
    assert_eq!(Some(&before.values), found.before.map.values.as_ref());
    let Drawn::Map(map) = desk.state.drawn(ViewPart::Knockout).unwrap() else { panic!("no map") };
    assert_eq!(map.panels.len(), 2);
}

#[test]
fn a_corrected_bucket_is_taken_away_as_corrected() {
    let mut desk = Desk::of_specimen(QUESTION);
    find(&mut desk, choice(Part::Image, Part::Bucket(Bucket::Objects), None));
    let before = last_knockout(&desk).columns.positions.clone();
    let words = &desk.state.run().unwrap().words.words;
    let other = words.iter().position(|word| word.bucket != Bucket::Objects).unwrap();
    desk.send(Command::SetBucket(other, Some(Bucket::Objects)));
    find(&mut desk, choice(Part::Image, Part::Bucket(Bucket::Objects), None));
    assert!(last_knockout(&desk).columns.positions.len() > before.len());
}

#[test]
fn a_sweep_has_a_row_for_each_word_beside_its_control_and_is_a_heat_table() {
    let mut desk = Desk::of_specimen(QUESTION);
    find(&mut desk, choice(Part::Image, Part::Question, Some(words(2))));
    let n_words = desk.state.run().unwrap().words.words.len();
    let (number, found) = desk.state.shown_cause().unwrap();
    let Finding::Sweep(report) = found.finding.as_ref() else { panic!("no sweep") };
    assert_eq!(report.entries.len(), n_words);
    assert!(report.entries.iter().any(|e| e.control.as_ref().is_some_and(|c| c.draws == 2)));
    let table = desk.state.sweep_table(number).unwrap();
    let Ok(Figure::Matrix(table)) = table.as_ref() else { panic!("no table") };
    assert_eq!(table.parts().rows.len(), n_words);
    // All layers, each layer as a window, the control.
    assert_eq!(table.parts().columns.len(), 2 + report.layers.len());
    assert!(matches!(desk.state.drawn(ViewPart::Knockout).unwrap(), Drawn::Figure(_)));
}

#[test]
fn nothing_to_take_away_says_so_and_finds_nothing() {
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(choice(Part::Image, Part::Word("zebra".to_owned()), None));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.findings.is_empty());
    let told = &desk.state.notices.last().unwrap().text;
    assert!(told.contains("no word \"zebra\"") && told.contains("fish"), "{told}");
    let mut empty = Desk::new();
    empty.send(choice(Part::Image, Part::Question, None));
    assert!(empty.state.notices[0].text.contains("ask a question first"));
}

#[test]
fn a_sweep_that_is_cancelled_ends_and_leaves_the_model_for_the_next_one() {
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(choice(Part::Image, Part::Question, Some(words(64))));
    assert!(desk.state.is_examining());
    desk.send(Command::CancelExamining);
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.findings.is_empty());
    assert!(desk.state.notices.iter().any(|notice| notice.text.ends_with("stopped")));
    find(&mut desk, choice(Part::Image, Part::Question, None));
}

#[test]
fn a_comparison_in_full_is_the_one_of_the_command_line() {
    let mut desk = Desk::of_specimen(QUESTION);
    desk.send(Command::SelectSubject(Subject::Nothing));
    desk.send(Command::FindContrast);
    assert!(desk.state.notices[0].text.contains("put a run beside"));
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    find(&mut desk, Command::FindContrast);
    let (number, found) = desk.state.shown_contrast().unwrap();
    let side =
        |mode| SideRequest { model: specimen().join("checkpoint").display().to_string(), mode };
    let asked = Compare {
        image: specimen().join("examples/scene_01.png"),
        question: QUESTION.to_owned(),
        right_question: None,
        contrast_question: Compare::CONTRAST.to_owned(),
        left: side(AttentionMode::ModalityMutual),
        right: side(AttentionMode::Causal),
        max_new_tokens: 4,
        dtype: None,
        tagger: TaggerChoice::Brill,
        edits: Vec::new(),
        measure: Measure::default(),
        map: MapAsked::AnsweredFrom,
    };
    let expected = compare(&asked, cpu(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(found.difference, expected.report.difference);
    assert_eq!(found.trust, expected.report.trust);
    assert!(found.difference.latent_drift_by_layer.right.iter().all(|drift| *drift == 0.0));
    let maps = desk.state.finding_maps(number).unwrap();
    let values = maps.difference.as_ref().as_ref().unwrap().values.clone();
    assert_eq!(Some(values), found.difference.map_difference);
    for part in [ViewPart::Contrast, ViewPart::ContrastBars, ViewPart::Drift] {
        desk.state.drawn(part).unwrap();
    }
    // All of it in one figure, letter for letter that of the command line.
    let folder = tempfile::tempdir().unwrap();
    let [here, there] = ["here.svg", "there.svg"].map(|name| folder.path().join(name));
    desk.state.drawn(ViewPart::Comparison).unwrap().write(&here).unwrap();
    write_comparison_figure(&expected, &asked, &there).unwrap();
    let [here, there] = [here, there].map(|path| fs::read_to_string(path).unwrap());
    assert!(here.contains("teacher-forced"));
    assert!(here == there, "the window's figure is another than the command line's");
}

/// A session with a knock-out, a sweep and a comparison; its folder, and what was found.
fn session_with_findings(sessions: &Path) -> (PathBuf, Vec<Finding>) {
    let mut desk = Desk::of_specimen_in(sessions, QUESTION);
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 2);
    find(&mut desk, choice(Part::Answer, Part::Image, None));
    find(&mut desk, choice(Part::Image, Part::Question, Some(words(1))));
    find(&mut desk, Command::FindContrast);
    desk.until(|state| state.session.names.len() == 2);
    desk.state.close();
    let found = desk.state.findings.iter().map(|found| (*found.finding).clone()).collect();
    (desk.state.session.folder.clone().unwrap(), found)
}

fn opened(folder: &Path) -> Desk {
    // Nothing that this desk is asked needs a model.
    let mut desk = Desk::kept_in(folder.parent().unwrap());
    desk.send(Command::OpenSession(folder.to_owned()));
    desk.until(|state| state.jobs.is_empty());
    desk
}

#[test]
fn what_was_found_is_kept_and_opens_without_a_model_number_for_number() {
    let sessions = tempfile::tempdir().unwrap();
    let (folder, found) = session_with_findings(sessions.path());
    let mut desk = opened(&folder);
    let again: Vec<Finding> =
        desk.state.findings.iter().map(|found| (*found.finding).clone()).collect();
    assert_eq!(again, found);
    assert_eq!(desk.state.findings[2].runs, [RunId(0), RunId(1)]);
    assert!(desk.state.notices.is_empty(), "{:?}", desk.state.notices);
    assert!(desk.state.shown_contrast().is_some());
    let figure = sessions.path().join("comparison.png");
    desk.state.drawn(ViewPart::Comparison).unwrap().write(&figure).unwrap();
    assert!(fs::metadata(&figure).unwrap().len() > 10_000);
    assert!(desk.state.finding_maps(0).is_some() && desk.state.sweep_table(1).is_some());
    // A session that is opened writes nothing anew.
    desk.state.close();
    assert_eq!(fs::read_dir(folder.join("findings")).unwrap().count(), 3);
}

#[test]
fn a_damaged_finding_and_one_of_a_newer_program_cost_only_themselves() {
    let sessions = tempfile::tempdir().unwrap();
    let (folder, found) = session_with_findings(sessions.path());
    fs::write(folder.join("findings/0001-knockout.json"), "{\"version\":1,").unwrap();
    let sweep = folder.join("findings/0002-sweep.json");
    let text = fs::read_to_string(&sweep).unwrap().replacen("\"version\": 1", "\"version\": 9", 1);
    fs::write(&sweep, text).unwrap();
    fs::write(
        folder.join("findings/0004-riddle.json"),
        "{\"version\":1,\"kind\":\"riddle\",\"runs\":[\"0001-mma\"],\"found\":null}",
    )
    .unwrap();
    let desk = opened(&folder);
    assert_eq!(desk.state.runs.len(), 2);
    let again: Vec<&Finding> =
        desk.state.findings.iter().map(|found| found.finding.as_ref()).collect();
    assert_eq!(again, [&found[2]]);
    let told: Vec<&str> = desk.state.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert!(told.iter().any(|t| t.contains("0001-knockout.json is damaged")), "{told:?}");
    assert!(told.iter().any(|t| t.contains("0002-sweep.json was written by a newer")), "{told:?}");
    assert!(told.iter().any(|t| t.contains("\"riddle\"")), "{told:?}");
}

#[test]
fn a_run_of_other_weights_is_not_examined_with_these() {
    let sessions = tempfile::tempdir().unwrap();
    let (folder, _) = session_with_findings(sessions.path());
    let file = folder.join("runs/0001-mma/run.json");
    let text = fs::read_to_string(&file).unwrap();
    let at = text.find("fnv1a64:").unwrap() + "fnv1a64:".len();
    let changed = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(&file, format!("{}{changed}{}", &text[..at], &text[at + 1..])).unwrap();
    let mut desk = opened(&folder);
    let n = desk.state.findings.len();
    desk.send(choice(Part::Image, Part::Question, None));
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.state.findings.len(), n);
    let told = &desk.state.notices.last().unwrap().text;
    assert!(told.contains("made with other weights") && told.contains("ask its question again"));
}
