//! Which rows ask about which picture: the order in which a batch asks.

use std::collections::HashMap;

use super::{
    BatchError, Shard,
    source::{BatchSource, OnStep, SourceStep, faulty},
};
use crate::benchmark::{ContentHash, RowPicture, RowPlace};

/// Questions about one picture are at most this many; what follows counts as another picture, so
/// that neither memory nor shards suffer from a picture that everything is asked about.
const MOST_QUESTIONS: usize = 64;

/// The rows of a question file, picture by picture: pictures in the order in which they first come,
/// the rows of each in that of the file. A picture is its bytes, however often the file holds them.
#[derive(Debug, Default)]
pub(super) struct PictureOrder {
    /// The rows of each picture; 16 bytes a row.
    pub(super) pictures: Vec<Vec<RowPlace>>,
    /// Of all that is asked.
    pub(super) content: String,
}

impl PictureOrder {
    /// Reads a file through once, keeping the places of its rows.
    ///
    /// Where rows can only be read onwards, those of a picture must stand together.
    ///
    /// # Errors
    /// A file that cannot be read; [`BatchError::Stopped`] where `on_step` breaks.
    pub(super) fn of(source: &BatchSource, on_step: OnStep<'_>) -> Result<Self, BatchError> {
        let path = source.file().path();
        let mut rows = source.file().rows()?;
        let goes_back = rows.goes_back();
        let mut order = Self::default();
        let mut content = ContentHash::default();
        // The latest group of each picture.
        let mut groups: HashMap<[u8; 32], usize> = HashMap::new();
        loop {
            let place = rows.place();
            let place =
                place.map_err(|source| BatchError::Read { path: path.to_owned(), source })?;
            let Some(row) = rows.next() else { break };
            content.add(&row);
            let (question, picture) = match row {
                Ok(row) => {
                    let (question, asked) = source.question(&row);
                    let picture = row.pictures.get(asked.unwrap_or(0)).map(RowPicture::sha256);
                    (question, picture)
                }
                Err(fault) => (faulty(fault), None),
            };
            if on_step(SourceStep::Read(place, &question)).is_break() {
                return Err(BatchError::Stopped);
            }
            let group = picture.and_then(|picture| groups.get(&picture).copied());
            let has_room = |group: &usize| {
                let is_last = group + 1 == order.pictures.len();
                order.pictures[*group].len() < MOST_QUESTIONS && (goes_back || is_last)
            };
            if let Some(group) = group.filter(has_room) {
                order.pictures[group].push(place);
            } else {
                groups.extend(picture.map(|picture| (picture, order.pictures.len())));
                order.pictures.push(vec![place]);
            }
        }
        order.content = content.finish();
        Ok(order)
    }

    /// Pictures of a shard, each with its number and rows.
    pub(super) fn of_shard(
        &self,
        shard: Shard,
    ) -> impl Iterator<Item = (usize, &Vec<RowPlace>)> + '_ {
        self.pictures.iter().enumerate().filter(move |(picture, _)| shard.holds(*picture))
    }

    /// Rows of a shard.
    pub(super) fn n_rows(&self, shard: Shard) -> usize {
        self.of_shard(shard).map(|(_, rows)| rows.len()).sum()
    }
}
