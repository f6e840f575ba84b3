//! Which tagger says what the words of a question do, and who answers in its stead.

use std::{fmt, ops::ControlFlow, path::PathBuf, str::FromStr, thread, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    domain::{OnProgress, Progress, TaggedWord},
    text::{
        GivenTag, RustBert, RustBertLimits, RustBertPlaces, RustBertState, Surroundings, Tagger,
        bucket_words,
    },
};

/// A tagger as a person asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaggerChoice {
    /// The embedded one.
    #[default]
    Brill,
    /// `MobileBERT` through rust-bert, a program of its own.
    RustBert,
}

impl fmt::Display for TaggerChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Brill => "brill",
            Self::RustBert => "rust-bert",
        })
    }
}

impl FromStr for TaggerChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = [Self::Brill, Self::RustBert];
        let found = known.into_iter().find(|choice| choice.to_string() == name);
        found.ok_or_else(|| format!("unknown tagger \"{name}\": choose brill or rust-bert"))
    }
}

/// A tagger, and where a person says that its program and model are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggerRequest {
    /// Which.
    pub choice: TaggerChoice,
    /// The rust-bert program; `None` for the usual places.
    pub program: Option<PathBuf>,
    /// Its model's folder; `None` for the usual places.
    pub model: Option<PathBuf>,
}

impl From<TaggerChoice> for TaggerRequest {
    fn from(choice: TaggerChoice) -> Self {
        Self { choice, program: None, model: None }
    }
}

/// How long is slept between two looks at a program that is starting.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A tagger at work. It always answers: where rust-bert cannot, the embedded tagger does, and a
/// notice says why.
#[derive(Debug)]
pub struct Tagging {
    rust_bert: Option<RustBert>,
}

/// A question's words, and who tagged them.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// The words, in order.
    pub words: Vec<TaggedWord>,
    /// The tagger that answered.
    pub by: TaggerChoice,
    /// Why it is not the one that was asked for.
    pub notice: Option<String>,
}

impl Tagging {
    /// Starts what was chosen; a program loads its model while other work goes on.
    pub fn open(request: impl Into<TaggerRequest>) -> Self {
        let TaggerRequest { choice, program, model } = request.into();
        let places = || RustBertPlaces::new(program, model, &Surroundings::of_process());
        let start = || RustBert::start(places(), RustBertLimits::default());
        Self { rust_bert: (choice == TaggerChoice::RustBert).then(start) }
    }

    /// How rust-bert is, where it was chosen.
    pub fn state(&mut self) -> Option<RustBertState> {
        self.rust_bert.as_mut().map(|rust_bert| rust_bert.state().clone())
    }

    /// Waits until rust-bert answers or has failed; who listens to `on_progress` can end the waiting,
    /// and the program goes on loading. Returns how it is then, where it was chosen.
    pub fn wait(&mut self, on_progress: OnProgress<'_>) -> Option<RustBertState> {
        loop {
            let state = self.state()?;
            let step = Progress::Step { what: "starting rust-bert", done: 0, of: 1 };
            if state != RustBertState::Starting || on_progress(step) == ControlFlow::Break(()) {
                return Some(state);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Looks for rust-bert's program and model again, and starts it anew.
    pub fn restart(&mut self) {
        if let Some(rust_bert) = &mut self.rust_bert {
            rust_bert.restart();
        }
    }

    /// Tags a question.
    pub fn tag(&mut self, question: &str) -> Tagged {
        let embedded = |notice| Tagged {
            words: Tagger::embedded().tag(question),
            by: TaggerChoice::Brill,
            notice,
        };
        let Some(rust_bert) = &mut self.rust_bert else { return embedded(None) };
        if question.trim().is_empty() {
            return embedded(None);
        }
        match rust_bert.tags(question) {
            Ok(tags) => {
                let given = tags
                    .into_iter()
                    .filter_map(|at| Some(GivenTag { byte_range: at.byte_range, tag: at.tag? }));
                let given: Vec<GivenTag> = given.collect();
                let words = bucket_words(question, &given);
                Tagged { words, by: TaggerChoice::RustBert, notice: None }
            }
            Err(error) => embedded(Some(format!("tagged by the embedded tagger: {error}"))),
        }
    }
}
