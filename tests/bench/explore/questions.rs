//! What is asked: as a filter for the page, and in SQL for its rivals.

/// The fields that the page counts unless told otherwise.
const FACETS: [&str; 7] = [
    "verdict",
    "event_type",
    "actor",
    "resource_type",
    "resource_id",
    "action",
    "source",
];
const PEOPLE: [&str; 8] = [
    "Zoë Müller",
    "山田太郎",
    "Óscar Núñez",
    "dr.okafor",
    "user_017",
    "user_042",
    "анна.петрова",
    "priya.n",
];
/// Words that stand in the details of some entries and nowhere else.
pub(crate) const WORDS: [&str; 3] = ["tolerance", "approved_by", "postcode"];
/// The columns of a row of the table.
const ROW: &str = "SELECT rowid, timestamp, event_type, actor, resource_type, resource_id, action, entry_id FROM log WHERE";
/// Rows that the page asks for at a time.
const FIRST_ROWS: &str = "LIMIT 100";

/// An event type and an actor.
pub(crate) struct Pair {
    event_type: &'static str,
    actor: &'static str,
}

/// Pairs that select from some hundred to a third of the entries.
pub(crate) fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for event_type in ["data_access", "model_training", "model_evaluation"] {
        pairs.extend(PEOPLE.map(|actor| Pair { event_type, actor }));
    }
    for event_type in ["inference_request", "inference_response"] {
        pairs.push(Pair {
            event_type,
            actor: "serving-gateway",
        });
    }
    pairs
}

impl Pair {
    /// As it is typed; the last key makes it what it is.
    pub(crate) fn filter(&self) -> String {
        format!("event_type:{} actor:\"{}\"", self.event_type, self.actor)
    }

    /// What the page asks its engine for one filter: how many, the first rows, every facet under the other conditions, and
    /// the timeline.
    pub(crate) fn sql(&self) -> Vec<String> {
        let conditions = [
            ("event_type", format!("event_type = '{}'", self.event_type)),
            ("actor", format!("actor = '{}'", self.actor)),
        ];
        let without = |field: &str| {
            let others = conditions.iter().filter(|(name, _)| *name != field);
            let others: Vec<_> = others.map(|(_, sql)| sql.as_str()).collect();
            others.join(" AND ")
        };
        let all = without("");
        let mut queries = vec![
            format!("SELECT count(*) FROM log WHERE {all}"),
            format!("{ROW} {all} {FIRST_ROWS}"),
        ];
        queries.extend(FACETS.map(|field| {
            format!(
                "SELECT {field}, count(*) AS n FROM log WHERE {} GROUP BY {field} ORDER BY n DESC LIMIT 6",
                without(field)
            )
        }));
        // Some hundred buckets over the nine years of the longest log.
        queries.push(format!(
            "SELECT CAST(floor(micros / 2419200000000.0) AS INTEGER) AS bucket, verdict, count(*) FROM log WHERE {all} GROUP BY 1, 2"
        ));
        queries
    }
}

/// How many entries hold a word in their details.
pub(crate) fn count_word(word: &str) -> Vec<String> {
    vec![format!(
        "SELECT count(*) FROM log WHERE details LIKE '%{word}%'"
    )]
}

/// The first of them.
pub(crate) fn first_with_word(word: &str) -> Vec<String> {
    vec![format!("{ROW} details LIKE '%{word}%' {FIRST_ROWS}")]
}

/// The bounds that scores are compared with: the first use, then repeated ones.
pub(crate) fn bounds() -> Vec<f64> {
    (0..10)
        .map(|i| 0.9 + f64::from(i) / 100.0)
        .map(|bound| (bound * 100.0).round() / 100.0)
        .collect()
}

/// How many entries have a greater score, by this expression for it.
pub(crate) fn count_scores(score: &str, bound: f64) -> Vec<String> {
    vec![format!("SELECT count(*) FROM log WHERE {score} > {bound}")]
}
