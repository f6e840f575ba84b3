//! Which word stands at which position, with the tokenizers of two families.

use std::{fs, path::PathBuf};

use aki_lens::{
    domain::{
        Bucket, BucketEdits, PositionWords, PositionedToken, Prompt, Segment, SequenceLayout,
        SequenceOrder, TaggedWord, WordAlignment,
    },
    text::{ChatTemplate, Tagger, TextError, TextTokenizer, align, prompt, prompt_from_ids},
};
use serde_json::Value;

const FOLDERS: [&str; 5] = ["phi3_plain", "phi3_longrope", "llama", "qwen2", "specimen"];

/// Contractions, curly quotes, hyphens, emoji, accents (one character and two), several spaces.
const QUESTIONS: [&str; 16] = [
    "What shape is next to the red square?",
    "What's he'd they'll I'm you're we've, isn't it? Don't.",
    "Is the “red” sign ‘left’ of the dog’s «house»?",
    "a well-known mother-in-law, a T-shirt \u{2014} or not \u{2013} really",
    "Is it a \u{1F642}, a \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} or a \u{1F1F8}\u{1F1EE}?",
    "\u{1F642}",
    "Où est l'élève? C'est déjà l'été",
    "e\u{301}te\u{301} decomposed, \u{958} and \u{212B} change under NFC",
    "a  b   c    d     e",
    "   three spaces before and three after   ",
    "\n\nlines\r\nand\ttabs\n",
    "写真には何が写っていますか？",
    "ما هذا؟ Что это? 이게 뭐야?",
    "▁▁ literal U+2581 ▁x <0x41> <0xE2>",
    "\u{FFFD} and \u{0} and \u{7F} and \u{10FFFF}",
    "123456789 3.14159 1,000,000 ½ ² ٣ 50% $5 20°",
];

fn open(case: &str) -> (TextTokenizer, &'static ChatTemplate) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .join(case)
        .join("checkpoint");
    let json = |file: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.join(file)).unwrap()).unwrap()
    };
    let model_type = json("text_config.json")["model_type"].as_str().unwrap().to_owned();
    let template = ChatTemplate::for_model_type(&model_type).unwrap();
    let n_tokens = json("config.json")["initial_tokenizer_len"].as_u64().unwrap();
    let n_tokens = usize::try_from(n_tokens).unwrap();
    (TextTokenizer::open(&folder, template, n_tokens).unwrap(), template)
}

/// What holds for any prompt and its question's words.
fn check(prompt: &Prompt, words: &[TaggedWord], alignment: &WordAlignment) {
    let (text, question) = (&prompt.text, prompt.question_bytes.clone());
    assert_eq!(alignment.positions.len(), prompt.tokens.len());
    for (token, at) in prompt.tokens.iter().zip(&alignment.positions) {
        let range = token.byte_range.clone();
        assert_eq!(at.bucket.is_none(), token.segment == Segment::Image, "{token:?}");
        assert!(at.words.is_sorted_by_key(|share| share.word_idx), "{token:?}");
        for share in &at.words {
            let word = &words[share.word_idx].byte_range;
            let word = question.start + word.start..question.start + word.end;
            assert!(word.start < range.end && range.start < word.end, "{token:?} {share:?}");
            assert!(share.n_bytes >= 1 && share.n_bytes <= word.len(), "{token:?} {share:?}");
        }
        let is_outside = range.end <= question.start || range.start >= question.end;
        if is_outside {
            assert!(at.words.is_empty(), "a word outside the question: {token:?}");
        }
        if is_outside && token.segment != Segment::Image {
            assert_eq!(at.bucket, Some(Bucket::Template), "{token:?}");
        }
        if at.words.is_empty() && !is_outside && text[range].trim().is_empty() {
            assert!(matches!(at.bucket, Some(Bucket::Other | Bucket::Template)), "{token:?}");
        }
        if !at.words.is_empty() {
            let most = at.words.iter().map(|share| share.n_bytes).max();
            let best = at.words.iter().find(|share| Some(share.n_bytes) == most).unwrap();
            assert_eq!(at.bucket, Some(words[best.word_idx].bucket), "{token:?}");
        }
        assert_eq!(at.is_shared(), at.words.len() > 1);
    }
    for (word_idx, word) in words.iter().enumerate() {
        let positions: Vec<usize> = alignment.positions_of_word(word_idx).collect();
        for byte in word.byte_range.clone() {
            let byte = question.start + byte;
            let is_covered = positions.iter().any(|&p| prompt.tokens[p].byte_range.contains(&byte));
            assert!(is_covered, "byte {byte} of {word:?} has no position");
        }
    }
    let n_in_buckets: usize = Bucket::ALL.iter().map(|b| alignment.positions_in(*b).count()).sum();
    assert_eq!(n_in_buckets + prompt.layout.image().len(), prompt.tokens.len());
}

