//! Shards: whatever was cut is put together to the bytes of one run.

use std::fs;

use aki_lens::app::jobs::{Merge, Shard, merge};

use super::{questions, record_of, request, results, run};

#[test]
fn shards_put_together_are_one_run_byte_for_byte() {
    let (folder, data) = questions(4);
    let whole = folder.path().join("whole");
    run(&request(&data, &whole)).unwrap();
    let mut folders = Vec::new();
    for number in 1..=3 {
        let mut part = request(&data, &folder.path().join(format!("part{number}")));
        part.shard = Shard { number, of: 3 };
        run(&part).unwrap();
        folders.push(part.out);
    }
    // In any order.
    folders.reverse();
    let out = folder.path().join("merged");
    let request = Merge { folders: folders.clone(), out: out.clone(), data: None };
    let (report, _, warnings) = merge(&request).unwrap();
    assert_eq!((report.shards, warnings), ((3, 3), Vec::<String>::new()));
    assert!(fs::read(record_of(&out)).unwrap() == fs::read(record_of(&whole)).unwrap());
    assert_eq!(results(&out), results(&whole));

    let found = format!("{:#}", merge(&request).unwrap_err());
    assert!(found.contains("is there already"), "{found}");
    let twice = [folders[0].clone(), folders[0].clone()].to_vec();
    let again = Merge { folders: twice, out: folder.path().join("twice"), data: None };
    let found = format!("{:#}", merge(&again).unwrap_err());
    assert!(found.contains("is shard 3/3, which"), "{found}");

    // A missing shard is said wherever a number is.
    let some =
        Merge { folders: folders[1..].to_vec(), out: folder.path().join("some"), data: None };
    let (report, summary, warnings) = merge(&some).unwrap();
    assert_eq!(report.shards, (2, 3));
    assert!(warnings[0].contains("2 of 3 shards are there"), "{warnings:?}");
    assert!(summary.by_attention.values().all(|mode| !mode.coverage.complete));
    let table = fs::read_to_string(some.out.join("tables/right-answers.tex")).unwrap();
    assert!(table.contains("INCOMPLETE"), "{table}");

    // Without the questions everything but the predictions can be written.
    fs::rename(&data, folder.path().join("moved.tsv")).unwrap();
    let mut moved = Merge { folders, out: folder.path().join("moved"), data: None };
    let (_, _, warnings) = merge(&moved).unwrap();
    assert!(warnings[0].contains("name the question file with --data"), "{warnings:?}");
    moved.out = folder.path().join("named");
    moved.data = Some(folder.path().join("moved.tsv"));
    merge(&moved).unwrap();
    assert_eq!(results(&moved.out), results(&whole));
}
