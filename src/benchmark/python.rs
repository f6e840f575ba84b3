//! Python's rules for white space, digits and numbers, where a score or a prompt depends on them.
//!
//! The reference programs are written in Python, and some of their results follow from `str.split`,
//! `int`, `float` or `str` of a number, not from anything that a benchmark's authors decided.

/// Code points of the zeros of all decimal digits (Unicode category Nd); each is followed by its
/// one to nine.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Whether `str.isspace` holds: Unicode's white space and the four separators of ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `str.split()`.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The value of a decimal digit of any script: what `\d` of `re` matches.
pub(super) fn digit(c: char) -> Option<u8> {
    let code = c as u32;
    let zero = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).map(|i| ZEROS[i])?;
    u8::try_from(code - zero).ok().filter(|value| *value < 10)
}

/// Text without its white space, its digits as ASCII and without the single underscores that may
/// stand between digits; none where an underscore stands elsewhere.
fn plain_number(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = strip(text).chars().peekable();
    while let Some(c) = chars.next() {
        let between_digits = before.is_some_and(|b| digit(b).is_some())
            && chars.peek().is_some_and(|n| digit(*n).is_some());
        match digit(c) {
            Some(value) => plain.push(char::from(b'0' + value)),
            None if c == '_' && between_digits => {}
            None if c == '_' => return None,
            None => plain.push(c),
        }
        before = Some(c);
    }
    Some(plain)
}

/// `int(text)`, as its shortest digits with a sign only below zero; none where Python raises
/// `ValueError`. Numbers of any length.
pub(super) fn int_of_text(text: &str) -> Option<String> {
    let plain = plain_number(text)?;
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let shortest = digits.trim_start_matches('0');
    Some(match (shortest, plain.starts_with('-')) {
        ("", _) => "0".to_owned(),
        (shortest, true) => format!("-{shortest}"),
        (shortest, false) => shortest.to_owned(),
    })
}

/// `int(value)` of a float: truncated; none for what is not finite.
pub(super) fn int_of_float(value: f64) -> Option<String> {
    let whole = value.trunc();
    // Adding zero turns -0 into 0.
    whole.is_finite().then(|| format!("{:.0}", whole + 0.0))
}

/// `float(text)`; none where Python raises `ValueError`.
pub(super) fn float_of_text(text: &str) -> Option<f64> {
    plain_number(text)?.parse().ok()
}

/// `str(value)`: the shortest digits that give the same number back, with an exponent below 1e-4
/// and from 1e16 on.
pub(super) fn text_of_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let cases = [
            (3.0, "3.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-4, "0.00015"),
            (1e-5, "1e-05"),
            (-2.5e-10, "-2.5e-10"),
            (1.25e300, "1.25e+300"),
            (123_456_789.123, "123456789.123"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ];
        for (value, expected) in cases {
            assert_eq!(text_of_float(value), expected);
        }
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        let int = |text: &str| int_of_text(text);
        assert_eq!(int(" 14\n").as_deref(), Some("14"));
        assert_eq!(int("+007").as_deref(), Some("7"));
        assert_eq!(int("-0").as_deref(), Some("0"));
        assert_eq!(int("1_000").as_deref(), Some("1000"));
        assert_eq!(int("\u{661}\u{664}").as_deref(), Some("14"));
        for text in ["", "14.0", "1__0", "_1", "1_", "- 1", "fourteen", "1e3"] {
            assert_eq!(int(text), None, "{text}");
        }
        assert_eq!(int_of_float(3.7).as_deref(), Some("3"));
        assert_eq!(int_of_float(-0.5).as_deref(), Some("0"));
        assert_eq!(int_of_float(f64::NAN), None);
        assert_eq!(float_of_text(" 1_0.5e1 "), Some(105.0));
        assert_eq!(float_of_text(".5"), Some(0.5));
        assert_eq!(float_of_text("-Infinity"), Some(f64::NEG_INFINITY));
        for text in ["", ".", "1,5", "0x10", "1.5 cm"] {
            assert_eq!(float_of_text(text), None, "{text}");
        }
    }
}
