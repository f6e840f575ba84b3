//! Scores by the benchmarks' own rules: every vector, and each rule that is easily missed.

#![expect(clippy::cmp_owned, clippy::string_add, reason = "rows are compared as they are printed")]

use aki_lens::benchmark::{Benchmark, Extraction, ScoreReport};
use serde_json::{Value, json};

use super::{
    NEWER, PAPER_ERA, assert_same, json as json_of, score_rows, score_text, table, vectors,
};

const BOTH: [Extraction; 2] = [PAPER_ERA, NEWER];

fn rows_of(name: &str) -> Vec<Value> {
    vectors()[name]["rows"].as_array().unwrap().clone()
}

#[track_caller]
fn check(rows: &[Value], benchmark: Benchmark, expected: &Value) -> Value {
    let [report, _] = BOTH.map(|extraction| {
        let report = json_of(&score_rows(rows, benchmark, extraction));
        assert_same(expected, &report["metrics"], benchmark.name());
        report
    });
    report
}

#[track_caller]
fn check_hits(report: &Value, expected: &Value) {
    for (index, hit) in expected.as_object().unwrap() {
        let rows = report["rows_detail"].as_array().unwrap();
        let row = rows.iter().find(|row| row["index"].to_string() == *index).unwrap();
        assert_eq!(row["hit"], *hit, "row {index}");
    }
}

fn extracted(report: &Value) -> Vec<Value> {
    let rows = report["rows_detail"].as_array().unwrap();
    rows.iter().map(|row| row["extracted"].clone()).collect()
}

fn warnings(report: &ScoreReport) -> String {
    report.warnings.join("\n")
}

#[test]
fn pope_scores_as_vlmevalkit_does() {
    let vector = &vectors()["pope"];
    let report = check(&rows_of("pope"), Benchmark::Pope, &vector["expected"]);
    assert_eq!(Value::Array(extracted(&report)), vector["extracted"]);
    assert_eq!(report["not_inferred"], 2);
    assert_eq!((&report["rows"], &report["expected_rows"]), (&json!(8), &json!(5127)));
    assert_eq!(report["complete"], false);
}

#[test]
fn an_unknown_answer_is_wrong_for_popes_accuracy_and_a_no_for_its_f1() {
    let row = |index: usize, answer: &str, prediction: &str| json!({"index": index, "answer": answer, "prediction": prediction, "category": "random"});
    let rows = [row(0, "No", "maybe"), row(1, "Yes", "yes")];
    let report = json_of(&score_rows(&rows, Benchmark::Pope, PAPER_ERA));
    let overall = &report["metrics"]["Overall"];
    assert_same(&json!({"acc": 50.0, "precision": 100.0, "recall": 100.0}), overall, "POPE");
    let none = json_of(&score_rows(&rows[..1], Benchmark::Pope, PAPER_ERA));
    let zero = json!({"Overall": 0.0, "acc": 0.0, "precision": 0.0, "recall": 0.0});
    assert_same(&zero, &none["metrics"]["Overall"], "POPE without a yes");
}

#[test]
fn answers_are_compared_with_their_case() {
    let rows = [json!({"index": 0, "answer": "yes", "prediction": "Yes", "category": "random"})];
    let report = json_of(&score_rows(&rows, Benchmark::Pope, PAPER_ERA));
    assert_eq!(report["rows_detail"][0]["hit"], 0);
}

#[test]
fn mme_scores_as_vlmevalkit_does() {
    let vector = &vectors()["mme"];
    let report = check(&rows_of("mme"), Benchmark::Mme, &vector["expected"]);
    assert_eq!(Value::Array(extracted(&report)), vector["extracted"]);
    assert_eq!(report["coverage"]["whole"], report["coverage"]["of"]);
    assert_eq!(report["warnings"], json!([]));
}

#[test]
fn mme_without_one_row_of_a_pair_has_no_headline() {
    let rows = rows_of("mme");
    for missing in [0, 1, rows.len() - 1] {
        let mut rows = rows.clone();
        let gone = rows.remove(missing);
        for extraction in BOTH {
            let report = score_rows(&rows, Benchmark::Mme, extraction);
            let json = json_of(&report);
            assert_eq!(json["metrics"].get("perception"), None);
            assert_eq!(json["metrics"].get("reasoning"), None);
            assert_eq!(json["metrics"].get(gone["category"].as_str().unwrap()), None);
            assert!(!report.complete);
            assert!(warnings(&report).contains(gone["image_path"].as_str().unwrap()));
            let coverage = report.coverage.unwrap();
            assert_eq!(coverage.whole + 1, coverage.of);
        }
    }
}

