//! What was found out about runs beyond the runs themselves: `findings/0001-knockout.json` and on.
//!
//! What a finding says is the application's own words, which this room does not read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    error::{Result, SessionError},
    json_file::read_json,
    write_whole,
};

const FINDINGS: &str = "findings";
/// The latest version of a finding's file.
const FINDING_VERSION: u64 = 1;

/// A finding about some runs of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptFinding {
    version: u64,
    /// What kind it is: part of its file's name.
    pub kind: String,
    /// The names of the runs that it is about.
    pub runs: Vec<String>,
    /// What was found.
    pub found: Value,
}

impl KeptFinding {
    /// A finding of this version.
    pub fn new(kind: &str, runs: Vec<String>, found: Value) -> Self {
        Self { version: FINDING_VERSION, kind: kind.to_owned(), runs, found }
    }
}

/// Writes a finding into a session's folder, under the next number.
///
/// # Errors
/// A disk that says no; nothing is then there.
pub(super) fn write_finding(session: &Path, finding: &KeptFinding) -> Result<String> {
    let folder = session.join(FINDINGS);
    fs::create_dir_all(&folder).map_err(SessionError::unwritable(&folder))?;
    let number = |path: &PathBuf| path.file_name()?.to_str()?.split_once('-')?.0.parse().ok();
    let last: usize = files(session).iter().filter_map(number).max().unwrap_or(0);
    let name = format!("{:04}-{}.json", last + 1, finding.kind);
    let path = folder.join(&name);
    let json = serde_json::to_vec_pretty(finding).map_err(|e| SessionError::damaged(&path, e))?;
    write_whole(&path, &json).map_err(SessionError::unwritable(&path))?;
    Ok(name)
}

/// All findings of a session, in the order they were made; what cannot be read goes to `faults`.
pub(super) fn read_findings(session: &Path, faults: &mut Vec<String>) -> Vec<KeptFinding> {
    let mut findings = Vec::new();
    for path in files(session) {
        match read_finding(&path) {
            Ok(finding) => findings.push(finding),
            Err(error) => faults.push(format!("{error}; this finding is left out")),
        }
    }
    findings
}

fn read_finding(path: &Path) -> Result<KeptFinding> {
    let text = read_json(path)?;
    let finding: KeptFinding =
        serde_json::from_slice(&text).map_err(|e| SessionError::damaged(path, e))?;
    if finding.version > FINDING_VERSION {
        let (found, known) = (finding.version, FINDING_VERSION);
        return Err(SessionError::Newer { path: path.to_owned(), found, known });
    }
    Ok(finding)
}

fn files(session: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(session.join(FINDINGS)).into_iter().flatten().flatten();
    let is_finding = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_finding).collect();
    files.sort();
    files
}
