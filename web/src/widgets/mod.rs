//! Parts of a page that know nothing of audit logs.

mod copy;
mod counts;
mod files;
mod geometry;
mod menu;
mod plain;
mod prose;
mod sheet;
mod tree;
mod virtual_list;

pub(crate) use self::copy::{CopyButton, copy_text};
pub(crate) use self::counts::{Count, Counts};
pub(crate) use self::files::{FilePicker, listed, pick};
pub(crate) use self::menu::{Item, Menu};
pub(crate) use self::plain::plain;
pub(crate) use self::prose::prose;
pub(crate) use self::sheet::Sheet;
pub(crate) use self::tree::{Node, Tree, Value};
pub(crate) use self::virtual_list::VirtualList;
