//! Stopping within one file: what is told while it is read or written, and that a stop is a stop at every
//! step and never a damaged file.

use std::{
    collections::BTreeSet,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc::sync_channel},
};

use aki_lens::{
    app::{
        Command, Job, JobOutput, Level, PastedPicture, Picture, Slots, ViewPart,
        jobs::{Drawn, ExportRequest, export, export_while},
    },
    domain::{ImageSize, Meter, Progress, Stopped},
    export::ExportError,
    regions::{RegionsError, Target, import, import_while},
    vision::{self, VisionError},
};
use anyhow::Result;
use image::{ColorType, ImageFormat};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::Desk;

/// Tells everything until a step is reached, and keeps what was told.
fn until(step: usize, told: &mut Vec<Progress>) -> impl FnMut(Progress) -> ControlFlow<()> {
    move |progress| {
        told.push(progress);
        if told.len() > step { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What the steps did, in their order, each once; whatever one tells of grows.
fn parts(told: &[Progress]) -> Vec<&'static str> {
    let mut parts: Vec<&'static str> = Vec::new();
    let mut last = 0;
    for progress in told {
        let Progress::Part { what, done, of } = progress else { panic!("{progress:?}") };
        assert!(*of == 0 || done <= of, "{progress:?}");
        if parts.last() == Some(what) {
            // A bar runs twice where a file is looked through twice.
            assert!(*done >= last || *done == 0, "{what}: {done} after {last}");
        } else {
            parts.push(what);
        }
        last = *done;
    }
    parts
}

/// Samples that no format makes small.
fn noise(n: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..n).map(|_| next()).collect()
}

fn picture(folder: &TempDir, ending: &str, [width, height]: [u32; 2]) -> PathBuf {
    let path = folder.path().join(format!("large.{ending}"));
    let rgb = noise(3 * (width * height) as usize);
    let format = ImageFormat::from_extension(ending).unwrap();
    image::save_buffer_with_format(&path, &rgb, width, height, ColorType::Rgb8, format).unwrap();
    path
}

#[test]
fn a_meter_tells_about_a_hundred_steps_and_stays_stopped() {
    let mut told = Vec::new();
    {
        let mut hear = until(50, &mut told);
        let meter = Meter::new(&mut hear);
        meter.begin("counting", 1_000_000).unwrap();
        let n = (0..1_000_000).position(|_| meter.add(1).is_err()).unwrap();
        assert_eq!(n, 499_999, "stopped at the fiftieth hundredth");
        assert!(meter.is_stopped());
        // Nobody is asked again.
        for more in [meter.add(1), meter.ask(), meter.begin("more", 1)] {
            assert_eq!(more, Err(Stopped));
        }
    }
    assert_eq!(told.len(), 51);
    let half = Progress::Part { what: "counting", done: 500_000, of: 1_000_000 };
    assert_eq!(told.last(), Some(&half));
}

#[test]
fn a_large_picture_tells_what_is_done_with_it_and_is_the_one_that_is_read_in_silence() {
    let folder = TempDir::new().unwrap();
    let path = picture(&folder, "png", [1700, 300]);
    let mut told = Vec::new();
    let opened = Picture::open_while(&path, &mut until(usize::MAX, &mut told)).unwrap();
    assert_eq!(opened, Picture::open(&path).unwrap());
    let image = vision::open(&path).unwrap();
    assert_eq!(opened, Picture::new("large.png".to_owned(), Some(path), image));
    let all = ["reading", "decoding", "turning", "taking colors", "measuring", "shrinking"];
    assert_eq!(parts(&told), all);
    // Wide pictures are decoded for long: many steps, and far apart.
    let n_decoding = told.iter().filter(|p| matches!(p, Progress::Part { what: "decoding", .. }));
    assert!((50..=110).contains(&n_decoding.count()), "{told:?}");
}

#[test]
fn a_picture_of_any_format_that_is_stopped_is_stopped_and_not_damaged() {
    let folder = TempDir::new().unwrap();
    for ending in ["png", "jpg", "webp", "bmp", "tiff", "gif"] {
        let path = picture(&folder, ending, [96, 64]);
        let whole = vision::open(&path).unwrap();
        for step in 0.. {
            assert!(step < 300, "{ending} never ends");
            let mut told = Vec::new();
            let opened = vision::open_while(&path, &mut until(step, &mut told));
            match opened {
                Ok(image) => {
                    assert_eq!(image, whole, "{ending}");
                    assert!(told.len() == step && step > 5, "{ending}: {told:?}");
                    break;
                }
                Err(VisionError::Stopped { path: stopped }) => assert_eq!(stopped, path),
                Err(error) => panic!("{ending}, step {step}: {error:?}"),
            }
            assert_eq!(told.len(), step + 1, "{ending}: nothing is told after the stop");
        }
    }
    // A file that is cut off is still that.
    let path = folder.path().join("short.png");
    let whole = fs::read(folder.path().join("large.png")).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let cut = vision::open_while(&path, &mut until(usize::MAX, &mut Vec::new()));
    assert!(matches!(cut, Err(VisionError::Truncated { .. })), "{cut:?}");
}

#[test]
fn what_is_done_with_pixels_stops_at_each_of_its_steps() {
    let folder = TempDir::new().unwrap();
    let path = picture(&folder, "bmp", [1700, 300]);
    let mut told = Vec::new();
    Picture::open_while(&path, &mut until(usize::MAX, &mut told)).unwrap();
    let first = |part: &str| {
        told.iter().position(|p| matches!(p, Progress::Part { what, .. } if *what == part)).unwrap()
    };
    for step in [first("measuring"), first("measuring") + 2, first("shrinking"), told.len() - 1] {
        let error = Picture::open_while(&path, &mut until(step, &mut Vec::new())).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Stopped), "{error:#}");
    }
}

