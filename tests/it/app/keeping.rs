//! Sessions on disk: kept at once, opened again, damaged, left.

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aki_lens::{
    app::{
        Command, Job, KnockoutForm, Level, RunId, Subject,
        jobs::{Overlaps, Part, SweepOver},
        settle,
    },
    domain::{AttentionMode, Bucket, Choice, Colormap},
};

use anyhow::bail;

use super::{Desk, fake, region};

#[test]
fn a_run_is_on_disk_at_once_and_its_arrangement_two_seconds_later() {
    let sessions = tempfile::tempdir().unwrap();
    let n_views = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_views);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        counted.fetch_add(usize::from(matches!(job, Job::KeepView(_))), Ordering::SeqCst);
        fake(slots, job, on_progress)
    });
    desk.state.sessions_folder = Some(sessions.path().to_owned());
    desk.open(1);
    assert_eq!(fs::read_dir(sessions.path()).unwrap().count(), 0, "no run, no session");
    desk.ask("Is the cup red?");
    desk.until(|state| state.session.folder.is_some());
    let folder = desk.state.session.folder.clone().unwrap();
    assert!(folder.join("runs/0001-mma/run.json").exists());
    assert!(folder.file_name().unwrap().to_str().unwrap().ends_with("-is-the-cup-red"));
    // A drag: many changes within two seconds are written once.
    for i in 0..100 {
        desk.now += Duration::from_millis(10);
        desk.set_opacity(i as f32 / 100.0);
    }
    assert!(settle(&mut desk.state, desk.now), "something is still to be kept");
    desk.now += Duration::from_secs(2);
    assert!(!settle(&mut desk.state, desk.now), "nothing is left to do");
    desk.state.close();
    assert_eq!(n_views.load(Ordering::SeqCst), 2);
}

#[test]
fn a_session_reopens_without_a_model_as_it_was_left() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.send(Command::SetBucket(1, Some(Bucket::Actions)));
    desk.send(Command::AddRegion(region(2, "left")));
    desk.send(Command::RecolorRegion(0, Some([9, 8, 7])));
    desk.open(2);
    desk.ask("Where is the pear?");
    desk.send(Command::AddRegion(region(3, "pear")));
    desk.send(Command::AddRegion(region(4, "rest")));
    desk.send(Command::ShowRegion(1, false));
    desk.send(Command::SetOverlap(Overlaps::Exclusive));
    desk.send(Command::AskBeside(AttentionMode::Causal));
    desk.until(|state| state.runs.len() == 3 && state.session.folder.is_some());
    let mut selection = desk.state.workspace.selection.clone();
    selection.layers = Choice::Only(vec![1]);
    selection.subject = Subject::Answer(BTreeSet::from([1]));
    desk.send(Command::Select(selection));
    let mut view = desk.state.workspace.view.clone();
    (view.colormap, view.opacity) = (Colormap::Cividis, 0.1 + 0.2);
    desk.send(Command::SetView(view));
    desk.send(Command::SetKnockout(Box::new(knockout())));
    desk.send(Command::RenameSession("fruit".to_owned()));
    // Let the last run reach the disk before the window goes.
    desk.until(|state| state.session.names.len() == 3);
    desk.state.close();

    let folder = desk.state.session.folder.clone().unwrap();
    let mut again = Desk::with(|slots, job, on_progress| {
        assert!(!matches!(job, Job::Ask(_)), "no model is needed");
        fake(slots, job, on_progress)
    });
    again.send(Command::OpenSession(folder));
    again.until(|state| !state.runs.is_empty());
    assert_eq!(again.state.notices, Vec::new());
    assert_eq!(again.state.workspace, desk.state.workspace);
    assert_eq!(again.state.session.title, "fruit");
    assert_eq!(again.state.regions, desk.state.regions);
    for (before, after) in desk.state.runs.iter().zip(&again.state.runs) {
        assert_eq!(before.run, after.run);
        assert_eq!(before.words.words, after.words.words);
        assert_eq!(before.words.alignment, after.words.alignment);
        assert_eq!(before.token_texts, after.token_texts);
        assert_eq!(before.picture.image.rgb, after.picture.image.rgb);
    }
    assert!(!again.state.can_undo());
    again.send(Command::SelectRun(RunId(0)));
    let regions = again.state.regions.as_ref().unwrap();
    assert_eq!((regions.set.regions()[0].label.as_str(), regions.colors[&0]), ("left", [9, 8, 7]));
}

