//! The database as SQLite shall see it: the main file, rolled back by its journal where that is wished, with its
//! write-ahead log laid over it, complete in length, and never in WAL mode. No SQLite is needed for it.

mod account;

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use super::btree::PageSet;
use super::journal::JournalIndex;
use super::wal::{WalIndex, parse_wal};
use crate::source::{ByteSource, Cached};

/// The first 16 bytes of every SQLite database.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The database file's header, as far as it matters before SQLite reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of a page, if the header tells a possible size.
    pub(super) page_size: Option<u32>,
    /// Pages of the database, if the header tells it and vouches for it (change counter equals version-valid-for).
    pub(super) pages: Option<u32>,
    /// Whether the file says that it is in WAL mode.
    pub(super) wal_mode: bool,
}

impl Header {
    /// Bytes of the header.
    const LEN: usize = 100;

    fn parse(bytes: &[u8; Self::LEN]) -> Self {
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => Some(65536),
            n if n >= 512 && n.is_power_of_two() => Some(u32::from(n)),
            _ => None,
        };
        let pages = u32::from_be_bytes([bytes[28], bytes[29], bytes[30], bytes[31]]);
        let vouched_for = pages > 0 && bytes[24..28] == bytes[92..96];
        Self {
            page_size,
            pages: vouched_for.then_some(pages),
            wal_mode: bytes[18] == 2 || bytes[19] == 2,
        }
    }
}

/// Where the database's files end before their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// Pages that are nowhere, or only in part.
    pub(super) pages: u64,
    /// The first of them.
    pub(super) first: u32,
    /// Pages that there should be in all.
    pub(super) of: u64,
}

/// The bytes of the database, and how they came about.
pub(super) struct Image {
    main: Rc<Cached>,
    /// What rolls the main file back.
    journal: Option<(Rc<Cached>, JournalIndex)>,
    wal: Option<(Rc<Cached>, WalIndex)>,
    page_size: u64,
    /// Bytes of the main file, once it is rolled back.
    file_len: u64,
    /// Bytes of its whole pages. The rest of a page that was cut off reads as zeros with the others that
    /// are missing: half a page could pass for rows that never were. See [`Image::fragment`].
    main_len: u64,
    size: u64,
    /// What the main file's own header says.
    pub(super) main_header: Header,
    /// Set if the files are shorter than the database.
    pub(super) missing: Option<Missing>,
    /// The pages that the log's last commit tells and the greater number that the header tells, where they contradict.
    pub(super) contradiction: Option<(u32, u32)>,
    read: Cell<u64>,
    /// Bytes of the fragment that were examined.
    fragment_read: Cell<usize>,
    /// Where the last read ended.
    position: Cell<u64>,
    /// A bit for each page of the main file: whether any of it was read.
    seen: RefCell<Vec<u64>>,
    /// Pages of the main file that a tree leads to and that are none of its.
    damaged: RefCell<PageSet>,
}

impl Image {
    /// Reads the headers and the log. `journal`: rolls the main file back by it first.
    pub(super) fn new(
        main: Rc<Cached>,
        wal: Option<Rc<Cached>>,
        journal: Option<(Rc<Cached>, JournalIndex)>,
    ) -> io::Result<Self> {
        let mut bytes = [0; Header::LEN];
        let first = journal
            .as_ref()
            .and_then(|(file, index)| Some((file, index.page_offset(1)?)));
        match first {
            Some((file, start)) => file.read_at(start, &mut bytes)?,
            None => main.read_at(0, &mut bytes)?,
        };
        let main_header = Header::parse(&bytes);
        let wal = match wal {
            Some(wal) => {
                let index = parse_wal(&*wal, main_header.page_size)?;
                Some((wal, index))
            }
            None => None,
        };
        let page_size = match (&wal, &journal) {
            (Some((_, index)), _) if index.is_applied() => index.page_size,
            (_, Some((_, index))) => index.page_size,
            _ => main_header.page_size.unwrap_or(4096),
        };
        let page_size = u64::from(page_size);
        // As SQLite does, which cuts the file off or makes it longer.
        let file_len = match &journal {
            Some((_, index)) => u64::from(index.database_pages) * u64::from(index.page_size),
            None => main.len(),
        };
        let main_len = file_len / page_size * page_size;
        let mut image = Self {
            main,
            journal,
            file_len,
            wal,
            page_size,
            main_len,
            size: 0,
            main_header,
            missing: None,
            contradiction: None,
            read: Cell::new(0),
            fragment_read: Cell::new(0),
            position: Cell::new(0),
            seen: RefCell::default(),
            damaged: RefCell::default(),
        };
        image.measure()?;
        Ok(image)
    }

