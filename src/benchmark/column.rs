//! The type of a column, as pandas infers it from all its cells.
//!
//! `pandas.read_csv` (2.x, C engine) makes a column integers, else floats, else booleans, else
//! texts, and takes 19 texts for missing values. This changes prompts: an option `3` in a column
//! with gaps is asked as `3.0`, and an option `None` is not asked at all.

use super::cell::Cell;

/// Texts that pandas takes for a missing value, quoted or not (`pandas._libs.parsers.STR_NA_VALUES`).
const MISSING: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// Which texts are missing values and whether columns have types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Missing {
    /// As pandas 2 reads: what VLMEvalKit asks and scores.
    #[default]
    Pandas2,
    /// Only the empty text is missing, and all else is taken as it stands.
    Literal,
}

impl Missing {
    /// Whether a cell's text stands for nothing.
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Pandas2 => MISSING.contains(&text),
            Self::Literal => text.is_empty(),
        }
    }
}

/// What a whole column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Int,
    Float,
    Bool,
    Text,
}

impl ColumnKind {
    /// A cell of such a column.
    pub(super) fn cell(self, text: &str, missing: Missing) -> Cell {
        if missing.holds(text) {
            return Cell::Missing;
        }
        let value = match self {
            Self::Int => int_of(text).map(Cell::Int),
            Self::Float => float_of(text).map(Cell::Float),
            Self::Bool => bool_of(text).map(Cell::Bool),
            Self::Text => None,
        };
        value.unwrap_or_else(|| Cell::Text(text.to_owned()))
    }
}

/// What is known of a column so far.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnScan {
    n_values: usize,
    n_missing: usize,
    not_int: bool,
    not_float: bool,
    not_bool: bool,
    least: i128,
    most: i128,
}

impl ColumnScan {
    /// Looks at one more cell.
    pub(super) fn see(&mut self, text: &str, missing: Missing) {
        if missing.holds(text) {
            self.n_missing += 1;
            return;
        }
        self.n_values += 1;
        if !self.not_int {
            match int_of(text) {
                Some(value) => {
                    self.least = self.least.min(value);
                    self.most = self.most.max(value);
                }
                None => self.not_int = true,
            }
        }
        self.not_float = self.not_float || float_of(text).is_none();
        self.not_bool = self.not_bool || bool_of(text).is_none();
    }

    /// The column's type.
    pub(super) fn kind(&self, missing: Missing) -> ColumnKind {
        if missing == Missing::Literal || self.n_values == 0 {
            return ColumnKind::Text;
        }
        if !self.not_int {
            let is_signed = self.least >= i64::MIN.into() && self.most <= i64::MAX.into();
            let is_unsigned = self.least >= 0 && self.most <= u64::MAX.into();
            return match self.n_missing {
                0 if is_signed || is_unsigned => ColumnKind::Int,
                1.. if is_signed => ColumnKind::Float,
                _ => ColumnKind::Text,
            };
        }
        match (self.not_float, self.not_bool) {
            (false, _) => ColumnKind::Float,
            (true, false) => ColumnKind::Bool,
            (true, true) => ColumnKind::Text,
        }
    }
}

fn trim_ascii_space(text: &str) -> &str {
    text.trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r'))
}

/// An integer as pandas' parser takes one: ASCII digits with a sign, space around.
fn int_of(text: &str) -> Option<i128> {
    let text = trim_ascii_space(text);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_int = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_int.then(|| text.parse().ok()).flatten()
}

/// A number as pandas' `precise_xstrtod` computes it: 17 digits, leading zeros among them, then one
/// product with or quotient by a power of ten. For long numbers that is not the nearest one.
fn float_of(text: &str) -> Option<f64> {
    const MAX_DIGITS: i32 = 17;
    // Only without space around.
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    let trimmed = trim_ascii_space(text);
    let is_negative = trimmed.starts_with('-');
    let body = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let (mut number, mut exponent, mut n_digits) = (0.0_f64, 0_i32, 0_i32);
    let mut rest = body.as_bytes();
    let mut after_point = false;
    while let Some((&byte, tail)) = rest.split_first() {
        match byte {
            b'0'..=b'9' => {
                if n_digits < MAX_DIGITS {
                    number = number * 10.0 + f64::from(byte - b'0');
                    n_digits += 1; // leading zeros, too
                    exponent -= i32::from(after_point);
                } else {
                    exponent += i32::from(!after_point);
                }
            }
            b'.' if !after_point => after_point = true,
            _ => break,
        }
        rest = tail;
    }
    if n_digits == 0 {
        return None;
    }
    exponent = exponent.saturating_add(exponent_of(rest)?);
    let size = match exponent {
        309.. => f64::INFINITY,
        1..=308 => number * power_of_ten(exponent),
        0 => number,
        -308..=-1 => number / power_of_ten(-exponent),
        // Below the smallest power of the table in two steps.
        ..=-309 => number / power_of_ten(-308 - exponent) / power_of_ten(308),
    };
    size.is_finite().then_some(if is_negative { -size } else { size })
}

/// What stands behind the digits: nothing, or an exponent.
fn exponent_of(rest: &[u8]) -> Option<i32> {
    match rest {
        [] => Some(0),
        [b'e' | b'E', exponent @ ..] => {
            let text = std::str::from_utf8(exponent).ok()?;
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let size = digits.parse().unwrap_or(i32::MAX / 2);
            Some(if text.starts_with('-') { -size } else { size })
        }
        _ => None,
    }
}

fn power_of_ten(exponent: i32) -> f64 {
    // The nearest number to the power, as pandas' table has it; `powi` would err.
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
