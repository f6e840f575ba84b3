//! Weight files: found, mapped, checked. Tensors come out by the names they have in the file.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use memmap2::Mmap;
use safetensors::{Dtype as StoredDtype, SafeTensors};
use serde::Deserialize;

use super::{
    Dtype,
    error::{ModelError, Result},
    stored::StoredTensor,
};

const INDEX: &str = "model.safetensors.index.json";
const SINGLE: &str = "model.safetensors";

/// Tensors that released files may hold and that the network does not read.
///
/// SigLIP's pooling head is stored by the authors but its output is never used; the others are
/// constants that old versions of transformers stored.
fn is_known_unused(name: &str) -> bool {
    name.starts_with("vision_encoder.head.")
        || name.ends_with(".rotary_emb.inv_freq")
        || name == "vision_encoder.embeddings.position_ids"
}

/// Where one tensor lies.
#[derive(Clone, Debug)]
struct Place {
    file: usize,
    bytes: Range<usize>,
    dtype: StoredDtype,
    shape: Vec<usize>,
}

struct MappedFile {
    path: PathBuf,
    file: File,
    map: Arc<Mmap>,
}

/// The weights of a checkpoint folder, mapped and not yet read.
pub(super) struct Checkpoint {
    files: Vec<MappedFile>,
    places: BTreeMap<String, Place>,
    /// Names that stand for another one: tied tables, of which safetensors stores one.
    aliases: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
    /// What names the tensors: the index, or the only file.
    listing: PathBuf,
}

#[derive(Deserialize)]
struct IndexJson {
    weight_map: BTreeMap<String, String>,
}

