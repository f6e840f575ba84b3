//! A whole model: listed, measured against the disk, fetched file by file, and named.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    HubCache, HubSettings, RepoName,
    checksum::Checksum,
    download::{Wanted, length},
    error::{HubError, Result},
    http::Http,
    listing::{Listing, RemoteFile, file_route},
};

/// A hub and the cache of what came from it.
#[derive(Clone)]
pub struct Hub {
    http: Http,
    cache: HubCache,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.http.settings().fmt(f)
    }
}

/// What to fetch.
#[derive(Clone, Copy, Debug)]
pub struct PullRequest<'a> {
    /// The model.
    pub repo: &'a RepoName,
    /// A branch, a tag or a commit.
    pub revision: &'a str,
    /// Which of its files, given all their paths and one of them.
    pub wants: fn(all: &[&str], file: &str) -> bool,
    /// A folder for plain files; `None` for the cache.
    pub to: Option<&'a Path>,
}

/// How far a pull is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullProgress<'a> {
    /// The file that is fetched.
    pub file: &'a str,
    /// Bytes that are there, of all files.
    pub done: u64,
    /// Bytes of all files.
    pub of: u64,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The folder that holds the files.
    pub folder: PathBuf,
    /// The commit that the revision means.
    pub commit: String,
    /// The files, by their paths in the model.
    pub files: Vec<String>,
    /// Files of the model that were not wanted.
    pub left_out: Vec<String>,
    /// Bytes that came over the network.
    pub fetched: u64,
}

/// Told how far a pull is; breaking stops it.
type OnPull<'a> = &'a mut dyn FnMut(PullProgress<'_>) -> ControlFlow<()>;

impl Hub {
    /// A hub with its cache.
    pub fn new(settings: HubSettings) -> Self {
        let cache = HubCache::new(&settings.cache);
        Self { http: Http::new(settings), cache }
    }

    /// The cache.
    pub fn cache(&self) -> &HubCache {
        &self.cache
    }

    /// Fetches what is missing of a model; what is there already is not fetched again.
    ///
    /// # Errors
    /// [`HubError`]. What arrived is kept, and the same request goes on from there.
    pub fn pull(&self, request: &PullRequest<'_>, on_progress: OnPull<'_>) -> Result<Pulled> {
        let PullRequest { repo, revision, wants, to } = *request;
        if self.http.settings().offline {
            return self.cached(repo, revision);
        }
        let mut keep_on = || on_progress(PullProgress { file: "", done: 0, of: 0 });
        let Listing { commit, files } = self.http.list(repo, revision, &mut keep_on)?;
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let (wanted, left_out): (Vec<&RemoteFile>, Vec<&RemoteFile>) =
            files.iter().partition(|file| wants(&paths, &file.path));
        let wanted: Vec<Wanted> = wanted
            .into_iter()
            .map(|file| self.wanted(request, &commit, file, &mut keep_on))
            .collect::<Result<_>>()?;
        let fetched = self.fetch_all(request, &wanted, on_progress)?;
        let folder = if let Some(folder) = to {
            folder.to_owned()
        } else {
            for file in &wanted {
                self.cache.link(repo, &commit, &file.file, file.checksum.digits())?;
            }
            self.cache.write_ref(repo, revision, &commit)?;
            self.cache.snapshot(repo, &commit)
        };
        Ok(Pulled {
            folder,
            commit,
            files: wanted.into_iter().map(|file| file.file).collect(),
            left_out: left_out.into_iter().map(|file| file.path.clone()).collect(),
            fetched,
        })
    }

    fn cached(&self, repo: &RepoName, revision: &str) -> Result<Pulled> {
        let missing = || HubError::Offline {
            repo: repo.to_string(),
            revision: revision.to_owned(),
            cache: self.cache.root().to_owned(),
        };
        let commit = self.cache.commit(repo, revision).ok_or_else(missing)?;
        let folder = self.cache.snapshot(repo, &commit);
        let (files, left_out) = (files_below(&folder)?, Vec::new());
        Ok(Pulled { folder, commit, files, left_out, fetched: 0 })
    }

    fn wanted(
        &self,
        request: &PullRequest<'_>,
        commit: &str,
        file: &RemoteFile,
        keep_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Wanted> {
        let route = file_route(request.repo, commit, &file.path);
        let (size, checksum) = match &file.stated {
            Some(stated) => stated.clone(),
            None => self.http.describe(&route, keep_on)?,
        };
        let (done, incomplete) = self.places(request, &file.path, &checksum);
        Ok(Wanted { file: file.path.clone(), route, size, checksum, incomplete, done })
    }

    /// Where a file is once it is whole, and where its bytes gather before.
    fn places(
        &self,
        request: &PullRequest<'_>,
        file: &str,
        checksum: &Checksum,
    ) -> (PathBuf, PathBuf) {
        let incomplete = format!("{}.incomplete", checksum.digits());
        if let Some(folder) = request.to {
            return (folder.join(file), folder.join(".incomplete").join(incomplete));
        }
        let done = self.cache.blob(request.repo, checksum.digits());
        let incomplete = done.with_file_name(incomplete);
        (done, incomplete)
    }

    /// Fetches files one after another and says how many bytes came.
    fn fetch_all(
        &self,
        request: &PullRequest<'_>,
        files: &[Wanted],
        on_progress: OnPull<'_>,
    ) -> Result<u64> {
        let of = files.iter().map(|file| file.size).sum();
        let mut done = 0;
        let mut missing = Vec::new();
        for file in files {
            let mut on_bytes =
                |bytes| on_progress(PullProgress { file: &file.file, done: done + bytes, of });
            // A blob's name in the cache is its checksum; a plain file has to be looked at.
            let is_done = match request.to {
                None => file.done.is_file() && length(&file.done) == file.size,
                Some(_) => file.is_done(&mut on_bytes)?,
            };
            if is_done {
                done += file.size;
            } else {
                missing.push(file);
            }
        }
        let root = request.to.unwrap_or(self.cache.root());
        check_space(root, &missing)?;
        let mut fetched = 0;
        for file in missing {
            // Two files with the same bytes are one blob.
            if request.to.is_none() && file.done.is_file() {
                done += file.size;
                continue;
            }
            let mut on_bytes =
                |bytes| on_progress(PullProgress { file: &file.file, done: done + bytes, of });
            fetched += file.missing();
            let _held_until_it_is_whole = match request.to {
                None => Some(self.cache.lock(request.repo, file.checksum.digits(), &file.file)?),
                Some(_) => None,
            };
            file.fetch(&self.http, &mut on_bytes)?;
            done += file.size;
        }
        if let Some(folder) = request.to {
            // Empty by now, unless another program keeps something there.
            std::fs::remove_dir(folder.join(".incomplete")).ok();
        }
        Ok(fetched)
    }
}

/// Refuses what the disk cannot hold, before the first byte.
fn check_space(root: &Path, missing: &[&Wanted]) -> Result<()> {
    let needed = missing.iter().fold(0_u64, |sum, file| sum.saturating_add(file.missing()));
    let there = root.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    // A disk that does not say how much is free is found out when it is full.
    let Ok(free) = fs4::available_space(there) else { return Ok(()) };
    if needed > free {
        let (files, path) = (missing.len(), there.to_owned());
        return Err(HubError::NoSpace { files, needed, free, path });
    }
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<String>> {
    let unreadable = |source| HubError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        files.push(name.to_string_lossy().into_owned());
    }
    files.sort();
    Ok(files)
}
