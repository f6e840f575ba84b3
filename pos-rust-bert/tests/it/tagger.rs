//! Words, bytes, tags and scores of the library.

use std::collections::BTreeSet;

use aki_lens_pos_rust_bert::Tagger;
use rust_bert::{
    pipelines::{
        common::{ModelResource, ModelType},
        pos_tagging::{POSConfig, POSModel},
        token_classification::{LabelAggregationOption, TokenClassificationConfig},
    },
    resources::LocalResource,
};
use tch::Device;

use crate::tiny_model::{LABELS, POSITIONS, plain_model, tiny_model};

const QUESTIONS: [&str; 8] = [
    "Where is the red dog?",
    "What's on the T-shirt, left-hand side?",
    "Wo ist das Café — “là-bas” 🦊?",
    "The naïve coöperation of Ångström’s dog isn't 1,200.5 m",
    "狐はどこ? 한국어 text",
    "tabs\tand\u{a0}spaces \u{200b}and\u{0}nothing\u{7}",
    "e\u{301}tude of cafe\u{301}",
    "İstanbul ﬁne ß Ǆ",
];

fn words(tagger: &Tagger, question: &str) -> Vec<String> {
    tagger.tag(question).unwrap().words.iter().map(|word| word.text.to_owned()).collect()
}

#[test]
fn words_are_the_questions_own_bytes() {
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    let check = |question: &str, expected: &[&str]| {
        assert_eq!(words(&tagger, question), expected, "{question}");
    };
    check(QUESTIONS[0], &["Where", "is", "the", "red", "dog", "?"]);
    check(
        QUESTIONS[1],
        &["What", "'", "s", "on", "the", "T", "-", "shirt", ",", "left", "-", "hand", "side", "?"],
    );
    check(QUESTIONS[2], &["Wo", "ist", "das", "Café", "—", "“", "là", "-", "bas", "”", "🦊", "?"]);
    check("don’t", &["don", "’", "t"]);
    check("", &[]);
    check(" \t ", &[]);
    check("\u{0}\u{7}", &[]);
}

#[test]
fn ranges_ascend_and_stand_on_character_boundaries() {
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    for question in QUESTIONS {
        let answer = tagger.tag(question).unwrap();
        let mut end = 0;
        for word in &answer.words {
            assert!(end <= word.start && word.start < word.end, "{word:?} in {question:?}");
            assert_eq!(question.get(word.start..word.end), Some(word.text), "{question:?}");
            assert!(word.tag.as_deref().is_some_and(|tag| LABELS.contains(&tag)), "{word:?}");
            assert!(word.score.is_some_and(|score| (0.0..=1.0).contains(&score)), "{word:?}");
            end = word.end;
        }
        assert!(!answer.words.is_empty());
        assert_eq!(answer.pieces, 1);
    }
}

#[test]
fn tags_are_those_of_rust_berts_own_pipeline() {
    let folder = plain_model();
    let local = |name| Box::new(LocalResource { local_path: folder.path().join(name) });
    let reference = POSModel::new(POSConfig::from(TokenClassificationConfig {
        model_type: ModelType::MobileBert,
        model_resource: ModelResource::Torch(local("model.safetensors")),
        config_resource: local("config.json"),
        vocab_resource: local("vocab.txt"),
        merges_resource: None,
        lower_case: true,
        strip_accents: Some(true),
        add_prefix_space: None,
        device: Device::Cpu,
        kind: None,
        label_aggregation_function: LabelAggregationOption::First,
        batch_size: 64,
    }))
    .unwrap();
    let tagger = Tagger::open(folder.path()).unwrap();
    let mut seen = BTreeSet::new();
    for question in QUESTIONS {
        let expected: Vec<_> = reference.predict(&[question]).remove(0);
        let found = tagger.tag(question).unwrap().words;
        let expected: Vec<_> = expected.iter().map(|tag| tag.label.as_str()).collect();
        let found: Vec<_> = found.into_iter().filter_map(|word| word.tag).collect();
        assert_eq!(found, expected, "{question:?}");
        seen.extend(found);
    }
    assert!(seen.len() > 2, "random weights should not give one tag to everything: {seen:?}");
}

