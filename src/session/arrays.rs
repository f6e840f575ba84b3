//! Named arrays in a safetensors file.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use safetensors::{Dtype, View};

/// Arrays by name, in the order of their names.
#[derive(Debug, Default)]
pub struct NamedArrays {
    arrays: BTreeMap<String, Array>,
}

#[derive(Debug)]
struct Array {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// A file of arrays could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ArrayError {
    /// The disk said no.
    #[error("cannot write {path}: {source}", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The disk said no.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file that holds no arrays.
    #[error("{path} is no safetensors file: {reason}", path = path.display())]
    NotArrays {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Arrays that do not make a file.
    #[error("cannot write {path}: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl View for &Array {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl NamedArrays {
    /// Adds 32-bit floats.
    ///
    /// # Panics
    /// When the shape does not hold as many values.
    pub fn f32(&mut self, name: impl Into<String>, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(name.into(), Dtype::F32, shape, values.len(), bytes);
    }

    /// Adds floats, rounded to 16 bits.
    ///
    /// # Panics
    /// When the shape does not hold as many values.
    pub fn f16(&mut self, name: impl Into<String>, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|v| half::f16::from_f32(*v).to_le_bytes()).collect();
        self.add(name.into(), Dtype::F16, shape, values.len(), bytes);
    }

    /// Adds floats that have 16 bits already.
    ///
    /// # Panics
    /// When the shape does not hold as many values.
    pub fn half(&mut self, name: impl Into<String>, shape: &[usize], values: &[half::f16]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(name.into(), Dtype::F16, shape, values.len(), bytes);
    }

    /// The values of an array of 32-bit floats, with its shape.
    pub fn get_f32(&self, name: &str) -> Option<(&[usize], Vec<f32>)> {
        let array = self.arrays.get(name).filter(|array| array.dtype == Dtype::F32)?;
        let values =
            array.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        Some((&array.shape, values.collect()))
    }

    /// The values of an array of 16-bit floats, with its shape.
    pub fn get_f16(&self, name: &str) -> Option<(&[usize], Vec<half::f16>)> {
        let array = self.arrays.get(name).filter(|array| array.dtype == Dtype::F16)?;
        let values = array.bytes.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]));
        Some((&array.shape, values.collect()))
    }

    /// The truth values of an array.
    pub fn get_bool(&self, name: &str) -> Option<Vec<bool>> {
        let array = self.arrays.get(name).filter(|array| array.dtype == Dtype::BOOL)?;
        Some(array.bytes.iter().map(|byte| *byte != 0).collect())
    }

    /// The values of an array of 64-bit integers.
    pub fn get_i64(&self, name: &str) -> Option<Vec<i64>> {
        let array = self.arrays.get(name).filter(|array| array.dtype == Dtype::I64)?;
        let value = |b: &[u8]| b.try_into().map(i64::from_le_bytes).unwrap_or_default();
        Some(array.bytes.chunks_exact(8).map(value).collect())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().map(String::as_str)
    }

    /// Reads all arrays of a file.
    ///
    /// # Errors
    /// [`ArrayError`], naming the file.
    pub fn open(path: &Path) -> Result<Self, ArrayError> {
        let bytes = std::fs::read(path)
            .map_err(|source| ArrayError::Unreadable { path: path.to_owned(), source })?;
        let file = safetensors::SafeTensors::deserialize(&bytes)
            .map_err(|e| ArrayError::NotArrays { path: path.to_owned(), reason: e.to_string() })?;
        let arrays = file.iter().map(|(name, view)| {
            let array = Array {
                dtype: view.dtype(),
                shape: view.shape().to_vec(),
                bytes: view.data().to_vec(),
            };
            (name.to_owned(), array)
        });
        Ok(Self { arrays: arrays.collect() })
    }

    /// Adds 64-bit integers.
    ///
    /// # Panics
    /// When the shape does not hold as many values.
    pub fn i64(&mut self, name: impl Into<String>, shape: &[usize], values: &[i64]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(name.into(), Dtype::I64, shape, values.len(), bytes);
    }

    /// Adds truth values.
    ///
    /// # Panics
    /// When the shape does not hold as many values.
    pub fn bool(&mut self, name: impl Into<String>, shape: &[usize], values: &[bool]) {
        let bytes = values.iter().map(|v| u8::from(*v)).collect();
        self.add(name.into(), Dtype::BOOL, shape, values.len(), bytes);
    }

    fn add(&mut self, name: String, dtype: Dtype, shape: &[usize], n: usize, bytes: Vec<u8>) {
        assert_eq!(shape.iter().product::<usize>(), n, "values of {name}");
        self.arrays.insert(name, Array { dtype, shape: shape.to_vec(), bytes });
    }

    /// Writes all arrays to one file.
    ///
    /// # Errors
    /// [`ArrayError`], naming the file; an earlier file of that name is then untouched.
    pub fn write(&self, path: &Path) -> Result<(), ArrayError> {
        let views = self.arrays.iter().map(|(name, array)| (name.as_str(), array));
        let bytes = safetensors::serialize(views, None)
            .map_err(|e| ArrayError::Malformed { path: path.to_owned(), reason: e.to_string() })?;
        write_whole(path, &bytes)
            .map_err(|source| ArrayError::Unwritable { path: path.to_owned(), source })
    }
}

/// Writes a file beside its place and renames it, so that nobody ever sees half of it.
///
/// # Errors
/// What the disk says; an earlier file of that name is then untouched.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let file = file.persist(path).map_err(|e| e.error)?;
    set_plain_permissions(&file)
}

/// A temporary file is readable by its owner only; a result should be as readable as any other.
#[cfg(unix)]
fn set_plain_permissions(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_plain_permissions(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
