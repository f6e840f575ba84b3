//! A number that tells the weights of a model folder from others.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Files up to this many bytes are read whole; of longer ones, as many pieces as below.
const WHOLE: u64 = 64 << 20;
/// Pieces of a long file, evenly spaced, its beginning (all names and shapes) and end among them.
const N_PIECES: u64 = 1024;
const PIECE: usize = 4096;

/// A checksum of the folder's weights, in words: `fnv1a64:0123456789abcdef` of every byte, or, of
/// files above 64 MB, `(sampled)` of 1,024 pieces of 4 KiB and their lengths. AKI-4B would take
/// seconds to read whole.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn weights_checksum(folder: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut is_sampled = false;
    for path in files {
        let add = |hash: u64, bytes: &[u8]| {
            let step =
                |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            bytes.iter().fold(hash, step)
        };
        let read = || -> Result<(u64, bool)> {
            let mut file = File::open(&path)?;
            let len = file.metadata()?.len();
            let mut hash = add(hash, &len.to_le_bytes());
            if len <= WHOLE {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                return Ok((add(hash, &bytes), false));
            }
            let mut piece = vec![0; PIECE];
            for i in 0..N_PIECES {
                let at = (len - PIECE as u64) / (N_PIECES - 1) * i;
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(&mut piece)?;
                hash = add(hash, &piece);
            }
            Ok((hash, true))
        };
        let (next, was_sampled) =
            read().with_context(|| format!("while reading {}", path.display()))?;
        hash = next;
        is_sampled |= was_sampled;
    }
    let how = if is_sampled { " (sampled)" } else { "" };
    Ok(format!("fnv1a64:{hash:016x}{how}"))
}