#[test]
fn mme_without_a_category_has_no_headline_but_the_other_categories() {
    let rows: Vec<Value> =
        rows_of("mme").into_iter().filter(|row| row["category"] != "posters").collect();
    let report = score_rows(&rows, Benchmark::Mme, PAPER_ERA);
    let json = json_of(&report);
    assert_eq!(json["metrics"].get("perception"), None);
    assert_eq!(json["metrics"].get("reasoning"), None);
    assert_same(&json!({"OCR": 125.0}), &json["metrics"], "MME");
    assert!(warnings(&report).contains("no row of posters"));
}

#[test]
fn only_the_first_two_questions_of_a_picture_make_mmes_pair() {
    let row = |index: usize, prediction: &str| {
        json!({"index": index, "answer": "Yes", "prediction": prediction, "category": "OCR",
               "image_path": "a.png"})
    };
    let rows = [row(0, "yes"), row(1, "yes"), row(2, "no"), row(3, "no")];
    let report = json_of(&score_rows(&rows, Benchmark::Mme, PAPER_ERA));
    assert_same(&json!({"OCR": 150.0}), &report["metrics"], "MME");
}

#[test]
fn mmbench_scores_in_circles_and_plainly() {
    let vector = &vectors()["mmbench"];
    let mut expected = vector["expected_circular"].clone();
    expected["vanilla_all"] = vector["expected_vanilla_all"].clone();
    expected["vanilla_circ0"] = vector["expected_vanilla_circ0"].clone();
    let report = check(&rows_of("mmbench"), Benchmark::MmBench, &expected);
    check_hits(&report, &vector["expected_circular_hits"]);
    assert_eq!(report["warnings"], json!([]));
    // Row 7 alone is right; its question is not, under one of its rotations.
    let row = &report["rows_detail"][3];
    assert_eq!((&row["hit"], &row["row_hit"]), (&json!(0), &json!(1)));
}

#[test]
fn mmbench_without_one_rotation_has_no_circular_score() {
    let mut rows = rows_of("mmbench");
    rows.retain(|row| row["index"] != 2_000_007);
    let report = score_rows(&rows, Benchmark::MmBench, PAPER_ERA);
    let json = json_of(&report);
    assert_eq!(json["metrics"].get("Overall"), None);
    assert_same(&json!({"vanilla_circ0": 1.0}), &json["metrics"], "MMBench");
    assert!(warnings(&report).contains("7 for one"), "{}", warnings(&report));
    assert_eq!((report.coverage.unwrap().whole, report.coverage.unwrap().of), (4, 5));
    assert_eq!(json["rows_detail"][3]["hit"], Value::Null);
    rows.retain(|row| row["index"] != 3);
    let report = score_rows(&rows, Benchmark::MmBench, PAPER_ERA);
    assert_eq!(report.coverage.unwrap().whole, 3, "a question without its own row is not whole");
}

#[test]
fn mmbench_takes_an_index_that_is_written_as_a_float_and_a_column_of_another_case() {
    let text = table(&rows_of("mmbench")).replace("l2-category", "L2-category");
    let report = score_text(&text, Benchmark::MmBench, PAPER_ERA).unwrap();
    let expected = &vectors()["mmbench"]["expected_circular"];
    assert_same(expected, &json_of(&report)["metrics"], "MMBench");
    let rows = "index\tquestion\tA\tanswer\tprediction\n3.0\tq\tx\tA\tA\n1000003.0\tq\tx\tA\tA\n";
    let report = score_text(rows, Benchmark::MmBench, PAPER_ERA).unwrap();
    assert_eq!(json_of(&report)["metrics"]["Overall"], 1.0);
    let rows = "index\tquestion\tA\tanswer\tprediction\nx3\tq\tx\tA\tA\n";
    let error = score_text(rows, Benchmark::MmBench, PAPER_ERA).unwrap_err();
    assert!(error.contains("row 1") && error.contains("x3"), "{error}");
}

#[test]
fn seedbench_and_realworldqa_score_each_row() {
    for (name, benchmark) in [("seed", Benchmark::SeedBenchImg), ("rwqa", Benchmark::RealWorldQa)] {
        let report = check(&rows_of(name), benchmark, &vectors()[name]["expected"]);
        check_hits(&report, &vectors()[name]["expected_hits"]);
    }
}

#[test]
fn mmmu_scores_dev_and_validation_apart() {
    let vector = &vectors()["mmmu"];
    let report = check(&rows_of("mmmu"), Benchmark::Mmmu, &vector["expected"]);
    check_hits(&report, &vector["expected_hits"]);
}

