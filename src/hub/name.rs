//! A model as the hub names it.

use std::{fmt, str::FromStr};

use super::error::HubError;

/// `OWNER/NAME`: letters, digits, `-`, `_` and `.`, as the hub allows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepoName(String);

impl RepoName {
    /// As a person writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its folder in the cache: `models--OWNER--NAME`.
    pub fn folder_name(&self) -> String {
        format!("models--{}", self.0.replace('/', "--"))
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RepoName {
    type Err = HubError;

    /// # Errors
    /// [`HubError::BadName`].
    fn from_str(name: &str) -> Result<Self, HubError> {
        let is_plain = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let edge = |c: Option<char>| c.is_some_and(|c| !"-.".contains(c));
            !part.is_empty()
                && part.chars().all(allowed)
                && edge(part.chars().next())
                && edge(part.chars().next_back())
                // "--" is what stands for "/" in the cache.
                && !part.contains("--")
                && !part.contains("..")
        };
        match name.split_once('/') {
            Some((owner, model)) if name.len() <= 96 && is_plain(owner) && is_plain(model) => {
                Ok(Self(name.to_owned()))
            }
            _ => Err(HubError::BadName { name: name.to_owned() }),
        }
    }
}
