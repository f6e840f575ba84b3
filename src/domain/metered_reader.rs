//! A reader whose bytes are counted as they are read, and that can be told to stop.

use std::io::{self, Read, Seek, SeekFrom};

use super::Meter;

/// A reader that counts what is read of it, and fails where its meter is stopped.
///
/// It hands out a step of the meter at most at once, so that a buffer in front of it does not swallow
/// a whole file: a few bytes may unpack to very many.
#[derive(Debug)]
pub struct MeteredReader<'m, 'a, R> {
    inner: R,
    meter: &'m Meter<'a>,
    longest: usize,
}

/// Fewer bytes than this are never worth a step of their own.
const LEAST: usize = 1 << 10;

impl<'m, 'a, R> MeteredReader<'m, 'a, R> {
    /// Hands out `step` bytes at once at most.
    pub(super) fn new(inner: R, meter: &'m Meter<'a>, step: u64) -> Self {
        let longest = usize::try_from(step).unwrap_or(usize::MAX).max(LEAST);
        Self { inner, meter, longest }
    }
}

impl<R: Read> Read for MeteredReader<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.longest);
        let n = self.inner.read(&mut buffer[..n])?;
        self.meter.add(n as u64)?;
        Ok(n)
    }
}

impl<R: Seek> Seek for MeteredReader<'_, '_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
