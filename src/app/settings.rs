//! What is remembered from one start to the next: looks, recent files, whether the tour was seen.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::session::write_whole;

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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            look: Look::default(),
            scale: 1.0,
            tour_done: false,
            recent_pictures: Vec::new(),
            recent_models: Vec::new(),
        }
    }
}

/// As many recent files as a menu shows.
const MOST_RECENT: usize = 8;

impl Settings {
    /// Those of a file; what is missing there, or the whole file, is as designed. The second is what
    /// was wrong with it.
    pub fn read(path: &Path) -> (Self, Option<String>) {
        let Ok(text) = fs::read_to_string(path) else { return (Self::default(), None) };
        match serde_json::from_str(&text) {
            Ok(settings) => (settings, None),
            Err(error) => {
                let why =
                    format!("{} is not a settings file, so all is as new: {error}", path.display());
                (Self::default(), Some(why))
            }
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

    /// Puts a model first among the recent ones.
    pub fn add_model(&mut self, model: &str) {
        self.recent_models.retain(|known| known != model);
        self.recent_models.insert(0, model.to_owned());
        self.recent_models.truncate(MOST_RECENT);
    }
}

/// The folder for what the program remembers of a person; none where the system names no home.
pub fn config_folder() -> Option<PathBuf> {
    let var = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || var("HOME").map(|home| home.join(".config"));
    let base = var("XDG_CONFIG_HOME").or_else(|| var("APPDATA")).or_else(home)?;
    Some(base.join("aki-lens"))
}
