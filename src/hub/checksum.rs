//! The checksum that the hub states for a file, told by its shape.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What the bytes of a file must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checksum {
    /// SHA-256 of the bytes: files in the hub's large-file storage.
    Sha256(String),
    /// Git's name of a blob, SHA-1 of `blob LENGTH\0` and the bytes: all others.
    GitBlob(String),
}

impl Checksum {
    /// By its shape: 64 or 40 hexadecimal digits, perhaps in quotes; `None` for anything else.
    pub(super) fn from_etag(etag: &str) -> Option<Self> {
        let digits = etag.trim().trim_start_matches("W/").trim_matches('"').to_lowercase();
        let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        match digits.len() {
            64 if is_hex => Some(Self::Sha256(digits)),
            40 if is_hex => Some(Self::GitBlob(digits)),
            _ => None,
        }
    }

    /// Its digits, which are the blob's name in the cache.
    pub(super) fn digits(&self) -> &str {
        match self {
            Self::Sha256(digits) | Self::GitBlob(digits) => digits,
        }
    }

    /// What errors call it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "sha256",
            Self::GitBlob(_) => "git hash",
        }
    }

    /// Begins to compute the same of a file of `size` bytes.
    pub(super) fn start(&self, size: u64) -> Hasher {
        match self {
            Self::Sha256(_) => Hasher::Sha256(Sha256::new()),
            Self::GitBlob(_) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("blob {size}\0"));
                Hasher::GitBlob(hasher)
            }
        }
    }
}

/// A checksum on its way.
#[derive(Clone)]
pub(super) enum Hasher {
    Sha256(Sha256),
    GitBlob(Sha1),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::GitBlob(hasher) => hasher.update(bytes),
        }
    }

    /// As hexadecimal digits.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => format!("{:x}", hasher.finalize()),
            Self::GitBlob(hasher) => format!("{:x}", hasher.finalize()),
        }
    }
}
