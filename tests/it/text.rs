//! Words to tokens to positions and back, with the tokenizers of three families.

use std::{fs, path::PathBuf};

use aki_lens::{
    domain::{Prompt, Segment, SequenceOrder, TokenId},
    text::{
        ChatTemplate, ENDOFCHUNK, Family, IMAGE, TextError, TextTokenizer, prompt, prompt_from_ids,
    },
};
use serde_json::{Value, json};

const PARITY: [&str; 4] = ["phi3_plain", "phi3_longrope", "llama", "qwen2"];
const ALL: [&str; 5] = ["phi3_plain", "phi3_longrope", "llama", "qwen2", "specimen"];
const ORDERS: [SequenceOrder; 2] = [SequenceOrder::ImageFirst, SequenceOrder::TextFirst];

const QUESTIONS: [&str; 17] = [
    "What shape is next to the red square?",
    "Is it a \u{1F642}, a \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} or a \u{1F1F8}\u{1F1EE}?",
    "\u{1F642}",
    "Où est l'élève? C'est déjà l'été: ÅÄÖ ß",
    "e\u{301}te\u{301} decomposed, \u{958} and \u{212B} change under NFC",
    "写真には何が写っていますか？",
    "ما هذا؟ Что это? 이게 뭐야?",
    "a  b   c    d     e",
    "   three spaces before and three after   ",
    "\n\nlines\r\nand\ttabs\n",
    "\"Quoted\" 'single' “curly” «guillemets»",
    "What's he'd they'll I'm you're we've, isn't it?",
    "a well-known mother-in-law, up-to-date — or not – really",
    "<half a marker |> and < | end | > and <",
    "▁▁ literal U+2581 ▁x <0x41> <0xE2>",
    "\u{FFFD} and \u{0} and \u{7F} and \u{10FFFF}",
    "123456789 3.14159 1,000,000 ½ ² ٣",
];

fn folder(case: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(case)
}

fn json_at(case: &str, file: &str) -> Value {
    serde_json::from_slice(&fs::read(folder(case).join(file)).unwrap()).unwrap()
}

fn n_before_image(case: &str) -> usize {
    let config = json_at(case, "checkpoint/config.json");
    usize::try_from(config["initial_tokenizer_len"].as_u64().unwrap()).unwrap()
}

pub(crate) fn open(case: &str) -> (TextTokenizer, &'static ChatTemplate) {
    let config = json_at(case, "checkpoint/text_config.json");
    let template = ChatTemplate::for_model_type(config["model_type"].as_str().unwrap()).unwrap();
    let folder = folder(case).join("checkpoint");
    (TextTokenizer::open(&folder, template, n_before_image(case)).unwrap(), template)
}

fn ids_of(value: &Value) -> Vec<TokenId> {
    serde_json::from_value(value.clone()).unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// A small deterministic generator (xorshift64*); the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % n
    }
}

/// What holds for the positions of any prompt.
pub(crate) fn check_positions(prompt: &Prompt, n_latents: usize) {
    let Prompt { text, tokens, layout, .. } = prompt;
    assert_eq!(tokens.len(), layout.len());
    assert_eq!(tokens.len(), prompt.ids.len() + n_latents - 1);
    assert_eq!(layout.image(), prompt.image_index..prompt.image_index + n_latents);
    let (mut covered, mut last_start, mut rebuilt) = (0, 0, String::new());
    for (i, token) in tokens.iter().enumerate() {
        assert_eq!(token.position, i);
        assert_eq!(layout.segment_of(i), Some(token.segment));
        let range = token.byte_range.clone();
        assert!(
            last_start <= range.start && range.start <= covered,
            "a gap or a step back: {token:?}"
        );
        assert!(covered <= range.end, "an end goes back: {token:?}");
        assert!(text.get(range.clone()).is_some(), "not on characters: {token:?}");
        assert!(!token.text.is_empty(), "a token that shows nothing: {token:?}");
        rebuilt.push_str(&text[covered..range.end]);
        (covered, last_start) = (range.end, range.start);
    }
    assert_eq!(&rebuilt, text);
    for token in &tokens[layout.image()] {
        assert_eq!((token.text.as_str(), &text[token.byte_range.clone()]), (IMAGE, IMAGE));
    }
}

