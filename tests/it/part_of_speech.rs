//! What the embedded tagger makes of questions, measured on labelled ones.

use std::{collections::BTreeMap, fs, path::PathBuf};

use aki_lens::{
    domain::{Bucket, BucketEdits, BucketError, TaggedWord},
    text::{GivenTag, PosTagger, Tagger, Upos, bucket_words},
};

const N_DEVELOPMENT: usize = 671;
const N_HELD_OUT: usize = 136;

struct Labelled {
    question: String,
    /// Words with the buckets that a person gave them.
    words: Vec<(String, Bucket)>,
}

fn labelled(file: &str) -> Vec<Labelled> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/part-of-speech"));
    let mut questions: Vec<Labelled> = Vec::new();
    for line in fs::read_to_string(folder.join(file)).unwrap().lines() {
        let [question, word, bucket] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        if questions.last().is_none_or(|last| last.question != question) {
            questions.push(Labelled { question: question.to_owned(), words: Vec::new() });
        }
        let words = &mut questions.last_mut().unwrap().words;
        words.push((word.to_owned(), bucket.parse().unwrap()));
    }
    questions
}

/// Accuracy, and the F1 of every bucket that a person gave.
fn measure(questions: &[Labelled]) -> (f64, BTreeMap<Bucket, f64>) {
    let mut counts: BTreeMap<(Bucket, Bucket), f64> = BTreeMap::new();
    for Labelled { question, words } in questions {
        let found = Tagger::embedded().tag(question);
        let texts: Vec<&str> = found.iter().map(|word| word.text.as_str()).collect();
        let expected: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(texts, expected, "{question}");
        for (word, (_, bucket)) in found.iter().zip(words) {
            *counts.entry((*bucket, word.bucket)).or_default() += 1.0;
        }
    }
    let sum = |keep: &dyn Fn(Bucket, Bucket) -> bool| -> f64 {
        counts.iter().filter(|((a, b), _)| keep(*a, *b)).map(|(_, n)| n).sum()
    };
    let f1 = |bucket: Bucket| {
        let right = sum(&|a, b| a == bucket && b == bucket);
        2.0 * right / (sum(&|a, _| a == bucket) + sum(&|_, b| b == bucket))
    };
    let buckets = Bucket::ALL.into_iter().filter(|bucket| sum(&|a, _| a == *bucket) > 0.0);
    let accuracy = sum(&|a, b| a == b) / sum(&|_, _| true);
    (accuracy, buckets.map(|bucket| (bucket, f1(bucket))).collect())
}

fn check(file: &str, n_questions: usize, min_accuracy: f64, min_f1: f64) {
    let questions = labelled(file);
    assert_eq!(questions.len(), n_questions, "{file}");
    let (accuracy, f1) = measure(&questions);
    assert!(accuracy >= min_accuracy, "{file}: accuracy {accuracy:.4}");
    assert_eq!(f1.len(), 6, "{file}: every bucket but Template occurs");
    for (bucket, f1) in f1 {
        assert!(f1 >= min_f1, "{file}: F1 of {bucket} {f1:.3}");
    }
}

#[test]
fn public_questions_are_tagged_as_people_tag_them() {
    check("questions.tsv", 60, 0.99, 0.97);
}

#[test]
fn questions_of_benchmarks_are_tagged_as_people_tag_them() {
    check("development.tsv", N_DEVELOPMENT, 0.99, 0.97);
}

#[test]
fn questions_that_were_held_out_are_tagged_as_people_tag_them() {
    check("held-out.tsv", N_HELD_OUT, 0.99, 0.97);
}

