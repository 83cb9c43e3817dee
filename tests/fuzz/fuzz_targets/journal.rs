//! A database that is rolled back by its journal is judged as the database that a simple reader makes of the two.
#![no_main]

use auditglass::OpenOptions;
use auditglass_fuzz::database::{PAGE, sample};
use auditglass_fuzz::journal;
use auditglass_fuzz::judged::judge;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let database = &sample().bytes;
    // The first byte tells whether the rest is a recipe or the journal itself.
    let file = match data.split_first() {
        Some((0..=239, recipe)) => journal::build(database, PAGE, recipe),
        Some((_, raw)) => raw.to_vec(),
        None => return,
    };
    if journal::is_large(&file) {
        return;
    }
    let options = |roll_back_journal| OpenOptions { roll_back_journal };
    let files = [("log.db", &database[..]), ("log.db-journal", &file[..])];
    let got = judge(&files, options(true));
    let whole = journal::apply(database, &file).unwrap_or_else(|| database.clone());
    let expected = judge(&[("log.db", &whole)], options(false));
    assert_eq!(got.entries, expected.entries);
    assert_eq!(got.is_log(), expected.is_log());
    // Without rolling back it makes no difference.
    if data.len() % 8 == 0 {
        let got = judge(&files, options(false));
        assert_eq!(
            got.entries,
            judge(&[("log.db", database)], options(false)).entries
        );
    }
});
