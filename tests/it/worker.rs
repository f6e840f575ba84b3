//! Threads that work beside a window: order, stopping, panics, and the end.

#![expect(clippy::cmp_owned, clippy::format_collect, reason = "tests compare what is said")]

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, sync_channel},
    },
};

use aki_lens::{
    app::{
        Job, JobEvent, JobId, JobOutput, Line, Worker,
        jobs::{KeepRuns, KeepView},
    },
    domain::{OnProgress, Progress},
};
use anyhow::{Result, bail};

/// A worker whose jobs are told by the file that they are to open.
fn worker_of(
    work: impl Fn(&str, OnProgress<'_>) -> Result<()> + Send + Sync + 'static,
) -> (Worker, Receiver<()>) {
    let (wake, woken) = sync_channel(1);
    let wake = Mutex::new(wake);
    let worker = Worker::spawn_with(
        move || {
            // One word that there is something is as good as many.
            wake.lock().unwrap().try_send(()).ok();
        },
        move |_, job, on_progress| match job {
            Job::OpenPicture(path) => {
                work(path.to_str().unwrap(), on_progress)?;
                Ok(JobOutput::Written(path))
            }
            Job::KeepView(keep) => {
                work(&keep.title, on_progress)?;
                Ok(JobOutput::ViewKept(keep.key))
            }
            other => bail!("{}", other.title()),
        },
    );
    (worker.unwrap(), woken)
}

fn open(name: &str) -> Job {
    Job::OpenPicture(PathBuf::from(name))
}

fn keep(title: &str) -> Job {
    let (title, view) = (title.to_owned(), serde_json::Value::Null);
    Job::KeepView(KeepView { key: 0, title, view, regions: Vec::new(), picture: None })
}

fn running() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

/// Waits for the next event of a kind.
fn wait<T>(worker: &Worker, woken: &Receiver<()>, wanted: impl Fn(JobEvent) -> Option<T>) -> T {
    loop {
        if let Some(found) = worker.events().find_map(&wanted) {
            return found;
        }
        woken.recv().unwrap();
    }
}

fn done(event: JobEvent) -> Option<(JobId, Result<JobOutput>)> {
    match event {
        JobEvent::Done(id, result) => Some((id, result)),
        JobEvent::Progress(..) => None,
    }
}

#[test]
fn jobs_of_a_line_are_done_in_order_and_each_ends_in_a_word() {
    let (worker, woken) = worker_of(|_, _| Ok(()));
    for i in 0..5 {
        worker.start(JobId(i), open(&i.to_string()), running()).unwrap();
    }
    for i in 0..5 {
        let (id, result) = wait(&worker, &woken, done);
        assert_eq!(id, JobId(i));
        assert!(
            matches!(result, Ok(JobOutput::Written(path)) if path == PathBuf::from(i.to_string()))
        );
    }
}

#[test]
fn a_job_that_panics_is_an_error_and_the_next_one_is_done() {
    let (worker, woken) = worker_of(|name, _| {
        assert_ne!(name, "bad", "shapes differ");
        Ok(())
    });
    worker.start(JobId(1), open("bad"), running()).unwrap();
    worker.start(JobId(2), open("good"), running()).unwrap();
    let (id, result) = wait(&worker, &woken, done);
    assert_eq!(id, JobId(1));
    let text = format!("{:#}", result.unwrap_err());
    assert!(
        text.starts_with("a computation broke off: ") && text.contains("shapes differ"),
        "{text}"
    );
    assert!(wait(&worker, &woken, done).1.is_ok());
}

#[test]
fn a_cancelled_job_stops_at_its_next_step() {
    let n_steps = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_steps);
    let (worker, woken) = worker_of(move |_, on_progress| {
        loop {
            counted.fetch_add(1, Ordering::SeqCst);
            if on_progress(Progress::Text("word".to_owned())) == ControlFlow::Break(()) {
                bail!("stopped");
            }
        }
    });
    let is_stopped = running();
    worker.start(JobId(1), open("long"), Arc::clone(&is_stopped)).unwrap();
    wait(&worker, &woken, |event| matches!(event, JobEvent::Progress(..)).then_some(()));
    is_stopped.store(true, Ordering::SeqCst);
    let before = n_steps.load(Ordering::SeqCst);
    let (_, result) = wait(&worker, &woken, done);
    assert!(result.is_err());
    // The step that was under way, and the one that was told to stop.
    let after = n_steps.load(Ordering::SeqCst);
    assert!(after <= before + 1, "{before} steps before the stop, {after} after");
}