/// The words with their buckets, as `word/Bucket`.
fn tagged(question: &str) -> String {
    let words = Tagger::embedded().tag(question);
    let words = words.iter().map(|word| format!("{}/{}", word.text, &word.bucket.name()[..2]));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_word_counts_by_what_it_does() {
    let cases = [
        ("Does the shirt match the shoes?", "match/Ac"),
        ("Who won the match?", "match/Ob"),
        ("What is to the right of it?", "right/Re"),
        ("Which is the right answer?", "right/At"),
        ("How many apples are left?", "left/Ac"),
        ("What is on the left?", "left/Re"),
        ("The man is parked in a parked car.", "parked/Ac in/Re a/Fu parked/At"),
        ("Is the cup made of gold?", "gold/Ob"),
        ("What color is it? A. gold B. orange", "gold/At B/Ot ./Ot orange/At"),
        ("Is there an orange?", "orange/Ob"),
        ("What was sold in 2015?", "in/Fu 2015/Ot"),
        ("What is in the box?", "in/Re"),
        ("Was it painted by a child?", "by/Fu"),
        ("What stands by the door?", "by/Re"),
        ("Is it close to the dog?", "close/Re to/Re"),
        ("Does the man close the door?", "close/Ac"),
        ("Are there 3 dogs or 4?", "3/At dogs/Ob or/Fu 4/Ot"),
        ("The word \"left behind\" is there.", "left/Ob behind/Ob"),
        ("What does he do?", "does/Fu he/Fu do/Ac"),
        ("Has he seen what she has?", "Has/Fu he/Fu seen/Ac what/Fu she/Fu has/Ac"),
    ];
    for (question, expected) in cases {
        let found = tagged(question);
        assert!(found.contains(expected), "{question}: {found}");
    }
}

#[test]
fn words_are_cut_as_people_cut_them() {
    let cut = |question: &str| {
        let words = Tagger::embedded().tag(question);
        words.into_iter().map(|word| word.text).collect::<Vec<_>>().join("|")
    };
    for (question, expected) in [
        ("What's the dog's name?", "What|'s|the|dog|'s|name|?"),
        ("It isn’t here; can't you?", "It|is|n’t|here|;|ca|n't|you|?"),
        ("A T-shirt for $1,200.50.", "A|T-shirt|for|$|1,200.50|."),
        ("the U.S. at 5 p.m. today", "the|U.S.|at|5|p.m.|today"),
        ("(A) cat (B) dog", "(|A|)|cat|(|B|)|dog"),
        ("3x + 5 = 50%", "3x|+|5|=|50|%"),
        ("e\u{301}te\u{301} it", "e\u{301}te\u{301}|it"),
        (
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}!",
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}|!",
        ),
        ("five o'clock", "five|o'clock"),
        ("'left' or ''", "'|left|'|or|'|'"),
    ] {
        assert_eq!(cut(question), expected);
    }
}

/// Words stand where they say, in order, and nothing but white space stands between them.
fn check_cover(question: &str, words: &[TaggedWord]) {
    let mut end = 0;
    for word in words {
        assert!(question[end..word.byte_range.start].trim().is_empty(), "{question:?} {word:?}");
        assert_eq!(question[word.byte_range.clone()], word.text);
        assert!(!word.text.is_empty() && word.bucket != Bucket::Template && !word.edited);
        assert!(!word.tag.is_empty());
        end = word.byte_range.end;
    }
    assert!(question[end..].trim().is_empty(), "{question:?}");
}

#[test]
fn strange_questions_are_tagged_without_a_panic() {
    let long = "pneumono".repeat(20_000);
    let points = "a.".repeat(20_000);
    let quotes = "\"' ".repeat(5_000);
    let cases = [
        "",
        " \t\r\n ",
        "\u{1F642}",
        "\u{1F642}\u{1F642} \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{1F1F8}\u{1F1EE}",
        "\u{0}\u{1}\u{7F}\u{85}\u{FEFF}",
        "what \u{0} is",
        "ما هذا؟",
        "\u{202E}what is this\u{202C}",
        "写真には何が写っていますか？",
        "e\u{301}\u{301}\u{301} \u{301}",
        "''''''s n't 't ’s ’",
        "\"\"\" \"a",
        "- -- --- a- -a a--b",
        ". .. ... a. .a 1. .1 1,, 1.,2",
        "ſs İ ß Ǆ ﬁ Å ½ ² ٣ Ⅳ",
        "A. B. C.",
        "A",
        "to",
        "is",
        "have do can left right",
        &long,
        &points,
        &quotes,
    ];
    for question in cases {
        check_cover(question, &Tagger::embedded().tag(question));
    }
    assert!(Tagger::embedded().tag("").is_empty());
    let emoji = Tagger::embedded().tag("\u{1F642} \u{2764}\u{FE0F} \u{1F1F8}\u{1F1EE}");
    assert!(emoji.iter().all(|word| word.bucket == Bucket::Other), "{emoji:?}");
}

#[test]
fn a_text_of_forty_thousand_words_is_tagged_whole() {
    let text = "which dog that holds red things does match ".repeat(5_000);
    check_cover(&text, &Tagger::embedded().tag(&text));
}

