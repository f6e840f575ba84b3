//! JSON without a tree: the shape of a file, and its records one by one.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::error::RegionsError;

/// How many keys of an object are looked at to tell a format.
const MAX_KEYS: usize = 64;

/// Keys, and first elements of lists, to a small depth: enough to tell a format.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Whether it is a list.
    pub(super) is_list: bool,
    /// The keys of an object.
    keys: Vec<(String, Self)>,
    /// The first element of a list.
    first: Option<Box<Self>>,
}

impl Shape {
    /// The shape of a whole file.
    pub(super) fn of(json: &[u8]) -> serde_json::Result<Self> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let shape = ShapeSeed { depth: 4 }.deserialize(&mut reader)?;
        reader.end()?;
        Ok(shape)
    }

    /// What lies under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, shape)| shape)
    }

    /// Whether there is such a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether a list lies under the key.
    pub(super) fn has_list(&self, key: &str) -> bool {
        self.get(key).is_some_and(|shape| shape.is_list)
    }

    /// The first element of a list.
    pub(super) fn first(&self) -> Option<&Self> {
        self.first.as_deref()
    }
}

struct ShapeSeed {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for ShapeSeed {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        if self.depth == 0 {
            return IgnoredAny::deserialize(deserializer).map(|_| Shape::default());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ShapeSeed {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.len() < MAX_KEYS {
                keys.push((key, map.next_value_seed(Self { depth: self.depth - 1 })?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Shape { keys, ..Shape::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let first = list.next_element_seed(Self { depth: self.depth - 1 })?.map(Box::new);
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape { is_list: true, first, ..Shape::default() })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::default())
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::default())
    }
}

/// Reads the list under `key`, or the file itself where there is no key, and hands out its records
/// one by one. What `each` refuses ends the reading.
pub(super) fn each_record<T: for<'de> Deserialize<'de>>(
    json: &[u8],
    path: &Path,
    key: Option<&str>,
    each: &mut dyn FnMut(usize, T) -> Result<(), RegionsError>,
) -> Result<(), RegionsError> {
    let mut refused = None;
    let records = Records { each, refused: &mut refused, of: PhantomData };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = match key {
        Some(key) => UnderKey { key, records }.deserialize(&mut reader),
        None => records.deserialize(&mut reader),
    };
    match (refused, read) {
        (Some(refused), _) => Err(refused),
        (None, read) => read.map_err(|error| RegionsError::json(path, &error)),
    }
}

struct Records<'a, T> {
    each: &'a mut dyn FnMut(usize, T) -> Result<(), RegionsError>,
    refused: &'a mut Option<RegionsError>,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Records<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Records<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(record) = list.next_element()? {
            if let Err(refused) = (self.each)(index, record) {
                *self.refused = Some(refused);
                return Err(A::Error::custom("refused"));
            }
            index += 1;
        }
        Ok(())
    }
}

struct UnderKey<'a, T> {
    key: &'a str,
    records: Records<'a, T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for UnderKey<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for UnderKey<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut records = Some(self.records);
        while let Some(key) = map.next_key::<String>()? {
            match records.take() {
                Some(own) if key == self.key => map.next_value_seed(own)?,
                other => {
                    records = other;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