    /// Finds out how long the database is, and what of it is missing.
    fn measure(&mut self) -> io::Result<()> {
        let applied = self.wal_index().filter(|index| index.is_applied());
        let committed = applied.map(|index| index.database_pages);
        // Page 1 may lie in the log. Until the size is known, all of the header can be read.
        self.size = self.page_size;
        let mut bytes = [0; Header::LEN];
        self.read_at(0, &mut bytes)?;
        let vouched_for = Header::parse(&bytes).pages.or(self.main_header.pages);

        let in_main = self.main_len / self.page_size;
        let pages = match (committed, vouched_for) {
            (Some(committed), told) => u64::from(committed.max(told.unwrap_or(0))),
            (None, Some(told)) => u64::from(told),
            (None, None) => self.file_len.div_ceil(self.page_size),
        };
        self.contradiction = committed
            .zip(vouched_for)
            .filter(|(committed, told)| told > committed);
        if pages > in_main {
            let last = u32::try_from(in_main).unwrap_or(u32::MAX);
            let index = self.wal_index();
            let in_wal = index.map_or(0, |index| index.pages_beyond(last));
            let absent = (pages - in_main).saturating_sub(in_wal);
            if absent > 0 {
                let first = index.map_or(last.saturating_add(1), |i| i.first_gap_beyond(last));
                self.missing = Some(Missing {
                    pages: absent,
                    first,
                    of: pages,
                });
            }
        }
        self.size = match committed {
            Some(_) => pages * self.page_size,
            None => self.file_len.max(pages * self.page_size),
        };
        Ok(())
    }

    /// What the log holds, if there is one.
    pub(super) fn wal_index(&self) -> Option<&WalIndex> {
        self.wal.as_ref().map(|(_, index)| index)
    }

    /// Bytes of the database, those that are missing included.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of a page.
    pub(super) fn page_size(&self) -> usize {
        usize::try_from(self.page_size).unwrap_or(usize::MAX)
    }

    /// Pages of the database, those that are missing included.
    pub(super) fn pages(&self) -> u64 {
        self.size / self.page_size
    }

    /// Pages up to the last one that the files hold.
    pub(super) fn pages_there(&self) -> u64 {
        let in_wal = self.wal_index().map_or(0, WalIndex::last_page);
        (self.main_len / self.page_size)
            .max(u64::from(in_wal))
            .min(self.pages())
    }

    /// Whether the files end before this page.
    pub(super) fn is_missing(&self, page: u32) -> bool {
        let in_wal = self.wal_index().and_then(|index| index.page_offset(page));
        u64::from(page) * self.page_size > self.main_len && in_wal.is_none()
    }

    /// Whether this is the page that SQLite keeps for its locks and never reads: the one with the byte at 1 GB.
    pub(super) fn is_lock_page(&self, page: u32) -> bool {
        u64::from(page) == (1 << 30) / self.page_size + 1
    }

    /// Has pages fetched that will be read soon, each by itself, if they lie far apart; those that lie near each other are
    /// had from a forward reader as it passes them.
    pub(super) fn fetch_ahead(&self, pages: impl Iterator<Item = u32> + Clone) {
        const FAR_APART: u64 = 32;
        let (Some(first), Some(last)) = (pages.clone().min(), pages.clone().max()) else {
            return;
        };
        if u64::from(last - first) < FAR_APART * pages.clone().count() as u64 {
            return;
        }
        let wal = self.wal_index().filter(|index| index.is_applied());
        let is_overlaid = |page: u32| {
            let in_wal = wal.and_then(|index| index.page_offset(page));
            in_wal.is_some() || self.journal.is_some()
        };
        let end = self.main_len / self.page_size;
        let in_main = |page: &u32| (1..=end).contains(&u64::from(*page)) && !is_overlaid(*page);
        let place = |page: u32| (u64::from(page - 1) * self.page_size, self.page_size());
        let pages = pages.filter(in_main);
        self.main.fetch_ahead(&pages.map(place).collect::<Vec<_>>());
    }

    /// Whether such pages are still on their way.
    pub(super) fn is_fetching(&self) -> bool {
        self.main.is_fetching()
    }

    /// The page within which the main file ends, if the log does not hold it, and how many of its bytes are there.
    pub(super) fn fragment(&self) -> Option<(u32, usize)> {
        let there = usize::try_from(self.file_len - self.main_len).ok()?;
        let page = u32::try_from(self.main_len / self.page_size + 1).ok()?;
        let is_page = there > 0 && u64::from(page) <= self.pages() && self.is_missing(page);
        is_page.then_some((page, there))
    }

    /// Fills `buf` with what is there of that page.
    pub(super) fn read_fragment(&self, buf: &mut [u8]) -> io::Result<()> {
        read_or_zero(&self.main, self.main_len, buf)
    }

    /// Counts the first bytes of that page as examined.
    pub(super) fn examine_fragment(&self, bytes: usize) {
        self.fragment_read.set(self.fragment_read.get().max(bytes));
    }