#[test]
fn a_pasted_picture_tells_its_steps_and_stops_at_each() {
    let size = ImageSize { width: 1700, height: 100 };
    let mut rgba = noise(4 * 170_000);
    rgba.chunks_exact_mut(4).for_each(|pixel| pixel[3] = u8::MAX);
    let pasted = PastedPicture { size, rgba: Arc::new(rgba.clone()) };
    let paste = |step: usize, told: &mut Vec<Progress>| -> Result<JobOutput> {
        Job::PastePicture(pasted.clone()).run(&mut Slots::default(), &mut until(step, told))
    };
    let mut told = Vec::new();
    let JobOutput::Picture(picture) = paste(usize::MAX, &mut told).unwrap() else {
        panic!("no picture")
    };
    let expected: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    assert_eq!(picture.image.rgb, expected);
    assert_eq!(parts(&told), ["taking colors", "measuring", "shrinking"]);
    for step in 0..told.len() {
        let error = paste(step, &mut Vec::new()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Stopped), "{error:#}");
    }
}

/// Files of regions with many records, or with many bytes.
fn long_regions(folder: &TempDir) -> Vec<PathBuf> {
    let path = |name: &str| folder.path().join(name);
    let record = |i: usize| {
        let (before, after) = (i % 20, 22 - i % 20);
        json!({"id": i, "segmentation": {"size": [4, 6], "counts": [before, 2, after]}})
    };
    let records: Vec<Value> = (0..400).map(record).collect();
    fs::write(path("amg.json"), Value::from(records).to_string()).unwrap();
    let outcome = |i: usize| {
        let value = json!({"x": i % 60, "y": 0, "width": 30, "height": 60, "labels": ["cup"]});
        let (width, height) = (6, 4);
        json!({"id": i, "original_width": width, "original_height": height, "value": value})
    };
    let result: Vec<Value> = (0..400).map(outcome).collect();
    let task = json!([{"data": {"image": "scene.jpg"}, "annotations": [{"result": result}]}]);
    fs::write(path("label_studio.json"), task.to_string()).unwrap();
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (300, 4, 6), }";
    let mut stack = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
    stack.extend(format!("{header:69}\n").bytes());
    stack.extend((0..300 * 24).map(|i| u8::from(i % 7 < 3)));
    fs::write(path("stack.npy"), stack).unwrap();
    ["amg.json", "label_studio.json", "stack.npy"].map(path).to_vec()
}

#[test]
fn an_import_of_any_format_that_is_stopped_is_stopped_and_not_damaged() {
    let folder = TempDir::new().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/regions");
    let mut files = long_regions(&folder);
    files.extend(fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()));
    let target = Target::new(ImageSize { width: 6, height: 4 }).with_name("scene.jpg");
    let mut n_files = 0;
    for path in files.iter().filter(|path| path.is_file()) {
        let Ok(whole) = import(path, &target) else { continue };
        n_files += 1;
        let is_long = path.starts_with(folder.path());
        for step in 0.. {
            assert!(step < 2000, "{} never ends", path.display());
            let mut told = Vec::new();
            let read = import_while(path, &target, &mut until(step, &mut told));
            match read {
                Ok(imported) => {
                    assert_eq!(imported.set, whole.set, "{}", path.display());
                    assert_eq!(told.len(), step);
                    let least = if is_long { 8 } else { 2 };
                    assert!(step >= least, "{}: {told:?}", path.display());
                    break;
                }
                Err(RegionsError::Stopped { .. }) => assert_eq!(told.len(), step + 1),
                Err(error) => panic!("{}, step {step}: {error:?}", path.display()),
            }
        }
    }
    assert!(n_files > 18, "{n_files}");
}

