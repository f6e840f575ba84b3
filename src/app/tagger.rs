//! The tagger as settings choose it: started as soon as it is chosen, and how it is.

use super::{
    job::Job,
    jobs::{RustBertState, TaggerChoice},
    settings::Settings,
    state::AppState,
    update::start,
};

/// Remembers settings; another tagger among them is started at once, so that a person sees now
/// whether it can answer.
pub(super) fn set_settings(state: &mut AppState, settings: Settings) {
    let before = state.settings.tagger_request();
    state.settings = settings;
    state.keep_settings();
    let after = state.settings.tagger_request();
    if after == before {
        return;
    }
    state.rust_bert = None;
    if before.choice == TaggerChoice::RustBert && after.choice != before.choice {
        // Takes the place of the program, which ends.
        start(state, Job::StartTagger(after, false));
    }
    start_tagger(state, false);
}

/// Starts rust-bert where it is chosen, or finds out how it is.
pub(super) fn start_tagger(state: &mut AppState, again: bool) {
    if state.settings.tagger != TaggerChoice::RustBert {
        return;
    }
    let request = state.settings.tagger_request();
    if again || state.rust_bert.is_none() {
        state.rust_bert = Some(RustBertState::Starting);
    }
    start(state, Job::StartTagger(request, again));
}

/// Takes in how rust-bert is; what is told of a tagger that is no longer chosen is dropped.
pub(super) fn take_tagger(state: &mut AppState, rust_bert: Option<RustBertState>) {
    if state.settings.tagger == TaggerChoice::RustBert && rust_bert.is_some() {
        state.rust_bert = rust_bert;
    }
}
