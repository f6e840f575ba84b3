//! Tables in three formats, and figures over batches.

use std::fs;

use aki_lens::{
    app::jobs::{
        BatchFigure, BatchTable, Drawing, GroupBy, Reading, TableSubject, batch_figure, batch_table,
    },
    domain::{AttentionMode, Bucket, Figure, Interval, ResultTable, TableCell, TableRow},
    eval::batch::{open_record, summarize},
    export::{figure_from_json, table_csv, table_latex, table_markdown},
};

use super::{questions, request, run};

fn table() -> ResultTable {
    let interval = Some(Interval { low: 40.04, high: 60.06 });
    let row = |name: &str, cells: Vec<TableCell>| TableRow { name: name.to_owned(), cells };
    ResultTable {
        title: "Right answers of A & B".to_owned(),
        corner: "kind".to_owned(),
        columns: vec!["n".to_owned(), "50 %_a|b".to_owned()],
        rows: vec![
            row(
                "one",
                vec![TableCell::Count(7), TableCell::Value { value: 50.0, interval, digits: 1 }],
            ),
            row("two", vec![TableCell::Nothing, TableCell::ByConstruction]),
        ],
        notes: vec!["Coverage: 7 of 9 rows.".to_owned()],
    }
}

#[test]
fn a_table_says_the_same_in_csv_markdown_and_latex() {
    assert_eq!(
        table_csv(&table()).unwrap(),
        "kind,n,n low,n high,50 %_a|b,50 %_a|b low,50 %_a|b high\n\
         one,7,,,50,40.04,60.06\n\
         two,,,,0,,\n"
    );
    assert_eq!(
        table_markdown(&table()),
        "Right answers of A & B\n\n\
         | kind | n | 50 %_a\\|b |\n|---|---|---|\n\
         | one | 7 | 50.0 [40.0, 60.1] |\n\
         | two | \u{2013} | 0 (by construction) |\n\n\
         Coverage: 7 of 9 rows.\n"
    );
    assert_eq!(
        table_latex(&table()),
        "% Right answers of A & B\n% Coverage: 7 of 9 rows.\n\
         \\begin{tabular}{lrr}\n\\toprule\nkind & n & 50 \\%\\_a|b \\\\\n\\midrule\n\
         one & 7 & 50.0 {\\scriptsize [40.0, 60.1]} \\\\\n\
         two & -- & 0 (by construction) \\\\\n\\bottomrule\n\\end{tabular}\n"
    );
}