#[test]
fn every_byte_of_a_word_has_a_position_and_no_position_outside_the_question_has_a_word() {
    for case in FOLDERS {
        let (tokenizer, template) = open(case);
        for question in QUESTIONS {
            for order in [SequenceOrder::ImageFirst, SequenceOrder::TextFirst] {
                let prompt = match prompt(&tokenizer, template, question, order, 3) {
                    Ok(prompt) => prompt,
                    // a tokenizer without the letters of a language says so
                    Err(TextError::NoSuchToken { .. }) => continue,
                    Err(error) => panic!("{case}: {error}"),
                };
                let words = Tagger::embedded().tag(question);
                let alignment = align(&prompt, &words).unwrap();
                check(&prompt, &words, &alignment);
            }
        }
    }
}

#[test]
fn tokens_count_where_their_word_counts() {
    for case in FOLDERS {
        let (tokenizer, template) = open(case);
        let question = "What shape is next to the red square?";
        let prompt = prompt(&tokenizer, template, question, SequenceOrder::ImageFirst, 3).unwrap();
        let words = Tagger::embedded().tag(question);
        let alignment = align(&prompt, &words).unwrap();
        for (text, bucket) in [("next", Bucket::Relations), ("red", Bucket::Attributes)] {
            let word_idx = words.iter().position(|word| word.text == text).unwrap();
            let positions: Vec<usize> = alignment.positions_of_word(word_idx).collect();
            assert!(!positions.is_empty());
            for position in positions {
                let at = &alignment.positions[position];
                assert!(at.bucket == Some(bucket) || at.is_shared(), "{case}: {text}: {at:?}");
            }
        }
        assert!(alignment.positions_in(Bucket::Template).count() >= 4, "{case}");
    }
}

/// A prompt whose tokens are these pieces of its text; all that is not the question is template.
fn prompt_of_pieces(pieces: &[&str], question: &str) -> Prompt {
    let text: String = pieces.concat();
    let start = text.find(question).unwrap();
    let (mut tokens, mut at) = (Vec::new(), 0);
    for (position, piece) in pieces.iter().enumerate() {
        tokens.push(PositionedToken {
            position,
            id: 0,
            text: (*piece).to_owned(),
            segment: Segment::Question,
            byte_range: at..at + piece.len(),
        });
        at += piece.len();
    }
    Prompt {
        ids: vec![0; pieces.len()],
        image_index: 0,
        question_bytes: start..start + question.len(),
        layout: SequenceLayout::new().push(Segment::Question, pieces.len()),
        text,
        tokens,
    }
}

fn buckets_of(pieces: &[&str], question: &str) -> Vec<Bucket> {
    let prompt = prompt_of_pieces(pieces, question);
    let words = Tagger::embedded().tag(question);
    let alignment = align(&prompt, &words).unwrap();
    check(&prompt, &words, &alignment);
    alignment.positions.iter().map(|at| at.bucket.unwrap()).collect()
}

