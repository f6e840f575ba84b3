//! Picking a model: loaded at once, remembered once it is.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use aki_lens::{
    app::{Command, Level},
    domain::Progress,
};

use super::Desk;

fn specimen() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen/checkpoint");
    folder.display().to_string()
}

#[test]
fn a_model_is_loaded_when_it_is_picked_and_then_it_is_among_the_recent_ones() {
    let heard = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&heard);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        job.run(slots, &mut |progress| {
            if matches!(progress, Progress::Loading { .. }) {
                told.fetch_add(1, Ordering::Relaxed);
            }
            on_progress(progress)
        })
    });
    desk.send(Command::SetModel(Some(specimen())));
    assert_eq!(desk.state.settings.recent_models, Vec::<String>::new());
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.errors(), Vec::<&str>::new());
    assert_eq!(desk.state.settings.recent_models, [specimen()]);
    assert!(heard.swap(0, Ordering::Relaxed) > 0, "nothing was told of loading");
    // Its first question finds it loaded.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/specimen/examples");
    desk.open_file(&folder.join("scene_01.png"));
    desk.send(Command::SetMaxNewTokens(2));
    desk.ask("Is the cup red?");
    assert_eq!(heard.load(Ordering::Relaxed), 0, "it was loaded again");
}

#[test]
fn a_folder_that_holds_no_model_is_said_when_it_is_picked_and_not_remembered() {
    let mut desk = Desk::with(|slots, job, on_progress| job.run(slots, on_progress));
    desk.send(Command::SetModel(Some("there/is/none".to_owned())));
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.errors()[0].starts_with("loading none: "), "{:?}", desk.errors());
    assert_eq!(desk.state.settings.recent_models, Vec::<String>::new());
    assert_eq!(desk.state.workspace.model.as_deref(), Some("there/is/none"));
}

#[test]
fn a_model_that_is_cancelled_while_it_loads_is_said_to_be_stopped() {
    let mut desk = Desk::with(|slots, job, on_progress| {
        job.run(slots, &mut |progress| match progress {
            // As a person who cancels now: the window asked it to stop before it heard of this step.
            Progress::Loading { .. } => ControlFlow::Break(()),
            other => on_progress(other),
        })
    });
    desk.send(Command::SetModel(Some(specimen())));
    let id = *desk.state.jobs.keys().next().unwrap();
    desk.send(Command::Cancel(id));
    desk.until(|state| state.jobs.is_empty());
    let said: Vec<_> = desk.state.notices.iter().map(|n| (n.level, n.text.as_str())).collect();
    assert_eq!(said, [(Level::Info, "loading checkpoint: stopped")]);
    assert_eq!(desk.state.settings.recent_models, Vec::<String>::new());
}
