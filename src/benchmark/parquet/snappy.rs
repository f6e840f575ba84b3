//! Snappy, unpacked.

/// Unpacks a block whose size is known from its page.
///
/// # Source
/// `format_description.txt` of Snappy: the size, then literals and copies of what was written.
pub(super) fn unpack(packed: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let broken = || "a Snappy block that is broken".to_owned();
    let mut rest = packed;
    let mut said = 0_u64;
    for shift in (0..35).step_by(7) {
        let (byte, behind) = rest.split_first().ok_or_else(broken)?;
        rest = behind;
        said |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if said != size as u64 {
        return Err(format!("a Snappy block of {said} bytes where its page has {size}"));
    }
    let mut out = Vec::with_capacity(size);
    while let Some((&tag, behind)) = rest.split_first() {
        rest = behind;
        let high = usize::from(tag >> 2);
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
        // Bytes behind the tag, the length, and for a copy how far back.
        let (n_more, n, back) = match tag & 3 {
            0 if high < 60 => (0, high + 1, None),
            0 => {
                let n_more = high - 59;
                (n_more, number(rest.get(..n_more).ok_or_else(broken)?) + 1, None)
            }
            1 => {
                let low = usize::from(*rest.first().ok_or_else(broken)?);
                (1, (high & 7) + 4, Some((high >> 3) << 8 | low))
            }
            2 => (2, high + 1, Some(number(rest.get(..2).ok_or_else(broken)?))),
            _ => (4, high + 1, Some(number(rest.get(..4).ok_or_else(broken)?))),
        };
        rest = &rest[n_more..];
        if n > size - out.len() {
            return Err(broken());
        }
        match back {
            None => {
                out.extend_from_slice(rest.get(..n).ok_or_else(broken)?);
                rest = &rest[n..];
            }
            Some(back) => {
                let start = out.len().checked_sub(back).filter(|_| back > 0).ok_or_else(broken)?;
                // What is copied may be what the same copy has just written.
                (start..start + n).for_each(|i| out.push(out[i]));
            }
        }
    }
    if out.len() == size { Ok(out) } else { Err(broken()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_copies_that_overlap_are_unpacked() {
        // "ab", then 6 bytes from 2 back.
        let packed = [8, 0b0000_0100, b'a', b'b', 0b0000_1001, 2];
        assert_eq!(unpack(&packed, 8).unwrap(), b"abababab");
        for n in 0..packed.len() {
            assert!(unpack(&packed[..n], 8).is_err(), "{n}");
        }
        assert!(unpack(&[4, 0b0000_0001, 1], 4).is_err(), "a copy from before the beginning");
    }
}
