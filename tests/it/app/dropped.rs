//! What is dropped into the window: sessions, batches, pictures, masks.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aki_lens::app::{Command, Offer, jobs::SizeFix};

use super::Desk;

/// The masks and their picture that the tests of regions read.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/regions").join(name)
}

/// A desk with real files, and a picture of the size that the masks have.
fn desk() -> (Desk, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scene.png");
    write_png(&path, [6, 4], |x, y| [(40 * x) as u8, (60 * y) as u8, (x * y) as u8]);
    let mut desk = Desk::with(|slots, job, on_progress| job.run(slots, on_progress));
    drop_in(&mut desk, &[path], false);
    assert_eq!(name(&desk), "scene.png");
    (desk, folder)
}

fn write_png(path: &Path, [width, height]: [u32; 2], color: impl Fn(u32, u32) -> [u8; 3]) {
    image::RgbImage::from_fn(width, height, |x, y| image::Rgb(color(x, y))).save(path).unwrap();
}

fn drop_in(desk: &mut Desk, paths: &[PathBuf], as_regions: bool) {
    desk.send(Command::TakeDropped { paths: paths.to_vec(), as_regions });
    desk.until(|state| state.jobs.is_empty());
}

fn name(desk: &Desk) -> &str {
    &desk.state.picture.as_ref().unwrap().name
}

fn n_regions(desk: &Desk) -> usize {
    desk.state.regions.as_ref().map_or(0, |regions| regions.set.regions().len())
}

fn offers(desk: &Desk) -> Vec<Offer> {
    desk.state.notices.last().map_or(Vec::new(), |notice| notice.offers.clone())
}

#[test]
fn a_mask_of_the_picture_is_asked_about_before_the_picture_goes() {
    let (mut desk, _folder) = desk();
    let mask = data("indexed.png");
    drop_in(&mut desk, std::slice::from_ref(&mask), false);
    assert_eq!((name(&desk), n_regions(&desk)), ("scene.png", 0));
    let expected = [Offer::ImportRegions(mask.clone(), None), Offer::OpenPicture(mask)];
    assert_eq!(offers(&desk), expected);
    assert!(desk.state.notices[0].text.contains("indexed.png is as large as the picture"));
    desk.send(expected[0].command());
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(name(&desk), "scene.png");
    assert!(n_regions(&desk) > 0);
    desk.send(expected[1].command());
    desk.until(|state| state.jobs.is_empty());
    assert_eq!(name(&desk), "indexed.png");
}

#[test]
fn a_picture_of_many_colors_or_of_another_size_is_a_picture() {
    let (mut desk, folder) = desk();
    let large = folder.path().join("large.png");
    write_png(&large, [40, 30], |x, _| if x > 9 { [255; 3] } else { [0; 3] });
    drop_in(&mut desk, &[large], false);
    assert_eq!(name(&desk), "large.png");
    assert!(desk.state.notices.is_empty(), "{:?}", desk.state.notices);
    let many = folder.path().join("many.png");
    write_png(&many, [40, 30], |x, y| [(6 * x) as u8, (8 * y) as u8, (x * y / 5) as u8]);
    drop_in(&mut desk, &[many], false);
    let is_asked = offers(&desk).len() == 2;
    assert!(is_asked || name(&desk) == "many.png");
    assert!(!is_asked, "1,200 colors are no mask");
}

#[test]
fn masks_are_regions_without_a_question_where_a_person_says_so_or_no_picture_could_be_meant() {
    for (dropped, as_regions) in
        [("mask.png", true), ("amg_png", false), ("masks.npz", false), ("amg_rle.json", false)]
    {
        let (mut desk, _folder) = desk();
        drop_in(&mut desk, &[data(dropped)], as_regions);
        assert_eq!(name(&desk), "scene.png", "{dropped}");
        assert!(n_regions(&desk) > 0, "{dropped}: {:?}", desk.state.notices);
    }
}

#[test]
fn masks_that_come_together_are_all_there_and_take_the_place_of_those_before() {
    let alone = |file: &str| {
        let (mut desk, _folder) = desk();
        drop_in(&mut desk, &[data(file)], true);
        n_regions(&desk)
    };
    let (mut desk, _folder) = desk();
    drop_in(&mut desk, &[data("labelme.json")], true);
    drop_in(&mut desk, &[data("mask.png"), data("masks.npz"), data("amg_rle.json")], true);
    let expected = alone("mask.png") + alone("masks.npz") + alone("amg_rle.json");
    assert_eq!(n_regions(&desk), expected, "{:?}", desk.state.notices);
}

#[test]
fn a_session_is_opened_by_its_folder_or_its_file_and_a_folder_of_neither_is_no_session() {
    let sessions = tempfile::tempdir().unwrap();
    let mut first = Desk::kept_in(sessions.path());
    first.open(1);
    first.ask("Is the cup red?");
    first.until(|state| state.session.folder.is_some());
    first.state.close();
    let kept = first.state.session.folder.clone().unwrap();
    for path in [kept.clone(), kept.join("session.json")] {
        let (mut desk, _folder) = desk();
        drop_in(&mut desk, &[path], false);
        assert_eq!(desk.state.run().unwrap().run.question, "Is the cup red?");
        assert_eq!(desk.errors(), Vec::<&str>::new());
    }
    let (mut desk, _folder) = desk();
    let empty = sessions.path().join("empty");
    fs::create_dir(&empty).unwrap();
    drop_in(&mut desk, &[empty], false);
    assert!(desk.errors()[0].contains("no regions"), "{:?}", desk.errors());
}

#[test]
fn masks_of_another_size_offer_what_would_make_them_fit() {
    let folder = tempfile::tempdir().unwrap();
    for (size, fix, label) in
        [([4, 6], SizeFix::Swap, "Accept: swap"), ([12, 8], SizeFix::Scale, "Accept: scale")]
    {
        let path = folder.path().join(format!("{}.png", size[0]));
        write_png(&path, size, |x, y| [(20 * x) as u8, (20 * y) as u8, (x * y) as u8]);
        let mut desk = Desk::with(|slots, job, on_progress| job.run(slots, on_progress));
        drop_in(&mut desk, &[path], false);
        let masks = data("amg_rle.json");
        drop_in(&mut desk, std::slice::from_ref(&masks), false);
        assert_eq!(n_regions(&desk), 0);
        let offered = offers(&desk);
        assert_eq!(offered, [Offer::ImportRegions(masks, Some(fix))]);
        assert_eq!(offered[0].label(), label);
        desk.send(offered[0].command());
        desk.until(|state| state.jobs.is_empty());
        assert!(n_regions(&desk) > 0, "{:?}", desk.state.notices);
        // Nothing else is offered by a failure that no click can mend.
        desk.send(Command::ImportRegions(PathBuf::from("there/is/none.json"), None));
        desk.until(|state| state.jobs.is_empty());
        assert_eq!(offers(&desk), []);
    }
}
