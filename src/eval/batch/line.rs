//! One line of a record: JSON with the length and the checksum of what it holds, so that a line
//! that a kill cut short is known from a whole one.

use super::fingerprint::{FNV_START, fnv};

const HEAD: &str = "{\"bytes\":";
const SUM: &str = ",\"sum\":\"";
const ROW: &str = "\",\"row\":";

/// A line around some JSON, its line break included.
pub(super) fn line_of(json: &str) -> String {
    let sum = fnv(json.as_bytes(), FNV_START);
    format!("{HEAD}{}{SUM}{sum:016x}{ROW}{json}}}\n", json.len())
}

/// The JSON of a line with its line break; `None` where a byte is missing or wrong.
pub(super) fn json_of(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix("}\n")?;
    let (bytes, rest) = line.strip_prefix(HEAD)?.split_once(SUM)?;
    let (sum, json) = rest.split_once(ROW)?;
    let is_whole = bytes.parse() == Ok(json.len())
        && u64::from_str_radix(sum, 16) == Ok(fnv(json.as_bytes(), FNV_START));
    is_whole.then_some(json)
}

#[cfg(test)]
mod tests {
    use super::{json_of, line_of};

    #[test]
    fn a_line_gives_its_json_back_and_no_part_of_it_does() {
        let json = r#"{"text":"a \"quoted\" ü","row":{"sum":"0"}}"#;
        let line = line_of(json);
        assert_eq!(json_of(line.as_bytes()), Some(json));
        for end in 0..line.len() {
            assert_eq!(json_of(&line.as_bytes()[..end]), None, "{end}");
            let mut wrong = line.clone().into_bytes();
            wrong[end] ^= 1;
            assert_eq!(json_of(&wrong), None, "{end}");
        }
    }
}