/// Choices of a knock-out, none of them as they are at first.
fn knockout() -> KnockoutForm {
    KnockoutForm {
        rows: Part::Region("cup#2: blue".to_owned()),
        columns: Part::Bucket(Bucket::Attributes),
        layers: Some([1, 3]),
        region_share: 30,
        over: SweepOver::Regions,
        window: 2,
        draws: 5,
    }
}

/// Opens a session after its `session.json` was changed.
fn reopened(change: impl FnOnce(&mut serde_json::Value)) -> Desk {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.send(Command::SetKnockout(Box::new(knockout())));
    desk.until(|state| state.session.folder.is_some());
    desk.state.close();
    let folder = desk.state.session.folder.clone().unwrap();
    let path = folder.join("session.json");
    let mut json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut json);
    fs::write(&path, json.to_string()).unwrap();
    let mut again = Desk::new();
    again.send(Command::OpenSession(folder));
    again.until(|state| !state.runs.is_empty());
    again
}

#[test]
fn a_session_from_before_knock_outs_were_kept_opens_with_the_first_choices() {
    let again = reopened(|json| {
        let workspace = json["view"]["workspace"].as_object_mut().unwrap();
        assert!(workspace.remove("knockout").is_some());
    });
    assert_eq!(again.state.workspace.knockout, KnockoutForm::default());
    assert_eq!(again.state.workspace.question, "Is the cup red?");
    assert_eq!(again.state.notices, Vec::new());
}

#[test]
fn choices_of_a_knock_out_that_make_no_sense_cost_only_themselves() {
    let again = reopened(|json| {
        json["view"]["workspace"]["knockout"]["rows"] = "everyone".into();
    });
    assert_eq!(again.state.workspace.knockout, KnockoutForm::default());
    assert_eq!(again.state.workspace.question, "Is the cup red?");
    assert!(again.state.notices[0].text.contains("knockout"), "{:?}", again.state.notices);
    // Numbers beyond what the panel offers are brought back.
    let again = reopened(|json| {
        let form = &mut json["view"]["workspace"]["knockout"];
        (form["region_share"], form["draws"]) = (0.into(), 1_000_000.into());
        form["layers"] = serde_json::json!([3, 1]);
    });
    let expected = KnockoutForm { region_share: 1, draws: 64, layers: None, ..knockout() };
    assert_eq!(again.state.workspace.knockout, expected);
}

#[test]
fn a_damaged_view_is_as_new_where_it_is_damaged_and_the_runs_are_there() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.set_opacity(0.125);
    desk.until(|state| state.session.folder.is_some());
    desk.state.close();
    let folder = desk.state.session.folder.clone().unwrap();
    let path = folder.join("session.json");
    let mut json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    json["view"]["workspace"]["mode"] = "telepathy".into();
    json["view"]["workspace"]["selection"]["subject"] = serde_json::json!({"words": [77]});
    json["view"]["edits"] = serde_json::json!({"0001-mma": {"99": "Objects"}});
    fs::write(&path, json.to_string()).unwrap();

    let mut again = Desk::new();
    again.send(Command::OpenSession(folder));
    again.until(|state| !state.runs.is_empty());
    let workspace = &again.state.workspace;
    assert_eq!(workspace.mode, AttentionMode::ModalityMutual);
    assert_eq!(workspace.view.opacity, 0.125);
    assert_eq!(workspace.selection.subject, Subject::Nothing);
    assert!(workspace.edits.is_empty());
    let said = &again.state.notices[0].text;
    assert!(said.contains("mode") && said.contains("edits of run 0001-mma"), "{said}");
}