#[test]
fn prompts_are_the_reference_s_in_text_ids_and_layout() {
    for case in PARITY {
        let (tokenizer, template) = open(case);
        let inputs = json_at(case, "inputs/inputs.json");
        let question = inputs["question"].as_str().unwrap();
        let n = number(&json_at(case, "checkpoint/config.json")["num_vision_tokens"]);
        let check = |order, file: &str, ids: &Value, layout: &Value| {
            let p = prompt(&tokenizer, template, question, order, n).unwrap();
            assert_eq!(p.text, fs::read_to_string(folder(case).join(file)).unwrap());
            assert_eq!(p.ids, ids_of(ids), "{case}");
            assert_eq!(&p.text[p.question_bytes.clone()], question);
            assert_eq!(p.layout.len(), number(&layout["seq"]));
            assert_eq!(p.layout.image(), number(&layout["img_start"])..number(&layout["img_end"]));
            check_positions(&p, n);
            p
        };
        let layout = &inputs["layout"];
        let p = check(ORDERS[0], "inputs/prompt.txt", &inputs["input_ids"], layout);
        let opened = number(&layout["q_start"])..number(&layout["q_end"]);
        assert_eq!(p.layout.get(Segment::Question), Some(opened), "{case}");

        let (ids, layout) = (&inputs["input_ids_text_first"], &inputs["layout_text_first"]);
        let p = check(ORDERS[1], "inputs/prompt_text_first.txt", ids, layout);
        let asked = p.layout.get(Segment::Question).unwrap();
        assert_eq!(asked.end, number(&layout["img_start"]));
        let shown: String = p.tokens[asked].iter().map(|t| t.text.as_str()).collect();
        assert_eq!(shown, format!("{question}\n"), "{case}");
    }
}

