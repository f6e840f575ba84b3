//! A session's folder: begun, opened, and added to, so that a kill at any moment loses no run.

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    KeptPicture, KeptRegions, KeptRun, Moment, Pixels, RunFacts, SESSION_VERSION, SessionManifest,
    error::{Result, SessionError},
    findings::{KeptFinding, read_findings, write_finding},
    picture_file::write_thumbnail,
    pictures,
    regions_file::{REGIONS_FILE, read_regions, write_regions},
    run_file::{PICTURE_FILE, RUN_FILE, read_run, write_run},
};
use crate::domain::{OnProgress, Progress, Run};

pub(super) const MANIFEST_FILE: &str = "session.json";
pub(super) const THUMBNAIL_FILE: &str = "thumbnail.png";
const RUNS: &str = "runs";
/// Folders that are being written, or whose writing was cut short: no run.
const UNFINISHED: &str = ".writing-";

/// The folder of a session.
#[derive(Debug)]
pub struct SessionStore {
    folder: PathBuf,
    manifest: SessionManifest,
    /// The last picture that was written here.
    last_picture: Option<(u64, PathBuf)>,
    /// Files that could not be read whole, and are not to be written over.
    unread: Vec<&'static str>,
}

/// What a session held, as far as it could be read.
#[derive(Debug)]
pub struct KeptSession {
    /// What it says of itself.
    pub manifest: SessionManifest,
    /// Its runs, in the order they were made.
    pub runs: Vec<KeptRun>,
    /// The regions of its pictures.
    pub regions: Vec<KeptRegions>,
    /// Pictures that no run asked about.
    pub pictures: Vec<KeptPicture>,
    /// What was found out about its runs, in the order it was.
    pub findings: Vec<KeptFinding>,
    /// What could not be read, and what was done about it; one line each.
    pub faults: Vec<String>,
}

