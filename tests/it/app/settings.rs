//! Settings: where they lie, and what of a damaged file is kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aki_lens::{
    app::{AppState, Command, Settings, config_folder_in, jobs::TaggerChoice, update},
    domain::Colormap,
};

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
