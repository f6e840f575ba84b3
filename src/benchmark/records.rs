//! The records of a table, one at a time, in constant memory.
//!
//! Quotes, line ends and blank lines are taken as pandas' C parser takes them: a quote opens only at
//! the beginning of a field, a doubled one stands for itself, and a line break inside quotes belongs
//! to the field. Lines of many megabytes are ordinary here; they hold pictures.

use std::{
    io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom},
    ops::Range,
};

/// A record longer than this is a quote that was never closed.
const MAX_RECORD_BYTES: usize = 256 << 20;
/// A record of more fields is no table for people.
pub(super) const MAX_FIELDS: usize = 4096;
const BUFFER_BYTES: usize = 1 << 18;

/// Fields of one record.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Fields found, those beyond [`MAX_FIELDS`] counted and not kept.
    pub(super) n_fields: usize,
    /// Its first byte in the file.
    pub(super) offset: u64,
}

impl Record {
    /// The bytes of a field.
    pub(super) fn field(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(Range { start, end })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.n_fields = 0;
    }

    fn end_field(&mut self) {
        self.n_fields += 1;
        if self.n_fields <= MAX_FIELDS {
            self.ends.push(self.bytes.len());
        } else {
            self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
        }
    }

    /// A line without anything but blanks.
    fn is_blank(&self) -> bool {
        self.n_fields == 1 && self.bytes.iter().all(|b| *b == b' ' || *b == b'\t')
    }
}

/// Why no further record can be read.
#[derive(Debug)]
pub(super) enum RecordFault {
    /// The disk.
    Io(io::Error),
    /// A field that begins with a quote and does not end before the file does.
    OpenQuote,
    /// A record beyond [`MAX_RECORD_BYTES`].
    TooLong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartField,
    InField,
    InQuotes,
    QuoteInQuotes,
}

/// Reads records, and goes back to one by its offset.
#[derive(Debug)]
pub(super) struct Records<R> {
    source: BufReader<R>,
    delimiter: u8,
    offset: u64,
}

impl<R: Read + Seek> Records<R> {
    /// Begins at the file's beginning, behind a byte order mark.
    pub(super) fn new(source: R, delimiter: u8) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
        let mut records = Self {
            offset: 0,
            delimiter,
            source: {
                source.rewind()?;
                source
            },
        };
        if records.source.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            records.consume(3);
        }
        Ok(records)
    }

    /// Where the next record, or the blank lines before it, begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes to a record that was read before.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<()> {
        self.offset = self.source.seek(SeekFrom::Start(offset))?;
        Ok(())
    }

    fn consume(&mut self, n: usize) {
        self.source.consume(n);
        self.offset += n as u64;
    }

    /// The next record that is not blank; false at the end of the file.
    pub(super) fn next_into(&mut self, record: &mut Record) -> Result<bool, RecordFault> {
        loop {
            record.clear();
            record.offset = self.offset;
            if !self.read_line(record)? {
                return Ok(false);
            }
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    fn read_line(&mut self, record: &mut Record) -> Result<bool, RecordFault> {
        let mut state = State::StartField;
        let mut has_read = false;
        loop {
            let buffer = self.source.fill_buf().map_err(RecordFault::Io)?;
            if buffer.is_empty() {
                return match state {
                    State::InQuotes => Err(RecordFault::OpenQuote),
                    _ if has_read => {
                        record.end_field();
                        Ok(true)
                    }
                    _ => Ok(false),
                };
            }
            has_read = true;
            let (used, line_end) = step(buffer, self.delimiter, &mut state, record);
            self.consume(used);
            if record.bytes.len() > MAX_RECORD_BYTES {
                return Err(RecordFault::TooLong);
            }
            if let Some(end) = line_end {
                record.end_field();
                if end == b'\r'
                    && self.source.fill_buf().map_err(RecordFault::Io)?.first() == Some(&b'\n')
                {
                    self.consume(1);
                }
                return Ok(true);
            }
        }
    }
}

/// Takes bytes until the buffer or the line ends; how many, and the byte that ended the line.
fn step(
    buffer: &[u8],
    delimiter: u8,
    state: &mut State,
    record: &mut Record,
) -> (usize, Option<u8>) {
    let mut at = 0;
    while at < buffer.len() {
        let rest = &buffer[at..];
        let is_end = |b: u8| b == delimiter || b == b'\n' || b == b'\r';
        let plain = match state {
            State::InField => rest.iter().position(|b| is_end(*b)).unwrap_or(rest.len()),
            State::InQuotes => rest.iter().position(|b| *b == b'"').unwrap_or(rest.len()),
            State::StartField | State::QuoteInQuotes => 0,
        };
        record.bytes.extend_from_slice(&rest[..plain]);
        at += plain;
        let Some(&byte) = buffer.get(at) else { break };
        at += 1;
        match (*state, byte) {
            (State::InQuotes, _) => *state = State::QuoteInQuotes,
            (_, byte) if byte == delimiter => {
                record.end_field();
                *state = State::StartField;
            }
            (_, b'\n' | b'\r') => return (at, Some(byte)),
            (State::StartField, b'"') => *state = State::InQuotes,
            (State::QuoteInQuotes, b'"') => {
                record.bytes.push(b'"');
                *state = State::InQuotes;
            }
            // Behind a closed quote the field goes on without quotes.
            _ => {
                record.bytes.push(byte);
                *state = State::InField;
            }
        }
    }
    (at, None)
}
