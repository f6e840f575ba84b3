//! Where the hub and its cache are, by the variables that all programs of the hub heed.

use std::{ffi::OsString, fmt, fs, path::PathBuf, time::Duration};

use super::error::{HubError, Result};

/// The hub that is asked where `HF_ENDPOINT` names no other.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Where to ask, where to keep, and as whom.
#[derive(Clone)]
pub struct HubSettings {
    /// The hub, without a slash at its end.
    pub endpoint: String,
    /// The folder of `models--OWNER--NAME` folders.
    pub cache: PathBuf,
    /// Shown to the endpoint alone, never to where it redirects.
    pub token: Option<String>,
    /// Whether only the cache may be used.
    pub offline: bool,
    /// The pause before the second try; it doubles with each further one.
    pub pause: Duration,
    /// Tries without a single byte before a download is given up.
    pub tries: u32,
}

impl fmt::Debug for HubSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "..");
        f.debug_struct("HubSettings")
            .field("endpoint", &self.endpoint)
            .field("cache", &self.cache)
            .field("token", &token)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

impl HubSettings {
    /// As the environment says.
    ///
    /// # Errors
    /// [`HubError::BadSetting`].
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    /// As some variables say; an empty one says nothing.
    ///
    /// - `HF_ENDPOINT`: the hub
    /// - `HF_HUB_CACHE`, else `HF_HOME` with `hub` below it, else `huggingface/hub` in
    ///   `XDG_CACHE_HOME` or `~/.cache`
    /// - `HF_TOKEN`, else the file that `HF_TOKEN_PATH` names, else `token` in the home above
    /// - `HF_HUB_OFFLINE`: 1, on, yes or true
    ///
    /// # Errors
    /// [`HubError::BadSetting`].
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let var = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| var(name).map(PathBuf::from).map(|path| from_home(path, &var));
        let text = |name: &str| var(name).map(|value| value.to_string_lossy().trim().to_owned());
        let is_true = |name: &str| {
            let yes = ["1", "ON", "YES", "TRUE"];
            text(name).is_some_and(|value| yes.contains(&value.to_uppercase().as_str()))
        };
        let cache_home = || path("XDG_CACHE_HOME").unwrap_or_else(|| home(&var).join(".cache"));
        let hub_home = path("HF_HOME").unwrap_or_else(|| cache_home().join("huggingface"));
        let cache = path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE"));
        let token_file = path("HF_TOKEN_PATH").unwrap_or_else(|| hub_home.join("token"));
        let token = text("HF_TOKEN").or_else(|| {
            let is_wanted = !is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN");
            // No such file is the ordinary case: nobody logged in.
            is_wanted.then(|| fs::read_to_string(token_file).ok()).flatten()
        });
        let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        if token.as_ref().is_some_and(|token| !token.bytes().all(|b| b.is_ascii_graphic())) {
            let reason = "a token has neither spaces nor line breaks";
            // What it says stays unsaid: it is half a secret.
            return Err(HubError::BadSetting { variable: "HF_TOKEN", value: "..".into(), reason });
        }
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        if !endpoint.starts_with("https://") && !endpoint.starts_with("http://") {
            let reason = "it must begin with https:// or http://";
            return Err(HubError::BadSetting { variable: "HF_ENDPOINT", value: endpoint, reason });
        }
        Ok(Self {
            endpoint,
            cache: cache.unwrap_or_else(|| hub_home.join("hub")),
            token,
            offline: is_true("HF_HUB_OFFLINE") || is_true("TRANSFORMERS_OFFLINE"),
            pause: Duration::from_millis(500),
            tries: 6,
        })
    }
}

fn home(var: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    var("HOME").or_else(|| var("USERPROFILE")).map_or_else(std::env::temp_dir, PathBuf::from)
}

/// A path that begins with `~`, as shells write it where they do not expand it themselves.
fn from_home(path: PathBuf, var: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => home(var).join(rest),
        Err(_) => path,
    }
}
