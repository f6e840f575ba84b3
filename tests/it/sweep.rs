//! The sparsity sweep: a file of questions as the mask opens.

use std::{fs, ops::ControlFlow};

use aki_lens::{
    app::jobs::{ScenesRequest, SparsitySweep, Split, scenes, sweep},
    domain::AttentionMode,
    eval::{QuestionFile, evaluate, sparsity_sweep},
};
use tempfile::TempDir;

use crate::{
    cli::{check_failure, specimen},
    golden::{device, golden_folder, open_engine},
};

fn questions(folder: &TempDir) -> std::path::PathBuf {
    let out = folder.path().join("scenes");
    let request = ScenesRequest { n: 3, seed: 1, split: Split::Test, side: 96, out: out.clone() };
    scenes(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    out.join("questions.tsv")
}

#[test]
fn the_ends_of_the_sweep_are_causal_and_mma() {
    let folder = TempDir::new().unwrap();
    let file = QuestionFile::open(&questions(&folder)).unwrap();
    let engine = open_engine(&golden_folder().join("specimen/checkpoint"), None);
    let on = &mut |_| ControlFlow::Continue(());
    let n = file.rows.len();
    let points = sparsity_sweep(&engine, &file, n, &[0, 50, 100], 8, on).unwrap();
    assert_eq!(points.iter().map(|p| p.percent).collect::<Vec<_>>(), [0, 50, 100]);
    for (point, mode) in
        [(&points[0], AttentionMode::Causal), (&points[2], AttentionMode::ModalityMutual)]
    {
        let (report, _) = evaluate(&engine, "specimen", mode, &file, 8, on).unwrap();
        assert_eq!(point.accuracy.n, report.overall.n);
        assert_eq!(point.accuracy.accuracy, report.overall.accuracy, "{mode}");
        let interval = point.logprob_interval.unwrap();
        assert!(interval.low < point.logprob && point.logprob < interval.high);
    }
    let stopped = sparsity_sweep(&engine, &file, n, &[0], 8, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err().to_string(), "stopped");
}

#[test]
fn a_sweep_writes_its_table_and_its_figures() {
    let folder = TempDir::new().unwrap();
    let data = questions(&folder);
    let out = folder.path().join("sweep");
    let request = SparsitySweep {
        model: specimen().0,
        data: data.clone(),
        percents: vec![0, 100],
        n: 4,
        out: out.clone(),
        max_new_tokens: 8,
    };
    let mut last = None;
    let mut on = |progress| {
        last = Some(progress);
        ControlFlow::Continue(())
    };
    let report = sweep(&request, device(), &mut on).unwrap();
    let last: aki_lens::app::jobs::EvalProgress = last.unwrap();
    assert_eq!((report.questions, last.done, last.of), (4, 8, 8));
    let table = fs::read_to_string(out.join("sweep.csv")).unwrap();
    assert_eq!(table.lines().count(), 3);
    let svg = fs::read_to_string(out.join("accuracy.svg")).unwrap();
    assert!(svg.contains("Wilson") && svg.contains("<svg"), "{svg}");
    for file in ["sweep.json", "accuracy.png", "logprob.svg", "logprob.png"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 0, "{file}");
    }
    let data = data.to_str().unwrap();
    let out = out.to_str().unwrap();
    let base = ["sweep", "--model", "x", "--data", data, "--out", out, "--sparsity"];
    check_failure(&[&base[..], &["50,10"]].concat(), &["rise"]);
    check_failure(&[&base[..], &["0,101"]].concat(), &["101"]);
}