impl SessionStore {
    /// Begins a session in a new folder `<date>-<title>` of `sessions`.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(sessions: &Path, title: &str, now: Moment) -> Result<Self> {
        fs::create_dir_all(sessions).map_err(SessionError::unwritable(sessions))?;
        let name = format!("{}-{}", now.date(), slug(title));
        let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
        for name in names {
            let folder = sessions.join(name);
            match fs::create_dir(&folder) {
                Ok(()) => return Self::begin(folder, title, now),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(SessionError::unwritable(&folder)(error)),
            }
        }
        Err(SessionError::NotSession { path: sessions.to_owned() })
    }

    /// The session in a folder, or a new one where that is empty or not there.
    ///
    /// # Errors
    /// A folder that holds other things, and whatever [`open`](Self::open) finds.
    pub fn at(folder: &Path, title: &str, now: Moment) -> Result<Self> {
        if let Some(manifest) = Self::manifest_at(folder)? {
            return Ok(Self {
                folder: folder.to_owned(),
                manifest,
                last_picture: None,
                unread: Vec::new(),
            });
        }
        fs::create_dir_all(folder).map_err(SessionError::unwritable(folder))?;
        Self::begin(folder.to_owned(), title, now)
    }

    /// Whether [`at`](Self::at) would find or begin a session; nothing is written.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub fn check(folder: &Path) -> Result<()> {
        Self::manifest_at(folder).map(|_| ())
    }

    /// That of the session in a folder; none where the folder is empty or not there.
    fn manifest_at(folder: &Path) -> Result<Option<SessionManifest>> {
        let is_empty = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(SessionError::unreadable(folder)(error)),
        };
        if is_empty {
            return Ok(None);
        }
        let manifest_path = folder.join(MANIFEST_FILE);
        if !manifest_path.exists() && run_folders(folder).is_empty() {
            return Err(SessionError::NotSession { path: folder.to_owned() });
        }
        let manifest = SessionManifest::read(&manifest_path)?;
        if manifest.version > SESSION_VERSION {
            let (found, known) = (manifest.version, SESSION_VERSION);
            return Err(SessionError::Newer { path: manifest_path, found, known });
        }
        Ok(Some(manifest))
    }

    fn begin(folder: PathBuf, title: &str, now: Moment) -> Result<Self> {
        let manifest = SessionManifest::new(title, now);
        manifest.write(&folder.join(MANIFEST_FILE))?;
        Ok(Self { folder, manifest, last_picture: None, unread: Vec::new() })
    }

    /// Opens a session and all that can be read of it. The store is none where the session is of a
    /// newer program, which must not be written over.
    ///
    /// # Errors
    /// [`SessionError::NotSession`], and a folder that cannot be listed.
    pub fn open(folder: &Path) -> Result<(Option<Self>, KeptSession)> {
        Self::open_while(folder, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling how many runs are read, and stopped from outside between them.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`SessionError::Stopped`].
    pub fn open_while(
        folder: &Path,
        on_progress: OnProgress<'_>,
    ) -> Result<(Option<Self>, KeptSession)> {
        let manifest_path = folder.join(MANIFEST_FILE);
        let run_folders = run_folders(folder);
        if !manifest_path.exists() && run_folders.is_empty() {
            return Err(SessionError::NotSession { path: folder.to_owned() });
        }
        let (mut faults, mut unread) = (Vec::new(), Vec::new());
        let manifest = SessionManifest::read(&manifest_path).unwrap_or_else(|error| {
            faults.push(format!(
                "{error}; it opens as if nothing had been arranged, with all its runs, and the file is \
                 set aside before another is written"
            ));
            unread.push(MANIFEST_FILE);
            let title = folder.file_name().unwrap_or_default().to_string_lossy();
            SessionManifest::new(&title, Moment::now())
        });
        let is_newer = manifest.version > SESSION_VERSION;
        if is_newer {
            let (found, known) = (manifest.version, SESSION_VERSION);
            let error = SessionError::Newer { path: manifest_path, found, known };
            faults.push(format!(
                "{error}; it is shown and not written to, new runs go to a new session"
            ));
        }
        let mut runs = Vec::new();
        let of = run_folders.len();
        for (done, run_folder) in run_folders.into_iter().enumerate() {
            if on_progress(Progress::Step { what: "reading runs", done, of }).is_break() {
                return Err(SessionError::Stopped { path: folder.to_owned() });
            }
            match read_run(&run_folder, &mut faults) {
                Ok(run) => runs.push(run),
                Err(error) => faults.push(format!("{error}; this run is left out")),
            }
        }
        let n_faults = faults.len();
        let regions =
            read_regions(&folder.join(REGIONS_FILE), &mut faults).unwrap_or_else(|error| {
                faults.push(format!("{error}; the session opens without its regions"));
                Vec::new()
            });
        if let Some(fault) = faults.get_mut(n_faults..).and_then(<[String]>::last_mut) {
            fault.push_str("; the file is set aside before another is written");
            unread.push(REGIONS_FILE);
        }
        let findings = read_findings(folder, &mut faults);
        let pictures = pictures::read_from(folder, &mut faults);
        let manifest_kept = manifest.clone();
        let kept =
            KeptSession { manifest: manifest_kept, runs, regions, pictures, findings, faults };
        let store = Self { folder: folder.to_owned(), manifest, last_picture: None, unread };
        Ok(((!is_newer).then_some(store), kept))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the session says of itself.
    pub fn manifest(&self) -> &SessionManifest {
        &self.manifest
    }

    /// Adds a run and returns the name of its folder. The run is there whole or not at all.
    ///
    /// # Errors
    /// A disk that says no; the session is then as it was.
    pub fn append(&mut self, run: &Run, facts: &RunFacts, picture: Pixels<'_>) -> Result<String> {
        let runs = self.folder.join(RUNS);
        fs::create_dir_all(&runs).map_err(SessionError::unwritable(&runs))?;
        let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&runs);
        let unfinished = unfinished.map_err(SessionError::unwritable(&runs))?;
        let checksum = picture.checksum();
        // Most runs of a session ask about one picture: on disk it is there once.
        let linked = self.last_picture.as_ref().is_some_and(|(known, path)| {
            let link = || fs::hard_link(path, unfinished.path().join(PICTURE_FILE));
            *known == checksum && link().is_ok()
        });
        write_run(unfinished.path(), run, facts, (!linked).then_some(picture))?;
        let name = self.move_in(unfinished.path(), &run.mode.to_string())?;
        // Its content has another name by now, so there is nothing to take away.
        let _moved = unfinished.keep();
        self.last_picture = Some((checksum, runs.join(&name).join(PICTURE_FILE)));
        self.write_thumbnail(picture)?;
        Ok(name)
    }

    fn write_thumbnail(&self, picture: Pixels<'_>) -> Result<()> {
        let path = self.folder.join(THUMBNAIL_FILE);
        if path.exists() { Ok(()) } else { write_thumbnail(&path, picture) }
    }

    /// Keeps a picture that no run asked about, unless it is there.
    ///
    /// # Errors
    /// As for [`save`](Self::save).
    pub fn save_picture(&self, picture: Pixels<'_>) -> Result<()> {
        pictures::write_to(&self.folder, picture)?;
        self.write_thumbnail(picture)
    }

    /// Gives a finished folder the next number. Another program may add runs here at the same time.
    fn move_in(&self, finished: &Path, mode: &str) -> Result<String> {
        open_to_all(finished).map_err(SessionError::unwritable(finished))?;
        let runs = self.folder.join(RUNS);
        let number =
            |path: &PathBuf| path.file_name()?.to_str()?.split_once('-')?.0.parse::<usize>().ok();
        let last = run_folders(&self.folder).iter().filter_map(number).max().unwrap_or(0);
        for n in last + 1.. {
            let name = format!("{n:04}-{mode}");
            let path = runs.join(&name);
            if path.exists() {
                continue;
            }
            match fs::rename(finished, &path) {
                Ok(()) => {
                    sync_folder(&runs);
                    return Ok(name);
                }
                Err(_taken) if path.exists() => {}
                Err(error) => return Err(SessionError::unwritable(&path)(error)),
            }
        }
        Err(SessionError::NotSession { path: runs })
    }

    /// Keeps how the session is arranged.
    ///
    /// # Errors
    /// A disk that says no; what was kept before is then untouched.
    pub fn save(&mut self, title: &str, view: serde_json::Value, now: Moment) -> Result<()> {
        let mut manifest = SessionManifest::new(title, self.manifest.made);
        (manifest.changed, manifest.view) = (now, view);
        self.set_aside(MANIFEST_FILE)?;
        manifest.write(&self.folder.join(MANIFEST_FILE))?;
        self.manifest = manifest;
        Ok(())
    }

    /// Adds a finding and returns the name of its file, which is there whole or not at all.
    ///
    /// # Errors
    /// As for [`save`](Self::save).
    pub fn append_finding(&self, finding: &KeptFinding) -> Result<String> {
        write_finding(&self.folder, finding)
    }

    /// Keeps the regions of all pictures.
    ///
    /// # Errors
    /// As for [`save`](Self::save).
    pub fn save_regions(&mut self, regions: &[KeptRegions]) -> Result<()> {
        self.set_aside(REGIONS_FILE)?;
        write_regions(&self.folder.join(REGIONS_FILE), regions)
    }

    /// Gives a file that could not be read whole another name, `<name>.damaged`, the first time that it
    /// would be written over: a person may still get from it what this program could not.
    fn set_aside(&mut self, name: &'static str) -> Result<()> {
        let Some(place) = self.unread.iter().position(|unread| *unread == name) else {
            return Ok(());
        };
        let path = self.folder.join(name);
        let numbered = (2..).map(|n| format!("{name}.damaged-{n}"));
        let mut free = std::iter::once(format!("{name}.damaged")).chain(numbered);
        let aside = free.find(|name| !self.folder.join(name).exists());
        if let (true, Some(aside)) = (path.exists(), aside) {
            fs::rename(&path, self.folder.join(aside)).map_err(SessionError::unwritable(&path))?;
        }
        self.unread.swap_remove(place);
        Ok(())
    }
}

/// The folders of a session's finished runs, in order.
pub(super) fn run_folders(session: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(session.join(RUNS)).into_iter().flatten().flatten();
    let is_run = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !name.starts_with('.') && path.join(RUN_FILE).exists()
    };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_run).collect();
    folders.sort();
    folders
}

/// A title as part of a folder's name: at most 40 letters and digits of ASCII, joined by `-`.
pub fn slug(title: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let title: String = title.chars().map(plain).collect();
    let mut slug = String::new();
    for word in title.split_whitespace() {
        if slug.len() + word.len() > 40 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() { "session".to_owned() } else { slug }
}

/// A temporary folder is its owner's only; a run should be as readable as any other.
#[cfg(unix)]
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a new name outlive a power cut, where the system can.
fn sync_folder(folder: &Path) {
    // A system that cannot sync a folder has its own ways; the run is there either way.
    fs::File::open(folder).and_then(|folder| folder.sync_all()).ok();
}
