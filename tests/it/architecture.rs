//! The house rules, read from the source: which room may import which, and what no room may hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A room, the rooms it may import, and the guarded crates it may name.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &["half"]),
    ("vision", &["domain"], &["image", "rayon"]),
    ("text", &["domain"], &["tokenizers"]),
    ("regions", &["domain"], &["base64", "flate2", "half", "rayon"]),
    ("model", &["domain"], &["burn", "half", "memmap2", "pulp", "rayon", "safetensors"]),
    ("analysis", &["domain"], &["rand", "rand_chacha"]),
    ("benchmark", &["domain"], &["base64", "sha2", "toml"]),
    ("scene", &["domain"], &["rand", "rand_chacha", "resvg"]),
    ("export", &["domain"], &["base64", "csv", "plotters", "resvg", "tempfile"]),
    ("hub", &["domain"], &["sha1", "sha2", "ureq"]),
    ("session", &["domain"], &["half", "safetensors", "tempfile"]),
    ("inference", &["domain", "vision", "text", "model"], &[]),
    (
        "train",
        &["domain", "vision", "text", "scene", "model", "session"],
        &["burn", "rand", "rand_chacha", "rayon", "toml"],
    ),
    (
        "eval",
        &["domain", "vision", "analysis", "benchmark", "scene", "inference"],
        &["base64", "csv", "rayon"],
    ),
    (
        "app",
        &[
            "domain",
            "vision",
            "text",
            "regions",
            "analysis",
            "benchmark",
            "model",
            "scene",
            "export",
            "session",
            "hub",
            "inference",
            "train",
            "eval",
        ],
        &["anyhow", "base64", "csv", "sha2"],
    ),
    ("cli", &["domain", "app"], &["anyhow", "clap", "indicatif", "ctrlc"]),
    ("ui", &["domain", "app"], &["anyhow", "eframe", "egui", "egui_tiles", "rfd"]),
];

/// Crates that shape code: each may be named only where [`ROOMS`] says so.
const GUARDED: &[&str] = &[
    "anyhow",
    "base64",
    "burn",
    "clap",
    "csv",
    "ctrlc",
    "eframe",
    "egui",
    "egui_tiles",
    "flate2",
    "half",
    "image",
    "indicatif",
    "memmap2",
    "plotters",
    "pulp",
    "rand",
    "rand_chacha",
    "rayon",
    "resvg",
    "rfd",
    "safetensors",
    "sha1",
    "sha2",
    "tempfile",
    "tokenizers",
    "toml",
    "ureq",
];

/// Room names that say nothing: no line of code is about them.
const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "types", "misc"];

const MAX_LINES: usize = 600;
/// Files in which `unsafe` stands, each with its reason.
const UNSAFE: &[&str] = &["model/checkpoint.rs"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The code of a file: comments and doc comments taken out, line by line.
fn code(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect()
}

/// The identifiers that follow `marker` in a line of code.
fn names_after<'a>(line: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(marker).filter_map(move |(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let rest = &line[at + marker.len()..];
        let name = rest.split(|c: char| !is_word(c)).next().unwrap_or("");
        (!before.is_some_and(is_word) && !name.is_empty()).then_some(name)
    })
}

/// Rooms that a file imports: `crate::room`, and `crate::{room, other::..}` over several lines.
fn imported_rooms(text: &str) -> Vec<String> {
    let joined = code(text).join("\n");
    let mut rooms: Vec<String> = names_after(&joined, "crate::").map(str::to_owned).collect();
    for (at, _) in joined.match_indices("crate::{") {
        let mut depth = 0;
        let mut name = String::new();
        for c in joined[at + "crate::".len()..].chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => break,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    rooms.push(std::mem::take(&mut name));
                }
                c if depth == 1 => name.push(c),
                _ => {}
            }
        }
        rooms.push(name);
    }
    let first = |path: &String| path.trim().split("::").next().unwrap_or("").trim().to_owned();
    rooms.iter().map(first).filter(|room| !room.is_empty()).collect()
}