#[test]
fn an_open_question_of_mmmu_is_one_of_two_options() {
    let row = |index: usize, answer: &str, prediction: &str| {
        json!({"index": index, "split": "dev", "A": null, "B": null, "C": null,
               "answer": answer, "prediction": prediction})
    };
    let rows = [
        row(0, "12.5 cm", "It is 12.5 cm"),
        row(1, "12.5 cm", "A"),
        row(2, "12.5 cm", "other answers"),
        // An answer that is a capital letter is taken for an option's.
        row(3, "B", "Other Answers"),
        row(4, "['3', 'three']", "three"),
        row(5, "x", ""),
    ];
    let report = json_of(&score_rows(&rows, Benchmark::Mmmu, PAPER_ERA));
    let hits: Vec<&Value> =
        report["rows_detail"].as_array().unwrap().iter().map(|row| &row["hit"]).collect();
    assert_eq!(hits, [1, 1, 0, 1, 0, 0]);
}

#[test]
fn cv_bench_scores_by_three_rules() {
    let vector = &vectors()["cvbench"];
    let rows = rows_of("cvbench");
    for extraction in BOTH {
        let report = json_of(&score_rows(&rows, Benchmark::CvBench, extraction));
        for rule in ["aki_exact", "cambrian", "vlmevalkit_2D", "vlmevalkit_3D"] {
            let mut expected = vector[&format!("expected_{rule}")].clone();
            expected.as_object_mut().unwrap().remove("hits");
            assert_same(&expected, &report["metrics"][rule], rule);
        }
        let hits = |rule: &str| -> Vec<Value> {
            let rows = report["rows_detail"].as_array().unwrap();
            rows.iter().map(|row| row["hits"][rule].clone()).collect()
        };
        for rule in ["aki_exact", "cambrian"] {
            let expected = vector[&format!("expected_{rule}")]["hits"].clone();
            assert_eq!(Value::Array(hits(rule)), expected, "{rule}");
        }
        let of_2d = vector["expected_vlmevalkit_hits_2D"].as_array().unwrap();
        let of_3d = vector["expected_vlmevalkit_hits_3D"].as_array().unwrap();
        assert_eq!(hits("vlmevalkit"), [of_2d.clone(), of_3d.clone()].concat());
        let own: Vec<&Value> =
            report["rows_detail"].as_array().unwrap().iter().map(|row| &row["hit"]).collect();
        assert_eq!(own, hits("aki_exact").iter().collect::<Vec<_>>());
    }
}

#[test]
fn cv_bench_is_read_from_vlmevalkits_table_too() {
    let with_letters = |row: &Value| {
        let mut row = row.clone();
        for (letter, choice) in
            ["A", "B", "C", "D", "E"].iter().zip(row["choices"].clone().as_array().unwrap())
        {
            row[letter] = choice.clone();
        }
        row["answer"] = json!(row["answer"].as_str().unwrap().trim_matches(['(', ')']));
        row["split"] = row["type"].clone();
        row["category"] = row["task"].clone();
        for gone in ["choices", "type", "task"] {
            row.as_object_mut().unwrap().remove(gone);
        }
        row
    };
    let rows: Vec<Value> = rows_of("cvbench").iter().map(with_letters).collect();
    let report = json_of(&score_rows(&rows, Benchmark::CvBench, PAPER_ERA));
    let mut expected = json!({});
    for rule in ["aki_exact", "cambrian", "vlmevalkit_2D", "vlmevalkit_3D"] {
        expected[rule] = vectors()["cvbench"][&format!("expected_{rule}")].clone();
        expected[rule].as_object_mut().unwrap().remove("hits");
    }
    assert_same(&expected, &report["metrics"], "CV-Bench");
}

#[test]
fn half_of_cv_bench_has_no_combined_score() {
    let rows: Vec<Value> =
        rows_of("cvbench").into_iter().filter(|row| row["type"] == "2D").collect();
    let report = json_of(&score_rows(&rows, Benchmark::CvBench, PAPER_ERA));
    let exact = &report["metrics"]["aki_exact"];
    assert!(exact["acc_2d"].is_number());
    assert_eq!((&exact["acc_3d"], &exact["combined"]), (&Value::Null, &Value::Null));
    assert_eq!(report["metrics"].get("vlmevalkit_3D"), None);
}

