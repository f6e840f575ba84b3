//! How a session was arranged, as it is written down: runs by their names, not by their places.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    jobs::Answered,
    lenient::read_fields,
    picture::Picture,
    state::AppState,
    workspace::{RunId, Subject, Workspace},
};
use crate::domain::BucketEdits;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct SavedView {
    /// A [`Workspace`].
    workspace: Value,
    /// The run that is looked at.
    run: Option<String>,
    /// The picture that is looked at, where no run is.
    picture: Option<SavedPicture>,
    /// The run beside it.
    beside: Option<String>,
    /// Corrected buckets by run.
    edits: BTreeMap<String, BucketEdits>,
}

/// What a picture that no run asked about is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedPicture {
    /// 16 hexadecimal digits.
    checksum: String,
    name: String,
    path: Option<PathBuf>,
}

impl SavedPicture {
    fn new(picture: &Picture) -> Self {
        let checksum = format!("{:016x}", picture.checksum());
        Self { checksum, name: picture.name.clone(), path: picture.path.clone() }
    }

    /// The picture of a view, where it is that of a checksum.
    pub(super) fn among(view: &Value, checksum: u64) -> Option<Self> {
        let saved: Self = serde_json::from_value(view.get("picture")?.clone()).ok()?;
        saved.is_of(checksum).then_some(saved)
    }

    /// The picture of a view, among those that are there.
    pub(super) fn find<'a>(
        view: &Value,
        mut among: impl Iterator<Item = &'a Arc<Picture>>,
    ) -> Option<Arc<Picture>> {
        among.find(|picture| Self::among(view, picture.checksum()).is_some()).cloned()
    }

    /// What the picture of a view is called, if it has one.
    pub(super) fn name_in(view: &Value) -> Option<String> {
        serde_json::from_value(view.get("picture")?.clone()).ok().map(|saved: Self| saved.name)
    }

    fn is_of(&self, checksum: u64) -> bool {
        u64::from_str_radix(&self.checksum, 16) == Ok(checksum)
    }

    /// The same picture under its name.
    pub(super) fn of(self, mut picture: Picture) -> Picture {
        (picture.name, picture.path) = (self.name, self.path);
        picture
    }
}

impl AppState {
    /// The arrangement, as a session keeps it.
    pub(super) fn saved_view(&self) -> Value {
        let name = |id: &RunId| self.session.names.get(id).cloned();
        let workspace = &self.workspace;
        let edits = workspace.edits.iter().filter(|(_, edits)| !edits.is_empty());
        let view = SavedView {
            workspace: serde_json::to_value(workspace).unwrap_or_default(),
            run: workspace.selection.run.as_ref().and_then(name),
            picture: self.picture_without_run().map(|picture| SavedPicture::new(picture)),
            beside: workspace.beside.as_ref().and_then(name),
            edits: edits.filter_map(|(id, edits)| Some((name(id)?, edits.clone()))).collect(),
        };
        serde_json::to_value(view).unwrap_or_default()
    }

    /// Arranges the runs that were just opened as a session says. Returns what it says that could not
    /// be understood.
    pub(super) fn arrange_as_saved(&mut self, view: &Value) -> Vec<String> {
        if view.is_null() {
            return Vec::new();
        }
        let (saved, mut wrong) = read_fields::<SavedView>(view);
        let mut workspace = Workspace::default();
        // A session of the command line has runs and corrections, and nothing that was arranged.
        if !saved.workspace.is_null() {
            let fields;
            (workspace, fields) = read_fields(&saved.workspace);
            wrong.extend(fields);
        }
        workspace.batch = self.workspace.batch.clone();
        let names: BTreeMap<&String, RunId> =
            self.session.names.iter().map(|(id, name)| (name, *id)).collect();
        let find = |name: &Option<String>| names.get(name.as_ref()?).copied();
        workspace.selection.run = find(&saved.run);
        workspace.beside = find(&saved.beside);
        for (name, edits) in saved.edits {
            let Some(id) = names.get(&name) else { continue };
            let words = self.run_of(*id).map(|answered| edits.apply(&answered.words.words));
            match words {
                Some(Ok(_)) => {
                    workspace.edits.insert(*id, edits);
                }
                Some(Err(error)) => wrong.push(format!("edits of run {name} ({error})")),
                None => {}
            }
        }
        self.keep_within_run(&mut workspace);
        self.workspace = workspace;
        wrong
    }

    /// The picture that is looked at, where no run asked about it.
    pub(super) fn picture_without_run(&self) -> Option<&Arc<Picture>> {
        let here = self.picture.as_ref()?;
        let is_here = |run: &Arc<Answered>| run.picture.checksum() == here.checksum();
        (!self.runs.iter().any(is_here)).then_some(here)
    }

    /// Words and tokens that the chosen run does not have are not chosen.
    fn keep_within_run(&self, workspace: &mut Workspace) {
        let run = workspace.selection.run.and_then(|id| self.run_of(id));
        let (n_words, n_tokens) =
            run.map_or((0, 0), |run| (run.words.words.len(), run.token_texts.len()));
        let subject = match std::mem::take(&mut workspace.selection.subject) {
            Subject::Words(words) => {
                Subject::Words(words.into_iter().filter(|word| *word < n_words).collect())
            }
            Subject::Answer(tokens) => {
                Subject::Answer(tokens.into_iter().filter(|token| *token < n_tokens).collect())
            }
            Subject::Latents(latents) => {
                let n = run.map_or(0, |run| run.run.prompt.layout.image().len());
                Subject::Latents(latents.into_iter().filter(|latent| *latent < n).collect())
            }
            Subject::Nothing => Subject::Nothing,
        };
        let n_patches = run.map_or(0, |run| run.run.patches.len());
        let chosen = &mut workspace.selection;
        chosen.patch = chosen.patch.filter(|patch| chosen.region.is_none() && *patch < n_patches);
        workspace.selection.subject = match subject {
            Subject::Words(set) | Subject::Answer(set) | Subject::Latents(set)
                if set.is_empty() =>
            {
                Subject::Nothing
            }
            kept => kept,
        };
        let opacity = workspace.view.opacity;
        workspace.view.opacity = if opacity.is_finite() {
            opacity.clamp(0.0, 1.0)
        } else {
            Workspace::default().view.opacity
        };
        let threshold = workspace.view.sink_threshold;
        workspace.view.sink_threshold = if threshold.is_finite() {
            threshold.clamp(1.0, 1000.0)
        } else {
            Workspace::default().view.sink_threshold
        };
        workspace.knockout = std::mem::take(&mut workspace.knockout).within();
        workspace.max_new_tokens = workspace.max_new_tokens.clamp(1, 100_000);
    }
}
