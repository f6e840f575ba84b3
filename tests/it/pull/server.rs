//! A small hub on loopback: it lists, describes, redirects and serves, and fails as it is told.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead as _, BufReader, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Files above this go to large-file storage, as on the hub.
const LARGE: usize = 10_000;

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn git_blob(bytes: &[u8]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", bytes.len()));
    hasher.update(bytes);
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, b| {
        write!(text, "{b:02x}").unwrap();
        text
    })
}

/// The name that a file's bytes have in the cache.
pub(super) fn blob_name(bytes: &[u8]) -> String {
    if bytes.len() > LARGE { sha256(bytes) } else { git_blob(bytes) }
}

/// What goes wrong, once.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The connection ends after some bytes of the body.
    CutAfter(usize),
    /// A status instead of an answer.
    Status(u16),
    /// Other bytes, as many.
    WrongBytes,
    /// More bytes than stated, without a length.
    MoreBytes,
    /// All bytes, whatever was asked for.
    WholeFile,
    /// A redirect to some place.
    Redirect(String),
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) from: Option<usize>,
    pub(super) token: Option<String>,
}

pub(super) struct Model {
    pub(super) commit: String,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The token without which nothing is told.
    pub(super) token: Option<&'static str>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) models: BTreeMap<String, Model>,
    /// By the end of a path, in the order in which they happen.
    pub(super) faults: Vec<(String, Fault)>,
    /// Whether listings state sizes and checksums.
    pub(super) states_sums: bool,
    /// Where large files are redirected to, if anywhere.
    pub(super) storage: Option<String>,
    /// Replaces the listing.
    pub(super) listing: Option<String>,
    log: Vec<Asked>,
}

/// A hub that ends with its value.
pub(super) struct Server {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { states_sums: true, ..State::default() }));
        let over = Arc::new(AtomicBool::new(false));
        let (shared, is_over) = (Arc::clone(&state), Arc::clone(&over));
        let serve = move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                // Whoever goes away in the middle of an answer did so on purpose.
                answer(&stream.unwrap(), &shared).ok();
            }
        };
        thread::Builder::new().name("hub server".to_owned()).spawn(serve).unwrap();
        Self { url, state, over }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(super) fn fail(&self, path: &str, faults: &[Fault]) {
        let faults = faults.iter().map(|fault| (path.to_owned(), fault.clone()));
        self.change(|state| state.faults.extend(faults));
    }

    /// The requests since the last call.
    pub(super) fn log(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        TcpStream::connect(self.url.trim_start_matches("http://")).ok();
    }
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    cut: Option<usize>,
}

fn reply(status: u16, body: &[u8]) -> Reply {
    Reply { status, headers: Vec::new(), body: body.to_vec(), cut: None }
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or(Ok(String::new()))?;
    let mut asked = Asked {
        method: first.split(' ').next().unwrap_or("").to_owned(),
        path: first.split(' ').nth(1).unwrap_or("").to_owned(),
        from: None,
        token: None,
    };
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
        match name.to_lowercase().as_str() {
            "range" => {
                let from = value.trim_start_matches("bytes=").trim_end_matches('-');
                asked.from = from.parse().ok();
            }
            "authorization" => {
                asked.token = Some(value.trim_start_matches("Bearer ").to_owned());
            }
            _ => {}
        }
    }
    let reply = {
        let mut state = state.lock().unwrap();
        state.log.push(asked.clone());
        state.reply(&asked)
    };
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
    let has_length = reply.headers.iter().any(|(name, _)| *name == "Content-Length");
    if !has_length && reply.status != 200 {
        write!(head, "Content-Length: {}\r\n", reply.body.len()).unwrap();
    }
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if asked.method != "HEAD" {
        let end = reply.cut.unwrap_or(reply.body.len()).min(reply.body.len());
        stream.write_all(&reply.body[..end])?;
    }
    stream.flush()?;
    stream.shutdown(Shutdown::Both)
}

