//! How long runs were answered, and on what, as flags under which they are answered so again: the settings
//! of today are those of the next question.

use super::{
    AppState,
    command_line::Line,
    jobs::{Answered, DeviceChoice},
};
use crate::domain::Ending;

impl AppState {
    /// Adds the flags of one run, or of two that one command answers; what they cannot say of the last is
    /// left out.
    pub(super) fn add_asking(
        &self,
        line: &mut Line,
        runs: &[&Answered],
        leaves_out: &mut Vec<String>,
    ) {
        let Some(last) = runs.last() else { return };
        let which = if runs.len() > 1 { "the answer beside it" } else { "the answer" };
        let limit = limit(runs, self.workspace.max_new_tokens);
        line.flag("--max-new-tokens", &limit.to_string());
        if last.run.ending == Ending::Stopped {
            leaves_out.push(format!("that {which} was stopped by hand"));
        }
        // One of two answers may have been cut short where the other was not.
        for cut in runs.iter().filter_map(|answered| cut_at(answered)).filter(|n| *n < limit) {
            leaves_out.push(format!("that one of the two answers ended after {cut} tokens"));
        }
        let devices: Vec<Option<DeviceChoice>> =
            runs.iter().map(|run| device(&run.device)).collect();
        match devices[0] {
            Some(device) => line.flag("--device", &device.to_string()),
            None if runs.len() == 1 => leaves_out.push(format!("the device, {}", last.device)),
            None => {}
        }
        if devices.iter().any(|device| *device != devices[0]) {
            leaves_out.push(format!("the device of {which}, {}", last.device));
        }
    }
}

/// Tokens that an answer ended at because no more were asked for, or wanted.
fn cut_at(answered: &Answered) -> Option<usize> {
    let run = &answered.run;
    (run.ending != Ending::Stop).then_some(run.answer_ids.len())
}

/// Tokens to write at most: as many as were, where an answer was cut; else what is set, if that is enough.
pub(super) fn limit(runs: &[&Answered], set: usize) -> usize {
    let written = runs.iter().map(|answered| answered.run.answer_ids.len()).max().unwrap_or(1);
    let is_cut = runs.iter().any(|answered| cut_at(answered).is_some());
    if is_cut { written.max(1) } else { written.max(set) }
}

/// The device that a run names, as it can be asked for: "cuda:0 (its card)", "cpu (its kernels)".
fn device(name: &str) -> Option<DeviceChoice> {
    let choice = name.split(' ').next()?.parse().ok()?;
    (choice != DeviceChoice::Best).then_some(choice)
}