#[test]
fn a_token_over_two_words_counts_for_the_longer_part_and_says_that_it_is_shared() {
    use Bucket::{Function, Objects, Other, Relations, Template};
    let pieces = ["<s>", "Where", " is", " the c", "at?", "</s>"];
    let found = buckets_of(&pieces, "Where is the cat?");
    // " the c" has three bytes of "the" and one of "cat"; "at?" two of "cat" and the sign
    assert_eq!(found, [Template, Relations, Function, Function, Objects, Template]);
    let prompt = prompt_of_pieces(&pieces, "Where is the cat?");
    let alignment = align(&prompt, &Tagger::embedded().tag("Where is the cat?")).unwrap();
    let shared: Vec<bool> = alignment.positions.iter().map(PositionWords::is_shared).collect();
    assert_eq!(shared, [false, false, false, true, true, false]);
    // a tie goes to the first
    assert_eq!(buckets_of(&["cat", "s?"], "cats?")[1], Objects);
    assert_eq!(buckets_of(&["(", "x?"], "(x?"), [Other, Other]);
}

#[test]
fn white_space_of_the_question_is_other_and_that_of_the_template_is_template() {
    use Bucket::{Objects, Other, Template};
    let pieces = ["\n", "a", "  ", " dog", "\n", "<end>"];
    let found = buckets_of(&pieces, "a   dog");
    assert_eq!(found, [Template, Bucket::Function, Other, Objects, Template, Template]);
    // a token that the tokenizer puts between words without any bytes
    let found = buckets_of(&["<s>", "", "a", "", " dog"], "a dog");
    assert_eq!(found, [Template, Template, Bucket::Function, Other, Objects]);
}

#[test]
fn tokens_that_share_a_character_all_have_its_word() {
    let question = "the \u{1F642} here";
    let mut prompt = prompt_of_pieces(&["the", " ", "\u{1F642}", " here"], question);
    let face = prompt.tokens[2].clone();
    prompt.tokens.insert(3, face);
    let words = Tagger::embedded().tag(question);
    let alignment = align(&prompt, &words).unwrap();
    assert_eq!(alignment.positions_of_word(1).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(alignment.positions[3].words[0].n_bytes, 4);
    assert_eq!(alignment.positions[3].bucket, Some(Bucket::Other));
}

#[test]
fn a_correction_moves_the_tokens_of_its_word() {
    let question = "Where is the cat?";
    let prompt = prompt_of_pieces(&["Where", " is", " the", " c", "at", "?"], question);
    let words = Tagger::embedded().tag(question);
    let edits = BucketEdits::new().with(3, Bucket::Actions);
    let alignment = align(&prompt, &edits.apply(&words).unwrap()).unwrap();
    assert_eq!(alignment.positions_in(Bucket::Actions).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn words_of_another_question_are_refused() {
    let prompt = prompt_of_pieces(&["Where", " is", " it?"], "Where is it?");
    let of = |question: &str| Tagger::embedded().tag(question);
    let error = align(&prompt, &of("Where was it?")).unwrap_err();
    assert!(matches!(error, TextError::WordElsewhere { word_idx: 1, .. }), "{error}");
    let mut twice = of("Where is it?");
    twice[1] = twice[0].clone();
    assert!(matches!(align(&prompt, &twice), Err(TextError::WordElsewhere { word_idx: 1, .. })));
    let mut long = of("Where is it?");
    long[3].byte_range = 100..101;
    assert!(matches!(align(&prompt, &long), Err(TextError::WordElsewhere { word_idx: 3, .. })));
}

#[test]
fn a_prompt_made_from_ids_does_not_know_its_question() {
    let (tokenizer, template) = open("phi3_plain");
    let made = prompt(&tokenizer, template, "a dog", SequenceOrder::ImageFirst, 2).unwrap();
    let from_ids = prompt_from_ids(&tokenizer, template, &made.ids, 2).unwrap();
    assert!(matches!(align(&from_ids, &[]), Err(TextError::UnknownQuestion)));
}