#[test]
fn mathvista_without_a_judge_is_a_lower_bound() {
    let vectors = vectors();
    for extraction in BOTH {
        let rows = vectors["mathvista_prefetch"].as_array().unwrap();
        let report = json_of(&score_rows(rows, Benchmark::MathVista, extraction));
        let expected: Vec<&Value> = rows.iter().map(|row| &row["expected_prefetch"]).collect();
        assert_eq!(extracted(&report).iter().collect::<Vec<_>>(), expected);
        let overall =
            json!({"tot": 5, "prefetch": 3, "hit": 2, "prefetch_rate": 60.0, "acc": 40.0});
        assert_same(&overall, &report["metrics"]["Overall"], "MathVista");
        assert!(report["notes"][0].as_str().unwrap().contains("lower bound"));
    }
}

#[test]
fn mathvista_behind_a_judge_scores_as_vlmevalkit_does() {
    let rows = vectors()["mathvista_acc"]["rows"].as_array().unwrap().clone();
    let report = json_of(&score_rows(&rows, Benchmark::MathVista, PAPER_ERA));
    for expected in vectors()["mathvista_acc"]["expected"].as_array().unwrap() {
        let name = expected["Task&Skill"].as_str().unwrap();
        let mut expected = expected.clone();
        expected.as_object_mut().unwrap().remove("Task&Skill");
        assert_same(&expected, &report["metrics"][name], name);
    }
}

