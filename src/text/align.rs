//! The question's words on the prompt's positions, by bytes.

use std::ops::Range;

use crate::{
    domain::{
        Bucket, PositionWords, PositionedToken, Prompt, Segment, TaggedWord, WordAlignment,
        WordShare,
    },
    text::TextError,
};

/// Says for every position of a prompt which words its token touches, and in which bucket it counts.
///
/// White space is trimmed off a token's text first, because both families of tokenizers put the
/// space before a word into its token. Then
/// - a token counts where the word counts of which it covers the most bytes; the first on a tie;
/// - a token of white space inside the question touches no word. It is the user's text, so it is
///   not [`Bucket::Template`], and it says nothing, so it is [`Bucket::Other`]: giving it to a
///   neighbor would move attention mass into a bucket whose words never had it. That includes a
///   token without any bytes that a tokenizer puts between two words;
/// - any other token is [`Bucket::Template`];
/// - a latent touches nothing and has no bucket.
///
/// The prompt must have been tokenized as a whole: a question tokenized alone has other tokens at
/// its ends.
///
/// # Units
/// `words` has byte ranges in the question, ascending; the result has one entry a position.
///
/// # Errors
/// [`TextError::UnknownQuestion`] for a prompt made from ids, [`TextError::WordElsewhere`] when a
/// word does not stand at its bytes of this prompt's question.
pub fn align(prompt: &Prompt, words: &[TaggedWord]) -> Result<WordAlignment, TextError> {
    let question = prompt.question_bytes.clone();
    if question.is_empty() {
        return Err(TextError::UnknownQuestion);
    }
    let in_prompt = in_prompt(prompt, words)?;
    let positions = prompt
        .tokens
        .iter()
        .map(|token| {
            if token.segment == Segment::Image {
                return PositionWords { words: Vec::new(), bucket: None };
            }
            let shares = shares_of(&trimmed(&prompt.text, &token.byte_range), &in_prompt);
            let bucket = match largest(&shares) {
                Some(share) => words[share.word_idx].bucket,
                None if is_white_in_question(prompt, token) => Bucket::Other,
                None => Bucket::Template,
            };
            PositionWords { words: shares, bucket: Some(bucket) }
        })
        .collect();
    Ok(WordAlignment { positions })
}

/// The words' bytes in the prompt, checked against its text.
fn in_prompt(prompt: &Prompt, words: &[TaggedWord]) -> Result<Vec<Range<usize>>, TextError> {
    let question = &prompt.text[prompt.question_bytes.clone()];
    let mut end_before = 0;
    let mut ranges = Vec::with_capacity(words.len());
    for (word_idx, word) in words.iter().enumerate() {
        let Range { start, end } = word.byte_range;
        let is_there = question.get(start..end) == Some(word.text.as_str());
        if !is_there || start < end_before || word.text.is_empty() {
            return Err(TextError::WordElsewhere { word_idx, word: word.text.clone() });
        }
        end_before = end;
        let offset = prompt.question_bytes.start;
        ranges.push(offset + start..offset + end);
    }
    Ok(ranges)
}

/// A range of the text without the white space at its ends.
fn trimmed(text: &str, byte_range: &Range<usize>) -> Range<usize> {
    let slice = &text[byte_range.clone()];
    let start = byte_range.start + slice.len() - slice.trim_start().len();
    start..start + slice.trim().len()
}

/// The words that a range of the prompt touches; `words` ascending.
fn shares_of(range: &Range<usize>, words: &[Range<usize>]) -> Vec<WordShare> {
    let first = words.partition_point(|word| word.end <= range.start);
    let touched = words[first..].iter().take_while(|word| word.start < range.end);
    (first..)
        .zip(touched)
        .map(|(word_idx, word)| WordShare {
            word_idx,
            n_bytes: word.end.min(range.end) - word.start.max(range.start),
        })
        .filter(|share| share.n_bytes > 0)
        .collect()
}

/// The largest share; the first of equal ones.
fn largest(shares: &[WordShare]) -> Option<WordShare> {
    shares
        .iter()
        .copied()
        .reduce(|best, share| if share.n_bytes > best.n_bytes { share } else { best })
}

/// Whether a token without a word is white space of the question, or empty between its words.
fn is_white_in_question(prompt: &Prompt, token: &PositionedToken) -> bool {
    let Range { start, end } = token.byte_range;
    let question = &prompt.question_bytes;
    let is_white = prompt.text[start..end].trim().is_empty();
    let is_inside = start.max(question.start) < end.min(question.end)
        || start == end && question.start < start && start < question.end;
    is_white && is_inside
}