impl Checkpoint {
    /// Finds and maps the weight files of a folder: one file, or the shards that the index names.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let index = folder.join(INDEX);
        let single = folder.join(SINGLE);
        if index.exists() {
            Self::open_shards(folder, &index)
        } else if single.exists() {
            let mut checkpoint = Self::empty(single.clone());
            checkpoint.add_file(single)?;
            Ok(checkpoint)
        } else {
            Err(ModelError::NotACheckpoint { folder: folder.to_owned(), missing: SINGLE })
        }
    }

    fn empty(listing: PathBuf) -> Self {
        Self {
            files: Vec::new(),
            places: BTreeMap::new(),
            aliases: BTreeMap::new(),
            used: RefCell::default(),
            listing,
        }
    }

    fn open_shards(folder: &Path, index: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(index)
            .map_err(|source| ModelError::Unreadable { path: index.to_owned(), source })?;
        let index_json: IndexJson = serde_json::from_str(&text)
            .map_err(|e| ModelError::BadConfig { path: index.to_owned(), reason: e.to_string() })?;
        let shards: BTreeSet<&String> = index_json.weight_map.values().collect();
        let mut checkpoint = Self::empty(index.to_owned());
        for shard in shards {
            // A name that leads out of the folder would read a file nobody pointed at.
            let is_plain = Path::new(shard).components().count() == 1 && !shard.contains("..");
            if !is_plain {
                let reason = format!("\"weight_map\" names \"{shard}\", which is not a file name");
                return Err(ModelError::BadConfig { path: index.to_owned(), reason });
            }
            checkpoint.add_file(folder.join(shard))?;
        }
        for (name, shard) in &index_json.weight_map {
            let found = checkpoint.places.get(name).map(|p| &checkpoint.files[p.file].path);
            if found.is_none_or(|path| !path.ends_with(shard))
                && !checkpoint.aliases.contains_key(name)
            {
                let reason =
                    format!("\"weight_map\" says that {shard} holds \"{name}\", but it does not");
                return Err(ModelError::BadConfig { path: index.to_owned(), reason });
            }
        }
        Ok(checkpoint)
    }

    fn add_file(&mut self, path: PathBuf) -> Result<()> {
        let broken = |reason: String| ModelError::BrokenFile { path: path.clone(), reason };
        let unreadable = |source: io::Error| ModelError::Unreadable { path: path.clone(), source };
        let file = File::open(&path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        if length < 8 {
            return Err(broken(format!("{length} bytes are no safetensors file")));
        }
        #[expect(unsafe_code, reason = "mapping weights is what keeps them from being held twice")]
        // SAFETY: the map is only read. As with every mapped file, another program that cuts the
        // file short while it is read ends this one; weights are not files that programs edit.
        let map = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
        let (header_len, metadata) = SafeTensors::read_metadata(&map).map_err(|e| {
            broken(match e {
                safetensors::SafeTensorError::MetadataIncompleteBuffer => {
                    format!("the file is cut off or has bytes to spare: it is {length} bytes long and its header says otherwise")
                }
                e => format!("not a valid safetensors file ({e})"),
            })
        })?;
        let data_start = header_len + 8;
        let file_idx = self.files.len();
        for (name, info) in metadata.offset_keys().into_iter().filter_map(|name| {
            let info = metadata.info(&name)?;
            Some((name, info))
        }) {
            let bytes = data_start + info.data_offsets.0..data_start + info.data_offsets.1;
            let place =
                Place { file: file_idx, bytes, dtype: info.dtype, shape: info.shape.clone() };
            if let Some(earlier) = self.places.insert(name.clone(), place) {
                let other = self.files[earlier.file].path.display();
                return Err(broken(format!("tensor \"{name}\" is also in {other}")));
            }
        }
        for (dropped, kept) in metadata.metadata().iter().flatten() {
            self.aliases.insert(dropped.clone(), kept.clone());
        }
        self.files.push(MappedFile { path, file, map: Arc::new(map) });
        Ok(())
    }

    fn stored_name<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        if self.places.contains_key(name) {
            return Some(name);
        }
        self.aliases.get(name).map(String::as_str).filter(|kept| self.places.contains_key(*kept))
    }

    /// Whether a tensor is there, under its own name or as a tied one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.stored_name(name).is_some()
    }

    /// A tensor of the shape that the configuration asks for.
    pub(super) fn get(&self, name: &str, shape: &[usize]) -> Result<StoredTensor<'_>> {
        let Some(stored) = self.stored_name(name) else {
            let (path, name) = (self.listing.clone(), name.to_owned());
            return Err(ModelError::MissingTensor { path, name, shape: shape.to_vec() });
        };
        let place = &self.places[stored];
        let MappedFile { path, file, map } = &self.files[place.file];
        if place.shape != shape {
            return Err(ModelError::WrongShape {
                path: path.clone(),
                name: stored.to_owned(),
                expected: shape.to_vec(),
                found: place.shape.clone(),
            });
        }
        let dtype = match place.dtype {
            StoredDtype::F32 => Dtype::F32,
            StoredDtype::F16 => Dtype::F16,
            StoredDtype::BF16 => Dtype::Bf16,
            other => {
                return Err(ModelError::WrongDtype {
                    path: path.clone(),
                    name: stored.to_owned(),
                    found: format!("{other:?}"),
                });
            }
        };
        self.used.borrow_mut().insert(stored.to_owned());
        let range = place.bytes.clone();
        Ok(StoredTensor { path, name: stored.to_owned(), file, map, range, dtype })
    }

    /// Whether both hold the same tensors under a prefix, byte for byte.
    pub(super) fn is_same_under(&self, other: &Self, prefix: &str) -> bool {
        let listed = |checkpoint: &Self| -> Vec<String> {
            let read = checkpoint.places.keys().filter(|name| !is_known_unused(name));
            read.filter(|name| name.starts_with(prefix)).cloned().collect()
        };
        let names = listed(self);
        let is_same = |name: &String| {
            let (own, its) = (&self.places[name], &other.places[name]);
            (own.dtype, &own.shape) == (its.dtype, &its.shape)
                && self.files[own.file].map[own.bytes.clone()]
                    == other.files[its.file].map[its.bytes.clone()]
        };
        !names.is_empty() && names == listed(other) && names.iter().all(is_same)
    }

    /// Bytes of all tensors that the network reads, as stored.
    pub(super) fn total_bytes(&self) -> u64 {
        let read = self.places.iter().filter(|(name, _)| !is_known_unused(name));
        read.map(|(_, place)| place.bytes.len() as u64).sum()
    }

    /// The type most bytes are stored in.
    pub(super) fn main_dtype(&self) -> Dtype {
        let bytes_of = |dtype: StoredDtype| -> usize {
            self.places.values().filter(|p| p.dtype == dtype).map(|p| p.bytes.len()).sum()
        };
        let candidates = [
            (bytes_of(StoredDtype::F32), Dtype::F32),
            (bytes_of(StoredDtype::F16), Dtype::F16),
            (bytes_of(StoredDtype::BF16), Dtype::Bf16),
        ];
        candidates
            .into_iter()
            .max_by_key(|(bytes, _)| *bytes)
            .map_or(Dtype::F32, |(_, dtype)| dtype)
    }

    /// Refuses files with tensors that nothing asked for.
    ///
    /// # Errors
    /// [`ModelError::ExtraTensor`], naming the first.
    pub(super) fn check_all_used(&self) -> Result<()> {
        let used = self.used.borrow();
        let is_extra = |name: &&String| !used.contains(*name) && !is_known_unused(name);
        let extra: Vec<&String> = self.places.keys().filter(is_extra).collect();
        let Some(first) = extra.first() else { return Ok(()) };
        let place = &self.places[*first];
        Err(ModelError::ExtraTensor {
            path: self.files[place.file].path.clone(),
            name: (*first).clone(),
            shape: place.shape.clone(),
            more: match extra.len() - 1 {
                0 => String::new(),
                n => format!(" (and {n} more like it)"),
            },
        })
    }
}
