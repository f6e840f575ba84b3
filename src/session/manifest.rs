//! `session.json`: what a session is called, when it changed, and how it was arranged.
//!
//! It lists no runs: a run is kept when its folder is there, so a kill between the two loses none.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Moment,
    error::{Result, SessionError},
    json_file::read_json,
    write_whole,
};

/// What `session.json` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionManifest {
    /// The version of the format.
    pub version: u64,
    /// The program that wrote it.
    #[serde(default)]
    pub program: String,
    /// What the session is called.
    #[serde(default)]
    pub title: String,
    /// When it was begun.
    #[serde(default)]
    pub made: Moment,
    /// When it was last written.
    #[serde(default)]
    pub changed: Moment,
    /// How it was arranged: the window's own words, which this room does not read.
    #[serde(default)]
    pub view: Value,
}

/// The latest version of `session.json`.
pub const SESSION_VERSION: u64 = 1;

impl SessionManifest {
    /// That of a new session.
    pub fn new(title: &str, now: Moment) -> Self {
        Self {
            version: SESSION_VERSION,
            program: concat!("aki-lens ", env!("CARGO_PKG_VERSION")).to_owned(),
            title: title.to_owned(),
            made: now,
            changed: now,
            view: Value::Null,
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).map_err(|e| SessionError::damaged(path, e))?;
        write_whole(path, &json).map_err(SessionError::unwritable(path))
    }

    /// Reads one of any version, migrated to the latest. One of a newer version is read as far as
    /// it is understood, and keeps its number.
    ///
    /// # Errors
    /// A file that cannot be read, is no JSON object, or has no version.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = read_json(path)?;
        let damaged = |reason: &dyn ToString| SessionError::damaged(path, reason.to_string());
        let value: Value = serde_json::from_slice(&text).map_err(|e| damaged(&e))?;
        let Value::Object(mut object) = value else {
            return Err(damaged(&"it is no object"));
        };
        let version = object.get("version").and_then(Value::as_u64);
        let version = version.ok_or_else(|| damaged(&"it has no version"))?;
        if version == 0 {
            from_version_0(&mut object);
        }
        if version > SESSION_VERSION {
            return Ok(Self::of_newer(version, &object));
        }
        serde_json::from_value(Value::Object(object)).map_err(|e| damaged(&e))
    }

    /// What is understood of a newer one: a field that means something else there is left out, which is
    /// no damage.
    fn of_newer(version: u64, object: &Map<String, Value>) -> Self {
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let moment = |name: &str| {
            let there =
                object.get(name).cloned().and_then(|value| serde_json::from_value(value).ok());
            there.unwrap_or_else(|| Moment::from_secs(0))
        };
        Self {
            version,
            program: text("program").unwrap_or("a newer aki-lens").to_owned(),
            title: text("title").unwrap_or_default().to_owned(),
            made: moment("made"),
            changed: moment("changed"),
            view: object.get("view").cloned().unwrap_or_default(),
        }
    }
}

/// Version 0 called the title `name`, wrote `created` in seconds, and kept the parts of the view
/// beside them: `question`, `mode` and `model`.
fn from_version_0(object: &mut Map<String, Value>) {
    object.insert("version".to_owned(), SESSION_VERSION.into());
    if let Some(name) = object.remove("name") {
        object.insert("title".to_owned(), name);
    }
    let created = object.remove("created").and_then(|created| created.as_u64());
    let made = Moment::from_secs(created.unwrap_or(0)).to_string();
    object.insert("made".to_owned(), made.clone().into());
    object.insert("changed".to_owned(), made.into());
    let parts = ["question", "mode", "model"];
    let view: Map<String, Value> =
        parts.iter().filter_map(|part| Some(((*part).to_owned(), object.remove(*part)?))).collect();
    let workspace = Map::from_iter([("workspace".to_owned(), Value::Object(view))]);
    object.insert("view".to_owned(), Value::Object(workspace));
}
