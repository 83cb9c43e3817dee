//! What stands around a case: header, notices, error cards, the list of files, footer.

mod cards;
mod files;
mod header;

pub(super) use self::cards::{Cards, Notices};
pub(super) use self::files::Files;
pub(super) use self::header::{Footer, Header, PaneTabs};