#[test]
fn both_kinds_of_weights_give_the_same() {
    let logits = [0.0; LABELS.len()];
    let (safetensors, archive) =
        (tiny_model("model.safetensors", logits), tiny_model("rust_model.ot", logits));
    let first = Tagger::open(safetensors.path()).unwrap();
    let second = Tagger::open(archive.path()).unwrap();
    for question in QUESTIONS {
        assert_eq!(first.tag(question).unwrap().words, second.tag(question).unwrap().words);
    }
}

#[test]
fn scores_that_mean_nothing_give_no_tag() {
    // The first overflows in exp, the second only in the sum, where every score is 0.
    for logits in [[1000.0, 0.0, 0.0, 0.0, 0.0, 0.0], [88.6; LABELS.len()]] {
        let folder = tiny_model("model.safetensors", logits);
        let tagger = Tagger::open(folder.path()).unwrap();
        let answer = tagger.tag("Where is the red dog?").unwrap();
        assert_eq!(answer.words.len(), 6);
        for word in answer.words {
            assert!(word.tag.is_none() && word.score.is_none(), "{word:?}");
        }
    }
}

#[test]
fn a_clear_preference_is_every_words_tag() {
    let folder = tiny_model("rust_model.ot", [0.0, 0.0, 0.0, 60.0, 0.0, 0.0]);
    let tagger = Tagger::open(folder.path()).unwrap();
    let answer = tagger.tag("the red dog").unwrap();
    assert!(answer.words.iter().all(|word| word.tag.as_deref() == Some("JJ")));
}

#[test]
fn ten_thousand_words_are_tagged_in_pieces_that_fit() {
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    let question = "dog ".repeat(10_000);
    let answer = tagger.tag(&question).unwrap();
    assert_eq!(answer.words.len(), 10_000);
    assert_eq!(answer.pieces, 10_000_usize.div_ceil(POSITIONS - 2));
    for (number, word) in answer.words.iter().enumerate() {
        assert_eq!((word.start, word.text), (4 * number, "dog"));
    }
}

#[test]
fn long_text_without_white_space_is_tagged_too() {
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    let text = "?!".repeat(40);
    let marks = tagger.tag(&text).unwrap();
    assert_eq!((marks.words.len(), marks.pieces), (80, 2));
    // More than a hundred letters are one unknown token; fewer are spelled.
    assert_eq!(tagger.tag(&"x".repeat(5000)).unwrap().words.len(), 1);
    assert_eq!(tagger.tag(&"x".repeat(90)).unwrap().pieces, 2);
    assert_eq!(tagger.tag(&"한".repeat(200)).unwrap().words.last().map(|word| word.end), Some(600));
}

#[test]
fn markers_in_a_question_do_no_harm() {
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    for question in ["[CLS] the [SEP] dog [PAD] [MASK] [UNK]", "[SEP]", "##dog ##", "<s></s>"] {
        for word in tagger.tag(question).unwrap().words {
            assert_eq!(&question[word.start..word.end], word.text);
        }
    }
    assert!(words(&tagger, "[CLS] the dog").ends_with(&["the".to_owned(), "dog".to_owned()]));
}

#[test]
fn odd_characters_never_stop_it() {
    let odd: Vec<char> =
        "aé ß\u{301}\u{308}İ\u{1F98A}\u{200d}\u{fe0f}狐한\u{0}\u{7}\u{85}\u{a0}\u{ad}\u{200b}\u{202e}\
         \u{fffd}\u{e000}\u{10ffff}'’-#[]<>\n\r\tأ1ﬁǄ"
            .chars()
            .collect();
    let folder = plain_model();
    let tagger = Tagger::open(folder.path()).unwrap();
    let mut state = 1_u64;
    for _ in 0..200 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push(odd[(state >> 33) as usize % odd.len()]);
        }
        let mut end = 0;
        for word in tagger.tag(&text).unwrap().words {
            assert!(end <= word.start && word.start < word.end, "{word:?} in {text:?}");
            assert_eq!(text.get(word.start..word.end), Some(word.text));
            end = word.end;
        }
    }
}
