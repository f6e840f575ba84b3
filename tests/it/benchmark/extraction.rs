//! What answers say, by both versions of the rules; one test for each quirk of the originals.

#![expect(clippy::string_add, reason = "a text is put together as it reads")]

use aki_lens::benchmark::{
    Benchmark, Extraction, YesNo, first_letter, infer_choice, infer_yes_no, judge_scores,
};
use serde_json::{Value, json};

use super::{NEWER, PAPER_ERA, json as json_of, score_rows, vectors};

const BOTH: [(Extraction, &str); 2] = [(PAPER_ERA, "expected_2025_03"), (NEWER, "expected")];

fn options(texts: &[&str]) -> Vec<(char, String)> {
    ('A'..='Z').zip(texts.iter().map(|text| (*text).to_owned())).collect()
}

#[track_caller]
fn letter(answer: &str, texts: &[&str], paper_era: Option<char>, newer: Option<char>) {
    assert_eq!(infer_choice(answer, &options(texts), PAPER_ERA), paper_era, "{answer:?}, 2025");
    assert_eq!(infer_choice(answer, &options(texts), NEWER), newer, "{answer:?}, 2026");
}

#[track_caller]
fn word(answer: &str, expected: YesNo) {
    for (extraction, _) in BOTH {
        assert_eq!(infer_yes_no(answer, extraction), expected, "{answer:?} by {extraction}");
    }
}

const COLORS: [&str; 4] = ["red", "green", "blue", "upper left"];

#[test]
fn every_vector_of_yes_and_no_is_read_alike() {
    for (extraction, key) in BOTH {
        for vector in vectors()["yorn_extraction"].as_array().unwrap() {
            let answer = vector["prediction"].as_str().unwrap();
            let found = infer_yes_no(answer, extraction).name();
            assert_eq!(found, vector[key], "{answer:?} by {extraction}");
        }
    }
}

#[test]
fn every_vector_of_choices_is_read_alike_from_a_table() {
    for (extraction, key) in BOTH {
        for vector in vectors()["mcq_extraction"].as_array().unwrap() {
            let mut row = vector["choices"].clone();
            row["index"] = json!(0);
            row["answer"] = json!("A");
            row["prediction"] = vector["prediction"].clone();
            let report = score_rows(&[row], Benchmark::SeedBenchImg, extraction);
            let found = &json_of(&report)["rows_detail"][0]["extracted"];
            assert_eq!(*found, vector[key], "{} by {extraction}", vector["prediction"]);
        }
    }
}

#[test]
fn all_vectors_of_choices_in_one_table_are_read_alike() {
    for (extraction, key) in BOTH {
        let vectors = vectors()["mcq_extraction"].as_array().unwrap().clone();
        let row = |(i, vector): (usize, &Value)| {
            let mut row = vector["choices"].clone();
            row["index"] = json!(i);
            row["answer"] = json!("A");
            row["prediction"] = vector["prediction"].clone();
            row
        };
        let rows: Vec<Value> = vectors.iter().enumerate().map(row).collect();
        let report = json_of(&score_rows(&rows, Benchmark::SeedBenchImg, extraction));
        for (i, vector) in vectors.iter().enumerate() {
            assert_eq!(report["rows_detail"][i]["extracted"], vector[key], "{vector}");
        }
    }
}

#[test]
fn a_mark_that_touches_a_space_anywhere_is_deleted_everywhere() {
    // "- " somewhere deletes every hyphen, so "no-one" becomes "noone".
    word("no-one", YesNo::No);
    word("no-one - really", YesNo::Unknown);
    word("yes/no", YesNo::Unknown);
}

#[test]
fn a_comma_between_digits_deletes_all_marks() {
    word("no?maybe", YesNo::No);
    word("no?maybe 1,000", YesNo::Unknown);
    // Digits of any script count as digits.
    word("no?maybe \u{661},\u{662}", YesNo::Unknown);
}

#[test]
fn colons_stars_and_single_quotes_stay_on_words() {
    for answer in ["Yes:", "**Yes**", "'Yes'", "yes*", "Answer:yes"] {
        word(answer, YesNo::Unknown);
    }
    word("Answer: yes", YesNo::Yes);
}

#[test]
fn only_thirty_two_periods_are_deleted() {
    let periods = |n: usize| ".".repeat(n);
    word(&format!("yes{}", periods(32)), YesNo::Yes);
    word(&format!("yes{}", periods(33)), YesNo::Unknown);
    word(&format!("{} yes.", periods(32)), YesNo::Unknown);
}

#[test]
fn a_period_behind_a_digit_uses_up_the_count_in_the_older_rules_only() {
    let list = "1. ".repeat(32) + "yes.";
    assert_eq!(infer_yes_no(&list, PAPER_ERA), YesNo::Unknown);
    assert_eq!(infer_yes_no(&list, NEWER), YesNo::Yes);
    word("2. no", YesNo::No);
    word("1.yes", YesNo::Unknown);
}