#[test]
fn figures_group_runs_by_mode_answer_column_and_the_papers_benchmarks() {
    let (folder, data) = questions(2);
    let mut folders = Vec::new();
    // The same questions under the names of two of the paper's benchmarks.
    for name in ["POPE", "MMMU_DEV_VAL"] {
        let named = data.with_file_name(format!("{name}.tsv"));
        fs::copy(&data, &named).unwrap();
        let out = folder.path().join(name);
        run(&request(&named, &out)).unwrap();
        folders.push(out);
    }
    let draw = |attention: &[AttentionMode], drawing: Drawing, by: GroupBy| {
        let out = folder.path().join("figure.json");
        let (folders, attention) = (folders.clone(), attention.to_vec());
        let reading = Reading::Lift;
        let request = BatchFigure { folders, attention, drawing, by, reading, out: out.clone() };
        batch_figure(&request).map_err(|e| format!("{e:#}"))?;
        Ok::<Figure, String>(figure_from_json(&fs::read_to_string(out).unwrap()).unwrap())
    };
    let groups_under = |attention: &[AttentionMode], by: GroupBy| {
        let Figure::Bars(bars) = draw(attention, Drawing::Bars, by)? else { panic!("no bars") };
        let names = bars.parts().groups.iter().map(|group| group.name.clone());
        Ok::<Vec<String>, String>(names.collect())
    };
    let groups = |by: GroupBy| groups_under(&[AttentionMode::ModalityMutual], by);
    assert_eq!(groups(GroupBy::Paper).unwrap(), ["Knowledge", "Vision-centric"]);
    // In the order in which they are named.
    assert_eq!(groups(GroupBy::Data).unwrap(), ["POPE", "MMMU_DEV_VAL"]);
    let by = |name: &str| groups(name.parse().unwrap());
    assert!(by("answer").unwrap().iter().all(|name| name == "right" || name == "wrong"));
    assert!(by("l2-category").unwrap().contains(&"seen".to_owned()));
    let found = by("weather").unwrap_err();
    assert!(
        found.contains("no row that was answered belongs to a group of \"weather\""),
        "{found}"
    );
    // Runs under different masks are never of one group.
    assert_eq!(groups_under(&[], GroupBy::Attention).unwrap(), ["mma", "causal"]);
    assert_eq!(
        groups_under(&[], GroupBy::Paper).unwrap(),
        ["Knowledge, mma", "Knowledge, causal", "Vision-centric, mma", "Vision-centric, causal"]
    );
    // A batch of the same model that has its modes in another order is read by their names.
    let mut turned = request(&data.with_file_name("POPE.tsv"), &folder.path().join("turned"));
    turned.modes.reverse();
    run(&turned).unwrap();
    let bars = |first: &std::path::Path| {
        let out = folder.path().join("turned.csv");
        let folders = vec![first.to_owned(), folders[0].clone()];
        let (attention, drawing, by) = (Vec::new(), Drawing::Bars, GroupBy::Attention);
        let reading = Reading::Mass;
        let request = BatchFigure { folders, attention, drawing, by, reading, out: out.clone() };
        batch_figure(&request).unwrap();
        let text = fs::read_to_string(out).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(bars(&turned.out), bars(&folders[0]));
    let found = groups_under(&[AttentionMode::Mixed], GroupBy::Paper).unwrap_err();
    assert!(found.contains("was run under none of these modes"), "{found}");

    // The same records as curves.
    let by = GroupBy::Attention;
    let figure = draw(&[], Drawing::Sparsity, by.clone()).unwrap();
    let Figure::Curves(curves) = figure else { panic!("no curves") };
    let curves = &curves.parts().curves;
    assert_eq!(curves.len(), 2);
    for (curve, out) in curves.iter().zip(&folders) {
        let summary = summarize(&out.join("record.jsonl")).unwrap();
        let share = |mode| summary.by_attention[&mode].accuracy.unwrap();
        let [causal, mma] = [AttentionMode::Causal, AttentionMode::ModalityMutual].map(share);
        let expected = [[0.0, 100.0 * causal.accuracy], [100.0, 100.0 * mma.accuracy]];
        assert_eq!(curve.points, expected);
        assert_eq!(curve.intervals[1].low, 100.0 * mma.low);
    }
    let one_width = [AttentionMode::Causal];
    let found = draw(&one_width, Drawing::Sparsity, by.clone()).unwrap_err();
    assert!(found.contains("--attention sparsity0,sparsity25"), "{found}");
    let found = draw(&[], Drawing::Layers, by).unwrap_err();
    assert!(found.contains("layers are drawn of one batch; 2 were named"), "{found}");
}

#[test]
fn several_batches_are_one_table_and_layers_are_curves() {
    let (folder, data) = questions(1);
    let mut folders = Vec::new();
    for n_tokens in [2, 3] {
        let mut request = request(&data, &folder.path().join(format!("{n_tokens}-tokens")));
        request.max_new_tokens = n_tokens;
        run(&request).unwrap();
        folders.push(request.out);
    }
    let out = folder.path().join("table.csv");
    let table = |of: TableSubject, out: &std::path::Path| {
        let (folders, out) = (folders.clone(), Some(out.to_owned()));
        batch_table(&BatchTable { folders, of, out }).map_err(|e| format!("{e:#}"))
    };
    let markdown = table(TableSubject::Answers, &out).unwrap();
    assert!(
        markdown.contains("| questions | n | mma, batch 1 | causal, batch 1 | mma, batch 2 |"),
        "{markdown}"
    );
    assert!(markdown.contains("Coverage under causal, batch 2: "), "{markdown}");
    let csv = fs::read_to_string(&out).unwrap();
    let head = "questions,n,n low,n high,\"mma, batch 1\",\"mma, batch 1 low\",";
    assert!(csv.starts_with(head) && csv.contains("\ncategory: "), "{csv}");
    let buckets = table(TableSubject::Buckets(Reading::Mass), &out.with_extension("tex")).unwrap();
    assert!(buckets.contains("0 (by construction)"), "{buckets}");
    assert!(fs::read_to_string(out.with_extension("tex")).unwrap().contains("\\begin{tabular}"));
    assert!(table(TableSubject::Regions, &out).unwrap().contains("| mma, batch 1, all |"));
    let found = table(TableSubject::Answers, &out.with_extension("xlsx")).unwrap_err();
    assert!(found.contains("a table ends in .csv, .md or .tex"), "{found}");

    let layers = |attention: Vec<AttentionMode>| {
        let out = folder.path().join("layers.json");
        let request = BatchFigure {
            folders: vec![folders[0].clone()],
            attention,
            drawing: Drawing::Layers,
            by: GroupBy::Attention,
            reading: Reading::Share,
            out: out.clone(),
        };
        batch_figure(&request).map_err(|e| format!("{e:#}"))?;
        Ok::<Figure, String>(figure_from_json(&fs::read_to_string(out).unwrap()).unwrap())
    };
    let figure = layers(vec![AttentionMode::ModalityMutual]).unwrap();
    let Figure::Curves(figure) = figure else { panic!("no curves") };
    let summary = summarize(&folders[0].join("record.jsonl")).unwrap();
    let by_layer = &summary.by_attention[&AttentionMode::ModalityMutual].by_layer;
    let objects = figure.parts().curves.iter().find(|curve| curve.name == "Objects").unwrap();
    let expected: Vec<[f64; 2]> =
        by_layer.iter().map(|l| [l.layer as f64, l.share[0].mean.unwrap()]).collect();
    assert_eq!(objects.points, expected);
    assert!(layers(Vec::new()).unwrap_err().contains("name it with --attention (mma, causal)"));
    let found = layers(vec![AttentionMode::Causal]).unwrap_err();
    assert!(found.contains("the mask closes the question"), "{found}");
}

#[test]
fn a_difference_is_taken_question_by_question_and_carries_an_interval() {
    let (folder, data) = questions(2);
    let out = folder.path().join("batch");
    run(&request(&data, &out)).unwrap();
    let draw = |attention: &[AttentionMode], reading: Reading| {
        let file = folder.path().join("difference.json");
        let request = BatchFigure {
            folders: vec![out.clone()],
            attention: attention.to_vec(),
            drawing: Drawing::Differences,
            by: GroupBy::Attention,
            reading,
            out: file.clone(),
        };
        batch_figure(&request).map_err(|e| format!("{e:#}"))?;
        let figure = figure_from_json(&fs::read_to_string(file).unwrap()).unwrap();
        let Figure::Bars(bars) = figure else { panic!("no bars") };
        Ok::<_, String>(bars.parts().clone())
    };
    let parts = draw(&[], Reading::Mass).unwrap();
    // The modes as the batch has them: mma first. Closed, the block gets nothing.
    assert_eq!(parts.groups[0].name, "causal \u{2212} mma");
    let mut sums = std::collections::BTreeMap::new();
    let mut record = open_record(&out.join("record.jsonl")).unwrap();
    while let Some(row) = record.next_row().unwrap() {
        let readings = row.answer.unwrap().by_bucket.unwrap();
        if row.attention == AttentionMode::ModalityMutual {
            for (bucket, (mass, tokens)) in
                Bucket::ALL.iter().zip(readings.all.mass.iter().zip(readings.all.tokens))
            {
                if tokens > 0 {
                    let sum: &mut (f64, usize) = sums.entry(*bucket).or_default();
                    *sum = (sum.0 + mass, sum.1 + 1);
                }
            }
        }
    }
    let mut seen = 0;
    for (category, bar) in parts.categories.iter().zip(&parts.groups[0].bars) {
        let bucket = Bucket::ALL.into_iter().find(|b| b.to_string() == category.name).unwrap();
        let Some((sum, n)) = sums.get(&bucket) else {
            assert_eq!(bar.value, None, "{bucket}");
            continue;
        };
        let expected = -sum / *n as f64;
        assert!((bar.value.unwrap() - expected).abs() < 1e-12, "{bucket}");
        assert_eq!(bar.n, *n);
        if *n > 1 {
            let interval = bar.interval.unwrap();
            assert!(interval.low <= expected && expected <= interval.high && interval.high < 0.0);
            seen += 1;
        }
    }
    assert!(seen > 0);
    assert!(parts.notes.iter().any(|note| note.contains("Zero by construction in causal")));
    // A closed block has no lift that anything could be compared with.
    let lift = draw(&[], Reading::Lift).unwrap();
    assert!(lift.groups[0].bars.iter().all(|bar| bar.value.is_none()));
    let found = draw(&[AttentionMode::Causal], Reading::Mass).unwrap_err();
    assert!(found.contains("between two sides, and there are 1"), "{found}");
    // Other questions are no side of these, and a folder that is not there is said before they are read.
    let (_other, other_data) = questions(1);
    let other = folder.path().join("other");
    run(&request(&other_data, &other)).unwrap();
    let two = |file: &str| {
        let request = BatchFigure {
            folders: vec![out.clone(), other.clone()],
            attention: vec![AttentionMode::ModalityMutual],
            drawing: Drawing::Differences,
            by: GroupBy::Attention,
            reading: Reading::Mass,
            out: folder.path().join(file),
        };
        format!("{:#}", batch_figure(&request).unwrap_err())
    };
    assert!(two("two.svg").contains("the two sides were asked other questions: "));
    let found = two("nowhere/two.svg");
    assert!(found.contains("--out: there is no folder ") && found.contains("nowhere"), "{found}");
}

#[test]
fn a_batch_under_more_modes_than_there_are_colors_ends_with_a_table_for_a_figure() {
    let (folder, data) = questions(1);
    let mut request = request(&data, &folder.path().join("widths"));
    request.modes = (0..9).map(|tenth| AttentionMode::Sparsity(10 * tenth)).collect();
    run(&request).unwrap();
    let path = request.out.join("figures/attention-by-bucket-lift");
    let json = fs::read_to_string(path.with_extension("json")).unwrap();
    let Figure::Matrix(table) = figure_from_json(&json).unwrap() else { panic!("no table") };
    let parts = table.parts();
    assert_eq!((parts.rows.len(), parts.center), (9, Some(1.0)));
    // What the mask closes is no value, and the rest is the summary's.
    assert!(parts.values[..parts.columns.len()].iter().all(Option::is_none));
    let summary = summarize(&request.out.join("record.jsonl")).unwrap();
    let of_mode = &summary.by_attention[&AttentionMode::Sparsity(80)];
    for (column, name) in parts.columns.iter().enumerate() {
        let results = &of_mode.by_bucket[&aki_lens::app::jobs::AnswerGroup::All];
        let is_it = |r: &&aki_lens::app::jobs::BucketResult| {
            r.bucket.to_string() == *name && r.reading == Reading::Lift
        };
        let result = results.iter().find(is_it).unwrap();
        let expected = result.mean.filter(|_| !result.by_construction);
        assert_eq!(table.value(8, column), expected, "{name}");
    }
    for ending in ["svg", "png", "csv"] {
        assert!(path.with_extension(ending).is_file());
    }
}