#[test]
fn numbers_of_mathvista_are_read_as_python_reads_them() {
    let row = |kind: &str, answer: &str, prediction: &str| {
        json!({"question_type": "free_form", "answer_type": kind, "answer": answer,
               "answer_option": answer, "choices": "", "prediction": prediction,
               "task": "t", "skills": "['s']"})
    };
    let rows = [
        row("integer", "14", " 14 "),
        row("integer", "1000", "1_000"),
        row("integer", "14", "14.0"),
        // Zero is false, so it is no prefetch.
        row("integer", "0", "0"),
        row("float", "0.6", "0.60"),
        row("float", "0.6", "6e-1"),
        row("float", "0.6", "0.6 cm"),
        row("text", "cat", "cat"),
        row("list", "[1, 2]", "[1, 2]"),
    ];
    let report = json_of(&score_rows(&rows, Benchmark::MathVista, PAPER_ERA));
    let hits: Vec<&Value> =
        report["rows_detail"].as_array().unwrap().iter().map(|row| &row["hit"]).collect();
    assert_eq!(hits, [1, 1, 0, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn a_column_of_predictions_that_are_all_numbers_is_numbers() {
    // Every prediction a number and one missing: pandas reads 3.7, and int(3.7) is 3.
    let text = "answer\tanswer_option\tquestion_type\tanswer_type\tchoices\ttask\tskills\tprediction\n\
                3\t3\tfree_form\tinteger\t\tt\t['s']\t3.7\n\
                4\t4\tfree_form\tinteger\t\tt\t['s']\t\n";
    let report = json_of(&score_text(text, Benchmark::MathVista, PAPER_ERA).unwrap());
    assert_eq!(extracted(&report), [json!(3), Value::Null]);
    // Options of a column with gaps are floats: "3" is asked, and compared, as "3.0".
    let text = "index\tA\tB\tanswer\tprediction\n0\t3\tx\tA\tit is 3\n1\t\ty\tB\ty\n";
    let report = json_of(&score_text(text, Benchmark::SeedBenchImg, PAPER_ERA).unwrap());
    assert_eq!(extracted(&report), [Value::Null, json!("B")]);
}

#[test]
fn mm_vet_and_llava_bench_need_a_judge_and_are_averaged_behind_one() {
    let rows = |name: &str| -> Vec<Value> {
        let with_prediction = |mut row: Value| {
            row["prediction"] = json!("p");
            row
        };
        rows_of(name).into_iter().map(with_prediction).collect()
    };
    let of_vet = rows("mmvet_aggregate");
    let report = json_of(&score_rows(&of_vet, Benchmark::MmVet, PAPER_ERA));
    for expected in vectors()["mmvet_aggregate"]["expected"].as_array().unwrap() {
        let found = &report["metrics"][expected["Category"].as_str().unwrap()];
        assert_eq!(found["tot"], expected["tot"], "{expected}");
        assert_same(&expected["acc"], &found["acc"], "MM-Vet");
    }
    let of_llava = rows("llavabench_aggregate");
    let report = json_of(&score_rows(&of_llava, Benchmark::LlavaBench, PAPER_ERA));
    assert_same(&vectors()["llavabench_aggregate"]["expected"], &report["metrics"], "LLaVA-Bench");

    let unjudged = "index\tquestion\tcategory\tanswer\tprediction\n0\tq\trec\ta\tp\n";
    for benchmark in [Benchmark::MmVet, Benchmark::LlavaBench] {
        let error = score_text(unjudged, benchmark, PAPER_ERA).unwrap_err();
        assert!(error.contains("judge") && error.contains("\"score\""), "{error}");
    }
}

#[test]
fn what_pandas_takes_for_nothing_is_the_answer_nan() {
    for nothing in ["", "None", "NA", "N/A", "null", "nan", "#N/A", "\"NULL\""] {
        let text = format!("index\tA\tB\tanswer\tprediction\n0\tn\tx\tA\t{nothing}\n");
        let report = json_of(&score_text(&text, Benchmark::SeedBenchImg, PAPER_ERA).unwrap());
        assert_eq!(extracted(&report), ["A"], "{nothing}");
    }
    // Neither is in the list, and "none" holds the option "n".
    for text in ["none", " NA "] {
        let text = format!("index\tA\tB\tanswer\tprediction\n0\tn\tx\tA\t{text}\n");
        score_text(&text, Benchmark::SeedBenchImg, PAPER_ERA).unwrap();
    }
    // An option "None" is not there.
    let text = "index\tA\tB\tanswer\tprediction\n0\tNone\tx\tA\tNone\n";
    let report = json_of(&score_text(text, Benchmark::SeedBenchImg, PAPER_ERA).unwrap());
    assert_eq!(extracted(&report), [Value::Null]);
}

#[test]
fn the_last_row_of_an_index_counts_for_all_of_it_and_is_warned_of() {
    let row = |prediction: &str, answer: &str| {
        json!({"index": 5, "answer": answer, "prediction": prediction, "category": "random",
               "A": "x", "B": "y"})
    };
    let rows = [row("yes", "Yes"), row("no", "Yes")];
    let report = score_rows(&rows, Benchmark::Pope, PAPER_ERA);
    assert_eq!(extracted(&json_of(&report)), ["No", "No"]);
    assert!(warnings(&report).contains("5 for one") && !report.complete);
    let rows = [row("A", "A"), row("B", "B")];
    let report = json_of(&score_rows(&rows, Benchmark::SeedBenchImg, PAPER_ERA));
    assert_eq!(extracted(&report), ["B", "B"]);
    assert_eq!(report["metrics"]["Overall"], 1.0);
}

#[test]
fn a_file_without_indices_counts_its_rows_from_zero() {
    let text = "A\tB\tanswer\tprediction\nx\ty\tA\tA\nx\ty\tB\tA\n";
    let report = json_of(&score_text(text, Benchmark::SeedBenchImg, PAPER_ERA).unwrap());
    let indices: Vec<&Value> =
        report["rows_detail"].as_array().unwrap().iter().map(|row| &row["index"]).collect();
    assert_eq!(indices, [0, 1]);
}

#[test]
fn line_ends_quotes_tabs_and_a_byte_order_mark_change_nothing() {
    let plain = table(&rows_of("pope"));
    let quoted: String = plain
        .lines()
        .map(|line| {
            let cells: Vec<String> = line.split('\t').map(|cell| format!("\"{cell}\"")).collect();
            cells.join("\t") + "\r\n"
        })
        .collect();
    let marked = format!("\u{feff}{plain}");
    let blank = plain.replace('\n', "\n\n");
    let expected = &vectors()["pope"]["expected"];
    for text in [plain.replace('\n', "\r\n"), plain.replace('\n', "\r"), quoted, marked, blank] {
        let report = json_of(&score_text(&text, Benchmark::Pope, PAPER_ERA).unwrap());
        assert_same(expected, &report["metrics"], "POPE");
    }
    let text =
        "index\tcategory\tanswer\tprediction\n0\trandom\tYes\t\"She said \"\"hi\"\",\n\tyes.\"\n";
    let report = json_of(&score_text(text, Benchmark::Pope, PAPER_ERA).unwrap());
    assert_eq!(report["rows_detail"][0]["prediction"], "She said \"hi\",\n\tyes.");
    assert_eq!(extracted(&report), ["Yes"]);
}

#[test]
fn a_category_without_a_name_counts_for_the_whole_alone() {
    let rows = [
        json!({"index": 0, "A": "x", "B": "y", "answer": "A", "prediction": "A", "category": null}),
        json!({"index": 1, "A": "x", "B": "y", "answer": "A", "prediction": "B", "category": "c"}),
    ];
    let report = json_of(&score_rows(&rows, Benchmark::SeedBenchImg, PAPER_ERA));
    assert_eq!(report["metrics"], json!({"split": "none", "Overall": 0.5, "c": 0.0}));
}
