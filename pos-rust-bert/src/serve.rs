//! The conversation: a line in, a line out, until the input ends.

use std::{
    fmt::Display,
    io::{self, BufRead, Read as _, Write},
};

use crate::{
    Tagged,
    protocol::{Answer, Failure, Request, write_line},
};

/// The longest line that is read, in bytes: far beyond any question, and what keeps memory bounded.
pub const MAX_LINE: usize = 1 << 20;

enum Line {
    Whole(Vec<u8>),
    TooLong,
    End,
}

/// Answers every line of `input` with one line of `output`, and returns when the input ends or nobody
/// reads the output any more.
pub fn serve<E: Display>(
    mut input: impl BufRead,
    mut output: impl Write,
    tag: impl for<'a> Fn(&'a str) -> Result<Tagged<'a>, E>,
) -> io::Result<()> {
    loop {
        let written = match read_line(&mut input)? {
            Line::End => return Ok(()),
            Line::TooLong => {
                let error = format!("the line is longer than {MAX_LINE} bytes");
                write_line(&mut output, &Failure { error })
            }
            Line::Whole(bytes) => answer(&bytes, &mut output, &tag),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
    }
}

fn answer<E: Display>(
    bytes: &[u8],
    output: &mut impl Write,
    tag: impl for<'a> Fn(&'a str) -> Result<Tagged<'a>, E>,
) -> io::Result<()> {
    let request: Request = match serde_json::from_slice(bytes) {
        Ok(request) => request,
        Err(error) => {
            let error = format!("not a request such as {{\"question\": \"...\"}}: {error}");
            return write_line(output, &Failure { error });
        }
    };
    let question = request.question.as_str();
    match tag(question) {
        Ok(Tagged { words, pieces }) => write_line(output, &Answer { question, words, pieces }),
        Err(error) => write_line(output, &Failure { error: error.to_string() }),
    }
}

fn read_line(input: &mut impl BufRead) -> io::Result<Line> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    input.by_ref().take(most).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(Line::End);
    }
    if bytes.len() < MAX_LINE || bytes.ends_with(b"\n") {
        return Ok(Line::Whole(bytes));
    }
    skip_line(input)?;
    Ok(Line::TooLong)
}

/// Reads on to the end of the line, keeping nothing.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, is_done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if is_done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE, serve};
    use crate::{Tagged, protocol::Word};

    /// The lines that a tagger gives that takes the whole question for one noun, and fails at "bad".
    fn conversation(input: &[u8]) -> Vec<String> {
        let mut output = Vec::new();
        serve(input, &mut output, |question| {
            if question == "bad" {
                return Err("no");
            }
            let (end, tag, score) = (question.len(), Some("NN".to_owned()), Some(f64::NAN));
            Ok(Tagged {
                words: vec![Word { text: question, start: 0, end, tag, score }],
                pieces: 1,
            })
        })
        .unwrap();
        String::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_line_gets_one_line() {
        let lines = conversation(
            b"{\"question\":\"fox\"}\r\n{\"question\":\"bad\"}\n\nno\n[]\n\xff\xfe\n{}",
        );
        assert_eq!(
            lines[0],
            r#"{"question":"fox","words":[{"text":"fox","start":0,"end":3,"tag":"NN","score":null}],"pieces":1}"#
        );
        assert_eq!(lines[1], r#"{"error":"no"}"#);
        assert!(lines[2..].iter().all(|line| line.starts_with(r#"{"error":"not a request"#)));
        assert_eq!(lines.len(), 7);
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_and_the_next_is_read() {
        let mut input = vec![b'x'; MAX_LINE + 10];
        input.extend(b"\n{\"question\":\"fox\"}\n");
        let lines = conversation(&input);
        assert_eq!(lines[0], r#"{"error":"the line is longer than 1048576 bytes"}"#);
        assert!(lines[1].starts_with(r#"{"question":"fox""#));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn no_input_is_no_output() {
        assert!(conversation(b"").is_empty());
    }
}
