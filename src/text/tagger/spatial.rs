//! Whether a word of the spatial vocabulary speaks of places where it stands.

use super::{lexicon::Class, sentence::Sentence, upos::Upos, words::Shape};

/// Whether the word belongs to the spatial vocabulary and is used so.
pub(super) fn is_spatial(s: &Sentence<'_>, i: usize) -> bool {
    if s.words[i].shape != Shape::Letters {
        return false;
    }
    match s.lower(i) {
        "to" => is_spatial_to(s, i),
        "in" => !is_manner_of_in(s, i),
        "on" => !is_other_on(s, i),
        "at" => !is_time_or_degree(s, i),
        "by" => is_beside(s, i),
        "over" | "under" | "above" | "below" | "around" => !number_or_time_follows(s, i),
        "up" | "out" => {
            !s.has(i.wrapping_sub(1), Class::UpParticle)
                || s.is(i, "out")
                    && s.is(i + 1, "of")
                    && !s.is_one_of(i.wrapping_sub(1), &["made", "make", "run"])
        }
        "down" => !s.is_one_of(
            i.wrapping_sub(1),
            &[
                "break", "breaks", "broke", "shut", "shuts", "slow", "slows", "write", "calm",
                "narrow",
            ],
        ),
        "off" => !is_particle_off(s, i),
        "there" => is_there_a_place(s, i),
        "next" => s.is(i + 1, "to"),
        "past" => !s.is_tag(i.wrapping_sub(1), Upos::Det),
        "close" => !s.is_tag(i, Upos::Verb) && !s.is_noun(i + 1),
        "away" => !(s.is_tag(i.wrapping_sub(1), Upos::Det) && s.is_noun(i + 1)),
        "nearest" => !s.has(i + 1, Class::Unit),
        "left" => !s.is_tag(i, Upos::Verb),
        "right" => !is_correct(s, i),
        "top" => !is_clothing(s, i),
        "end" | "ends" => is_end_of_place(s, i),
        "side" | "sides" => !is_side_of_polygon(s, i),
        "center" | "centre" => !s.is_one_of(
            i.wrapping_sub(1),
            &[
                "shopping",
                "data",
                "medical",
                "health",
                "community",
                "sports",
                "visitor",
                "call",
                "fitness",
            ],
        ),
        "edges" | "edge" | "corners" => !s.is_one_of(i.wrapping_sub(1), &["many"]),
        "back" | "front" | "bottom" | "middle" | "centers" | "tops" | "backs" | "fronts"
        | "corner" | "background" | "foreground" => true,
        "north" | "south" | "east" | "west" => {
            !(s.words[i].starts_upper()
                && s.words.get(i + 1).is_some_and(super::words::Word::starts_upper))
        }
        "relation" => s.is(i.wrapping_sub(1), "in") && s.is(i + 1, "to"),
        "relative" => {
            s.is(i + 1, "to")
                || s.is_one_of(i + 1, &["position", "positions", "location", "locations"])
        }
        "straight" => {
            s.is_tag(i.wrapping_sub(1), Upos::Verb) || s.is_one_of(i + 1, &["ahead", "on"])
        }
        "further" => {
            s.is_one_of(i + 1, &["away", "from", "left", "right", "back", "to"]) || s.ends_at(i + 1)
        }
        "surrounding" => s.is_tag(i, Upos::Adj),
        _ => s.has_any(
            i,
            [
                Class::AlwaysSpatial,
                Class::SpatialNoun,
                Class::SpatialAdjective,
                Class::PlacePreposition,
            ],
        ),
    }
}

fn is_spatial_to(s: &Sentence<'_>, i: usize) -> bool {
    let before = i.wrapping_sub(1);
    if s.is_tag(i, Upos::Part) {
        return false;
    }
    let is_place = |j: usize| s.has_any(j, [Class::SpatialNoun, Class::AlwaysSpatial]);
    if s.has(before, Class::TowardsTo) || is_place(i + 1) {
        return true;
    }
    if s.is(i + 2, "nearest") && s.has(i + 3, Class::Unit) {
        return false;
    }
    if s.is_tag(i + 1, Upos::Det) && is_place(i + 2) && !s.is_one_of(i + 2, &["end"]) {
        return true;
    }
    // "from the sofa to the door", "walking to the door", "points to"
    s.before(i).take(5).any(|j| {
        s.has(j, Class::Motion) && s.is_tag(j, Upos::Verb)
            || s.is_one_of(j, &["from", "closest", "nearest", "closer", "nearer"])
    })
}

