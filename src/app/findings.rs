//! What was found out about runs: knock-outs, sweeps, comparisons. Found once, kept in the session, and
//! shown again without the model.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    asked_again::limit,
    job::Job,
    jobs::{
        CauseChoice, CauseReport, CauseRequest, Contrast, ContrastRequest, KeepFinding,
        KnockoutReport, KnockoutSweepReport, MapAsked, Measure, Sides, WordEdit,
    },
    state::{AppState, Level},
    update::start,
    workspace::RunId,
};
use crate::{
    domain::{MapKind, TaggedWord},
    session::KeptFinding,
};

/// Something that was found out.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// What became of an answer when attention was taken away.
    Knockout(Box<KnockoutReport>),
    /// The same for one thing after another.
    Sweep(Box<KnockoutSweepReport>),
    /// Two runs compared in full.
    Contrast(Arc<Contrast>),
}

/// A finding, and which runs it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The runs: of a comparison the left one, then the right one.
    pub runs: Vec<RunId>,
    /// What was found.
    pub finding: Arc<Finding>,
    /// Whether it is on disk, or on its way there.
    is_kept: bool,
}

impl From<CauseReport> for Finding {
    fn from(report: CauseReport) -> Self {
        match report {
            CauseReport::Knockout(report) => Self::Knockout(report),
            CauseReport::Sweep(report) => Self::Sweep(report),
        }
    }
}

const KNOCKOUT: &str = "knockout";
const SWEEP: &str = "sweep";
const CONTRAST: &str = "comparison";

impl Finding {
    /// As a session keeps it.
    pub(super) fn kept(&self, runs: Vec<String>) -> serde_json::Result<KeptFinding> {
        fn value(
            kind: &str,
            runs: Vec<String>,
            of: &impl Serialize,
        ) -> serde_json::Result<KeptFinding> {
            Ok(KeptFinding::new(kind, runs, serde_json::to_value(of)?))
        }
        match self {
            Self::Knockout(report) => value(KNOCKOUT, runs, report),
            Self::Sweep(report) => value(SWEEP, runs, report),
            Self::Contrast(contrast) => value(CONTRAST, runs, contrast.as_ref()),
        }
    }

    /// What a session kept.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub(super) fn from_kept(kept: &KeptFinding) -> Result<Self, String> {
        fn read<T: DeserializeOwned>(kept: &KeptFinding) -> Result<Box<T>, String> {
            serde_json::from_value(kept.found.clone()).map(Box::new).map_err(|error| {
                format!("a {} of this session is damaged and left out: {error}", kept.kind)
            })
        }
        match kept.kind.as_str() {
            KNOCKOUT => read(kept).map(Self::Knockout),
            SWEEP => read(kept).map(Self::Sweep),
            CONTRAST => read(kept).map(|contrast| Self::Contrast(Arc::from(contrast))),
            other => Err(format!("a finding of an unknown kind, \"{other}\", is left out")),
        }
    }
}

impl AppState {
    /// Findings about one run, the last first, with their numbers.
    pub fn causes_of(&self, id: RunId) -> impl Iterator<Item = (usize, &Found)> {
        let all = self.findings.iter().enumerate().rev();
        all.filter(move |(_, found)| found.runs == [id])
    }

    /// Whether a knock-out, a sweep or a comparison is being computed.
    pub fn is_examining(&self) -> bool {
        self.jobs.values().any(|job| job.examines.is_some() && !job.is_stopping())
    }

    /// Keeps findings whose runs are on disk and that are not there themselves.
    pub(super) fn keep_findings(&mut self) {
        if self.session.folder.is_none() || self.sessions_folder.is_none() {
            return;
        }
        for i in 0..self.findings.len() {
            let found = &self.findings[i];
            let names = found.runs.iter().map(|id| self.session.names.get(id).cloned());
            let Some(names) = names.collect::<Option<Vec<String>>>().filter(|_| !found.is_kept)
            else {
                continue;
            };
            let job = match found.finding.kept(names) {
                Ok(finding) => Job::KeepFinding(KeepFinding { key: self.session.key, finding }),
                Err(error) => {
                    self.notify(Level::Error, format!("a finding cannot be kept: {error}"));
                    continue;
                }
            };
            // A line that is full takes it with the next one.
            self.findings[i].is_kept = start(self, job).is_some();
        }
    }

    /// Takes up what a session kept; what cannot be understood is returned in words.
    pub(super) fn take_findings(&mut self, kept: Vec<KeptFinding>) -> Vec<String> {
        let mut wrong = Vec::new();
        for kept in kept {
            let named = |name: &String| {
                let mut names = self.session.names.iter();
                names.find(|(_, known)| *known == name).map(|(id, _)| *id)
            };
            // A finding about a run that is gone says nothing any more.
            let Some(runs) = kept.runs.iter().map(named).collect::<Option<Vec<RunId>>>() else {
                continue;
            };
            match Finding::from_kept(&kept) {
                Ok(finding) => {
                    self.findings.push(Found { runs, finding: Arc::new(finding), is_kept: true });
                }
                Err(why) => wrong.push(why),
            }
        }
        wrong
    }

