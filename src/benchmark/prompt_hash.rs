//! The fingerprint of a prompt, for records.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a final prompt string, as 64 hexadecimal digits: equal prompts, equal fingerprints.
pub fn prompt_sha256(prompt: &str) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(prompt.as_bytes()) {
        // Writing to a text cannot fail.
        write!(digits, "{byte:02x}").ok();
    }
    digits
}