impl State {
    fn reply(&mut self, asked: &Asked) -> Reply {
        let fault = self.faults.iter().position(|(path, _)| asked.path.ends_with(path.as_str()));
        let fault = fault.map(|at| self.faults.remove(at).1);
        match &fault {
            Some(Fault::Status(status)) => return reply(*status, b"no"),
            Some(Fault::Redirect(to)) => return redirect(to),
            _ => {}
        }
        let path = asked.path.split('?').next().unwrap();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts[..] {
            ["api", "models", owner, name, "revision", revision] => {
                self.list(&format!("{owner}/{name}"), revision, asked)
            }
            [owner, name, "resolve", commit, ..] => {
                let file = parts[4..].join("/");
                self.file(&format!("{owner}/{name}"), commit, &file, asked, fault.as_ref())
            }
            ["storage", owner, name, file] => {
                let bytes = &self.models[&format!("{owner}/{name}")].files[file];
                bytes_from(bytes, asked, fault.as_ref())
            }
            _ => reply(404, b"no such route"),
        }
    }

    fn list(&self, name: &str, revision: &str, asked: &Asked) -> Reply {
        let Some(model) = self.models.get(name) else { return reply(401, b"who are you") };
        if model.token.is_some_and(|token| asked.token.as_deref() != Some(token)) {
            return reply(if asked.token.is_some() { 403 } else { 401 }, b"gated");
        }
        if revision != "main" && revision != "v1%2Ffinal" && revision != model.commit {
            return reply(404, b"no such revision");
        }
        let siblings = model.files.iter().map(|(path, bytes)| {
            let mut file = serde_json::json!({ "rfilename": path });
            if self.states_sums {
                file["size"] = bytes.len().into();
                file["blobId"] = git_blob(bytes).into();
                if bytes.len() > LARGE {
                    file["blobId"] = "a pointer's".into();
                    let sum = sha256(bytes);
                    file["lfs"] = serde_json::json!({"sha256": sum, "size": bytes.len()});
                }
            }
            file
        });
        let siblings: Vec<_> = siblings.collect();
        let listing = serde_json::json!({"id": name, "sha": model.commit, "siblings": siblings});
        let listing = self.listing.clone().unwrap_or_else(|| listing.to_string());
        reply(200, listing.as_bytes())
    }

    fn file(
        &self,
        name: &str,
        commit: &str,
        file: &str,
        asked: &Asked,
        fault: Option<&Fault>,
    ) -> Reply {
        let model = self.models.get(name).filter(|model| model.commit == commit);
        let Some((model, bytes)) = model.and_then(|m| Some((m, m.files.get(file)?))) else {
            return reply(404, b"no such file");
        };
        if model.token.is_some_and(|token| asked.token.as_deref() != Some(token)) {
            return reply(401, b"gated");
        }
        let is_large = bytes.len() > LARGE;
        if let Some(storage) = self.storage.as_ref().filter(|_| is_large) {
            let mut to = redirect(&format!("{storage}/storage/{name}/{file}"));
            to.headers.push(("X-Linked-Etag", format!("\"{}\"", sha256(bytes))));
            to.headers.push(("X-Linked-Size", bytes.len().to_string()));
            to.headers.push(("ETag", "\"of the pointer\"".to_owned()));
            return to;
        }
        let mut answer = bytes_from(bytes, asked, fault);
        answer.headers.push(("ETag", format!("\"{}\"", blob_name(bytes))));
        answer
    }
}

fn redirect(to: &str) -> Reply {
    let mut answer = reply(302, b"");
    answer.headers.push(("Location", to.to_owned()));
    answer
}

fn bytes_from(bytes: &[u8], asked: &Asked, fault: Option<&Fault>) -> Reply {
    let from = asked.from.filter(|_| !matches!(fault, Some(Fault::WholeFile)));
    let mut answer = match from {
        Some(from) if from >= bytes.len() => return reply(416, b""),
        Some(from) => {
            let mut part = reply(206, &bytes[from..]);
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            part.headers.push(("Content-Range", range));
            part
        }
        None => reply(200, bytes),
    };
    match fault {
        Some(Fault::WrongBytes) => answer.body.iter_mut().for_each(|byte| *byte ^= 1),
        Some(Fault::MoreBytes) => answer.body.extend([0; 100]),
        _ => {}
    }
    if !matches!(fault, Some(Fault::MoreBytes)) {
        answer.headers.push(("Content-Length", answer.body.len().to_string()));
    }
    if let Some(Fault::CutAfter(n)) = fault {
        answer.cut = Some(*n);
    }
    answer
}
