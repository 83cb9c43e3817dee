//! Any text as a filter: no panic, errors that speak of places in it, and clicks that leave something that is understood.
#![no_main]

use auditglass::query::{Filter, exclude, include, narrow, within, without};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let filter = match Filter::parse(text) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(
                text.get(error.start as usize..error.end as usize).is_some(),
                "{text:?}"
            );
            assert!(!error.message.is_empty());
            return;
        }
    };
    for condition in filter.conditions() {
        let place = condition.start as usize..condition.end as usize;
        assert!(text.get(place).is_some(), "{text:?}");
        let rest = without(text, condition.start, condition.end);
        assert!(
            Filter::parse(&rest).is_ok(),
            "{text:?} without a condition is {rest:?}"
        );
        for term in &condition.terms {
            // Alone it is understood too, unless it was cut out of a longer one.
            if Filter::parse(term).is_err() {
                panic!("{text:?} has the term {term:?}");
            }
        }
        let _ = filter.without(&condition.field);
    }
    for click in [include, exclude, narrow] {
        // The filter may be as long as one may be; then no more fits.
        if let Ok(clicked) = click(text, "actor:\"a b\"") {
            assert!(
                clicked.len() > 16 * 1024 || Filter::parse(&clicked).is_ok(),
                "{text:?} becomes {clicked:?}"
            );
        }
    }
    if let Ok(clicked) = within(text, Some(0), Some(86_400_000_000)) {
        assert!(clicked.len() > 16 * 1024 || Filter::parse(&clicked).is_ok());
    }
});
