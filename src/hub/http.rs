//! Requests to the hub: redirects followed by hand, so that a token never leaves the endpoint and
//! what the hub says of a file is not lost on the way to where its bytes are.

use std::{
    ops::ControlFlow,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use ureq::{Agent, AgentBuilder, Response};

use super::{
    HubSettings,
    error::{HubError, Result},
};

/// How long a connection may take to be made, and then be silent.
const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 10;
/// How often a waiting job asks whether it should stop.
const TICK: Duration = Duration::from_millis(50);

/// What is wanted of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Its bytes.
    Get,
    /// What is said of them.
    Head,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
        }
    }
}

/// Asks one hub.
#[derive(Clone)]
pub(super) struct Http {
    agent: Agent,
    settings: HubSettings,
}

/// An answer with a status that the caller has to judge.
pub(super) struct Answer {
    /// What was asked at last.
    pub(super) url: String,
    pub(super) response: Response,
    /// The checksum, by the hub itself rather than by where it redirects.
    pub(super) etag: Option<String>,
    /// The file's bytes, likewise.
    pub(super) size: Option<u64>,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.response.status()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }
}

impl Http {
    pub(super) fn new(settings: HubSettings) -> Self {
        let host = authority(&settings.endpoint).map(|(_, host)| host.to_owned());
        let is_loopback = host.is_some_and(|host| {
            ["localhost", "127.0.0.1", "[::1]"].iter().any(|loopback| host.starts_with(loopback))
        });
        let agent = AgentBuilder::new()
            .redirects(0)
            .https_only(settings.endpoint.starts_with("https://"))
            .timeout_connect(CONNECT)
            .timeout_read(SILENCE)
            .timeout_write(SILENCE)
            .try_proxy_from_env(!is_loopback)
            .user_agent(concat!("aki-lens/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent, settings }
    }

    pub(super) fn settings(&self) -> &HubSettings {
        &self.settings
    }

    /// Asks for a path of the endpoint, from a byte on.
    ///
    /// # Errors
    /// [`HubError::Unreachable`], [`HubError::BadAnswer`] for redirects that lead nowhere.
    pub(super) fn ask(&self, method: Method, path: &str, from: u64) -> Result<Answer> {
        let mut url = format!("{}{path}", self.settings.endpoint);
        let is_of_home = |url: &str| authority(url) == authority(&self.settings.endpoint);
        let (mut etag, mut size) = (None, None);
        for _ in 0..=MAX_REDIRECTS {
            let is_home = is_of_home(&url);
            let response = self.ask_once(method, &url, from, is_home)?;
            let number = |name: &str| response.header(name).and_then(|s| s.parse().ok());
            if is_home {
                etag = response.header("x-linked-etag").map(str::to_owned).or(etag);
                size = number("x-linked-size").or(size);
            }
            // What is linked elsewhere was described already; a HEAD need not go there.
            let is_described = method == Method::Head && etag.is_some() && size.is_some();
            let goes_on = [301, 302, 303, 307, 308].contains(&response.status());
            if goes_on && !is_described {
                let location = response.header("location").unwrap_or("");
                url = joined(&url, location).ok_or_else(|| HubError::BadAnswer {
                    url: url.clone(),
                    reason: format!("it redirects to \"{location}\""),
                })?;
                continue;
            }
            if is_home && !goes_on {
                let length = number("content-length");
                etag = etag.or_else(|| response.header("etag").map(str::to_owned));
                size = size.or(length.filter(|_| response.status() == 200));
            }
            return Ok(Answer { url, response, etag, size });
        }
        Err(HubError::BadAnswer { url, reason: "it redirects without end".to_owned() })
    }

    fn ask_once(&self, method: Method, url: &str, from: u64, is_home: bool) -> Result<Response> {
        // Sizes and checksums are of the bytes as they are.
        let mut request = self.agent.request(method.name(), url).set("accept-encoding", "identity");
        if from > 0 {
            request = request.set("range", &format!("bytes={from}-"));
        }
        if let Some(token) = self.settings.token.as_ref().filter(|_| is_home) {
            request = request.set("authorization", &format!("Bearer {token}"));
        }
        match request.call() {
            Ok(response) | Err(ureq::Error::Status(_, response)) => Ok(response),
            Err(ureq::Error::Transport(broken)) => {
                let (url, kind) = (url.to_owned(), broken.kind().to_string());
                let reason = broken.message().map_or(kind, str::to_owned);
                Err(HubError::Unreachable { url, reason })
            }
        }
    }

    /// The error behind a status that is no success.
    pub(super) fn refusal(&self, answer: &Answer, what: impl FnOnce() -> String) -> HubError {
        let (url, status) = (answer.url.clone(), answer.status());
        let has_token = self.settings.token.is_some();
        match status {
            401 | 403 => HubError::Denied {
                url,
                status,
                advice: match has_token {
                    false => {
                        "it is private, its terms must be accepted first, or it does not exist; \
                         put an access token into HF_TOKEN"
                    }
                    true => {
                        "the token in HF_TOKEN gives no access: accept the model's terms on its \
                         page, or use another token"
                    }
                },
            },
            404 | 410 => HubError::NotFound { url, what: what() },
            _ => HubError::Status { url, status },
        }
    }
}

/// Does something that waits for a network on a thread of its own, so that it can be left at once.
///
/// # Errors
/// [`HubError::Stopped`] where `keep_on` breaks; the thread then ends by its own timeouts.
pub(super) fn beside<T: Send + 'static>(
    keep_on: &mut dyn FnMut() -> ControlFlow<()>,
    job: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let received = started(move |sender| {
        // Nobody listens any more: then the result is not wanted either.
        sender.send(job()).ok();
    })?;
    next(&received, keep_on)?.unwrap_or(Err(HubError::Stopped))
}

/// Starts a thread that sends what it comes to, a few steps ahead at most.
pub(super) fn started<T: Send + 'static>(
    job: impl FnOnce(SyncSender<T>) + Send + 'static,
) -> Result<Receiver<T>> {
    let (sender, receiver) = sync_channel(4);
    let thread = thread::Builder::new().name("hub".to_owned()).spawn(move || job(sender));
    match thread {
        Ok(_) => Ok(receiver),
        Err(e) => Err(HubError::Unreachable {
            url: "a thread to fetch with".to_owned(),
            reason: e.to_string(),
        }),
    }
}

