//! What is kept before the first run, and what of an example is not.

use std::fs;

use aki_lens::app::{Command, RunId, Subject};

use super::{Desk, fake, region};

fn n_sessions(folder: &tempfile::TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

#[test]
fn regions_that_are_drawn_before_the_first_question_open_again_with_their_picture() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.rest();
    assert_eq!(n_sessions(&sessions), 0, "a picture that was only opened is no work");
    desk.send(Command::AddRegion(region(2, "left")));
    desk.send(Command::RecolorRegion(0, Some([9, 8, 7])));
    desk.set_opacity(0.25);
    desk.send(Command::SetQuestion("Is the".to_owned()));
    // At once, as a window that is closed does.
    desk.state.close();
    assert_eq!(n_sessions(&sessions), 1);

    let mut again = Desk::with(fake);
    let folder = fs::read_dir(sessions.path()).unwrap().next().unwrap().unwrap().path();
    assert!(folder.join("thumbnail.png").is_file());
    again.send(Command::OpenSession(folder.clone()));
    again.until(|state| state.jobs.is_empty());
    assert_eq!(again.state.notices, Vec::new());
    let (before, after) = (desk.state.picture.as_ref().unwrap(), again.state.picture.as_ref());
    assert_eq!(after.unwrap().image.rgb, before.image.rgb);
    assert_eq!(after.unwrap().name, "picture 1");
    assert_eq!(again.state.regions, desk.state.regions);
    assert_eq!(again.state.workspace, desk.state.workspace);
    let title = aki_lens::session::sessions_in(sessions.path())[0].title.clone();
    assert_eq!(title, "picture 1");
    // Its first run is kept in it, and then it is called after the question.
    again.state.sessions_folder = Some(sessions.path().to_owned());
    again.ask("Is the cup red?");
    again.until(|state| state.session.names.len() == 1);
    again.rest();
    again.state.close();
    assert_eq!(n_sessions(&sessions), 1);
    assert!(folder.join("runs/0001-mma/run.json").is_file());
    assert_eq!(again.state.session.folder, Some(folder));
}

#[test]
fn a_session_without_kept_pictures_opens_as_before_and_a_damaged_picture_costs_only_itself() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.send(Command::AddRegion(region(2, "left")));
    desk.state.close();
    let folder = fs::read_dir(sessions.path()).unwrap().next().unwrap().unwrap().path();
    let pictures = folder.join("pictures");
    let picture = fs::read_dir(&pictures).unwrap().next().unwrap().unwrap().path();
    fs::write(&picture, "no picture").unwrap();
    let mut again = Desk::new();
    again.send(Command::OpenSession(folder.clone()));
    again.until(|state| state.jobs.is_empty());
    assert!(again.state.picture.is_none());
    let said = &again.state.notices[0].text;
    assert!(said.contains("this picture is left out") && said.contains(".png"), "{said}");
    fs::remove_dir_all(&pictures).unwrap();
    let mut again = Desk::new();
    again.send(Command::OpenSession(folder));
    again.until(|state| state.jobs.is_empty());
    assert_eq!(again.state.notices, Vec::new());
    // The regions are there for whoever opens the picture.
    again.open(1);
    assert_eq!(again.state.regions.as_ref().unwrap().set.regions()[0].label, "left");
}

#[test]
fn a_chosen_patch_is_kept_and_one_that_no_run_has_is_not() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    let chosen = desk.state.workspace.selection.at_place(None, Some(3));
    desk.send(Command::Select(chosen));
    desk.until(|state| state.session.folder.is_some());
    desk.state.close();
    let folder = desk.state.session.folder.clone().unwrap();
    let path = folder.join("session.json");
    let open = |patch: Option<serde_json::Value>| {
        let text = fs::read_to_string(&path).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let selection = json["view"]["workspace"]["selection"].as_object_mut().unwrap();
        match patch {
            Some(patch) => selection.insert("patch".to_owned(), patch),
            // A session of a program that chose no patches.
            None => selection.remove("patch"),
        };
        fs::write(&path, json.to_string()).unwrap();
        let mut again = Desk::new();
        again.send(Command::OpenSession(folder.clone()));
        again.until(|state| !state.runs.is_empty());
        assert_eq!(again.state.notices, Vec::new());
        again.state.workspace.selection.patch
    };
    assert_eq!(open(Some(3.into())), Some(3));
    assert_eq!(open(Some(100_000.into())), None);
    assert_eq!(open(None), None);
}

#[test]
fn another_picture_has_no_patch_chosen_and_another_run_of_the_same_keeps_it() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    let chosen = desk.state.workspace.selection.at_place(None, Some(3));
    desk.send(Command::Select(chosen));
    desk.ask("pear");
    assert_eq!(desk.state.workspace.selection.patch, Some(3));
    desk.open(2);
    desk.ask("plate");
    assert_eq!(desk.state.workspace.selection.patch, None);
    let chosen = desk.state.workspace.selection.at_place(None, Some(2));
    desk.send(Command::Select(chosen));
    desk.send(Command::SelectRun(RunId(0)));
    assert_eq!(desk.state.workspace.selection.patch, None);
}

#[test]
fn an_example_is_kept_only_with_what_is_done_to_it() {
    let sessions = tempfile::tempdir().unwrap();
    let show = || {
        let mut desk = Desk::kept_in(sessions.path());
        desk.send(Command::OpenExample(0));
        desk.until(|state| state.jobs.is_empty() && !state.runs.is_empty());
        desk.rest();
        desk
    };
    let mut desk = show();
    desk.state.close();
    assert_eq!(n_sessions(&sessions), 0, "it is a click away");

    let mut desk = show();
    desk.send(Command::SelectSubject(Subject::token(0)));
    desk.state.close();
    assert_eq!(n_sessions(&sessions), 1);
    assert_eq!(fs::read_dir(sessions.path()).unwrap().count(), 1);

    let mut desk = show();
    desk.ask("Is the cup red?");
    desk.until(|state| state.session.names.len() == 2);
    desk.state.close();
    assert_eq!(n_sessions(&sessions), 2);
}

#[test]
fn what_a_list_of_sessions_shows_of_the_open_one_changes_as_it_is_written() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    assert_eq!(desk.state.session.on_disk(), (None, 0, ""));
    desk.ask("Is the cup red?");
    desk.until(|state| !state.session.on_disk().2.is_empty());
    let folder = desk.state.session.folder.clone();
    assert_eq!(desk.state.session.on_disk(), (folder.as_deref(), 1, "Is the cup red?"));
    desk.send(Command::RenameSession("fruit".to_owned()));
    desk.rest();
    desk.until(|state| state.session.on_disk().2 == "fruit");
    desk.state.close();
    assert_eq!(aki_lens::session::sessions_in(sessions.path())[0].title, "fruit");
}

#[test]
fn a_picture_that_was_opened_after_a_run_and_a_question_that_was_begun_open_again() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    desk.ask("Is the cup red?");
    desk.until(|state| state.session.folder.is_some());
    for seed in [2, 1] {
        // The second time it is the picture of the run, without its run.
        desk.open(seed);
        desk.send(Command::SetQuestion("And the".to_owned()));
        desk.rest();
        desk.state.close();
        let mut again = Desk::kept_in(sessions.path());
        again.send(Command::OpenSession(desk.state.session.folder.clone().unwrap()));
        again.until(|state| state.jobs.is_empty());
        assert_eq!(again.state.notices, Vec::new());
        assert_eq!(again.state.picture.as_ref().unwrap().name, format!("picture {seed}"));
        assert_eq!(again.state.workspace.question, "And the");
        desk = again;
    }
}
