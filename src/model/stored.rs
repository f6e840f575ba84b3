//! One tensor in a weight file: mapped as it stands, or read and widened piece by piece.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::Path,
    sync::Arc,
};

use half::{bf16, f16};
use memmap2::Mmap;
use rayon::prelude::*;

use super::{
    Dtype,
    error::{ModelError, Result},
};

/// Values read at a time where they are converted, so that a conversion holds little beside its
/// result.
const PIECE: usize = 1 << 21;

/// A tensor in its file. Nothing leaves it unchecked: every value is finite.
pub(super) struct StoredTensor<'a> {
    /// The file that holds it.
    pub(super) path: &'a Path,
    /// Its name there.
    pub(super) name: String,
    /// The file, for reading.
    pub(super) file: &'a File,
    /// The file, mapped.
    pub(super) map: &'a Arc<Mmap>,
    /// Its bytes in the file.
    pub(super) range: Range<usize>,
    /// Its type.
    pub(super) dtype: Dtype,
}

impl StoredTensor<'_> {
    /// Its bytes in the mapped file, where they can be used as they stand.
    ///
    /// # Errors
    /// [`ModelError::NotFinite`].
    pub(super) fn mapped(&self) -> Result<Option<(Arc<Mmap>, Range<usize>)>> {
        let bytes = &self.map[self.range.clone()];
        let is_aligned = bytes.as_ptr().align_offset(self.dtype.bytes()) == 0;
        if !is_aligned || cfg!(target_endian = "big") {
            return Ok(None);
        }
        self.check_finite(bytes, 0)?;
        Ok(Some((Arc::clone(self.map), self.range.clone())))
    }

    /// All values, widened.
    ///
    /// # Errors
    /// [`ModelError::NotFinite`]; a file that cannot be read.
    pub(super) fn values(&self) -> Result<Vec<f32>> {
        let mut all = Vec::with_capacity(self.range.len() / self.dtype.bytes());
        self.read(|_, piece| {
            all.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(all)
    }

    /// All values, rounded to bf16.
    ///
    /// # Errors
    /// As for [`values`](Self::values).
    pub(super) fn bf16_values(&self) -> Result<Vec<bf16>> {
        let mut all = Vec::with_capacity(self.range.len() / self.dtype.bytes());
        self.read(|_, piece| {
            all.par_extend(piece.par_iter().map(|v| bf16::from_f32(*v)));
            Ok(())
        })?;
        Ok(all)
    }

    /// All values, rounded to `f16`.
    ///
    /// # Errors
    /// As for [`values`](Self::values), and [`ModelError::Overflow`].
    pub(super) fn f16_values(&self) -> Result<Vec<f16>> {
        let mut all = Vec::with_capacity(self.range.len() / self.dtype.bytes());
        self.read(|start, piece| {
            let overflows = |v: &&f32| f16::from_f32(**v).is_infinite();
            if let Some((index, value)) = piece.iter().enumerate().find(|(_, v)| overflows(v)) {
                return Err(ModelError::Overflow {
                    path: self.path.to_owned(),
                    name: self.name.clone(),
                    index: start + index,
                    value: *value,
                });
            }
            all.par_extend(piece.par_iter().map(|v| f16::from_f32(*v)));
            Ok(())
        })?;
        Ok(all)
    }

    /// Reads the values in pieces; each is told with the index of its first.
    fn read(&self, mut take: impl FnMut(usize, &[f32]) -> Result<()>) -> Result<()> {
        let width = self.dtype.bytes();
        let unreadable = |source| ModelError::Unreadable { path: self.path.to_owned(), source };
        let mut bytes = Vec::new();
        for start in self.range.clone().step_by(PIECE * width) {
            bytes.resize((self.range.end - start).min(PIECE * width), 0);
            let mut file = self.file;
            file.seek(SeekFrom::Start(start as u64)).map_err(unreadable)?;
            file.read_exact(&mut bytes).map_err(unreadable)?;
            let first = (start - self.range.start) / width;
            self.check_finite(&bytes, first)?;
            take(first, &self.widened(&bytes))?;
        }
        Ok(())
    }

    fn widened(&self, bytes: &[u8]) -> Vec<f32> {
        match self.dtype {
            Dtype::F32 => map_words(bytes, f32::from_le_bytes),
            Dtype::F16 => map_words(bytes, |word| f16::from_le_bytes(word).to_f32()),
            Dtype::Bf16 => map_words(bytes, |word| bf16::from_le_bytes(word).to_f32()),
        }
    }

    /// `first` is the index of the first value in `bytes`.
    fn check_finite(&self, bytes: &[u8], first: usize) -> Result<()> {
        // A value is infinite or not a number exactly where all exponent bits are set.
        let found = match self.dtype {
            Dtype::F32 => {
                first_where(bytes, |w| u32::from_le_bytes(w) & 0x7f80_0000 == 0x7f80_0000)
            }
            Dtype::F16 => first_where(bytes, |w| u16::from_le_bytes(w) & 0x7c00 == 0x7c00),
            Dtype::Bf16 => first_where(bytes, |w| u16::from_le_bytes(w) & 0x7f80 == 0x7f80),
        };
        let Some(index) = found else { return Ok(()) };
        let width = self.dtype.bytes();
        let value = self.widened(&bytes[index * width..(index + 1) * width])[0];
        let (path, name) = (self.path.to_owned(), self.name.clone());
        Err(ModelError::NotFinite { path, name, index: first + index, value })
    }
}

fn map_words<const N: usize>(bytes: &[u8], widen: impl Fn([u8; N]) -> f32 + Sync) -> Vec<f32> {
    let (words, _) = bytes.as_chunks::<N>();
    words.par_iter().with_min_len(1 << 16).map(|word| widen(*word)).collect()
}

/// The first word that is `wrong`.
fn first_where<const N: usize>(
    bytes: &[u8],
    wrong: impl Fn([u8; N]) -> bool + Sync,
) -> Option<usize> {
    const WORDS: usize = 1 << 16;
    let (words, _) = bytes.as_chunks::<N>();
    words
        .par_chunks(WORDS)
        .enumerate()
        .filter_map(|(chunk, words)| {
            // Looked at without leaving early, so that the scan is a few vector instructions.
            let is_any_wrong = words.iter().fold(false, |any, word| any | wrong(*word));
            if !is_any_wrong {
                return None;
            }
            words.iter().position(|word| wrong(*word)).map(|first| chunk * WORDS + first)
        })
        .min()
}
