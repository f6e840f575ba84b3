//! A question becomes a prompt: ids, the positions the decoder reads, and what each is for.

use std::ops::Range;

use super::stream::readable;
use crate::{
    domain::{
        PositionedToken, Prompt, Segment, SequenceLayout, SequenceOrder, TextRole, TextSpan,
        TokenId, UserText,
    },
    text::{ChatTemplate, EncodedToken, IMAGE, TextError, TextTokenizer},
};

/// Puts a question into its chat template and names every position of the decoder's sequence.
///
/// The question is taken as it is, spaces and line ends included. Image-first, the question segment
/// runs from the end of the picture through the template's question end token, inclusive;
/// text-first, from the question's first token to the picture.
///
/// # Units
/// `n_latents` positions stand for the picture.
///
/// # Errors
/// [`TextError::EmptyQuestion`] without any word, [`TextError::MarkerInQuestion`] for a question
/// that spells out a special token, [`TextError::NoLatents`].
///
/// # Source
/// AKI, arXiv 2503.02597: its prompt and the columns its modality-mutual mask opens.
pub fn prompt(
    tokenizer: &TextTokenizer,
    template: &ChatTemplate,
    question: &str,
    order: SequenceOrder,
    n_latents: usize,
) -> Result<Prompt, TextError> {
    let mut turn = UserText::default();
    turn.push_picture();
    turn.push(None, "\n");
    turn.push(Some(TextRole::Question), question);
    let (prompt, _) = turn_prompt(tokenizer, template, &turn, order, n_latents)?;
    Ok(prompt)
}

/// Puts a whole user's turn into the chat template: what each stretch of the prompt is for comes
/// beside it, the system text first.
///
/// The picture stands where the turn has it, be it within the question, as in MMMU; words before it
/// then belong to the prelude, which no mask opens to it, because the authors' code opens what
/// follows the picture. Text-first, the picture moves behind all words.
///
/// The prompt's `question_bytes` are the turn's words: for a picture within them, the picture's
/// bytes are among these.
///
/// # Units
/// `n_latents` positions stand for the picture; spans have byte ranges in the prompt string.
///
/// # Errors
/// [`TextError::EmptyQuestion`] without any word, [`TextError::NoImage`] without a picture,
/// [`TextError::MarkerInQuestion`] for words that spell out a special token,
/// [`TextError::NoLatents`].
pub fn turn_prompt(
    tokenizer: &TextTokenizer,
    template: &ChatTemplate,
    turn: &UserText,
    order: SequenceOrder,
    n_latents: usize,
) -> Result<(Prompt, Vec<TextSpan>), TextError> {
    let (before, after) = turn.around_picture();
    if before.trim().is_empty() && after.trim().is_empty() {
        return Err(TextError::EmptyQuestion);
    }
    if turn.picture().is_none() {
        return Err(TextError::NoImage);
    }
    for words in [before, after] {
        if let Some(marker) = tokenizer.first_marker_in(words) {
            return Err(TextError::MarkerInQuestion { marker });
        }
    }
    let turn = match order {
        SequenceOrder::ImageFirst => turn.clone(),
        SequenceOrder::TextFirst => turn.with_picture_last(),
    };
    let filled = template.fill(turn.text());
    let in_prompt = |bytes: &Range<usize>| {
        filled.turn_bytes.start + bytes.start..filled.turn_bytes.start + bytes.end
    };
    let system = TextSpan { role: TextRole::System, byte_range: filled.system_bytes.clone() };
    let of_turn = turn
        .spans()
        .iter()
        .map(|span| TextSpan { role: span.role, byte_range: in_prompt(&span.byte_range) });
    let spans = std::iter::once(system).chain(of_turn).collect();

    let encoded = tokenizer.encode(&filled.text)?;
    let question_bytes = in_prompt(&turn.words());
    let draft = Draft { text: filled.text, question_bytes, encoded };
    let image_index = draft.image_index(tokenizer)?;
    let segments = match order {
        SequenceOrder::ImageFirst => draft.image_first(tokenizer, template, image_index)?,
        SequenceOrder::TextFirst => draft.text_first(tokenizer, image_index),
    };
    Ok((draft.into_prompt(tokenizer, image_index, &segments, n_latents)?, spans))
}

/// Names every position of a prompt that is given as ids, image-first.
///
/// Its text is put together from what each token stands for, so whitespace that special tokens
/// swallowed is missing and spaces that the tokenizer put before words are there; bytes that are
/// no character are U+FFFD. Where the user's question stands is not known.
///
/// # Errors
/// [`TextError::NoImage`] or [`TextError::SeveralImages`] unless there is exactly one `<image>`,
/// [`TextError::NoSuchId`], [`TextError::NoLatents`].
pub fn prompt_from_ids(
    tokenizer: &TextTokenizer,
    template: &ChatTemplate,
    ids: &[TokenId],
    n_latents: usize,
) -> Result<Prompt, TextError> {
    let draft = Draft::from_ids(tokenizer, ids)?;
    let image_index = draft.image_index(tokenizer)?;
    let segments = draft.image_first(tokenizer, template, image_index)?;
    draft.into_prompt(tokenizer, image_index, &segments, n_latents)
}

/// A prompt before its positions are counted.
struct Draft {
    text: String,
    question_bytes: Range<usize>,
    encoded: Vec<EncodedToken>,
}

