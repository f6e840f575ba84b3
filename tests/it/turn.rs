//! A user's turn as a prompt: the picture in its place, and what each stretch is for.

#![expect(clippy::double_ended_iterator_last, reason = "the last of a few")]

use aki_lens::{
    domain::{Prompt, Segment, SequenceOrder, TextRole, TextSpan, UserText},
    text::{TextError, prompt, turn_prompt},
};

use crate::text::{check_positions, open};

const N_LATENTS: usize = 3;

fn turn(before: &str, after: &str) -> UserText {
    let mut turn = UserText::default();
    turn.push(Some(TextRole::Question), before);
    turn.push_picture();
    turn.push(Some(TextRole::Question), after);
    turn
}

fn prompt_of(case: &str, turn: &UserText, order: SequenceOrder) -> (Prompt, Vec<TextSpan>) {
    let (tokenizer, template) = open(case);
    turn_prompt(&tokenizer, template, turn, order, N_LATENTS).unwrap()
}

fn text_of(prompt: &Prompt, segment: Segment) -> String {
    let of_segment = prompt.tokens.iter().filter(|token| token.segment == segment);
    let mut bytes = of_segment.map(|token| token.byte_range.clone());
    let first = bytes.next().unwrap_or(0..0);
    let end = bytes.last().map_or(first.end, |last| last.end);
    prompt.text[first.start..end].to_owned()
}

#[test]
fn the_picture_may_stand_within_the_question() {
    for case in ["phi3_plain", "llama", "qwen2", "specimen"] {
        let (prompt, spans) = prompt_of(
            case,
            &turn("Question: Compare ", " with the other.\nOptions:\nA. x\n"),
            SequenceOrder::ImageFirst,
        );
        check_positions(&prompt, N_LATENTS);
        let words = "Question: Compare <image> with the other.\nOptions:\nA. x\n";
        assert_eq!(&prompt.text[prompt.question_bytes.clone()], words);
        // What stands before the picture is what no mask opens to it.
        assert!(text_of(&prompt, Segment::Prelude).contains("Question: Compare"));
        assert!(text_of(&prompt, Segment::Question).contains("with the other."));
        assert_eq!(prompt.layout.image().len(), N_LATENTS);
        let roles: Vec<TextRole> = spans.iter().map(|span| span.role).collect();
        assert_eq!(roles, [TextRole::System, TextRole::Question, TextRole::Question]);
        let text = |i: usize| &prompt.text[spans[i].byte_range.clone()];
        assert!(text(0).starts_with("A chat between") && text(0).ends_with("questions."));
        assert_eq!(text(1), "Question: Compare ");
        assert_eq!(text(2), " with the other.\nOptions:\nA. x\n");
    }
}

#[test]
fn a_plain_question_is_a_turn_like_any_other() {
    let question = "Where is it?";
    for order in [SequenceOrder::ImageFirst, SequenceOrder::TextFirst] {
        let (tokenizer, template) = open("specimen");
        let plain = prompt(&tokenizer, template, question, order, N_LATENTS).unwrap();
        let mut turn = UserText::default();
        turn.push_picture();
        turn.push(None, "\n");
        turn.push(Some(TextRole::Question), question);
        let (as_turn, spans) = prompt_of("specimen", &turn, order);
        assert_eq!(plain, as_turn);
        assert_eq!(&plain.text[plain.question_bytes.clone()], question);
        assert_eq!(spans[1].byte_range, plain.question_bytes);
    }
}

#[test]
fn no_line_end_behind_the_picture_is_made_up() {
    let (prompt, _) = prompt_of("phi3_plain", &turn("", "Is it? "), SequenceOrder::ImageFirst);
    assert!(prompt.text.contains("<|user|>\n<image>Is it? <|end|>\n<|assistant|>\n"));
    check_positions(&prompt, N_LATENTS);
}

#[test]
fn text_first_the_picture_moves_behind_all_words() {
    let (prompt, spans) = prompt_of("llama", &turn("See ", " here?"), SequenceOrder::TextFirst);
    check_positions(&prompt, N_LATENTS);
    assert_eq!(&prompt.text[prompt.question_bytes.clone()], "See  here?");
    assert!(prompt.text.contains("See  here?\n<image>"));
    assert!(text_of(&prompt, Segment::Question).contains("See  here?"));
    assert_eq!(&prompt.text[spans[1].byte_range.clone()], "See ");
}

#[test]
fn a_turn_without_words_or_picture_or_with_markers_is_refused() {
    let (tokenizer, template) = open("phi3_plain");
    let refused = |turn: &UserText| {
        turn_prompt(&tokenizer, template, turn, SequenceOrder::ImageFirst, N_LATENTS).unwrap_err()
    };
    assert!(matches!(refused(&turn(" ", "\n")), TextError::EmptyQuestion));
    let mut silent = UserText::default();
    silent.push(None, "x");
    assert!(matches!(refused(&silent), TextError::NoImage));
    for (before, after) in [("a <image> b", "c"), ("a", "<|end|>"), ("<|assistant|>", "c")] {
        assert!(matches!(refused(&turn(before, after)), TextError::MarkerInQuestion { .. }));
    }
}
