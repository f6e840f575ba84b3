//! Cancel: what is stopped, what is shown of it, and what stays.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use aki_lens::{
    app::{AppState, Command, Job, JobId, JobOutput, Level},
    domain::{Progress, RegionFormat, RegionSet},
    regions::{RegionsError, Target, import, import_while},
};

use super::{Desk, fake, region};
use crate::session::SIZE;

/// A desk whose files are read, and sessions opened, but no such job ends before a word is given.
fn gated() -> (Desk, SyncSender<()>, Receiver<()>) {
    let (go, gate) = sync_channel::<()>(8);
    let (told, done) = sync_channel::<()>(8);
    let (gate, told) = (Mutex::new(gate), Mutex::new(told));
    let desk = Desk::with(move |slots, job, on_progress| {
        let waits = matches!(
            job,
            Job::OpenPicture(_)
                | Job::ImportRegions(..)
                | Job::OpenSession(..)
                | Job::ExportView(_)
        );
        let result = match job {
            Job::ImportRegions(_, picture, _) => {
                let source = "gated".to_owned();
                let set = RegionSet::new(SIZE, RegionFormat::Coco, source, vec![region(1, "late")]);
                Ok(JobOutput::Regions(picture, set, Vec::new()))
            }
            Job::ExportView(export) => Ok(JobOutput::Written(export.parent)),
            other => fake(slots, other, on_progress),
        };
        if waits {
            told.lock().unwrap().send(()).ok();
            gate.lock().unwrap().recv().ok();
        }
        result
    });
    (desk, go, done)
}

fn job(state: &AppState, title: &str) -> JobId {
    *state.jobs.iter().find(|(_, job)| job.title.starts_with(title)).unwrap().0
}

fn said(desk: &Desk) -> Vec<(Level, &str)> {
    desk.state.notices.iter().map(|notice| (notice.level, notice.text.as_str())).collect()
}

#[test]
fn a_picture_that_is_cancelled_is_not_shown_though_it_was_read_to_its_end() {
    let (mut desk, go, done) = gated();
    desk.send(Command::OpenPicture(PathBuf::from("1")));
    done.recv().unwrap();
    let id = job(&desk.state, "opening 1");
    desk.send(Command::Cancel(id));
    assert!(desk.state.jobs[&id].is_stopping());
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.picture.is_none());
    assert_eq!(said(&desk), [(Level::Info, "opening 1: stopped")]);
}

#[test]
fn of_two_jobs_the_one_that_is_cancelled_stops_and_the_other_is_done() {
    let (mut desk, go, done) = gated();
    for seed in ["1", "2"] {
        desk.send(Command::OpenPicture(PathBuf::from(seed)));
    }
    done.recv().unwrap();
    // It has not begun yet.
    desk.send(Command::Cancel(job(&desk.state, "opening 2")));
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.state.picture.as_ref().unwrap().name, "picture 1");
    assert_eq!(said(&desk), [(Level::Info, "opening 2: stopped")]);
}

#[test]
fn regions_that_are_cancelled_leave_those_that_are_there() {
    let (mut desk, go, done) = gated();
    go.send(()).unwrap();
    desk.open(1);
    done.recv().unwrap();
    desk.send(Command::AddRegion(region(2, "mine")));
    desk.send(Command::ImportRegions(PathBuf::from("x.json"), None));
    done.recv().unwrap();
    desk.send(Command::Cancel(job(&desk.state, "reading regions")));
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions()[0].label, "mine");
}

#[test]
fn a_session_that_is_cancelled_is_not_shown_and_the_next_run_goes_to_one_of_its_own() {
    let sessions = tempfile::tempdir().unwrap();
    let mut first = Desk::kept_in(sessions.path());
    first.open(1);
    first.ask("cup");
    first.until(|state| state.session.folder.is_some());
    first.state.close();
    let kept = first.state.session.folder.clone().unwrap();

    let (mut desk, go, done) = gated();
    desk.state.sessions_folder = Some(sessions.path().to_owned());
    desk.send(Command::OpenSession(kept.clone()));
    done.recv().unwrap();
    desk.send(Command::Cancel(job(&desk.state, "opening ")));
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert!(desk.state.runs.is_empty() && desk.state.session.folder.is_none());
    go.send(()).unwrap();
    desk.open(2);
    desk.ask("pear");
    desk.until(|state| state.session.folder.is_some());
    assert_ne!(desk.state.session.folder, Some(kept.clone()));
    assert_eq!(fs::read_dir(kept.join("runs")).unwrap().count(), 1, "nothing was added to it");
}

#[test]
fn reading_a_session_tells_of_each_run_and_stops_between_two() {
    let sessions = tempfile::tempdir().unwrap();
    let mut desk = Desk::kept_in(sessions.path());
    desk.open(1);
    for question in ["cup", "pear", "plate"] {
        desk.ask(question);
    }
    desk.until(|state| state.session.names.len() == 3);
    desk.state.close();
    let kept = desk.state.session.folder.clone().unwrap();

    // Cancelled by whoever hears that the second run is read.
    let read = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&read);
    let mut desk = Desk::with(move |slots, job, on_progress| {
        let mut hears = |progress: Progress| {
            if let Progress::Step { what, done, of } = &progress {
                seen.lock().unwrap().push((*what, *done, *of));
                if *done == 1 {
                    return ControlFlow::Break(());
                }
            }
            on_progress(progress)
        };
        job.run(slots, &mut hears)
    });
    desk.send(Command::OpenSession(kept));
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(*read.lock().unwrap(), [("reading runs", 0, 3), ("reading runs", 1, 3)]);
    assert!(desk.state.runs.is_empty());
    assert!(desk.errors()[0].contains("stopped reading"), "{:?}", desk.errors());
}

#[test]
fn what_was_written_before_the_cancel_was_heard_is_said_to_be_there() {
    let (mut desk, go, done) = gated();
    go.send(()).unwrap();
    desk.open(1);
    done.recv().unwrap();
    desk.ask("Is the cup red?");
    desk.send(Command::ExportView(PathBuf::from("/nowhere")));
    done.recv().unwrap();
    desk.send(Command::Cancel(job(&desk.state, "writing")));
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(said(&desk), [(Level::Info, "wrote /nowhere")], "it is there");
}

#[test]
fn reading_a_folder_of_masks_tells_of_its_files_and_stops_between_them() {
    let folder = tempfile::tempdir().unwrap();
    let mask = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/regions/mask.png");
    for number in 0..70 {
        fs::copy(&mask, folder.path().join(format!("{number}.png"))).unwrap();
    }
    let target = Target::new(SIZE);
    let mut told = Vec::new();
    let mut hear = |progress: Progress, until: usize| {
        let Progress::Step { done, of, .. } = progress else { panic!("{progress:?}") };
        told.push((done, of));
        if done >= until { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let all = import_while(folder.path(), &target, &mut |progress| hear(progress, 100));
    assert_eq!(all.unwrap().set, import(folder.path(), &target).unwrap().set);
    let stopped = import_while(folder.path(), &target, &mut |progress| hear(progress, 1));
    assert!(matches!(stopped, Err(RegionsError::Stopped { .. })), "{stopped:?}");
    // After the last file there is nothing to stop.
    let whole = import_while(folder.path(), &target, &mut |progress| hear(progress, 70));
    assert_eq!(whole.unwrap().set.regions().len(), 70);
    let steps = [(32, 70), (64, 70), (70, 70)];
    assert_eq!(told, [&steps[..], &steps[..1], &steps[..]].concat());
}
