//! The figures that are compared, and how several turns become one of them.

/// What the page took. Times in milliseconds, memory in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ours {
    pub(crate) opened: f64,
    pub(crate) memory: Option<f64>,
    pub(crate) memory_after: Option<f64>,
    pub(crate) filter: f64,
    pub(crate) filter_median: f64,
    pub(crate) painted: f64,
    pub(crate) text: f64,
    pub(crate) text_rows: f64,
    pub(crate) score_first: f64,
    pub(crate) score_again: f64,
    pub(crate) frames: usize,
    pub(crate) slow_frames: usize,
    pub(crate) longest_frame: f64,
    pub(crate) settled: f64,
    /// How many entries each question found, in order.
    pub(crate) found: Vec<Option<u64>>,
}

/// What a rival took for the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Theirs {
    pub(crate) loaded: f64,
    pub(crate) memory: Option<f64>,
    pub(crate) filter: f64,
    pub(crate) filter_median: f64,
    pub(crate) text: f64,
    pub(crate) text_rows: f64,
    pub(crate) score_first: f64,
    pub(crate) score_again: f64,
    pub(crate) found: Vec<Option<u64>>,
}

/// One line of the table: ours, and each rival's where there is one.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) aim: Option<f64>,
    pub(crate) is_bytes: bool,
    pub(crate) ours: f64,
    pub(crate) theirs: Vec<Option<f64>>,
}

/// The lines for one log.
pub(crate) fn rows(ours: &Ours, rivals: &[Option<Theirs>]) -> Vec<Row> {
    let row = |what, aim, ours, theirs: &dyn Fn(&Theirs) -> Option<f64>| Row {
        what,
        aim,
        is_bytes: false,
        ours,
        theirs: rivals.iter().map(|r| r.as_ref().and_then(theirs)).collect(),
    };
    let none = |_: &Theirs| None;
    vec![
        row(
            "two columns, all counts: 95th percentile",
            Some(50.0),
            ours.filter,
            &|t| Some(t.filter),
        ),
        row(
            "two columns, all counts: median",
            None,
            ours.filter_median,
            &|t| Some(t.filter_median),
        ),
        row(
            "key press to paint of all that: 95th",
            Some(100.0),
            ours.painted,
            &none,
        ),
        row(
            "a word in all details: complete count",
            Some(1000.0),
            ours.text,
            &|t| Some(t.text),
        ),
        row(
            "a word in all details: first rows",
            Some(100.0),
            ours.text_rows,
            &|t| Some(t.text_rows),
        ),
        row(
            "details.score>0.9: first use",
            Some(1000.0),
            ours.score_first,
            &|t| Some(t.score_first),
        ),
        row(
            "details.score>0.9x: repeated",
            Some(50.0),
            ours.score_again,
            &|t| Some(t.score_again),
        ),
        row(
            "first to last row: longest frame",
            Some(33.4),
            ours.longest_frame,
            &none,
        ),
        row(
            "opened and verified (they: loaded)",
            None,
            ours.opened,
            &|t| Some(t.loaded),
        ),
        Row {
            is_bytes: true,
            ..row(
                "memory that the log takes",
                None,
                ours.memory.unwrap_or(f64::NAN),
                &|t| t.memory,
            )
        },
    ]
}

pub(crate) fn median(times: &[f64]) -> f64 {
    at(times, 50)
}

pub(crate) fn percentile_95(times: &[f64]) -> f64 {
    at(times, 95)
}

fn at(times: &[f64], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or(f64::NAN)
}