#[test]
fn a_job_that_is_cancelled_while_it_waits_never_begins() {
    let (go, wait_for) = sync_channel::<()>(1);
    let wait_for = Mutex::new(wait_for);
    let begun = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&begun);
    let (worker, woken) = worker_of(move |name, _| {
        seen.lock().unwrap().push(name.to_owned());
        wait_for.lock().unwrap().recv().ok();
        Ok(())
    });
    let is_stopped = running();
    worker.start(JobId(1), open("first"), running()).unwrap();
    worker.start(JobId(2), open("second"), Arc::clone(&is_stopped)).unwrap();
    is_stopped.store(true, Ordering::SeqCst);
    drop(go);
    assert!(wait(&worker, &woken, done).1.is_ok());
    assert!(wait(&worker, &woken, done).1.is_err());
    assert_eq!(*begun.lock().unwrap(), ["first"]);
}

#[test]
fn a_line_that_is_full_says_so_and_the_other_lines_go_on() {
    let (go, wait_for) = sync_channel::<()>(1);
    let wait_for = Mutex::new(wait_for);
    let (worker, woken) = worker_of(move |name, _| {
        if name == "slow" {
            wait_for.lock().unwrap().recv().ok();
        }
        Ok(())
    });
    let refused = (0..100).find_map(|i| worker.start(JobId(i), open("slow"), running()).err());
    assert!(refused.unwrap().to_string().contains("too much is waiting"));
    worker.start(JobId(200), keep("quick"), running()).unwrap();
    let (id, result) = wait(&worker, &woken, done);
    assert_eq!(id, JobId(200));
    assert!(matches!(result, Ok(JobOutput::ViewKept(0))));
    drop(go);
}

#[test]
fn no_word_of_an_answer_is_lost_however_slow_the_window_is() {
    let (worker, woken) = worker_of(|_, on_progress| {
        for i in 0..1000 {
            let _goes_on = on_progress(Progress::Text(format!("{i} ")));
        }
        Ok(())
    });
    worker.start(JobId(1), open("long"), running()).unwrap();
    let mut text = String::new();
    let mut is_done = false;
    while !is_done {
        woken.recv().unwrap();
        for event in worker.events() {
            match event {
                JobEvent::Progress(_, Progress::Text(more)) => text.push_str(&more),
                JobEvent::Progress(..) => {}
                JobEvent::Done(..) => is_done = true,
            }
        }
    }
    let expected: String = (0..1000).map(|i| format!("{i} ")).collect();
    assert_eq!(text, expected);
}

#[test]
fn the_end_of_a_window_waits_for_what_is_to_be_kept() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kept);
    let (worker, _woken) = worker_of(move |name, on_progress| {
        // More than the window's queue holds: nobody takes these any more.
        for _ in 0..600 {
            let _goes_on = on_progress(Progress::Text(String::new()));
        }
        seen.lock().unwrap().push(name.to_owned());
        Ok(())
    });
    for i in 0..10 {
        worker.start(JobId(i), keep(&i.to_string()), running()).unwrap();
    }
    worker.finish();
    let expected: Vec<String> = (0..10).map(|i: u64| i.to_string()).collect();
    assert_eq!(*kept.lock().unwrap(), expected);
}

#[test]
fn what_is_kept_without_a_word_goes_to_the_session_s_line() {
    let runs =
        KeepRuns { key: 0, sessions: PathBuf::new(), title: String::new(), runs: Vec::new() };
    for job in [Job::KeepRuns(runs), keep("view")] {
        assert!(job.is_quiet());
        assert_eq!(job.line(), Line::Session);
    }
    assert!(!open("picture").is_quiet());
    assert_eq!(open("picture").line(), Line::Files);
}