#[test]
fn the_specimen_s_questions_have_the_ids_it_was_trained_on() {
    let (tokenizer, template) = open("specimen");
    let examples = json_at("specimen", "examples/questions.json");
    for (name, id) in examples["special_ids"].as_object().unwrap() {
        assert_eq!(tokenizer.id_of(name).map(Value::from).as_ref(), Some(id));
    }
    assert_eq!(template.stop_ids(&tokenizer).unwrap(), ids_of(&examples["stop_ids"]));
    assert_eq!(examples["question_end_token"], template.question_end_token());
    let questions: Vec<_> = examples["scenes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|scene| scene["questions"].as_array().unwrap())
        .collect();
    assert!(questions.len() > 20);
    for asked in questions {
        let text = asked["question"].as_str().unwrap();
        let p = prompt(&tokenizer, template, text, ORDERS[0], 16).unwrap();
        assert_eq!(p.ids, ids_of(&asked["input_ids"]), "{text}");
        let answer = tokenizer.decode(&ids_of(&asked["mma"]["answer_ids"]), true).unwrap();
        assert_eq!(asked["mma"]["answer"], answer);
    }
}

#[test]
fn stop_tokens_and_the_question_s_end_are_the_reference_s() {
    for case in PARITY {
        let (tokenizer, template) = open(case);
        let inputs = json_at(case, "inputs/inputs.json");
        assert_eq!(template.stop_ids(&tokenizer).unwrap(), ids_of(&inputs["stop_ids"]));
        assert_eq!(inputs["question_end_token"], template.question_end_token());
        assert_eq!(tokenizer.n_tokens(), number(&inputs["tokenizer_len"]));
    }
}

#[test]
fn every_byte_of_any_question_has_a_token() {
    let long =
        "Which of these? \u{1F642} é 写 ".repeat(500).chars().take(10_000).collect::<String>();
    let questions = QUESTIONS.into_iter().chain([long.as_str()]);
    for (case, question) in ALL.iter().flat_map(|c| questions.clone().map(move |q| (c, q))) {
        let (tokenizer, template) = open(case);
        for order in ORDERS {
            let p = prompt(&tokenizer, template, question, order, 9).unwrap();
            assert_eq!(&p.text[p.question_bytes.clone()], question);
            check_positions(&p, 9);
            let asked = p.layout.get(Segment::Question).unwrap();
            let from = p.tokens[asked.start].byte_range.start;
            let to = p.tokens[asked.end - 1].byte_range.end;
            let is_marker = |i: usize| tokenizer.is_special(p.tokens[i].id);
            assert!(order == SequenceOrder::ImageFirst || !asked.clone().any(is_marker));
            let words = question.trim_start();
            assert!(from <= p.question_bytes.end - words.len() && p.question_bytes.end <= to);
            check_positions(&prompt_from_ids(&tokenizer, template, &p.ids, 9).unwrap(), 9);
        }
    }
}

#[test]
fn tokens_show_words_markers_and_parts_of_characters() {
    let shown = |case, question| {
        let (tokenizer, template) = open(case);
        let p = prompt(&tokenizer, template, question, ORDERS[0], 1).unwrap();
        let texts: Vec<_> = p.tokens.iter().map(|t| t.text.clone()).collect();
        let slices: Vec<_> =
            p.tokens.iter().map(|t| p.text[t.byte_range.clone()].to_owned()).collect();
        let question = p.layout.get(Segment::Question).unwrap();
        (texts[question.clone()].to_vec(), slices[question].to_vec(), slices)
    };
    let (texts, slices, all) = shown("phi3_plain", "\u{1F642}");
    let bytes = ["<0xF0>", "<0x9F>", "<0x99>", "<0x82>"];
    assert_eq!(texts[..2], ["\u{2581}", "\n"], "the space after <image> is not in the prompt");
    assert_eq!(slices[..2], ["", "\n"]);
    assert_eq!(texts[2..], [&bytes[..], &["<|end|>", "<|assistant|>"]].concat());
    assert_eq!(slices[2..6], ["\u{1F642}"; 4]);
    assert_eq!(slices[6..], ["<|end|>\n", "<|assistant|>\n"], "markers swallow the line's end");
    assert_eq!(all[..4], ["<s>", " ", "<|system|>\n", "A"]);

    let (texts, slices, _) = shown("qwen2", "\u{1F642}");
    assert_eq!(texts[1..5], bytes);
    assert_eq!(slices[1..5], ["\u{1F642}"; 4]);
    assert_eq!(texts[5..], ["<|im_end|>", "\n", "<|im_start|>"]);

    let (texts, slices, _) = shown("qwen2", "e\u{301}");
    assert_eq!(texts[1..3], ["<0xC3>", "<0xA9>"], "the tokenizer composes the accent");
    assert_eq!(slices[1..3], ["e\u{301}"; 2]);
}

#[test]
fn ids_alone_give_the_same_layout() {
    for case in PARITY {
        let (tokenizer, template) = open(case);
        let p = prompt(&tokenizer, template, QUESTIONS[1], ORDERS[0], 9).unwrap();
        let again = prompt_from_ids(&tokenizer, template, &p.ids, 9).unwrap();
        assert_eq!((&again.ids, &again.layout), (&p.ids, &p.layout));
        assert!(again.question_bytes.is_empty() && again.text.contains(QUESTIONS[1]));
    }
    let (tokenizer, template) = open("qwen2");
    let [image, end, w] = [IMAGE, "<|im_start|>", "w"].map(|t| tokenizer.id_of(t).unwrap());
    let check = |ids: &[TokenId], expected: Result<&[(Segment, usize)], &str>| {
        let found = prompt_from_ids(&tokenizer, template, ids, 2).map(|p| p.layout);
        match (found, expected) {
            (Ok(layout), Ok(spans)) => {
                let lengths: Vec<_> = layout.spans().iter().map(|(s, r)| (*s, r.len())).collect();
                assert_eq!(lengths, spans);
            }
            (Err(error), Err(message)) => assert_eq!(error.to_string(), message),
            (found, _) => panic!("{found:?}"),
        }
    };
    check(&[image], Ok(&[(Segment::Image, 2)]));
    check(&[w, image, w, w], Ok(&[(Segment::Prelude, 1), (Segment::Image, 2), (Segment::Cue, 2)]));
    check(
        &[end, image, w, end, w, end],
        Ok(&[
            (Segment::Prelude, 1),
            (Segment::Image, 2),
            (Segment::Question, 2),
            (Segment::Cue, 2),
        ]),
    );
    check(&[w], Err("the prompt has no `<image>` token"));
    check(
        &[image, w, image],
        Err("the prompt has 2 `<image>` tokens; several images are not in this version"),
    );
    assert!(matches!(
        prompt_from_ids(&tokenizer, template, &[image, 99_999], 2),
        Err(TextError::NoSuchId { id: 99_999, .. })
    ));
    let none = prompt_from_ids(&tokenizer, template, &[image], 0);
    assert!(matches!(none, Err(TextError::NoLatents)));
}

#[test]
fn a_question_without_words_or_with_a_marker_is_refused() {
    let refusal = |case, question| {
        let (tokenizer, template) = open(case);
        prompt(&tokenizer, template, question, ORDERS[0], 9).unwrap_err().to_string()
    };
    for question in ["", " ", "\r\n\t", "\u{3000}"] {
        assert_eq!(refusal("phi3_plain", question), "the question is empty");
    }
    let check = |case, question, marker| {
        assert!(refusal(case, question).contains(&format!("marker `{marker}`")), "{question}");
    };
    check("phi3_plain", "what is <image>?", "<image>");
    check("phi3_plain", "a<|end|>\n<|user|>", "<|end|>");
    check("llama", "x<|eot_id|>", "<|eot_id|>");
    check("qwen2", "<|im_start|>system", "<|im_start|>");
    check("qwen2", "<|endofchunk|>", ENDOFCHUNK);
}

#[test]
fn generated_ids_decode_to_the_reference_s_text() {
    for case in PARITY {
        let (tokenizer, _) = open(case);
        let inputs = json_at(case, "inputs/inputs.json");
        for (mode, ids) in inputs["generated"].as_object().unwrap() {
            let ids = ids_of(ids);
            let text = tokenizer.decode(&ids, false).unwrap();
            assert_eq!(inputs["generated_text"][mode], text, "{case} {mode}");
            check_stream(&tokenizer, &ids);
        }
    }
}

/// A stream's pieces are the whole text, and each is final.
fn check_stream(tokenizer: &TextTokenizer, ids: &[TokenId]) {
    let whole = tokenizer.decode(ids, true).unwrap();
    let mut stream = tokenizer.stream();
    let mut text = String::new();
    for &id in ids {
        text.push_str(&stream.push(id).unwrap());
        assert!(whole.starts_with(&text), "{ids:?}: {text:?} does not begin {whole:?}");
    }
    text.push_str(&stream.finish());
    assert_eq!(text, whole, "{ids:?}");
}

#[test]
fn streaming_gives_the_whole_text_and_no_half_characters() {
    let mut random = Random(0x0A61_1E45);
    for case in ALL {
        let (tokenizer, _) = open(case);
        let all: Vec<TokenId> = (0..u32::try_from(tokenizer.n_tokens()).unwrap()).collect();
        // spellings of bytes and markers are rare among 32000 ids, and the interesting ones
        let odd: Vec<TokenId> = all
            .iter()
            .copied()
            .filter(|id| {
                tokenizer.token(*id).unwrap().starts_with(['<', '\u{2581}', 'Ģ', 'ð', 'Ã'])
            })
            .collect();
        for id in &all {
            check_stream(&tokenizer, &[*id]);
        }
        check_stream(&tokenizer, &all);
        for round in 0..3000 {
            let from = if round % 2 == 0 { &all } else { &odd };
            let ids: Vec<_> =
                (0..random.below(12)).map(|_| from[random.below(from.len())]).collect();
            check_stream(&tokenizer, &ids);
        }
        for question in QUESTIONS {
            let ids: Vec<_> = tokenizer.encode(question).unwrap().iter().map(|t| t.id).collect();
            check_stream(&tokenizer, &ids);
            let mut stream = tokenizer.stream();
            for id in ids {
                let piece = stream.push(id).unwrap();
                assert!(question.contains('\u{FFFD}') || !piece.contains('\u{FFFD}'), "{question}");
            }
        }
    }
}

#[test]
fn a_decoder_s_type_names_its_template() {
    for (model_type, family) in [
        ("phi3", Family::Phi3),
        ("llama", Family::Llama),
        ("qwen2", Family::Qwen),
        ("qwen3", Family::Qwen),
    ] {
        let template = ChatTemplate::for_model_type(model_type).unwrap();
        assert_eq!((template.family(), template), (family, family.template()));
    }
    assert_eq!(
        ChatTemplate::for_model_type("mamba").unwrap_err().to_string(),
        "no chat template for a decoder of type `mamba`; known are phi3, llama, qwen2, qwen3"
    );
}

/// Opens a copy of the specimen's tokenizer after a change to it and with files beside it.
fn open_changed(
    change: impl Fn(&mut Value),
    beside: &[(&str, Value)],
    n_before_image: usize,
) -> Result<TextTokenizer, TextError> {
    let copy = tempfile::tempdir().unwrap();
    let mut tokenizer = json_at("specimen", "checkpoint/tokenizer.json");
    change(&mut tokenizer);
    fs::write(copy.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    for (name, content) in beside {
        fs::write(copy.path().join(name), content.to_string()).unwrap();
    }
    TextTokenizer::open(copy.path(), Family::Phi3.template(), n_before_image)
}

fn without(names: &'static [&'static str]) -> impl Fn(&mut Value) {
    move |tokenizer| {
        let added = tokenizer["added_tokens"].as_array_mut().unwrap();
        added.retain(|token| !names.contains(&token["content"].as_str().unwrap()));
    }
}

#[test]
fn image_tokens_come_from_the_files_beside_or_from_the_model_s_count() {
    let (original, template) = open("specimen");
    let n = n_before_image("specimen");
    let entry = |name: &str| {
        json!({"content": name, "lstrip": false, "normalized": false, "rstrip": false,
               "single_word": false, "special": true})
    };
    let config = json!({"added_tokens_decoder": {"883": entry(IMAGE), "884": entry(ENDOFCHUNK)}});
    let both = json!({IMAGE: 883, ENDOFCHUNK: 884});
    let all_three = json!({"<pad>": 882, IMAGE: 883, ENDOFCHUNK: 884});
    let bare = || without(&[IMAGE, ENDOFCHUNK]);
    for opened in [
        open_changed(bare(), &[], n),
        open_changed(bare(), &[("tokenizer_config.json", json!({}))], n),
        open_changed(bare(), &[("tokenizer_config.json", config)], n),
        open_changed(bare(), &[("added_tokens.json", both.clone())], n),
        open_changed(
            without(&["<pad>", IMAGE, ENDOFCHUNK]),
            &[("added_tokens.json", all_three)],
            n,
        ),
    ] {
        let opened = opened.unwrap();
        let ask = |tokenizer| prompt(tokenizer, template, QUESTIONS[1], ORDERS[0], 9).unwrap();
        assert_eq!(ask(&opened), ask(&original));
    }
    let check = |opened: Result<TextTokenizer, TextError>, message: &str| {
        let found = opened.unwrap_err().to_string();
        assert!(found.starts_with(message) && found.ends_with("json"), "{found}");
    };
    check(
        open_changed(bare(), &[], n + 1),
        "the tokenizer has no `<image>` and 883 tokens, but the model adds it after 884: ",
    );
    check(open_changed(|_| (), &[], n - 1), "token `<image>` should have id 882 but has 883: ");
    check(
        open_changed(without(&["<pad>", IMAGE, ENDOFCHUNK]), &[("added_tokens.json", both)], n),
        "token `<image>` should have id 883 but has 882: ",
    );
}

#[test]
fn settings_for_batches_and_special_tokens_leave_a_prompt_as_it_is() {
    let (original, template) = open("specimen");
    let batches = |t: &mut Value| {
        t["truncation"] = json!({"direction": "Right", "max_length": 8,
                                 "strategy": "LongestFirst", "stride": 0});
        t["padding"] = json!({"strategy": {"Fixed": 99}, "direction": "Right",
                              "pad_to_multiple_of": null, "pad_id": 882, "pad_type_id": 0,
                              "pad_token": "<pad>"});
        t["post_processor"] = json!({"type": "ByteLevel", "add_prefix_space": true,
                                     "trim_offsets": true, "use_regex": true});
    };
    let opened = open_changed(batches, &[], n_before_image("specimen")).unwrap();
    let ask = |tokenizer| prompt(tokenizer, template, QUESTIONS[8], ORDERS[0], 9).unwrap();
    assert_eq!(ask(&opened), ask(&original));
}

#[test]
fn a_tokenizer_that_cannot_serve_is_refused_with_its_file() {
    let n = n_before_image("specimen");
    let message = |opened: Result<TextTokenizer, TextError>| opened.unwrap_err().to_string();
    let missing = message(open_changed(without(&["<|user|>", "<|system|>", ENDOFCHUNK]), &[], n));
    let expected = "the tokenizer lacks special tokens of the Phi-3 template: \
                    <|system|> <|user|> <|endofchunk|>: ";
    assert!(missing.starts_with(expected), "{missing}");

    let decoder = message(open_changed(|t| t["decoder"] = json!({"type": "Fuse"}), &[], n));
    assert!(decoder.starts_with("the tokenizer's decoder is Fuse; "), "{decoder}");
    let beside = message(open_changed(|_| (), &[("added_tokens.json", json!([1, 2]))], n));
    assert!(beside.ends_with("added_tokens.json"), "{beside}");

    let empty = tempfile::tempdir().unwrap();
    let open_it = || TextTokenizer::open(empty.path(), Family::Phi3.template(), n);
    assert!(matches!(open_it(), Err(TextError::NoTokenizer { .. })));
    let file = empty.path().join("tokenizer.json");
    for broken in ["", "{", "[]", "{\"version\":\"1.0\"}", "\u{0}"] {
        fs::write(&file, broken).unwrap();
        assert!(matches!(open_it(), Err(TextError::Malformed { .. })), "{broken}");
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(open_it(), Err(TextError::Unreadable { .. })));
}
