//! Who may know whom: the one direction of the engine, and the walls between the page's features.

/// The engine's stations; each may name those before it.
const STATIONS: [&str; 18] = [
    "error", "units", "finding", "view", "source", "scheme", "entry", "json", "ingest", "canon",
    "digest", "index", "host", "verify", "query", "examine", "case", "report",
];

/// What a station must not name although it stands earlier: how bytes are canonical and what they hash to has nothing to
/// do with where they came from.
const STRANGERS: [(&str, &str); 4] = [
    ("canon", "ingest"),
    ("canon", "source"),
    ("digest", "ingest"),
    ("digest", "json"),
];

/// What `name`, a Rust file with this text, names and must not.
pub(crate) fn complaints(name: &str, text: &str) -> Vec<String> {
    if let Some(path) = name.strip_prefix("core/src/") {
        return engine(name, path, text);
    }
    if let Some(path) = name.strip_prefix("web/src/features/") {
        let own = path.split('/').next().unwrap_or_default();
        return words_after(text, "features::")
            .filter(|(_, word)| path.contains('/') && *word != own)
            .map(|(line, word)| {
                format!("{name}:{line}: a feature must not know `{word}`; they meet in `state`")
            })
            .collect();
    }
    if name.starts_with("web/src/widgets/") {
        let known = |word: &str| matches!(word, "state" | "features" | "protocol" | "engine");
        return words_after(text, "crate::")
            .filter(|(_, word)| known(word))
            .map(|(line, word)| format!("{name}:{line}: a widget must not know `{word}`"))
            .collect();
    }
    Vec::new()
}

fn engine(name: &str, path: &str, text: &str) -> Vec<String> {
    let own = path.split(['/', '.']).next().unwrap_or_default();
    let place = |station: &str| STATIONS.iter().position(|s| *s == station);
    let Some(here) = place(own) else {
        return Vec::new();
    };
    // A station's own tests may bring in what they test it with.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    if path.contains("/tests") {
        return Vec::new();
    }
    words_after(code, "crate::")
        .filter(|(_, word)| {
            place(word).is_some_and(|there| there > here) || STRANGERS.contains(&(own, word))
        })
        .map(|(line, word)| format!("{name}:{line}: `{own}` must not know `{word}`"))
        .collect()
}

/// The word behind each occurrence of `path`, with its line.
fn words_after<'t>(text: &'t str, path: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    text.lines().enumerate().flat_map(move |(i, line)| {
        line.match_indices(path).map(move |(at, _)| {
            let rest = &line[at + path.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            (i + 1, &rest[..end.unwrap_or(rest.len())])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::complaints;

    #[test]
    fn breaches_are_found_and_the_rest_passes() {
        let count = |name: &str, text: &str| complaints(name, text).len();
        assert_eq!(
            count("core/src/canon/value.rs", "use crate::verify::Judge;"),
            1
        );
        assert_eq!(
            count("core/src/canon/value.rs", "use crate::ingest::Scan;"),
            1
        );
        assert_eq!(
            count("core/src/ingest/mod.rs", "use crate::digest::sha256;"),
            1
        );
        assert_eq!(
            count("core/src/verify/judge.rs", "use crate::canon::write_float;"),
            0
        );
        assert_eq!(
            count("core/src/entry.rs", "#[cfg(test)]\nuse crate::case::Case;"),
            0
        );
        assert_eq!(
            count(
                "web/src/features/open/mod.rs",
                "use crate::features::table::x;"
            ),
            1
        );
        assert_eq!(
            count("web/src/features/mod.rs", "crate::features::table::x"),
            0
        );
        assert_eq!(
            count("web/src/widgets/copy.rs", "use crate::state::Viewer;"),
            1
        );
    }
}