    /// The map that a finding shows: of the one word that is chosen, else of the answer.
    fn map_asked(&self, words: &[TaggedWord]) -> MapAsked {
        let subject = &self.workspace.selection.subject;
        let super::Subject::Words(chosen) = subject else { return MapAsked::AnsweredFrom };
        let Some(word) = chosen.first().filter(|_| chosen.len() == 1) else {
            return MapAsked::AnsweredFrom;
        };
        let word = super::command_line::named(words, *word);
        match self.workspace.view.map_kind(subject) {
            MapKind::ReadBy => MapAsked::ReadBy(word),
            _ => MapAsked::LooksAt(word),
        }
    }
}

/// Examines the run that is looked at.
pub(super) fn find_cause(state: &mut AppState, mut choice: CauseChoice) {
    let Some((id, answered)) =
        state.workspace.selection.run.and_then(|id| Some((id, state.run_of(id)?.clone())))
    else {
        state.notify(Level::Error, "ask a question first: a knock-out begins with its answer");
        return;
    };
    choice.map = state.map_asked(&answered.words.words);
    let regions = state.regions_of(&answered.picture).map(|regions| Arc::clone(&regions.set));
    let max_new_tokens = limit(&[&answered], state.workspace.max_new_tokens);
    let request = CauseRequest {
        edits: state.workspace.edits_of(id),
        answered,
        regions,
        device: state.workspace.device,
        max_new_tokens,
        choice,
    };
    examine(state, vec![id], Job::FindCause(Box::new(request)));
}

/// Compares the run that is looked at with the one beside it.
pub(super) fn find_contrast(state: &mut AppState) {
    let ids = state.workspace.selection.run.zip(state.workspace.beside);
    let runs = ids.and_then(|(left, right)| {
        Some(((left, right), state.run_of(left)?.clone(), state.run_of(right)?.clone()))
    });
    let Some(((left_id, right_id), left, right)) = runs else {
        state.notify(Level::Error, "put a run beside this one first: a comparison has two sides");
        return;
    };
    if left.picture.checksum() != right.picture.checksum() {
        let text =
            "these runs are of two pictures; only runs of one picture can be compared in full";
        state.notify(Level::Error, text);
        return;
    }
    let words = &left.words.words;
    let edits = state.workspace.edits_of(left_id);
    let edit = |(word, bucket)| {
        let (word, occurrence) = occurrence(words, word)?;
        Some(WordEdit { word, occurrence: Some(occurrence), bucket })
    };
    let selection = &state.workspace.selection;
    let request = ContrastRequest {
        edits: edits.iter().filter_map(edit).collect(),
        device: state.workspace.device,
        max_new_tokens: limit(&[&left, &right], state.workspace.max_new_tokens),
        tagger: left.words.tagger,
        measure: Measure {
            layers: selection.layers.clone(),
            heads: selection.heads.clone(),
            reading: state.workspace.view.reading,
            ..Measure::default()
        },
        map: state.map_asked(words),
        runs: Sides { left, right },
    };
    examine(state, vec![left_id, right_id], Job::FindContrast(Box::new(request)));
}

/// A word as a correction names it: its text, and which of its occurrences it is, from 1.
fn occurrence(words: &[TaggedWord], word_idx: usize) -> Option<(String, usize)> {
    let word = words.get(word_idx)?;
    let is_same = |other: &&TaggedWord| other.text.eq_ignore_ascii_case(&word.text);
    Some((word.text.clone(), words[..word_idx].iter().filter(is_same).count() + 1))
}

fn examine(state: &mut AppState, runs: Vec<RunId>, job: Job) {
    if let Some(id) = start(state, job)
        && let Some(job) = state.jobs.get_mut(&id)
    {
        job.examines = Some(runs);
    }
}

/// Shows what was found, and keeps it.
pub(super) fn take_finding(state: &mut AppState, runs: Option<Vec<RunId>>, finding: Finding) {
    let Some(runs) = runs else { return };
    let warnings = match &finding {
        Finding::Knockout(report) => &report.warnings,
        Finding::Sweep(report) => &report.warnings,
        Finding::Contrast(contrast) => &contrast.warnings,
    };
    for warning in warnings.clone() {
        state.notify(Level::Warning, warning);
    }
    state.shown_cause = Some(state.findings.len());
    state.findings.push(Found { runs, finding: Arc::new(finding), is_kept: false });
    state.keep_findings();
}
