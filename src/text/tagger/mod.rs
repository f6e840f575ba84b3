//! The embedded part-of-speech tagger: what each word of a question does.
//!
//! Its rooms from below: `words` cuts, `lexicon` and `brill` know words, `guess` those that nobody
//! knows, `sentence` looks around, `grammar` and `clauses` repair tags, `spatial` and `buckets` decide.

mod brill;
mod buckets;
mod clauses;
mod embedded;
mod grammar;
mod guess;
mod lexicon;
mod sentence;
mod spatial;
mod upos;
mod words;

pub use self::{
    embedded::{GivenTag, PosTagger, Tagger, bucket_words},
    upos::{UnknownUpos, Upos},
};
