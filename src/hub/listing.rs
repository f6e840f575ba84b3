//! What the hub says of a revision: its commit, and its files with their sizes and checksums.

use std::{io::Read as _, ops::ControlFlow};

use serde::Deserialize;

use super::{
    RepoName,
    cache::is_plain_path,
    checksum::Checksum,
    error::{HubError, Result},
    http::{Http, Method, beside, escaped},
};

/// A listing longer than this is no model's.
const MAX_LISTING: u64 = 64 << 20;

/// A revision's files.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) commit: String,
    pub(super) files: Vec<RemoteFile>,
}

/// A file, before a byte of it was fetched.
#[derive(Clone, Debug)]
pub(super) struct RemoteFile {
    /// Its path in the model.
    pub(super) path: String,
    /// Its bytes and checksum, if the listing states them.
    pub(super) stated: Option<(u64, Checksum)>,
}

#[derive(Deserialize)]
struct ModelJson {
    sha: String,
    #[serde(default)]
    siblings: Vec<SiblingJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiblingJson {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<LfsJson>,
}

#[derive(Deserialize)]
struct LfsJson {
    #[serde(alias = "oid")]
    sha256: Option<String>,
    size: Option<u64>,
}

impl SiblingJson {
    fn stated(&self) -> Option<(u64, Checksum)> {
        match &self.lfs {
            Some(lfs) => {
                let sum = Checksum::from_etag(lfs.sha256.as_deref()?)?;
                Some((lfs.size.or(self.size)?, sum))
            }
            None => Some((self.size?, Checksum::from_etag(self.blob_id.as_deref()?)?)),
        }
    }
}

impl Http {
    /// Lists a revision.
    ///
    /// # Errors
    /// No answer, a refusal, or an answer that no hub gives.
    pub(super) fn list(
        &self,
        repo: &RepoName,
        revision: &str,
        keep_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Listing> {
        let path = format!("/api/models/{repo}/revision/{}?blobs=true", escaped(revision, ""));
        let (http, what) = (self.clone(), format!("model or revision: {repo}, {revision}"));
        let (url, text) = beside(keep_on, move || {
            let answer = http.ask(Method::Get, &path, 0)?;
            if answer.status() != 200 {
                return Err(http.refusal(&answer, || what));
            }
            let (url, mut text) = (answer.url, String::new());
            let read = answer.response.into_reader().take(MAX_LISTING).read_to_string(&mut text);
            read.map_err(|e| HubError::Unreachable { url: url.clone(), reason: e.to_string() })?;
            Ok((url, text))
        })?;
        let bad = |reason: String| HubError::BadAnswer { url: url.clone(), reason };
        let model: ModelJson = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
        if model.sha.len() < 7 || !model.sha.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad(format!("\"sha\" is \"{}\", which is no commit", model.sha)));
        }
        if let Some(file) = model.siblings.iter().find(|file| !is_plain_path(&file.rfilename)) {
            return Err(bad(format!("\"{}\" is no path below a folder", file.rfilename)));
        }
        let file = |file: SiblingJson| RemoteFile { stated: file.stated(), path: file.rfilename };
        Ok(Listing { commit: model.sha, files: model.siblings.into_iter().map(file).collect() })
    }

    /// Bytes and checksum of a file that the listing only names.
    ///
    /// # Errors
    /// As [`Http::list`]; [`HubError::BadAnswer`] where they stay unknown.
    pub(super) fn describe(
        &self,
        path: &str,
        keep_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<(u64, Checksum)> {
        let (http, path) = (self.clone(), path.to_owned());
        beside(keep_on, move || {
            let answer = http.ask(Method::Head, &path, 0)?;
            let is_redirect = (300..400).contains(&answer.status());
            if answer.status() != 200 && !is_redirect {
                return Err(http.refusal(&answer, || format!("file: {path}")));
            }
            let sum = answer.etag.as_deref().and_then(Checksum::from_etag);
            answer.size.zip(sum).ok_or_else(|| HubError::BadAnswer {
                url: answer.url,
                reason: "it states no size, or no checksum (ETag) of 40 or 64 digits".to_owned(),
            })
        })
    }
}

/// Where a file of a commit is fetched.
pub(super) fn file_route(repo: &RepoName, commit: &str, file: &str) -> String {
    format!("/{repo}/resolve/{commit}/{}", escaped(file, "/"))
}
