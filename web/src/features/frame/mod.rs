//! What stands around a case: header, notices, error cards, tabs, the list of files, footer.

mod cards;
mod files;
mod header;
mod tabs;

pub(super) use self::cards::{Cards, Notices, Said};
pub(super) use self::files::Files;
pub(super) use self::header::{Footer, Header};
pub(super) use self::tabs::{PaneTabs, SideTabs};