fn is_manner_of_in(s: &Sentence<'_>, i: usize) -> bool {
    let next = i + 1;
    let is_number = s.words.get(next).is_some_and(|w| w.shape == Shape::Digits);
    // "in which year", "in the morning", "in the early 1900s", "in two sentences"
    let head =
        s.after(i).take(5).find(|&j| s.is_noun(j) || s.ends_at(j) || s.is_tag(j, Upos::Verb));
    let is_when = |j: usize| {
        s.has(j, Class::Time) && !s.is_one_of(j, &["fall", "past"])
            || s.has(j, Class::InManner) && j > next
    };
    is_number && !s.has(next + 1, Class::SpatialNoun)
        || s.has(next, Class::InManner)
        || s.is(next, "what")
            && s.is_one_of(next + 1, &["order", "way", "year", "century", "month"])
        || head.is_some_and(|j| is_when(j) && (s.has(j, Class::Time) || !s.is_noun(j + 1)))
        || s.is_ing(next) && !s.has(next, Class::GerundCompound)
        || s.is_one_of(
            next,
            &[
                "common",
                "spite",
                "favor",
                "response",
                "terms",
                "conclusion",
                "reality",
                "other",
                "contrast",
                "comparison",
                "which",
            ],
        ) && (!s.is(next, "which") || head.is_some_and(|j| s.has(j, Class::Time)))
            && !s.is_noun(next + 1)
}

fn is_other_on(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    s.is_one_of(next, &["average", "time", "purpose"])
        || s.is_one_of(next, &["which", "what"]) && s.has(next + 1, Class::Time)
        || s.is(next, "or") && s.is(next + 1, "off")
        || s.has(next, Class::Time)
        || s.is_one_of(before, &["based", "depending", "depends", "depend"])
        || s.has(before, Class::OnParticle) && (s.ends_at(next) || s.is_tag(next, Upos::Cconj))
        || s.is_one_of(before, &["turn", "turns", "turned", "switch"]) && s.is_tag(next, Upos::Det)
        || s.before(i).take(6).any(|j| s.is_one_of(j, &["turned", "switched"])) && s.ends_at(next)
        || s.ends_at(next)
            && s.has(before, Class::Switched)
            && s.before(i).last().is_some_and(|first| s.has(first, Class::Be))
}

fn is_time_or_degree(s: &Sentence<'_>, i: usize) -> bool {
    let next = i + 1;
    let degree = ["least", "most", "all", "once", "first", "last", "present", "any"];
    let measures = ["time", "point", "temperature", "hour", "speed", "age", "rate", "moment"];
    let moments = ["moment", "time", "end", "beginning", "start", "same", "age", "speed"];
    let is_moment =
        |j: usize| s.is_one_of(j, &moments) && !(s.is(j, "end") && is_end_of_place(s, j));
    s.has_any(next, [Class::Time, Class::Number])
        || s.words.get(next).is_some_and(|w| w.shape == Shape::Digits)
        || s.is_one_of(next, &degree)
        || s.is_one_of(next, &["what", "which"]) && s.is_one_of(next + 1, &measures)
        || s.is_tag(next, Upos::Det) && is_moment(next + 1)
}

/// `by the door` is a place; `by the man`, `by car`, `by mixing`, `by how much` are not.
fn is_beside(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    if s.is_one_of(before, &["side", "little"]) {
        return true;
    }
    if s.is_ing(next)
        || s.has(next, Class::QuestionWord)
        || s.words.get(next).is_some_and(|w| w.shape == Shape::Digits || w.starts_upper())
        || s.is_one_of(next, &["car", "bus", "train", "plane", "boat", "bike", "hand", "far"])
        || s.starts_clause(i) && !s.is_tag(next, Upos::Det)
    {
        return false;
    }
    let is_done =
        |j: usize| s.is_participle(j) && s.is_tag(j, Upos::Verb) && !s.has(j, Class::Posture);
    // "highlighted in the image by a box"
    let is_agent = is_done(before)
        || s.before(i).take(6).any(|j| is_done(j) && !s.has(j, Class::SpatialNoun))
            && !s.before(i).take(6).any(|j| s.is_ing(j));
    let changes = ["increase", "decrease", "rise", "fall", "grow", "drop", "divide", "multiply"];
    !is_agent && !s.has(before, Class::Number) && !s.is_one_of(before, &changes)
}

