//! Tables in three formats, and figures over batches.

use std::fs;

use aki_lens::{
    app::jobs::{BatchFigure, Drawing, GroupBy, Reading, batch_figure},
    domain::{Interval, ResultTable, TableCell, TableRow},
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
fn a_figure_groups_runs_by_mode_answer_column_and_the_papers_benchmarks() {
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
    let groups = |by: GroupBy| {
        let out = folder.path().join("figure.json");
        let folders = folders.clone();
        let request = BatchFigure {
            folders,
            drawing: Drawing::Bars,
            by,
            reading: Reading::Lift,
            out: out.clone(),
        };
        batch_figure(&request).map_err(|e| format!("{e:#}"))?;
        let figure = figure_from_json(&fs::read_to_string(out).unwrap()).unwrap();
        let aki_lens::domain::Figure::Bars(bars) = figure else { panic!("no bars") };
        let names = bars.parts().groups.iter().map(|group| group.name.clone());
        Ok::<Vec<String>, String>(names.collect())
    };
    assert_eq!(groups(GroupBy::Paper).unwrap(), ["Knowledge", "Vision-centric"]);
    assert_eq!(groups(GroupBy::Data).unwrap(), ["MMMU_DEV_VAL", "POPE"]);
    let modes = groups(GroupBy::Attention).unwrap();
    assert!(modes == ["mma", "causal"]);
    let by = |name: &str| groups(name.parse().unwrap());
    assert!(by("answer").unwrap().iter().all(|name| name == "right" || name == "wrong"));
    assert!(by("l2-category").unwrap().contains(&"seen".to_owned()));
    let found = by("weather").unwrap_err();
    assert!(
        found.contains("no row that was answered belongs to a group of \"weather\""),
        "{found}"
    );
}
