//! `metadata.csv` of Segment Anything's mask folders: which masks there are, and their areas.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::collect::Collector;
use super::error::RegionsError;

/// The longest table that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Areas by id.
pub(super) struct Metadata {
    areas: BTreeMap<i64, i64>,
}

impl Metadata {
    /// Reads the table; lines that are not of it are passed over.
    pub(super) fn read(path: &Path) -> Result<Self, RegionsError> {
        let unreadable = RegionsError::unreadable(path);
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(&unreadable)?;
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(&unreadable)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
        let column = |name| header.iter().position(|key| *key == name);
        let (Some(id), Some(area)) = (column("id"), column("area")) else {
            let reason = "its first line does not name id and area";
            return Err(RegionsError::damaged(path, "metadata.csv", reason));
        };
        let row = |line: &str| {
            let field = |column| line.split(',').nth(column)?.trim().parse::<f64>().ok();
            Some((field(id)? as i64, field(area)? as i64))
        };
        Ok(Self { areas: lines.filter_map(row).collect() })
    }

    /// The area that the table gives for a mask.
    pub(super) fn area_of(&self, id: i64) -> Option<i64> {
        self.areas.get(&id).copied()
    }

    /// Says which masks of the table have no file.
    pub(super) fn note_missing(&self, found: impl Iterator<Item = i64>, into: &mut Collector<'_>) {
        let found: std::collections::BTreeSet<i64> = found.collect();
        let missing: Vec<_> = self.areas.keys().filter(|id| !found.contains(id)).collect();
        if let [first, rest @ ..] = &missing[..] {
            let more = rest.len();
            into.warn(format!(
                "metadata.csv names {first}.png and {more} others that are not there"
            ));
        }
    }
}
