//! The first letter of an answer, as Cambrian's `extract_mcq_answer` reads it for CV-Bench.

use crate::benchmark::python::strip;

/// Lower case, what stands behind the last "answer is" or "answer:", without a period at the end or
/// parentheses around; of that the first character, none where nothing is left.
pub fn first_letter(answer: &str) -> Option<char> {
    let lower = answer.to_lowercase();
    let mut text = strip(&lower);
    for keyword in ["answer is", "answer is:", "answer:"] {
        text = text.rsplit(keyword).next().unwrap_or(text);
    }
    let text = strip(text).trim_end_matches('.').trim_start_matches('(').trim_end_matches(')');
    text.chars().next()
}
