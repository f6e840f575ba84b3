//! COCO's run lengths: the compressed string, and plain numbers.
//!
//! A string holds one number per run: the length for the first three, and from then on the
//! difference to the length two runs before. A number is written in groups of five bits, low bits
//! first, each as a character from `0` (48) on; bit 5 says that more follows, and bit 4 of the
//! last group is the sign.
//!
//! # Source
//! COCO API, `common/maskApi.c`, `rleToString` and `rleFrString`.

use crate::domain::{ImageSize, RegionMask};

use super::error::MaskFault;
use super::limits::MAX_RUNS;

/// Groups of five bits that a number may take; more cannot be a length.
const MAX_GROUPS: u32 = 12;

/// The mask in a compressed string.
///
/// # Errors
/// [`MaskFault`] where a character or a length cannot be, and where the lengths do not sum to the
/// pixels of `size`.
pub fn decode(counts: &str, size: ImageSize) -> Result<RegionMask, MaskFault> {
    let mut runs: Vec<i64> = Vec::new();
    let mut value = 0_i64;
    let mut n_groups = 0;
    for (at, character) in counts.char_indices() {
        let code = u32::from(character).wrapping_sub(48);
        if code > 63 {
            return Err(MaskFault::BadCharacter { at, character });
        }
        if n_groups > MAX_GROUPS - 1 {
            return Err(MaskFault::LongNumber { at });
        }
        let code = i64::from(code);
        value |= (code & 0x1f) << (5 * n_groups);
        n_groups += 1;
        if code & 0x20 != 0 {
            continue;
        }
        if code & 0x10 != 0 {
            value |= -1 << (5 * n_groups);
        }
        if runs.len() > 2 {
            // A number of twelve groups is at most 2^60, but lengths before it add up.
            let before = runs[runs.len() - 2];
            value = value.checked_add(before).ok_or(MaskFault::LongNumber { at })?;
        }
        if runs.len() == MAX_RUNS {
            return Err(MaskFault::TooManyRuns { limit: MAX_RUNS });
        }
        runs.push(value);
        (value, n_groups) = (0, 0);
    }
    if n_groups > 0 {
        return Err(MaskFault::CutOff);
    }
    Ok(RegionMask::from_runs(size, runs)?)
}

/// The compressed string of a mask, as `pycocotools` writes it.
pub fn encode(mask: &RegionMask) -> String {
    let counts = mask.counts();
    let mut string = String::with_capacity(counts.len() * 2);
    for (i, count) in counts.iter().enumerate() {
        let before = if i > 2 { i64::from(counts[i - 2]) } else { 0 };
        let mut rest = i64::from(*count) - before;
        loop {
            let group = (rest & 0x1f) as u8;
            rest >>= 5;
            let is_last = if group & 0x10 == 0 { rest == 0 } else { rest == -1 };
            string.push(char::from(48 + group + if is_last { 0 } else { 0x20 }));
            if is_last {
                break;
            }
        }
    }
    string
}

/// The text inside `b'..'` or `b".."`, which Python writes for bytes that were printed.
pub(super) fn inside_of_printed_bytes(counts: &str) -> Option<String> {
    let quoted = counts.strip_prefix('b')?;
    let inner = ['\'', '"']
        .into_iter()
        .find_map(|quote| quoted.strip_prefix(quote)?.strip_suffix(quote))?;
    Some(inner.replace("\\\\", "\\"))
}
