//! Settings: where they lie, and what of a damaged file is kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, mpsc::sync_channel},
};

use aki_lens::{
    app::{AppState, Command, Job, Settings, config_folder_in, jobs::TaggerChoice, update},
    domain::Colormap,
};

use super::{Desk, fake};

#[test]
fn settings_are_read_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aki-lens/settings.json");
    let mut state = AppState::new(None, Some(path.clone()));
    assert!(state.notices.is_empty(), "no file is no fault");
    let mut settings = state.settings.clone();
    (settings.tour_done, settings.scale, settings.colormap) = (true, 1.25, Colormap::Cividis);
    settings.tagger = TaggerChoice::RustBert;
    settings.add_session(Path::new("/a"));
    update(&mut state, Command::SetSettings(Box::new(settings.clone())));
    let again = AppState::new(None, Some(path));
    assert_eq!(again.settings, settings);
    assert_eq!(again.workspace.view.colormap, Colormap::Cividis);
}

#[test]
fn the_thread_that_keeps_things_writes_settings_and_the_last_of_many_are_those_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    let (go_on, waits) = sync_channel::<()>(100);
    let waits = Mutex::new(waits);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        if matches!(job, Job::KeepSettings(..)) {
            waits.lock().unwrap().recv().unwrap();
        }
        fake(slots, job, on_progress)
    });
    desk.state.settings_file = Some(path.clone());
    // More than a line has room for, while the disk is slow.
    for i in 0..40 {
        let settings = Settings { scale: 1.0 + 0.01 * i as f32, ..desk.state.settings.clone() };
        desk.send(Command::SetSettings(Box::new(settings)));
    }
    assert!(!path.exists(), "no frame waits for the disk");
    assert!(desk.state.notices.is_empty(), "{:?}", desk.state.notices);
    for _ in 0..40 {
        go_on.send(()).unwrap();
    }
    let expected = desk.state.settings.clone();
    desk.until(|_| path.exists() && Settings::read(&path).0 == expected);
    // What is changed last is written before the window is gone.
    let last = Settings { scale: 0.75, ..expected };
    update(&mut desk.state, Command::SetSettings(Box::new(last.clone())));
    desk.state.close();
    assert_eq!(Settings::read(&path), (last, None));
}

#[test]
fn damaged_settings_are_as_new_where_they_are_damaged_and_a_copy_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    let check = |text: &str, said: &str, tour_done: bool| {
        fs::write(&path, text).unwrap();
        let (settings, why) = Settings::read(&path);
        assert!(why.as_ref().unwrap().contains(said), "{why:?}");
        assert_eq!(settings.tour_done, tour_done);
        assert_eq!(settings.scale, 1.0);
        assert_eq!(fs::read_to_string(folder.path().join("settings.json.damaged")).unwrap(), text);
    };
    check(r#"{"tour_done": true, "scale": "large"}"#, "as new are: scale", true);
    check(r#"{"tour_done": true, "sca"#, "all settings are as new", false);
    check("[]", "as new are: everything", false);
    fs::write(&path, r#"{"scale": 1e9, "from the future": 1}"#).unwrap();
    let (settings, why) = Settings::read(&path);
    assert_eq!((settings.scale, why), (3.0, None));
}

#[test]
fn settings_lie_where_the_system_says() {
    let check = |known: &[(&str, &str)], expected: Option<&str>| {
        let var = |name: &str| {
            known.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value))
        };
        assert_eq!(config_folder_in(&var), expected.map(PathBuf::from), "{known:?}");
    };
    check(&[("HOME", "/home/a")], Some("/home/a/.config/aki-lens"));
    check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/etc/a")], Some("/etc/a/aki-lens"));
    check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "here")], Some("/home/a/.config/aki-lens"));
    check(&[], None);
}