/// The next thing a thread sends; `None` after its last.
pub(super) fn next<T>(
    received: &Receiver<T>,
    keep_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<T>> {
    loop {
        match received.recv_timeout(TICK) {
            Ok(item) => return Ok(Some(item)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) if keep_on().is_break() => {
                return Err(HubError::Stopped);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Scheme and host of a URL, which tokens are bound to.
fn authority(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some((scheme, host))
}

/// Where a redirect leads: a whole URL, one without scheme, or a path.
fn joined(from: &str, location: &str) -> Option<String> {
    let (scheme, host) = authority(from)?;
    if location.starts_with("https://") || location.starts_with("http://") {
        Some(location.to_owned())
    } else if location.starts_with("//") {
        Some(format!("{scheme}:{location}"))
    } else if location.starts_with('/') {
        Some(format!("{scheme}://{host}{location}"))
    } else {
        let path = from.split(['?', '#']).next()?.strip_prefix(&format!("{scheme}://{host}"))?;
        let folder = path.rsplit_once('/')?.0;
        (!location.is_empty()).then(|| format!("{scheme}://{host}{folder}/{location}"))
    }
}

/// A path as it stands in a URL: all but plain characters as `%XX`.
pub(super) fn escaped(text: &str, keep: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.~".contains(c) || keep.contains(c) {
            escaped.push(c);
        } else {
            // Writing to a string cannot fail.
            write!(escaped, "%{byte:02X}").ok();
        }
    }
    escaped
}