    /// The first bytes of the database as SQLite sees them: the file's header.
    pub(super) fn header(&self) -> io::Result<[u8; Header::LEN]> {
        let mut bytes = [0; Header::LEN];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// Bytes of a page that the file format uses: all but those that the header reserves. 480 at least.
    pub(super) fn usable(&self, header: &[u8; Header::LEN]) -> usize {
        self.page_size()
            .saturating_sub(usize::from(header[20]))
            .max(480)
    }

    /// Bytes of the files.
    pub(super) fn bytes_total(&self) -> u64 {
        self.main.len() + self.overlaid()
    }

    /// Bytes of the journal and the log, which are laid over the main file.
    fn overlaid(&self) -> u64 {
        let journal = self.journal.as_ref().map_or(0, |(file, _)| file.len());
        journal + self.wal.as_ref().map_or(0, |(wal, _)| wal.len())
    }

    /// Bytes read so far, of `bytes_total`; pages read twice count twice, so it is an estimate.
    pub(super) fn bytes_done(&self) -> u64 {
        (self.read.get() + self.overlaid()).min(self.bytes_total())
    }

    /// Where the last read ended: there somebody who reads forward is.
    pub(super) fn position(&self) -> u64 {
        self.position.get()
    }

    /// Says that a forward reader is there, after reads by somebody else.
    pub(super) fn set_position(&self, position: u64) {
        self.position.set(position);
    }

    /// Fills `buf` from `offset` on, with zeros for what is missing, and returns how many bytes lie within the
    /// database.
    pub(super) fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let within = self.size.saturating_sub(offset);
        let within = usize::try_from(within).unwrap_or(usize::MAX).min(buf.len());
        buf[within..].fill(0);
        let wal = self.wal.as_ref().filter(|(_, index)| index.is_applied());
        match wal {
            None => self.read_main(offset, &mut buf[..within])?,
            Some((wal, index)) => {
                let (buf, size) = (&mut buf[..within], self.page_size);
                let find = |page| index.page_offset(page);
                by_page(size, offset, buf, find, |at, start, part| match start {
                    Some(start) => read_or_zero(wal, start, part),
                    None => self.read_main(at, part),
                })?;
            }
        }
        // Not in WAL mode, whatever the file says: the log has been applied here.
        for version in [18, 19] {
            if let Some(at) = u64::checked_sub(version, offset)
                && let Ok(at) = usize::try_from(at)
                && at < within
            {
                buf[at] = 1;
            }
        }
        self.read.set(self.read.get() + within as u64);
        self.position.set(offset + within as u64);
        Ok(within)
    }

    fn read_main(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let there = self.main_len.saturating_sub(offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX).min(buf.len());
        buf[there..].fill(0);
        self.see(offset, there);
        let buf = &mut buf[..there];
        let Some((journal, index)) = &self.journal else {
            return read_or_zero(&self.main, offset, buf);
        };
        let find = |page| index.page_offset(page);
        let size = u64::from(index.page_size);
        by_page(size, offset, buf, find, |at, start, part| match start {
            Some(start) => read_or_zero(journal, start, part),
            None => read_or_zero(&self.main, at, part),
        })
    }

    /// Remembers that the pages of these bytes of the main file were read.
    fn see(&self, offset: u64, len: usize) {
        let page = |at: u64| usize::try_from(at / self.page_size).unwrap_or(usize::MAX);
        if len == 0 {
            return;
        }
        let mut seen = self.seen.borrow_mut();
        for page in page(offset)..=page(offset + len as u64 - 1) {
            if seen.len() <= page / 64 {
                seen.resize(page / 64 + 1, 0);
            }
            seen[page / 64] |= 1 << (page % 64);
        }
    }
}

/// Cuts `buf`, which begins at `offset`, at the ends of pages and hands each piece to `read`: where it begins, and where
/// the same bytes stand in the file for which `find` tells the place of a page.
fn by_page(
    page_size: u64,
    offset: u64,
    buf: &mut [u8],
    find: impl Fn(u32) -> Option<u64>,
    mut read: impl FnMut(u64, Option<u64>, &mut [u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut done = 0;
    while done < buf.len() {
        let at = offset + done as u64;
        let in_page = at % page_size;
        let rest = usize::try_from(page_size - in_page).unwrap_or(usize::MAX);
        let n = rest.min(buf.len() - done);
        let page = u32::try_from(at / page_size + 1).ok();
        let start = page.and_then(&find).map(|start| start + in_page);
        read(at, start, &mut buf[done..done + n])?;
        done += n;
    }
    Ok(())
}

/// Fills `buf` from `offset` on, with zeros beyond the end.
fn read_or_zero(source: &Cached, offset: u64, buf: &mut [u8]) -> io::Result<()> {
    let n = source.read_at(offset, buf)?;
    buf[n..].fill(0);
    Ok(())
}
