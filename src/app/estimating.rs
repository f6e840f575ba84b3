//! How much the next run will record, found out again whenever it would be another run.

use super::{
    job::Job,
    jobs::{EstimateRequest, RecordSize},
    state::AppState,
    update::start,
};

/// What is known of the next run's recording.
#[derive(Debug, Default)]
pub(super) struct NextRecording {
    /// The run that was looked at, and what was found.
    known: Option<(EstimateRequest, Result<RecordSize, String>)>,
    /// The run that is being looked at.
    pending: Option<EstimateRequest>,
}

impl NextRecording {
    /// Takes in what was found.
    pub(super) fn found(&mut self, result: Result<RecordSize, String>) {
        self.known = self.pending.take().map(|request| (request, result));
    }
}

impl AppState {
    /// How much the next run will record at most, or why that is not known; none without a question,
    /// and while it is found out for the first time.
    pub fn next_recording(&self) -> Option<&Result<RecordSize, String>> {
        self.next_request()?;
        self.next_recording.known.as_ref().map(|(_, found)| found)
    }

    fn next_request(&self) -> Option<EstimateRequest> {
        let workspace = &self.workspace;
        let question = workspace.question.trim();
        (!question.is_empty()).then(|| EstimateRequest {
            question: question.to_owned(),
            model: workspace.model.clone(),
            mode: workspace.mode,
            max_new_tokens: workspace.max_new_tokens,
        })
    }

    /// Has it found out where the next run is another one; one at a time, so that typing is not
    /// followed by a line of them.
    pub(super) fn estimate_next(&mut self) {
        let Some(request) = self.next_request().filter(|_| self.worker.is_some()) else { return };
        let is_known = self.next_recording.known.as_ref().is_some_and(|(of, _)| *of == request);
        if is_known || self.next_recording.pending.is_some() {
            return;
        }
        if start(self, Job::Estimate(request.clone())).is_some() {
            self.next_recording.pending = Some(request);
        }
    }
}
