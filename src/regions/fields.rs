//! The values of JSON records: ids, names, corners and run lengths, with limits on every list.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::domain::RegionId;

use super::limits::{MAX_POINTS, MAX_RUNS};

/// An id: a number or a text; anything else is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Id(pub(super) Option<RegionId>);

/// A text; anything else is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match deserializer.deserialize_any(ScalarVisitor)? {
            Some(RegionId::Text(text)) => Some(text),
            _ => None,
        }))
    }
}

/// Reads any value; lists and objects are passed over without being kept.
struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Option<RegionId>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Some(RegionId::Number(v)))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Some(match i64::try_from(v) {
            Ok(number) => RegionId::Number(number),
            Err(_) => RegionId::Text(v.to_string()),
        }))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        let is_whole = v.fract() == 0.0 && v.abs() < 9e15;
        Ok(Some(match is_whole {
            true => RegionId::Number(v as i64),
            false => RegionId::Text(v.to_string()),
        }))
    }

    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Some(RegionId::Text(v.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Corners as `x, y, x, y, ..`: given so, or as pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Corners(pub(super) Vec<f64>);

/// Polygons: a list of them, or one without a list around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parts(pub(super) Vec<Vec<f64>>);

/// Numbers of run lengths or of a packed stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Numbers(pub(super) Vec<i64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of whole numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Numbers, A::Error> {
        bounded(list, MAX_RUNS, "numbers in one list").map(Numbers)
    }
}

/// The elements of a list that may not be longer than `limit`.
fn bounded<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(
    mut list: A,
    limit: usize,
    what: &str,
) -> Result<Vec<T>, A::Error> {
    let mut elements = Vec::new();
    while let Some(element) = list.next_element()? {
        if elements.len() == limit {
            return Err(A::Error::custom(format_args!("more than {limit} {what}")));
        }
        elements.push(element);
    }
    Ok(elements)
}

impl<'de> Deserialize<'de> for Corners {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = deserializer.deserialize_seq(PartsVisitor)?;
        Ok(Self(parts.0.into_iter().flatten().collect()))
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of corners")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Parts, A::Error> {
        let mut flat = Vec::new();
        let mut parts = Vec::new();
        let mut left = 2 * MAX_POINTS;
        while let Some(element) = list.next_element_seed(Element { left: &mut left })? {
            match element {
                Piece::Number(number) => flat.push(number),
                Piece::List(numbers) => parts.push(numbers),
            }
        }
        if !flat.is_empty() {
            parts.push(flat);
        }
        // Pairs without a list around them are the corners of one polygon.
        let is_pairs = parts.len() > 2 && parts.iter().all(|part| part.len() == 2);
        Ok(Parts(if is_pairs { vec![parts.concat()] } else { parts }))
    }
}

/// A number of a list without lists in it, or a list in a list.
enum Piece {
    Number(f64),
    List(Vec<f64>),
}

/// Reads one [`Piece`], with pairs of corners laid flat, while `left` lasts.
struct Element<'a> {
    left: &'a mut usize,
}

impl Element<'_> {
    fn take<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let rest = self.left.checked_sub(1);
        *self.left = rest.ok_or_else(|| {
            E::custom(format_args!("more than {MAX_POINTS} corners in one region"))
        })?;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Piece;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Piece, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_f64<E: serde::de::Error>(mut self, v: f64) -> Result<Piece, E> {
        self.take()?;
        Ok(Piece::Number(v))
    }

    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Piece, E> {
        self.visit_f64(v as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Piece, E> {
        self.visit_f64(v as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Piece, A::Error> {
        self.take()?;
        let mut numbers = Vec::new();
        while let Some(piece) = list.next_element_seed(Element { left: &mut *self.left })? {
            match piece {
                Piece::Number(number) => numbers.push(number),
                Piece::List(pair) => numbers.extend(pair),
            }
        }
        Ok(Piece::List(numbers))
    }
}