/// What a file of a room may not do.
fn faults_of_file(room: &str, may_import: &[&str], may_name: &[&str], text: &str) -> Vec<String> {
    let is_foreign = |other: &String| *other != room && !may_import.contains(&other.as_str());
    let imports = imported_rooms(text).into_iter().filter(is_foreign);
    let mut faults: Vec<String> =
        imports.map(|other| format!("{room} may not import {other}")).collect();
    for line in code(text) {
        let is_named = |guarded: &&&str| {
            let path = format!("{guarded}::");
            line.match_indices(&path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            })
        };
        let forbidden = GUARDED.iter().filter(|guarded| !may_name.contains(guarded));
        faults.extend(forbidden.filter(is_named).map(|g| format!("{room} may not name {g}")));
        if line.contains("super::super::") {
            faults.push("climbs two floors with super::super::".to_owned());
        }
    }
    faults
}

#[test]
fn a_room_imports_only_what_its_row_allows() {
    let mut faults = Vec::new();
    for (room, may_import, may_name) in ROOMS {
        let mut files = Vec::new();
        rust_files(&source().join(room), &mut files);
        assert!(!files.is_empty(), "room {room} is empty");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(source()).unwrap().display();
            let found = faults_of_file(room, may_import, may_name, &text);
            faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_rules_find_what_they_forbid() {
    let check = |text: &str| faults_of_file("domain", &[], &["half"], text).len();
    assert_eq!(check("use crate::domain::Grid; use half::f16; use super::Grid;"), 0);
    assert_eq!(check("use crate::model::Mllm;"), 1);
    assert_eq!(check("use crate::{\n    model::{Mllm, Dtype},\n    domain::Grid,\n};"), 1);
    assert_eq!(check("let x = burn::tensor::Tensor::new();"), 1);
    assert_eq!(check("// burn:: in a comment"), 0);
    assert_eq!(check("use super::super::x;"), 1);
}

#[test]
fn every_entry_of_the_source_is_a_known_room() {
    for entry in fs::read_dir(source()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = ROOMS.iter().any(|(room, ..)| *room == name)
            || ["main.rs", "lib.rs"].contains(&name.as_str());
        assert!(is_known, "src/{name} is not a room of this house; see ARCHITECTURE.md");
    }
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    for file in files {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        assert!(!NAMELESS.contains(&stem), "{}: its subject has no name yet", file.display());
    }
}

#[test]
fn every_room_says_what_it_owns_and_every_file_what_it_is_for() {
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{}: no word on what it is for", file.display());
        assert!(
            text.lines().count() <= MAX_LINES,
            "{}: more than {MAX_LINES} lines",
            file.display()
        );
    }
    for (room, ..) in ROOMS {
        let door = fs::read_to_string(source().join(room).join("mod.rs")).unwrap();
        for word in ["**Owns**", "**May import**", "**Never**", "**Invariant**"] {
            assert!(door.contains(word), "the door of {room} does not say {word}");
        }
    }
}

#[test]
fn unsafe_code_stands_only_where_it_is_explained() {
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(source()).unwrap().display().to_string();
        let has_unsafe =
            code(&text).iter().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"));
        assert_eq!(has_unsafe, UNSAFE.contains(&name.as_str()), "{name}");
        assert!(!has_unsafe || text.contains("// SAFETY:"), "{name}");
    }
}

#[test]
fn the_lock_file_holds_each_heavy_crate_once() {
    let lock = fs::read_to_string(source().with_file_name("Cargo.lock")).unwrap();
    for heavy in
        ["burn", "burn-flex", "cubecl", "wgpu", "tokenizers", "image", "half", "rayon", "clap"]
    {
        let entries = lock.lines().filter(|line| *line == format!("name = \"{heavy}\"")).count();
        assert_eq!(entries, 1, "{heavy} is {entries} times in Cargo.lock");
    }
    assert!(!lock.contains("git+"), "a git dependency");
}
