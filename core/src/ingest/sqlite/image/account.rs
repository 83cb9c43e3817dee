//! What became of a database's bytes: examined, or left out, and whose they are.

use super::super::btree::{Page, PageSet, Tree, Why};
use super::super::others::{Other, Search};
use super::super::wal::HEADER;
use super::Image;
use crate::finding::Locator;
use crate::source::ByteSource;
use crate::view::Accounting;

impl Image {
    /// A tree leads to this page, and it cannot be read as one of its.
    pub(in super::super) fn note_damaged(&self, page: u32, why: Why) {
        if matches!(why, Why::NoPageOfTheTree | Why::TooManyCells | Why::Empty) {
            self.damaged.borrow_mut().insert(page);
        }
    }

    /// The damaged pages but for those that another tree can hold: it was the way to them that was damaged.
    fn lost_pages(&self) -> PageSet {
        let (mut lost, mut page) = (PageSet::default(), Page::default());
        let noted = self.damaged.borrow();
        let mut is_whole = |number| {
            let mut is_of = |tree| matches!(page.load(self, tree, number), Ok(Ok(())));
            (is_of(Tree::Table) || is_of(Tree::Index)) && page.cells > 0
        };
        for number in noted.iter().filter(|number| !is_whole(*number)) {
            lost.insert(number);
        }
        lost
    }

    /// What was read of the main file, the journal and the log, and what was not. Journal and log were opened with the
    /// database. `free` are the pages of the list of free pages, `others` the tables and indexes that hold no entry.
    pub(in super::super) fn account(&self, free: &PageSet, others: &[Other]) -> Accounting {
        let mut accounting = Accounting::default();
        // Looking for whose a page is examines nothing.
        let seen = self.seen.borrow().clone();
        let lost = self.lost_pages();
        let pages = self.main.len() / self.page_size;
        let is_valid =
            |page: u32| (1..=pages).contains(&u64::from(page)) && !self.is_superseded(page);
        let is_there = |page: u32| is_valid(page) && !is_set(&seen, page) && !lost.contains(page);
        for page in lost.iter().filter(|page| is_valid(*page)) {
            let what = format!("page {page}, which is no page of the tree that leads to it");
            let at = Locator::Page { page };
            accounting.leave_out("damaged-page", self.page_size, at, what);
        }
        let mut leave_out = |code, count: u64, table: Option<&str>, what: &str| {
            let noun = if count == 1 { "page" } else { "pages" };
            let locator = table.map_or(Locator::Whole {}, |table| Locator::Table {
                table: table.to_owned(),
            });
            let bytes = count * self.page_size;
            accounting.leave_out(code, bytes, locator, format!("{count} {noun}{what}"));
            count
        };

        let left = (1..=u32::try_from(pages).unwrap_or(u32::MAX)).filter(|p| is_there(*p));
        let mut left = left.count() as u64;
        let count = free.iter().filter(|p| is_there(*p)).count() as u64;
        let what = " on the list of free pages: what was deleted may still stand there";
        left -= leave_out("free-pages", count, None, what);
        let mut search = Search::new(self);
        for other in others {
            // Nothing to look for, or an index that was compared with its table.
            if left == 0 || is_set(&seen, other.root) {
                continue;
            }
            let mut count = 0;
            let is_over = search.walk(other.root, &mut |page| {
                count += u64::from(is_there(page) && !free.contains(page));
            });
            let what = format!(" of {}", other.what);
            left -= leave_out("other-table", count, Some(&other.table), &what);
            if is_over.is_err() {
                break;
            }
        }
        let what = match search.is_complete() {
            true => " that nothing was found to lead to",
            false => {
                " that no entry needs: of other tables and their indexes, or ones that nothing leads to"
            }
        };
        leave_out("other-pages", left, None, what);
        let superseded = (1..=u32::try_from(pages).unwrap_or(u32::MAX))
            .filter(|page| self.is_superseded(*page))
            .count();
        let what = match self.journal {
            Some(_) => " as the unfinished transaction had left them",
            None => " of which the write-ahead log has a newer version",
        };
        leave_out("superseded-pages", superseded as u64, None, what);
        *self.seen.borrow_mut() = seen;

        let whole = pages * self.page_size;
        let read = self.fragment_read.get() as u64;
        let rest = (self.main.len() - whole).saturating_sub(read);
        accounting.leave_out(
            "incomplete-page",
            rest,
            Locator::Range {
                offset: whole + read,
                length: rest,
            },
            match read {
                0 => "an incomplete page at the end",
                _ => "what follows the last whole row on the incomplete page at the end",
            },
        );
        if let Some((wal, index)) = &self.wal {
            let rest = match index.rejected {
                Some(_) => wal.len(),
                None => wal.len().saturating_sub(index.applied_len().max(HEADER)),
            };
            accounting.leave_out(
                "wal-not-applied",
                rest,
                Locator::Whole {},
                "what was not applied of the write-ahead log",
            );
        }
        accounting.rest_is_examined(self.bytes_total());
        accounting
    }

    /// Whether another file's version of this page was read in place of the main file's, or the rollback cuts it off.
    fn is_superseded(&self, page: u32) -> bool {
        let in_wal = self.wal_index().and_then(|index| index.page_offset(page));
        let by_journal = self.journal.as_ref().is_some_and(|(_, index)| {
            index.page_offset(page).is_some() || page > index.database_pages
        });
        in_wal.is_some() || by_journal
    }
}

/// Whether the bit of this page is set.
fn is_set(seen: &[u64], page: u32) -> bool {
    let at = page.saturating_sub(1) as usize;
    seen.get(at / 64).is_some_and(|w| w & 1 << (at % 64) != 0)
}