#[test]
fn another_tagger_s_tags_are_put_into_our_buckets() {
    let question = "What's the T-shirt like?";
    let given = [
        (0, 4, "WP"),
        (4, 5, "''"),
        (5, 6, "VBZ"),
        (7, 10, "DT"),
        (11, 12, "NN"),
        (12, 13, "HYPH"),
        (13, 18, "JJ"),
    ];
    let given: Vec<GivenTag> = given
        .iter()
        .map(|&(start, end, tag)| GivenTag { byte_range: start..end, tag: tag.to_owned() })
        .collect();
    let words = bucket_words(question, &given);
    check_cover(question, &words);
    let shirt = words.iter().find(|word| word.text == "T-shirt").unwrap();
    assert_eq!((shirt.tag.as_str(), shirt.bucket), ("JJ", Bucket::Attributes));
    // what was not tagged keeps our tag, and what is closed to other taggers stays closed
    assert_eq!(words.last().unwrap().bucket, Bucket::Other);
    assert_eq!(words[1].bucket, Bucket::Function);
    assert_eq!(bucket_words(question, &[]), Tagger::embedded().tag(question));
    let nonsense = [
        GivenTag { byte_range: 90..99, tag: "NN".to_owned() },
        GivenTag { byte_range: 7..10, tag: "?!".to_owned() },
    ];
    assert_eq!(bucket_words(question, &nonsense).len(), words.len());
}

#[test]
fn small_words_keep_their_bucket_whatever_another_tagger_calls_them() {
    let question = "Is the cup next to the dog to match it?";
    let words = Tagger::embedded().tag(question);
    let penn = ["VBZ", "DT", "NN", "JJ", "TO", "DT", "NN", "TO", "VB", "PRP", "."];
    let given: Vec<GivenTag> = words
        .iter()
        .zip(penn)
        .map(|(word, tag)| GivenTag { byte_range: word.byte_range.clone(), tag: tag.to_owned() })
        .collect();
    let found = bucket_words(question, &given);
    let buckets = |words: &[TaggedWord]| words.iter().map(|w| w.bucket).collect::<Vec<_>>();
    assert_eq!(buckets(&found), buckets(&words));
    assert_eq!(found[4].tag, "TO");
}

#[test]
fn tags_of_both_sets_are_understood() {
    for (penn, upos) in [
        ("NNS", Upos::Noun),
        ("NNP", Upos::Propn),
        ("JJR", Upos::Adj),
        ("VBG", Upos::Verb),
        ("MD", Upos::Aux),
        ("IN", Upos::Adp),
        ("TO", Upos::Part),
        ("WRB", Upos::Adv),
        ("WDT", Upos::Det),
        ("PRP$", Upos::Pron),
        ("CC", Upos::Cconj),
        ("CD", Upos::Num),
        ("UH", Upos::Intj),
        (".", Upos::Punct),
        ("``", Upos::Punct),
        ("ADJ", Upos::Adj),
        ("LABEL_3", Upos::X),
        ("", Upos::X),
    ] {
        assert_eq!(Upos::from_tag(penn), upos, "{penn}");
    }
}

#[test]
fn a_tagger_can_be_chosen_when_the_program_runs() {
    let tagger: &dyn PosTagger = Tagger::embedded();
    assert_eq!(tagger.tag("a red dog").unwrap().len(), 3);
}

#[test]
fn corrections_mark_their_words_and_survive_a_file() {
    let words = Tagger::embedded().tag("Where is the cat?");
    let edits = BucketEdits::new().with(3, Bucket::Actions).with(0, Bucket::Other);
    let kept = serde_json::to_string(&edits).unwrap();
    assert_eq!(kept, r#"{"0":"Other","3":"Actions"}"#);
    let edits: BucketEdits = serde_json::from_str(&kept).unwrap();
    let edited = edits.apply(&words).unwrap();
    assert_eq!((edited[3].bucket, edited[3].edited), (Bucket::Actions, true));
    assert_eq!(edited[1], words[1]);
    assert_eq!(edits.without(3).without(0).apply(&words).unwrap(), words);
}

#[test]
fn corrections_that_cannot_be_made_are_errors() {
    let words = Tagger::embedded().tag("Where is the cat?");
    let beyond = BucketEdits::new().with(5, Bucket::Objects).apply(&words).unwrap_err();
    assert_eq!(beyond, BucketError::NoSuchWord { word_idx: 5, n_words: 5 });
    assert_eq!(beyond.to_string(), "there is no word 5: the question has 5 words");
    let template = BucketEdits::new().with(0, Bucket::Template).apply(&words).unwrap_err();
    assert_eq!(template, BucketError::WordAsTemplate { word_idx: 0 });
}

#[test]
fn buckets_are_spelled_one_way() {
    for bucket in Bucket::ALL {
        assert_eq!(bucket.to_string().parse(), Ok(bucket));
        assert_eq!(serde_json::to_string(&bucket).unwrap(), format!("\"{bucket}\""));
    }
    assert!(Bucket::ALL.is_sorted());
    let control: Vec<Bucket> = Bucket::ALL.into_iter().filter(|b| b.is_control()).collect();
    assert_eq!(control, [Bucket::Function, Bucket::Other]);
    let error = "objects".parse::<Bucket>().unwrap_err();
    assert!(error.to_string().contains("there is no bucket `objects`; there are Objects, "));
}
