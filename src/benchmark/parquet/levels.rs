//! Small numbers in runs and in packs of bits: levels of nesting, and places in a dictionary.

/// Reads `n` numbers of `width` bits each.
///
/// # Source
/// Parquet's RLE / bit-packing hybrid.
pub(super) fn hybrid(bytes: &[u8], width: u32, n: usize) -> Result<Vec<u32>, String> {
    let broken = || "a run of levels that breaks off".to_owned();
    if width > 32 {
        return Err(format!("levels of {width} bits"));
    }
    let mut values = Vec::with_capacity(n.min(bytes.len().saturating_mul(8).max(1024)));
    let mut rest = bytes;
    while values.len() < n {
        if width == 0 {
            values.resize(n, 0);
            break;
        }
        let mut header = 0_u64;
        for shift in (0..35).step_by(7) {
            let (byte, behind) = rest.split_first().ok_or_else(broken)?;
            rest = behind;
            header |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let count = (header >> 1) as usize;
        if header & 1 == 0 {
            let n_bytes = width.div_ceil(8) as usize;
            let value = rest.get(..n_bytes).ok_or_else(broken)?;
            rest = &rest[n_bytes..];
            let value = value.iter().rev().fold(0, |v, b| v << 8 | u32::from(*b));
            values.resize(n.min(values.len().saturating_add(count)), value);
            if count == 0 {
                return Err(broken());
            }
        } else {
            // Groups of eight; the last pack may be cut short.
            let n_bytes = count.saturating_mul(width as usize).min(rest.len());
            let (pack, behind) = rest.split_at(n_bytes);
            rest = behind;
            let n_whole = (n_bytes * 8 / width as usize).min(n - values.len());
            if n_whole == 0 {
                return Err(broken());
            }
            values.extend((0..n_whole).map(|i| bits(pack, i * width as usize, width)));
        }
    }
    Ok(values)
}

/// The number of `width` bits from a bit on, the lowest first.
fn bits(pack: &[u8], start: usize, width: u32) -> u32 {
    let bit = |i: usize| u32::from(pack[i / 8] >> (i % 8) & 1);
    (0..width as usize).fold(0, |value, i| value | bit(start + i) << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packs_are_read() {
        // The format's own example: 0 to 7 in three bits each.
        let packed = [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(hybrid(&packed, 3, 8).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(hybrid(&[10, 1], 1, 5).unwrap(), [1; 5]);
        assert_eq!(hybrid(&[], 0, 3).unwrap(), [0; 3]);
        assert!(hybrid(&[10], 1, 5).is_err() && hybrid(&[0, 1], 1, 5).is_err());
    }
}
