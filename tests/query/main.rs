//! The query language on small logs: plain-text cases, random filters against a naive evaluator, the reference's own
//! query against its Python, exports that are opened again, and the commands.
//!
//! README.md has the format of the cases. `UPDATE_EXPECT=1` writes what was found into the files.

mod command;
#[path = "../suite/entry.rs"]
#[expect(dead_code, reason = "the suite makes CSV with it, too")]
mod entry;
mod export;
mod random;
mod reference;
mod select;

use auditglass::{Case, Input, Quiet, Selection};

/// Opens and judges.
fn opened(inputs: Vec<Input>) -> Case {
    let mut case = Case::open(inputs);
    case.verify(&mut Quiet).expect("nobody breaks off");
    case
}

/// The ids that a filter selects, in order.
fn ids(case: &Case, filter: &str) -> Result<Vec<String>, auditglass::FilterError> {
    let selection = Selection {
        filter: filter.to_owned(),
        sort: None,
    };
    let mut search = case.select(&selection)?;
    case.finish(&mut search).expect("the log can be read again");
    Ok(ids_of(case, &search))
}

fn ids_of(case: &Case, search: &auditglass::Search) -> Vec<String> {
    let columns = ["entry_id".to_owned()];
    let count = u32::try_from(search.matched()).expect("a small log");
    let rows = case
        .selected_rows(search, 0, count, &columns)
        .expect("the log can be read again");
    rows.into_iter().map(|row| row.cells[0].clone()).collect()
}
