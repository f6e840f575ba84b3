//! What is remembered from one start to the next: looks, recent files, whether the tour was seen.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    jobs::{TaggerChoice, TaggerRequest},
    lenient::read_fields,
};
use crate::{domain::Colormap, model::DeviceChoice, session::write_whole};

/// How light the window is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
    /// As the system is.
    System,
}

/// A person's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How light the window is.
    pub look: Look,
    /// Size of everything, 1 as designed.
    pub scale: f32,
    /// Whether the tour was dismissed.
    pub tour_done: bool,
    /// Pictures, the last opened first.
    pub recent_pictures: Vec<PathBuf>,
    /// Model folders, the last used first.
    pub recent_models: Vec<String>,
    /// Sessions, the last opened first.
    pub recent_sessions: Vec<PathBuf>,
    /// Folders of batches, the last opened first.
    pub recent_batches: Vec<PathBuf>,
    /// Who tags the words of questions.
    pub tagger: TaggerChoice,
    /// The rust-bert program, where a person named one.
    pub rust_bert_program: Option<PathBuf>,
    /// The folder of rust-bert's model, where a person named one.
    pub rust_bert_model: Option<PathBuf>,
    /// Where something was written last.
    pub export_folder: Option<PathBuf>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// The colors that maps have first.
    pub colormap: Colormap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            look: Look::default(),
            scale: 1.0,
            tour_done: false,
            recent_pictures: Vec::new(),
            recent_models: Vec::new(),
            recent_sessions: Vec::new(),
            recent_batches: Vec::new(),
            tagger: TaggerChoice::default(),
            rust_bert_program: None,
            rust_bert_model: None,
            export_folder: None,
            device: DeviceChoice::default(),
            // Over a picture: its dark end dims what is below, where viridis tints it.
            colormap: Colormap::Inferno,
        }
    }
}

/// As many recent files as a menu shows.
const MOST_RECENT: usize = 8;

impl Settings {
    /// Those of a file; what is missing or damaged there is as designed. The second is what was wrong
    /// with it; a copy of such a file is kept beside it, as `settings.json.damaged`.
    pub fn read(path: &Path) -> (Self, Option<String>) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return (Self::default(), None);
            }
            Err(error) => {
                let why =
                    format!("cannot read {}, so settings are as new: {error}", path.display());
                return (Self::default(), Some(why));
            }
        };
        let (settings, what) = match serde_json::from_str(&text) {
            Err(error) => (Self::default(), format!("all settings are as new: {error}")),
            Ok(value) => match read_fields::<Self>(&value) {
                (settings, wrong) if wrong.is_empty() => return (settings.within_bounds(), None),
                (settings, wrong) => (settings, format!("as new are: {}", wrong.join(", "))),
            },
        };
        let mut copy = path.as_os_str().to_owned();
        copy.push(".damaged");
        let kept = match fs::write(&copy, &text) {
            Ok(()) => format!("; a copy is in {}", Path::new(&copy).display()),
            Err(_unwritable) => String::new(),
        };
        let why = format!("{} is damaged; {what}{kept}", path.display());
        (settings.within_bounds(), Some(why))
    }

    /// A size at which a person can still find the setting for it.
    fn within_bounds(mut self) -> Self {
        self.scale = if self.scale.is_finite() { self.scale.clamp(0.5, 3.0) } else { 1.0 };
        self
    }

    /// The tagger of the next question.
    pub fn tagger_request(&self) -> TaggerRequest {
        TaggerRequest {
            choice: self.tagger,
            program: self.rust_bert_program.clone(),
            model: self.rust_bert_model.clone(),
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        write_whole(path, &serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }

    /// Puts a picture first among the recent ones.
    pub fn add_picture(&mut self, path: &Path) {
        self.recent_pictures.retain(|known| known != path);
        self.recent_pictures.insert(0, path.to_owned());
        self.recent_pictures.truncate(MOST_RECENT);
    }

    /// Puts a session first among the recent ones.
    pub fn add_session(&mut self, folder: &Path) {
        self.recent_sessions.retain(|known| known != folder);
        self.recent_sessions.insert(0, folder.to_owned());
        self.recent_sessions.truncate(MOST_RECENT);
    }

    /// Puts a batch first among the recent ones.
    pub fn add_batch(&mut self, folder: &Path) {
        // The next window may be opened somewhere else.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        self.recent_batches.retain(|known| *known != folder);
        self.recent_batches.insert(0, folder);
        self.recent_batches.truncate(MOST_RECENT);
    }

    /// Puts a model first among the recent ones.
    pub fn add_model(&mut self, model: &str) {
        self.recent_models.retain(|known| known != model);
        self.recent_models.insert(0, model.to_owned());
        self.recent_models.truncate(MOST_RECENT);
    }
}

fn var(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder for what the program remembers of a person; none where the system names no home.
pub fn config_folder() -> Option<PathBuf> {
    config_folder_in(&var)
}

/// The same in an environment whose variables are asked of `var`.
pub fn config_folder_in(var: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let home = || var("HOME").map(|home| home.join(".config"));
    // The standard of XDG says that a path which is not absolute is to be left out of account.
    let xdg = var("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let base = xdg.or_else(|| var("APPDATA")).or_else(home)?;
    Some(base.join("aki-lens"))
}

/// Where sessions are kept: in `sessions/` of the current folder where that is there, else in the
/// folder for a person's data; none where the system names no home.
pub fn sessions_folder() -> Option<PathBuf> {
    let here = PathBuf::from("sessions");
    if here.is_dir() {
        return Some(here);
    }
    let home = || var("HOME").map(|home| home.join(".local/share"));
    let base = var("XDG_DATA_HOME").or_else(|| var("LOCALAPPDATA")).or_else(home)?;
    Some(base.join("aki-lens/sessions"))
}

/// Where figures go until a person names another place: the home folder, else the current one.
pub fn documents_folder() -> PathBuf {
    let home = var("HOME").or_else(|| var("USERPROFILE"));
    home.or_else(|| env::current_dir().ok()).unwrap_or_default()
}
