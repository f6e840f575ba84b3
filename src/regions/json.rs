//! JSON without a tree: the shape of a file, and its records one by one.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::domain::Meter;

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
    /// The elements of a list.
    n: u64,
}

/// A file in memory, its shape, and who is told how many of its records are read.
pub(super) struct Json<'a, 'p> {
    /// The whole file.
    pub(super) bytes: &'a [u8],
    /// Its shape.
    pub(super) shape: Shape,
    meter: &'a Meter<'p>,
}

impl<'a, 'p> Json<'a, 'p> {
    /// Looks at the shape of a file.
    ///
    /// # Errors
    /// [`RegionsError::Json`], [`RegionsError::Stopped`].
    pub(super) fn of(
        bytes: &'a [u8],
        path: &Path,
        meter: &'a Meter<'p>,
    ) -> Result<Self, RegionsError> {
        meter.begin("looking for records", 0).map_err(RegionsError::stopped(path))?;
        let shape = Shape::of(bytes, meter).map_err(|error| RegionsError::json(path, &error))?;
        Ok(Self { bytes, shape, meter })
    }

    /// Begins to read so many records.
    ///
    /// # Errors
    /// [`RegionsError::Stopped`].
    pub(super) fn begin(&self, n: u64, path: &Path) -> Result<(), RegionsError> {
        self.meter.begin("reading records", n).map_err(RegionsError::stopped(path))
    }

    /// One of them is read.
    ///
    /// # Errors
    /// [`RegionsError::Stopped`].
    pub(super) fn step(&self, path: &Path) -> Result<(), RegionsError> {
        self.meter.add(1).map_err(RegionsError::stopped(path))
    }
}

impl Shape {
    /// The shape of a whole file.
    fn of(json: &[u8], meter: &Meter<'_>) -> serde_json::Result<Self> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let shape = ShapeSeed { depth: 4, meter }.deserialize(&mut reader)?;
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

struct ShapeSeed<'m, 'p> {
    depth: usize,
    meter: &'m Meter<'p>,
}

impl ShapeSeed<'_, '_> {
    fn deeper(&self) -> Self {
        Self { depth: self.depth - 1, meter: self.meter }
    }
}

impl<'de> DeserializeSeed<'de> for ShapeSeed<'_, '_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        if self.depth == 0 {
            return IgnoredAny::deserialize(deserializer).map(|_| Shape::default());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ShapeSeed<'_, '_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.len() < MAX_KEYS {
                keys.push((key, map.next_value_seed(self.deeper())?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Shape { keys, ..Shape::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let first = list.next_element_seed(self.deeper())?.map(Box::new);
        let mut n = u64::from(first.is_some());
        while list.next_element::<IgnoredAny>()?.is_some() {
            n += 1;
            self.meter.add(1).map_err(A::Error::custom)?;
        }
        Ok(Shape { is_list: true, first, n, ..Shape::default() })
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
/// one by one. What `each` refuses ends the reading, and so does who is told of the steps.
pub(super) fn each_record<T: for<'de> Deserialize<'de>>(
    json: &Json<'_, '_>,
    path: &Path,
    key: Option<&str>,
    each: &mut dyn FnMut(usize, T) -> Result<(), RegionsError>,
) -> Result<(), RegionsError> {
    let list = key.map_or(Some(&json.shape), |key| json.shape.get(key));
    json.begin(list.map_or(0, |list| list.n), path)?;
    let mut refused = None;
    let mut each = |index: usize, record: T| {
        each(index, record)?;
        json.step(path)
    };
    let records = Records { each: &mut each, refused: &mut refused, of: PhantomData };
    let mut reader = serde_json::Deserializer::from_slice(json.bytes);
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