impl Draft {
    fn from_ids(tokenizer: &TextTokenizer, ids: &[TokenId]) -> Result<Self, TextError> {
        let mut bytes = Vec::new();
        let mut raw_ranges = Vec::with_capacity(ids.len());
        for &id in ids {
            let start = bytes.len();
            bytes.extend(tokenizer.bytes_of(id)?);
            raw_ranges.push(start..bytes.len());
        }
        let text = TextOfBytes::new(&bytes);
        let encoded = ids
            .iter()
            .zip(&raw_ranges)
            .map(|(&id, raw)| EncodedToken { id, byte_range: text.range_of(raw) })
            .collect();
        Ok(Self { text: text.text, question_bytes: 0..0, encoded })
    }

    /// Where the one `<image>` is.
    fn image_index(&self, tokenizer: &TextTokenizer) -> Result<usize, TextError> {
        let id = tokenizer.require_id(IMAGE)?;
        let mut found = self.encoded.iter().enumerate().filter(|(_, t)| t.id == id);
        let (index, _) = found.next().ok_or(TextError::NoImage)?;
        match found.count() {
            0 => Ok(index),
            n_more => Err(TextError::SeveralImages { count: n_more + 1 }),
        }
    }

    /// The segments as ranges of `encoded`.
    fn image_first(
        &self,
        tokenizer: &TextTokenizer,
        template: &ChatTemplate,
        image_index: usize,
    ) -> Result<Vec<(Segment, Range<usize>)>, TextError> {
        let end_id = tokenizer.require_id(template.question_end_token())?;
        let after_image = image_index + 1;
        let question_end = self.encoded[after_image..]
            .iter()
            .position(|t| t.id == end_id)
            .map_or(after_image, |n_before| after_image + n_before + 1);
        Ok(vec![
            (Segment::Prelude, 0..image_index),
            (Segment::Image, image_index..after_image),
            (Segment::Question, after_image..question_end),
            (Segment::Cue, question_end..self.encoded.len()),
        ])
    }

    /// The segments as ranges of `encoded`.
    fn text_first(
        &self,
        tokenizer: &TextTokenizer,
        image_index: usize,
    ) -> Vec<(Segment, Range<usize>)> {
        // spaces at the question's beginning may belong to the marker before it, which swallows them
        let is_of_question = |token: &EncodedToken| {
            let Range { start, end } = token.byte_range;
            let overlaps = start < self.question_bytes.end
                && (end > self.question_bytes.start || start >= self.question_bytes.start);
            overlaps && !tokenizer.is_special(token.id)
        };
        let question_start =
            self.encoded[..image_index].iter().position(is_of_question).unwrap_or(image_index);
        vec![
            (Segment::Prelude, 0..question_start),
            (Segment::Question, question_start..image_index),
            (Segment::Image, image_index..image_index + 1),
            (Segment::Cue, image_index + 1..self.encoded.len()),
        ]
    }

    fn into_prompt(
        self,
        tokenizer: &TextTokenizer,
        image_index: usize,
        segments: &[(Segment, Range<usize>)],
        n_latents: usize,
    ) -> Result<Prompt, TextError> {
        if n_latents == 0 {
            return Err(TextError::NoLatents);
        }
        let mut tokens = Vec::with_capacity(self.encoded.len() + n_latents);
        let mut layout = SequenceLayout::new();
        for (segment, range) in segments {
            let n_each = if *segment == Segment::Image { n_latents } else { 1 };
            for token in &self.encoded[range.clone()] {
                let text = text_of(tokenizer, token, &self.text)?;
                for _ in 0..n_each {
                    tokens.push(PositionedToken {
                        position: tokens.len(),
                        id: token.id,
                        text: text.clone(),
                        segment: *segment,
                        byte_range: token.byte_range.clone(),
                    });
                }
            }
            layout = layout.push(*segment, range.len() * n_each);
        }
        Ok(Prompt {
            ids: self.encoded.iter().map(|t| t.id).collect(),
            text: self.text,
            image_index,
            question_bytes: self.question_bytes,
            tokens,
            layout,
        })
    }
}

/// What a token shows: a special one its name; one with part of a character its bytes, as
/// `<0xF0><0x9F>`; one without bytes of the prompt the tokenizer's spelling; others their slice.
fn text_of(
    tokenizer: &TextTokenizer,
    token: &EncodedToken,
    prompt: &str,
) -> Result<String, TextError> {
    let bytes = tokenizer.bytes_of(token.id)?;
    if tokenizer.is_special(token.id) || str::from_utf8(&bytes).is_err() {
        return Ok(readable(&bytes));
    }
    match prompt.get(token.byte_range.clone()) {
        Some(slice) if !slice.is_empty() => Ok(slice.to_owned()),
        _ => tokenizer.token(token.id),
    }
}

/// Bytes as text, and where each of them went.
struct TextOfBytes {
    text: String,
    /// For every byte, the character of `text` it is part of.
    chars: Vec<Range<usize>>,
}

impl TextOfBytes {
    fn new(bytes: &[u8]) -> Self {
        let (mut text, mut chars) = (String::with_capacity(bytes.len()), Vec::new());
        let mut push = |c: char, n_bytes: usize| {
            let start = text.len();
            text.push(c);
            chars.extend(std::iter::repeat_n(start..text.len(), n_bytes));
        };
        for chunk in bytes.utf8_chunks() {
            chunk.valid().chars().for_each(|c| push(c, c.len_utf8()));
            if !chunk.invalid().is_empty() {
                push(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
            }
        }
        Self { text, chars }
    }

    /// The characters that a range of bytes is part of.
    fn range_of(&self, raw: &Range<usize>) -> Range<usize> {
        match self.chars.get(raw.clone()) {
            Some([only]) => only.clone(),
            Some([first, .., last]) => first.start..last.end,
            _ => {
                let start = self.chars.get(raw.start).map_or(self.text.len(), |c| c.start);
                start..start
            }
        }
    }
}
