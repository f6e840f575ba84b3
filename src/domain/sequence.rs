//! Which position of the decoder's sequence holds what.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A token's number in the model's vocabulary.
pub type TokenId = u32;

/// A stretch of positions with one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Everything before the picture and the question: the system text and the user's marker.
    Prelude,
    /// The latents, standing where the one `<image>` token stood.
    Image,
    /// The text that modality-mutual attention opens to the picture: from the end of the picture
    /// through the marker that opens the assistant's turn, inclusive. In text-first order: the
    /// question, before the picture.
    Question,
    /// Template tokens after the question segment.
    Cue,
    /// Tokens the model wrote.
    Answer,
}

impl Segment {
    /// As a figure calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Prelude => "system text",
            Self::Image => "picture",
            Self::Question => "question",
            Self::Cue => "template",
            Self::Answer => "answer",
        }
    }
}

/// The segments of a prompt in order, without gap or overlap.
///
/// It can only be built by pushing segments, so the mistake that shifts every map by one
/// position cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SequenceLayout {
    spans: Vec<(Segment, Range<usize>)>,
}

impl SequenceLayout {
    /// A layout without positions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `n` positions of a segment; zero positions leave no trace.
    ///
    /// # Panics
    /// When the segment is already there: each has one stretch.
    #[must_use]
    pub fn push(mut self, segment: Segment, n: usize) -> Self {
        assert!(self.get(segment).is_none(), "a layout holds each segment once: {segment:?}");
        if n > 0 {
            let start = self.len();
            self.spans.push((segment, start..start + n));
        }
        self
    }

    /// Whether the segments follow each other from 0 without gap or overlap, each of them once. What
    /// was pushed always does; what was read from a file may not.
    pub fn is_gapless(&self) -> bool {
        let starts = std::iter::once(0).chain(self.spans.iter().map(|(_, span)| span.end));
        self.spans.iter().zip(starts).all(|((segment, span), start)| {
            let n = self.spans.iter().filter(|(other, _)| other == segment).count();
            span.start == start && span.end > start && n == 1
        })
    }

    /// Number of positions.
    pub fn len(&self) -> usize {
        self.spans.last().map_or(0, |(_, span)| span.end)
    }

    /// Whether there is no position.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The positions of a segment, if it has any.
    pub fn get(&self, segment: Segment) -> Option<Range<usize>> {
        self.spans.iter().find(|(s, _)| *s == segment).map(|(_, span)| span.clone())
    }

    /// The positions of the latents; empty when there is no picture.
    pub fn image(&self) -> Range<usize> {
        self.get(Segment::Image).unwrap_or(0..0)
    }

    /// The segment of a position.
    pub fn segment_of(&self, position: usize) -> Option<Segment> {
        self.spans.iter().find(|(_, span)| span.contains(&position)).map(|(s, _)| *s)
    }

    /// All segments with their positions, in order.
    pub fn spans(&self) -> &[(Segment, Range<usize>)] {
        &self.spans
    }
}

/// One position of the decoder's sequence, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionedToken {
    /// Index in the decoder's sequence, from 0.
    pub position: usize,
    /// Its token; for a latent, the `<image>` token it stands for.
    pub id: TokenId,
    /// The text it carries; for a latent, `<image>`.
    pub text: String,
    /// What the position is for.
    pub segment: Segment,
    /// Its bytes in the exact prompt string; for a latent, the bytes of `<image>`.
    pub byte_range: Range<usize>,
}

/// A question inside its chat template, as ids and as text.
///
/// `ids` still hold the one `<image>` token; `tokens` and `layout` speak of the sequence the
/// decoder reads, where the latents stand in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The exact prompt string.
    pub text: String,
    /// Its tokens, `<image>` as one.
    pub ids: Vec<TokenId>,
    /// Index of `<image>` in `ids`.
    pub image_index: usize,
    /// Where the user's question stands in `text`; empty when it is not known (ids were given).
    pub question_bytes: Range<usize>,
    /// Every position of the sequence, latents included.
    pub tokens: Vec<PositionedToken>,
    /// The segments of the sequence.
    pub layout: SequenceLayout,
}

impl Prompt {
    /// The first `len` positions alone, the whole picture among them.
    ///
    /// # Panics
    /// When the picture would be cut, or the prompt has fewer.
    #[must_use]
    pub fn prefix(&self, len: usize) -> Self {
        let image = self.layout.image();
        assert!(len >= image.end, "the picture is read whole");
        let within = |(segment, span): &(Segment, Range<usize>)| {
            (*segment, span.end.min(len).saturating_sub(span.start))
        };
        let layout = self.layout.spans().iter().map(within);
        Self {
            // One id stands for all latents.
            ids: self.ids[..=len - image.len()].to_vec(),
            tokens: self.tokens[..len].to_vec(),
            layout: layout.fold(SequenceLayout::new(), |layout, (s, n)| layout.push(s, n)),
            ..self.clone()
        }
    }
}

/// Whether the picture or the question stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SequenceOrder {
    /// `<image>\n{question}`, as AKI was trained.
    ImageFirst,
    /// `{question}\n<image>`, the T&I order of DOT.
    TextFirst,
}
