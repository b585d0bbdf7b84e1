//! Reading a pickle's bytes from front to back.

use data::Problem;

/// What is left of a pickle.
#[derive(Debug)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    position: usize,
}

pub(super) fn malformed<T>(what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Malformed(what.into()))
}

impl<'a> Bytes<'a> {
    pub(super) fn new(all: &'a [u8]) -> Self {
        Self { all, position: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Problem> {
        let taken = self.all[self.position..].get(..count).ok_or(Problem::Truncated {
            expected: (self.position as u64).saturating_add(count as u64),
            found: self.all.len() as u64,
        })?;
        self.position += count;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        Ok(self.take(N)?.try_into().expect("as many as were asked for"))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Problem> {
        Ok(self.array::<1>()?[0])
    }

    /// An unsigned number of `N` bytes, for lengths and positions.
    pub(super) fn number<const N: usize>(&mut self) -> Result<usize, Problem> {
        let mut bytes = [0; 8];
        bytes[..N].copy_from_slice(&self.array::<N>()?);
        usize::try_from(u64::from_le_bytes(bytes))
            .or_else(|_| malformed("a length that is too large"))
    }

    pub(super) fn text(&mut self, count: usize) -> Result<&'a str, Problem> {
        std::str::from_utf8(self.take(count)?).or_else(|_| malformed("a text that is not UTF-8"))
    }

    /// A text up to the end of the line.
    pub(super) fn line(&mut self) -> Result<&'a str, Problem> {
        let rest = &self.all[self.position..];
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            let length = self.all.len() as u64;
            return Err(Problem::Truncated { expected: length + 1, found: length });
        };
        let line = self.text(length)?;
        self.position += 1;
        Ok(line)
    }

    /// An integer of `count` bytes in two's complement.
    pub(super) fn long(&mut self, count: usize) -> Result<i64, Problem> {
        let bytes = self.take(count)?;
        if count > 8 {
            return malformed(format!("an integer of {count} bytes"));
        }
        let is_negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let mut all = [if is_negative { 0xff } else { 0 }; 8];
        all[..count].copy_from_slice(bytes);
        Ok(i64::from_le_bytes(all))
    }
}
