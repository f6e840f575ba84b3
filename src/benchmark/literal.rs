//! Lists as Python writes them, which some columns hold: `['a', 'b']`.

use super::cell::Cell;

/// The items of a list literal: texts, numbers, `True`, `False`, `None`; JSON's lists are read as
/// well, and items without commas between them, as `NumPy` prints them.
///
/// None for whatever is not such a list.
pub(super) fn list_items(text: &str) -> Option<Vec<Cell>> {
    let mut rest = text.trim().strip_prefix('[')?.trim_start();
    let mut items = Vec::new();
    loop {
        if let Some(behind) = rest.strip_prefix(']') {
            return behind.trim().is_empty().then_some(items);
        }
        let (item, behind) = item(rest)?;
        items.push(item);
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(behind) => behind.trim_start(),
            None if behind.starts_with([']', '\'', '"']) => behind,
            None => return None,
        };
    }
}

/// One item and what stands behind it.
fn item(text: &str) -> Option<(Cell, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        return quoted(&text[1..], quote);
    }
    let end = text.find([',', ']', ' ', '\n'])?;
    let (word, behind) = text.split_at(end);
    let cell = match word {
        "True" | "true" => Cell::Bool(true),
        "False" | "false" => Cell::Bool(false),
        "None" | "null" => Cell::Text("None".to_owned()),
        _ => match (word.parse::<i128>(), word.parse::<f64>()) {
            (Ok(value), _) => Cell::Int(value),
            (_, Ok(value)) => Cell::Float(value),
            _ => return None,
        },
    };
    Some((cell, behind))
}

fn quoted(text: &str, quote: char) -> Option<(Cell, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((Cell::Text(value), &text[at + 1..]));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (_, escaped) = chars.next()?;
        let n_hex = match escaped {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if n_hex > 0 {
            let code = (0..n_hex).try_fold(0, |code, _| {
                Some(code * 16 + chars.next().and_then(|(_, c)| c.to_digit(16))?)
            })?;
            value.push(char::from_u32(code)?);
            continue;
        }
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            '\\' | '\'' | '"' => value.push(escaped),
            '\n' => {}
            other => value.extend(['\\', other]),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_python_and_json_write_them() {
        let texts = |text: &str| {
            list_items(text).map(|items| items.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let some = |items: &[&str]| Some(items.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts("['aa', 'bb']"), some(&["aa", "bb"]));
        assert_eq!(texts(r#"["it's", 'a "b"', 'c\'d']"#), some(&["it's", "a \"b\"", "c'd"]));
        assert_eq!(texts("[1, 2.50, -3]"), some(&["1", "2.5", "-3"]));
        assert_eq!(texts("['4' '5'\n '0']"), some(&["4", "5", "0"]));
        assert_eq!(texts("[]"), some(&[]));
        assert_eq!(texts(r"['\u00e9\n\d']"), some(&["é\n\\d"]));
        assert_eq!(texts("['a', 'b',]"), some(&["a", "b"]));
        for broken in ["", "[", "['a", "['a']x", "[a]", "a, b", "['a' 1]"] {
            assert_eq!(texts(broken), None, "{broken}");
        }
    }
}
