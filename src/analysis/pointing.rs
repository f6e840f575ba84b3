//! How often maps such as the one that is asked for were seen to point at the thing.

use crate::domain::{Choice, MapKind, Pointing, PointingRates, TokenRow};

use super::{MapRequest, Projection, SinkPolicy, Words};

/// What was measured of maps such as this one; none where nothing was.
///
/// Measured are maps of one word that names a thing which was asked for there, and of the first
/// token of the answer while it was chosen: over all heads, all layers or one, through the whole
/// resampler, with nothing left out. A map that differs in any of these carries no rate.
pub fn measured_pointing(
    rates: &PointingRates,
    request: &MapRequest,
    projection: Projection,
    words: Words<'_>,
) -> Option<Pointing> {
    let is_as_measured = projection == Projection::Composed
        && request.sinks == SinkPolicy::Keep
        && request.heads == Choice::All;
    if !is_as_measured {
        return None;
    }
    let layer = match &request.layers {
        Choice::All => None,
        Choice::Only(chosen) if chosen.len() == 1 => Some(chosen[0]),
        Choice::Only(_) | Choice::None => return None,
    };
    let map = match request.kind {
        MapKind::LooksAt if is_of_one_name(rates, request, words) => "looks_at",
        MapKind::ReadBy if is_of_one_name(rates, request, words) => "read_by",
        MapKind::AnsweredFrom(TokenRow::WhileChoosing) if request.positions == [0] => {
            "answered_from"
        }
        _ => return None,
    };
    let rate = rates.rate(map, request.reading, layer)?;
    Some(Pointing { rate, uniform_latents: rates.uniform_latents, chance: rates.chance })
}

/// Whether the positions are those of one word, and that is a name that was asked for: "things" and
/// "table" are Objects too, and no map of theirs was held against a place.
fn is_of_one_name(rates: &PointingRates, request: &MapRequest, words: Words<'_>) -> bool {
    let is_meant =
        |word: usize| words.alignment.positions_of_word(word).eq(request.positions.iter().copied());
    words.words.iter().enumerate().any(|(i, word)| rates.has_name(&word.text) && is_meant(i))
}
