//! Names of models, and the variables that say where they are kept.

use std::{collections::BTreeMap, ffi::OsString, fs, path::Path};

use aki_lens::app::jobs::{HubSettings, RepoName};

use super::home;

#[test]
fn a_name_is_an_owner_and_a_model() {
    for good in ["Sony/AKI-4B-phi-3.5-mini", "a/b", "x_1/y.z"] {
        assert_eq!(good.parse::<RepoName>().unwrap().to_string(), good);
    }
    let bad = ["", "aki", "a/b/c", "../x", "a/..", "a/.b", "a--b/c", "a/b c", "/a", "a/", "a\\b/c"];
    for bad in bad {
        let found = bad.parse::<RepoName>().unwrap_err().to_string();
        assert!(found.starts_with(&format!("\"{bad}\" is no model of a hub: write OWNER/NAME")));
    }
}

fn from(variables: &[(&str, &str)]) -> Result<HubSettings, String> {
    let variables: BTreeMap<String, OsString> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
    HubSettings::from_variables(&|name| variables.get(name).cloned()).map_err(|e| e.to_string())
}

#[test]
fn the_cache_is_where_other_programs_of_the_hub_look() {
    let cache = |variables: &[(&str, &str)]| from(variables).unwrap().cache;
    let home = ("HOME", "/home/eve");
    assert_eq!(cache(&[home]), Path::new("/home/eve/.cache/huggingface/hub"));
    assert_eq!(cache(&[home, ("XDG_CACHE_HOME", "/c")]), Path::new("/c/huggingface/hub"));
    assert_eq!(cache(&[home, ("HF_HOME", "/hf"), ("XDG_CACHE_HOME", "/c")]), Path::new("/hf/hub"));
    assert_eq!(cache(&[home, ("HF_HOME", "~/hf")]), Path::new("/home/eve/hf/hub"));
    assert_eq!(cache(&[home, ("HF_HOME", "/hf"), ("HF_HUB_CACHE", "/k")]), Path::new("/k"));
    assert_eq!(cache(&[home, ("HF_HOME", "")]), Path::new("/home/eve/.cache/huggingface/hub"));
}

#[test]
fn tokens_endpoint_and_offline_mode_come_from_variables() {
    let folder = home();
    let hf_home = folder.path().to_str().unwrap();
    assert_eq!(from(&[("HF_HOME", hf_home)]).unwrap().token, None);
    fs::write(folder.path().join("token"), "hf_file\n").unwrap();
    let stored = from(&[("HF_HOME", hf_home)]).unwrap();
    assert_eq!(stored.token.as_deref(), Some("hf_file"));
    assert!(!format!("{stored:?}").contains("hf_file"), "a token is not for logs");
    let given = from(&[("HF_HOME", hf_home), ("HF_TOKEN", " hf_given ")]).unwrap();
    assert_eq!(given.token.as_deref(), Some("hf_given"));
    let silent = from(&[("HF_HOME", hf_home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).unwrap();
    assert_eq!(silent.token, None);
    let broken = from(&[("HF_TOKEN", "two words")]).unwrap_err();
    assert!(broken.starts_with("HF_TOKEN is") && !broken.contains("two"), "{broken}");

    let mirror = from(&[("HF_ENDPOINT", "https://mirror.example/hf/")]).unwrap();
    assert_eq!(mirror.endpoint, "https://mirror.example/hf");
    assert!(from(&[("HF_ENDPOINT", "mirror.example")]).unwrap_err().contains("https://"));
    for (value, offline) in [("1", true), ("true", true), ("on", true), ("0", false), ("", false)] {
        assert_eq!(from(&[("HF_HUB_OFFLINE", value)]).unwrap().offline, offline, "{value}");
    }
}