#[test]
fn a_folder_that_is_no_session_is_said_and_nothing_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    desk.send(Command::OpenSession(folder.path().to_owned()));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.errors()[0].contains("is no session"), "{:?}", desk.errors());
}

#[test]
fn a_wrong_path_of_a_session_leaves_what_is_open() {
    let (sessions, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.send(Command::OpenSession(empty.path().to_owned()));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.errors()[0].contains("is no session"), "{:?}", desk.errors());
    assert_eq!(desk.state.run().unwrap().run.question, "Is the cup red?");
    assert!(desk.state.can_undo());
}

#[test]
fn a_new_session_begins_with_no_runs_and_what_was_open_stays_on_disk() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("cup");
    desk.until(|state| state.session.folder.is_some());
    let first = desk.state.session.folder.clone();
    let bars = desk.state.words(RunId(0)).unwrap();
    desk.send(Command::NewSession);
    assert!(desk.state.runs.is_empty() && desk.state.session.folder.is_none());
    desk.ask("pear");
    let others = desk.state.words(RunId(0)).unwrap();
    assert!(!Arc::ptr_eq(&bars, &others), "what followed from a run of before is forgotten");
    desk.until(|state| state.session.folder.is_some());
    assert_ne!(desk.state.session.folder, first);
    assert_eq!(fs::read_dir(sessions.path()).unwrap().count(), 2);
}

#[test]
fn a_run_that_finds_no_place_on_disk_is_said_and_kept_with_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = folder.path().join("sessions");
    fs::write(&sessions, "a file in the way").unwrap();
    let mut desk = Desk::kept_in(&sessions);
    desk.open(1);
    desk.ask("cup");
    desk.until(|state| state.notices.iter().any(|notice| notice.level == Level::Error));
    assert!(desk.errors()[0].contains("keeping the run: cannot write"), "{:?}", desk.errors());
    assert_eq!(desk.state.runs.len(), 1);
    fs::remove_file(&sessions).unwrap();
    desk.ask("pear");
    desk.until(|state| state.session.names.len() == 2);
    let name = |i| desk.state.session.names[&RunId(i)].clone();
    assert_eq!([name(0), name(1)], ["0001-mma", "0002-mma"]);
}

#[test]
fn an_arrangement_that_did_not_reach_the_disk_is_said_once_and_tried_until_it_does() {
    let sessions = tempfile::tempdir().unwrap();
    // Two attempts fail once the disk is full.
    let room = Arc::new(AtomicUsize::new(usize::MAX));
    let n_failed = Arc::new(AtomicUsize::new(0));
    let (left, failed) = (Arc::clone(&room), Arc::clone(&n_failed));
    let mut desk = Desk::with(move |slots, job, on_progress| match job {
        Job::KeepView(_) if failed.load(Ordering::SeqCst) < left.load(Ordering::SeqCst) => {
            failed.fetch_add(1, Ordering::SeqCst);
            bail!("no space left")
        }
        job => fake(slots, job, on_progress),
    });
    room.store(0, Ordering::SeqCst);
    desk.state.sessions_folder = Some(sessions.path().to_owned());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.until(|state| state.session.folder.is_some());
    desk.rest();
    room.store(2, Ordering::SeqCst);
    desk.set_opacity(0.25);
    let file = desk.state.session.folder.clone().unwrap().join("session.json");
    let is_written = || fs::read_to_string(&file).unwrap().contains("\"opacity\": 0.25");
    for _ in 0..10_000 {
        desk.rest();
        if is_written() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(is_written());
    assert_eq!(n_failed.load(Ordering::SeqCst), 2);
    assert_eq!(desk.errors().len(), 1, "{:?}", desk.errors());
    assert!(desk.errors()[0].contains("no space left; it is tried again"), "{:?}", desk.errors());
}
