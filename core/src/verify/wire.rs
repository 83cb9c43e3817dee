//! Numbers and bytes on their way to a worker that does not share this memory, and back.
//!
//! Both ends are the same program, so there is no version. What comes back is read with care all the same: whatever does
//! not fit together is `None`.

/// Reads what was appended by [`put`] and its like.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

/// Appends a number, little-endian.
pub(super) fn put(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(&n.to_le_bytes());
}

/// Appends a length below 2³² bytes; `None` for a longer one.
pub(super) fn put_len(out: &mut Vec<u8>, n: usize) -> Option<()> {
    out.extend_from_slice(&u32::try_from(n).ok()?.to_le_bytes());
    Some(())
}

impl<'a> Reader<'a> {
    pub(super) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    pub(super) fn len(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?)).ok()
    }
}

/// Ranges that follow one another in an arena.
pub(super) struct Spans {
    at: usize,
    end: usize,
}

impl Spans {
    /// Of an arena of this length.
    pub(super) fn of(end: usize) -> Self {
        Self { at: 0, end }
    }

    /// The next `n` bytes; `None` beyond the arena's end.
    pub(super) fn next(&mut self, n: usize) -> Option<(usize, usize)> {
        let from = self.at;
        self.at = from.checked_add(n).filter(|to| *to <= self.end)?;
        Some((from, self.at))
    }
}