#[test]
fn records_are_told_of_by_their_number() {
    let folder = TempDir::new().unwrap();
    let path = long_regions(&folder).remove(0);
    let target = Target::new(ImageSize { width: 6, height: 4 });
    let mut told = Vec::new();
    import_while(&path, &target, &mut until(usize::MAX, &mut told)).unwrap();
    assert_eq!(parts(&told), ["reading", "looking for records", "reading records"]);
    let last = Progress::Part { what: "reading records", done: 400, of: 400 };
    assert_eq!(told.last(), Some(&last));
}

/// Where to stop: at the first step of each part and the one after it, and at the very last.
fn stops(told: &[Progress]) -> BTreeSet<usize> {
    let is_first = |at: &usize| matches!(told[*at], Progress::Part { done: 0, .. });
    let firsts = (0..told.len()).filter(is_first);
    let mut stops: BTreeSet<usize> = firsts.flat_map(|at| [at, at + 1]).collect();
    stops.retain(|at| *at < told.len());
    stops.extend(told.len().checked_sub(1));
    stops
}

/// Writes a file and stops that in each part of the work, then lets it be written; says what was told.
fn write_with_stops(drawn: &Drawn, folder: &Path, name: &str) -> Vec<Progress> {
    let path = folder.join(name);
    let request = ExportRequest { drawn: drawn.clone(), path: path.clone(), replaces: true };
    let mut told = Vec::new();
    export_while(&request, &mut until(usize::MAX, &mut told)).unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, "mine").unwrap();
    for step in stops(&told) {
        let mut heard = Vec::new();
        let written = export_while(&request, &mut until(step, &mut heard));
        let error = written.unwrap_err();
        let is_stop = |cause: &(dyn std::error::Error + 'static)| {
            cause.is::<Stopped>() || matches!(cause.downcast_ref(), Some(ExportError::Stopped(_)))
        };
        assert!(error.chain().any(is_stop), "{name}, step {step}: {error:?}");
        assert_eq!(heard, told[..=step], "{name}, step {step}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine", "{name}, step {step}");
        let n_files = fs::read_dir(folder).unwrap().count();
        assert_eq!(n_files, 1, "{name}, step {step}: nothing else is left");
    }
    export(&request).unwrap();
    assert_eq!(fs::read(&path).unwrap(), whole, "{name}: the same in silence");
    told
}

#[test]
fn an_export_that_is_stopped_in_any_part_leaves_what_was_there_and_nothing_else() {
    let desk = Desk::of_specimen("The fish is on which color plate?");
    let mut n_files = 0;
    for part in
        [ViewPart::Map, ViewPart::HeadMaps, ViewPart::Mask, ViewPart::Buckets, ViewPart::Latents]
    {
        let Ok(drawn) = desk.state.drawn(part) else { panic!("{part:?}") };
        for format in drawn.formats() {
            let folder = TempDir::new().unwrap();
            let name = format!("{}.{format}", part.stem());
            let told = write_with_stops(&drawn, folder.path(), &name);
            let parts = parts(&told);
            assert_eq!(parts.first(), Some(&"drawing"), "{name}");
            assert_eq!(parts.last(), Some(&"writing"), "{name}");
            let has_pixels = parts.contains(&"encoding");
            assert_eq!(has_pixels, is_picture(&drawn, format), "{name}: {parts:?}");
            n_files += 1;
        }
    }
    assert_eq!(n_files, 19);
}

/// Whether a file holds pixels.
fn is_picture(drawn: &Drawn, format: &str) -> bool {
    format == "png" || format == "svg" && !matches!(drawn, Drawn::Figure(_))
}

#[test]
fn an_export_that_is_cancelled_is_said_to_be_stopped_and_is_no_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("map.png");
    let (told, writes) = sync_channel::<()>(1);
    let (go, waits) = sync_channel::<()>(1);
    let (told, waits) = (Mutex::new(told), Mutex::new(waits));
    // It waits where its rows begin to be coded.
    let mut desk = Desk::of_specimen_with("Is the cup red?", move |slots, job, on_progress| {
        let mut hears = |progress: Progress| {
            if matches!(progress, Progress::Part { what: "encoding", done: 0, .. }) {
                told.lock().unwrap().send(()).ok();
                waits.lock().unwrap().recv().ok();
            }
            on_progress(progress)
        };
        job.run(slots, &mut hears)
    });
    let drawn = desk.state.drawn(ViewPart::Map).unwrap();
    desk.send(Command::Export(ExportRequest { drawn, path, replaces: false }));
    writes.recv().unwrap();
    let id = *desk.state.jobs.keys().next().unwrap();
    desk.send(Command::Cancel(id));
    go.send(()).unwrap();
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let notice = desk.state.notices.last().unwrap();
    assert_eq!((notice.level, notice.text.as_str()), (Level::Info, "writing map.png: stopped"));
}
