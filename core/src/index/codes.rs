//! A code a row, each in as few bytes as the greatest one needs so far.

/// Codes of rows, growing.
#[derive(Debug)]
pub(crate) enum CodeStore {
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
}

/// Codes of rows, to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

impl Default for CodeStore {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl CodeStore {
    /// Appends a code; the first that does not fit widens the others, which happens twice at most.
    pub(crate) fn push(&mut self, code: u32) {
        match self {
            Self::U8(codes) => match u8::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    *self = match u16::try_from(code) {
                        Ok(_) => Self::U16(widened(codes)),
                        Err(_) => Self::U32(widened(codes)),
                    };
                    self.push(code);
                }
            },
            Self::U16(codes) => match u16::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    *self = Self::U32(widened(codes));
                    self.push(code);
                }
            },
            Self::U32(codes) => codes.push(code),
        }
    }

    /// All of them.
    pub(crate) fn codes(&self) -> Codes<'_> {
        match self {
            Self::U8(codes) => Codes::U8(codes),
            Self::U16(codes) => Codes::U16(codes),
            Self::U32(codes) => Codes::U32(codes),
        }
    }

    /// Makes room for so many more rows.
    pub(crate) fn reserve(&mut self, rows: usize) {
        match self {
            Self::U8(codes) => codes.reserve_exact(rows),
            Self::U16(codes) => codes.reserve_exact(rows),
            Self::U32(codes) => codes.reserve_exact(rows),
        }
    }

    pub(crate) fn shrink(&mut self) {
        match self {
            Self::U8(codes) => codes.shrink_to_fit(),
            Self::U16(codes) => codes.shrink_to_fit(),
            Self::U32(codes) => codes.shrink_to_fit(),
        }
    }

    /// Bytes reserved.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::U8(codes) => codes.capacity(),
            Self::U16(codes) => codes.capacity() * 2,
            Self::U32(codes) => codes.capacity() * 4,
        }
    }
}

/// The same codes in more bytes each, with the same room for further ones.
fn widened<A: Copy, B: From<A>>(codes: &Vec<A>) -> Vec<B> {
    let mut wider = Vec::with_capacity(codes.capacity());
    wider.extend(codes.iter().map(|code| B::from(*code)));
    wider
}

impl<'a> Codes<'a> {
    /// One of three functions, by the codes' width: so a loop over them is compiled for each width.
    pub(crate) fn each<R>(
        self,
        of_u8: impl FnOnce(&'a [u8]) -> R,
        of_u16: impl FnOnce(&'a [u16]) -> R,
        of_u32: impl FnOnce(&'a [u32]) -> R,
    ) -> R {
        match self {
            Self::U8(codes) => of_u8(codes),
            Self::U16(codes) => of_u16(codes),
            Self::U32(codes) => of_u32(codes),
        }
    }

    /// How many rows.
    pub(crate) fn len(self) -> u32 {
        let len = self.each(<[u8]>::len, <[u16]>::len, <[u32]>::len);
        u32::try_from(len).unwrap_or(u32::MAX)
    }

    /// The code of a row.
    pub(crate) fn get(self, row: u32) -> Option<u32> {
        let row = row as usize;
        self.each(
            |c| c.get(row).map(|c| u32::from(*c)),
            |c| c.get(row).map(|c| u32::from(*c)),
            |c| c.get(row).copied(),
        )
    }

    /// Those of the first `len` rows.
    pub(crate) fn first(self, len: u32) -> Self {
        let len = len.min(self.len()) as usize;
        match self {
            Self::U8(codes) => Self::U8(&codes[..len]),
            Self::U16(codes) => Self::U16(&codes[..len]),
            Self::U32(codes) => Self::U32(&codes[..len]),
        }
    }
}
