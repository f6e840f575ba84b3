//! The tagger that is part of the program, and the door for others.

use std::{ops::Range, sync::LazyLock};

use super::{
    brill::Brill, buckets::bucket_of, grammar::repair, lexicon::Lexicon, sentence::Sentence,
    upos::Upos, words::Shape,
};
use crate::{domain::TaggedWord, text::TextError};

/// Says what each word of a question does.
pub trait PosTagger {
    /// The words of a question in order, with their bytes, tags and buckets.
    ///
    /// # Errors
    /// A tagger that is a program of its own may fail; [`Tagger`] never does.
    fn tag(&self, question: &str) -> Result<Vec<TaggedWord>, TextError>;
}

/// A part of speech that another tagger gave to a part of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenTag {
    /// The bytes of the question that were tagged.
    pub byte_range: Range<usize>,
    /// A universal or a Penn tag.
    pub tag: String,
}

/// The embedded tagger: a Brill tagger, repairs for questions, and buckets by context.
///
/// # Source
/// The word list and the patches of harper-brill 3.0.0 (Apache-2.0).
#[derive(Debug)]
pub struct Tagger {
    brill: Brill,
    lexicon: Lexicon,
}

static EMBEDDED: LazyLock<Tagger> = LazyLock::new(Tagger::read);

impl Tagger {
    /// The tagger, read at its first use.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn read() -> Self {
        Self { brill: Brill::embedded(), lexicon: Lexicon::embedded() }
    }

    /// The words of a question in order; they cover every byte that is not white space.
    pub fn tag(&self, question: &str) -> Vec<TaggedWord> {
        self.sentence(question).into_words(None)
    }

    fn sentence<'q>(&'q self, question: &'q str) -> Sentence<'q> {
        let mut sentence = Sentence::new(question, &self.brill, &self.lexicon);
        sentence.patch();
        repair(&mut sentence);
        sentence
    }
}

impl PosTagger for Tagger {
    fn tag(&self, question: &str) -> Result<Vec<TaggedWord>, TextError> {
        Ok(self.tag(question))
    }
}

/// Our words and buckets with the tags of another tagger.
///
/// The other tagger may cut the question as it likes: a word takes the tag of the last part with a
/// letter or a digit that it shares bytes with (`T - shirt` gives `T-shirt` the tag of `shirt`). The
/// buckets of small words (`to`, `that`, `have`) follow from our lists whatever their tag is. A word that it left out, and one whose tag is in neither tag set, keeps the embedded tagger's tag.
/// `given` need not be in order; ranges outside the question are of no effect.
pub fn bucket_words(question: &str, given: &[GivenTag]) -> Vec<TaggedWord> {
    let mut sentence = Tagger::embedded().sentence(question);
    let mut given: Vec<&GivenTag> = given
        .iter()
        .filter(|part| {
            let text = question.get(part.byte_range.clone());
            text.is_some_and(|text| text.contains(char::is_alphanumeric))
        })
        .collect();
    given.sort_by_key(|part| (part.byte_range.start, part.byte_range.end));
    let mut names = vec![None; sentence.len()];
    let mut first = 0;
    for (i, word) in sentence.words.iter().enumerate() {
        let Range { start, end } = word.byte_range;
        while given.get(first).is_some_and(|part| part.byte_range.end <= start) {
            first += 1;
        }
        let shared = given[first..].iter().take_while(|part| part.byte_range.start < end);
        let last = shared.filter(|part| part.byte_range.end > start).last();
        let Some(part) = last.filter(|_| word.shape == Shape::Letters) else { continue };
        let tag = Upos::from_tag(&part.tag);
        if tag == Upos::X {
            continue;
        }
        names[i] = Some(part.tag.as_str());
        // of small words our lists know more than a tag says: Penn's `TO` is of purpose or of place
        let is_open = matches!(tag, Upos::Noun | Upos::Propn | Upos::Verb | Upos::Adj | Upos::Adv);
        if is_open && !sentence.is_small(i) {
            sentence.tags[i] = tag;
        }
    }
    sentence.into_words(Some(&names))
}

impl Sentence<'_> {
    /// The words with their buckets; `names` has the tags to show where they are not universal.
    fn into_words(self, names: Option<&[Option<&str>]>) -> Vec<TaggedWord> {
        let name = |i: usize| names.and_then(|names| names[i]);
        (0..self.len())
            .map(|i| TaggedWord {
                text: self.words[i].text.to_owned(),
                byte_range: self.words[i].byte_range.clone(),
                tag: name(i).unwrap_or(self.tags[i].name()).to_owned(),
                bucket: bucket_of(&self, i),
                edited: false,
            })
            .collect()
    }
}
