//! From one word, token or layer to the next, with keys.

use crate::{
    app::{Subject, jobs::Answered},
    domain::{Choice, Tower},
};

/// The word or token after (or before) the chosen one: words first, then tokens, round and round.
pub(crate) fn next_subject(answered: &Answered, subject: &Subject, by: isize) -> Subject {
    let n_latents = answered.run.prompt.layout.image().len();
    if let Subject::Latents(latents) = subject {
        let now = if by > 0 { latents.last() } else { latents.first() };
        let next = (now.map_or(0, |now| now + n_latents)).saturating_add_signed(by);
        return next.checked_rem(n_latents).map_or(Subject::Nothing, Subject::latent);
    }
    let n_words = answered.words.words.len();
    let n = n_words + answered.token_texts.len();
    if n == 0 {
        return Subject::Nothing;
    }
    let now = match subject {
        Subject::Nothing | Subject::Latents(_) => None,
        Subject::Words(words) => if by > 0 { words.last() } else { words.first() }.copied(),
        Subject::Answer(tokens) => {
            if by > 0 { tokens.last() } else { tokens.first() }.map(|token| n_words + token)
        }
    };
    let next = match now {
        Some(now) => (now + n).saturating_add_signed(by) % n,
        None => 0,
    };
    if next < n_words { Subject::word(next) } else { Subject::token(next - n_words) }
}

/// The layer after (or before) the one that is read alone.
pub(crate) fn next_layer(answered: &Answered, layers: &Choice, by: isize) -> Choice {
    let sites = answered.run.trace.patterns.keys();
    let all: Vec<usize> =
        sites.filter(|site| site.tower == Tower::Decoder).map(|site| site.layer).collect();
    next_of(&all, layers, by)
}

/// The head after (or before) the one that is read alone.
pub(crate) fn next_head(answered: &Answered, heads: &Choice, by: isize) -> Choice {
    let mut decoder = answered.run.trace.patterns.iter();
    let first = decoder.find(|(site, _)| site.tower == Tower::Decoder);
    let all = first.and_then(|(_, patterns)| patterns.first()).map(|pattern| &pattern.heads[..]);
    next_of(all.unwrap_or_default(), heads, by)
}

fn next_of(all: &[usize], chosen: &Choice, by: isize) -> Choice {
    if all.is_empty() {
        return Choice::All;
    }
    let now = match chosen {
        Choice::Only(chosen) => all.iter().position(|one| chosen.contains(one)),
        _ => None,
    };
    let next = match (now, by > 0) {
        (Some(now), _) => (now + all.len()).saturating_add_signed(by) % all.len(),
        (None, true) => 0,
        (None, false) => all.len() - 1,
    };
    Choice::Only(vec![all[next]])
}