#[test]
fn yes_and_no_are_whole_words_of_any_case_and_line() {
    word("YES", YesNo::Yes);
    word("yes\r\nIt is.", YesNo::Yes);
    word("\u{a0}no\u{3000}", YesNo::No);
    word("nope", YesNo::Unknown);
    word("是", YesNo::Unknown);
    word("nan", YesNo::Unknown);
    word("yes\u{200b}", YesNo::Unknown);
}

#[test]
fn letters_count_only_in_upper_case_and_as_whole_words() {
    letter("b", &COLORS, None, None);
    letter("AB", &COLORS, None, None);
    letter("A/B", &COLORS, None, None);
    letter("'B'", &COLORS, None, None);
    letter("\"B\"", &COLORS, None, None);
    letter("B\u{ff0e}", &COLORS, None, None);
    letter("Ｂ", &COLORS, None, None);
    letter("B\u{3000}", &COLORS, Some('B'), Some('B'));
    letter("**(B)**!", &COLORS, Some('B'), Some('B'));
}

#[test]
fn a_letter_that_is_no_option_is_not_seen() {
    letter("E", &COLORS, None, None);
    // C is no option here, so B stands alone.
    letter("B or C", &["red", "green"], Some('B'), Some('B'));
}

#[test]
fn the_same_letter_twice_is_one_and_two_letters_are_none() {
    letter("B B B", &COLORS, Some('B'), Some('B'));
    letter("A or B", &COLORS, None, None);
}

#[test]
fn the_newer_rules_look_at_the_last_four_words_only_and_at_a_letters_first_place() {
    letter("B is what it is", &COLORS, Some('B'), None);
    letter("B is it so", &COLORS, Some('B'), Some('B'));
    letter("B or so I think B", &COLORS, Some('B'), None);
}

#[test]
fn behind_answer_is_the_newer_rules_take_the_first_letter_of_any_word() {
    letter("The answer is b", &COLORS, None, Some('B'));
    letter("THE ANSWER IS **d**", &COLORS, None, Some('D'));
    letter("the answer is a mystery", &COLORS, None, Some('A'));
    letter("the answer is behind the door of the barn", &COLORS, None, Some('B'));
    letter("the answer is e", &COLORS, None, None);
    // Only the first match counts.
    letter("answer is d, answer is b", &["red", "green"], None, None);
}

#[test]
fn a_lone_z_and_refusals_are_z() {
    letter("Z", &COLORS, Some('Z'), Some('Z'));
    letter("I would say (Z).", &COLORS, Some('Z'), Some('Z'));
    letter("Sorry, I can't help with images of people yet. B", &COLORS, Some('Z'), Some('Z'));
    letter("cannot determine the answer", &COLORS, None, None);
    // No letter is read from a failure, but a text is.
    letter("Failed to obtain answer via API. It is green", &COLORS, Some('B'), Some('B'));
    letter("Failed to obtain answer via API: B", &["x", "y"], None, None);
}

#[test]
fn an_options_text_counts_within_words_and_in_any_case() {
    letter("It is EVERGREEN", &COLORS, Some('B'), Some('B'));
    letter("a reddish green", &COLORS, None, None);
    letter("ÉTÉ", &["été", "hiver"], Some('A'), Some('A'));
    letter("绿色", &["红色", "绿色"], Some('B'), Some('B'));
}

#[test]
fn long_answers_are_not_searched_for_texts_by_the_newer_rules() {
    // Twice the options' characters is allowed, one more is not.
    letter("cat789", &["cat", ""], None, None);
    letter("dog456", &["dog", "x"], Some('A'), Some('A'));
    letter("dog4567890", &["dog", "x"], Some('A'), None);
}

#[test]
fn an_option_inside_another_makes_both_count() {
    letter("upper left", &["left", "upper left"], None, None);
    letter("10", &["1", "10"], None, None);
}

#[test]
fn cambrian_takes_the_first_letter_behind_the_last_answer_is() {
    let cases = [
        ("B", Some('b')),
        (" (C) ", Some('c')),
        // "answer is" comes before "answer is:", so the colon stays.
        ("The answer is: (A).", Some(':')),
        ("Answer: D", Some('d')),
        ("the answer is b, no, the answer is c", Some('c')),
        ("blue", Some('b')),
        ("((A))", Some('a')),
        ("**B**", Some('*')),
        ("", None),
        ("(.)", Some('.')),
        ("().", None),
    ];
    for (answer, expected) in cases {
        assert_eq!(first_letter(answer), expected, "{answer:?}");
    }
}

#[test]
fn a_review_needs_exactly_two_numbers_in_its_first_line() {
    for vector in vectors()["llavabench_aggregate"]["parse_score"].as_array().unwrap() {
        let found = judge_scores(vector["review"].as_str().unwrap());
        let expected = &vector["expected"];
        assert_eq!(expected[0].as_f64().unwrap(), found[0], "{vector}");
        assert_eq!(expected[1].as_f64().unwrap(), found[1], "{vector}");
    }
    assert_eq!(judge_scores(""), [-1.0, -1.0]);
    assert_eq!(judge_scores("9,6"), [9.0, 6.0]);
}