fn number_or_time_follows(s: &Sentence<'_>, i: usize) -> bool {
    let next = i + 1;
    s.words.get(next).is_some_and(|w| w.shape == Shape::Digits)
        || s.has(next, Class::Number)
        || s.is(i, "over")
            && (s.is_one_of(next, &["time"])
                || s.before(i).take(3).any(|j| {
                    s.is_one_of(
                        j,
                        &["prefer", "prefers", "preferred", "choose", "take", "takes", "taking"],
                    )
                }))
        || s.is_tag(next, Upos::Det)
            && s.is_one_of(
                next + 1,
                &["years", "year", "age", "course", "past", "period", "average"],
            )
}

fn is_particle_off(s: &Sentence<'_>, i: usize) -> bool {
    s.has(i.wrapping_sub(1), Class::OffParticle)
        || s.ends_at(i + 1)
            && (s.is_one_of(i.wrapping_sub(1), &["or", "lights", "light", "is"])
                || s.has(i.wrapping_sub(1), Class::Switched)
                || s.before(i)
                    .take(6)
                    .any(|j| s.has(j, Class::OffParticle) && !s.is_one_of(j, &["cut", "pay"])))
}

fn is_there_a_place(s: &Sentence<'_>, i: usize) -> bool {
    let (before, next) = (i.wrapping_sub(1), i + 1);
    let is_be = |j: usize| {
        s.has_any(j, [Class::Be, Class::Modal])
            || s.is_one_of(j, &["exist", "exists", "seem", "appear", "has", "have"])
    };
    !is_be(before) && !is_be(next) && s.tag(next) != Some(Upos::Det)
}

/// `the right answer`, `a right angle`, `right now`, `is that right`.
fn is_correct(s: &Sentence<'_>, i: usize) -> bool {
    s.has(i + 1, Class::CanBeRight) || s.is_one_of(i.wrapping_sub(1), &["that", "this", "it"])
}

fn is_clothing(s: &Sentence<'_>, i: usize) -> bool {
    let wears =
        s.before(i).take(4).any(|j| s.is_one_of(j, &["wearing", "wears", "wear", "tank", "crop"]));
    (wears || s.is_one_of(i.wrapping_sub(1), &["tank", "crop"])) && !s.is(i + 1, "of")
}

/// The end of a row, not of a process.
fn is_end_of_place(s: &Sentence<'_>, i: usize) -> bool {
    if s.is_tag(i, Upos::Verb) {
        return false;
    }
    let of = s.is(i + 1, "of");
    let thing = s.after(i).skip(1).find(|&j| s.is_noun(j));
    let is_process = thing.is_some_and(|j| s.has(j, Class::Time) || s.has(j, Class::Process));
    of && !is_process
        || s.has(i.wrapping_sub(1), Class::AlwaysSpatial)
        || s.has(i.wrapping_sub(1), Class::SpatialNoun)
        || s.is_one_of(i.wrapping_sub(1), &["other", "opposite"])
}

/// `side BC`, `a rectangle with sides of 4 cm`.
fn is_side_of_polygon(s: &Sentence<'_>, i: usize) -> bool {
    let names_points = s.words.get(i + 1).is_some_and(|w| {
        w.shape == Shape::Letters && w.text.len() < 4 && w.text.chars().all(char::is_uppercase)
    });
    let is_counted = s.is_one_of(
        i.wrapping_sub(1),
        &[
            "many",
            "more",
            "fewer",
            "equal",
            "adjacent",
            "unequal",
            "longest",
            "shortest",
            "congruent",
        ],
    ) || s.is_tag(i.wrapping_sub(1), Upos::Num);
    let mut others = s.before(i).chain(s.after(i));
    names_points
        || is_counted && !s.is_one_of(i + 1, &["of"])
        || others.any(|j| s.has(j, Class::Polygon))
            && !s.is_one_of(
                i.wrapping_sub(1),
                &["left", "right", "other", "top", "bottom", "opposite", "which"],
            )
}
