//! What can be said about consistency, in words. Pure, so that every case is tested.

use crate::format::{count, counted};
use crate::protocol::Opened;

/// Whether the answer is good news. There is nothing in between: what is not confirmed is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Confirmed.
    Good,
    /// Not confirmed.
    Bad,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) tone: Tone,
    pub(super) status: &'static str,
    pub(super) sentence: String,
}

/// Do the entries agree with their own checksums?
pub(super) fn consistency(opened: &Opened) -> Answer {
    let t = &opened.totals;
    if opened.consistent {
        let what = match t.entries {
            1 => "The only entry matches its own checksum.".to_owned(),
            n => format!("All {} entries match their own checksums.", count(n)),
        };
        return Answer {
            tone: Tone::Good,
            status: "Confirmed",
            sentence: what,
        };
    }
    let mut parts = Vec::new();
    if t.mismatched > 0 {
        parts.push(match t.mismatched {
            1 => "1 does not match its checksum".to_owned(),
            n => format!("{} do not match their checksums", count(n)),
        });
    }
    if t.unreadable > 0 {
        parts.push(format!("{} cannot be read", count(t.unreadable)));
    }
    if t.unchecksummed > 0 {
        parts.push(match t.unchecksummed {
            1 => "1 claims no checksum".to_owned(),
            n => format!("{} claim no checksum", count(n)),
        });
    }
    let sources = opened.sources.iter();
    let failed = sources.filter(|s| s.error.is_some() && !s.is_passed_over);
    let failed = failed.count() as u64;
    let sentence = if t.entries == 0 {
        "There is no entry to check. An empty log confirms nothing.".to_owned()
    } else if !parts.is_empty() {
        let entries = counted(t.entries, "entry", "entries");
        let mut wrong = format!("Of {entries}, {}.", listed(&parts));
        let rewritten = match opened.rewritten {
            0 => String::new(),
            1 => " One of them looks as if an export tool had rewritten it: see the findings."
                .to_owned(),
            n if n == t.mismatched => {
                " All that do not match look as if an export tool had rewritten them: see the findings."
                    .to_owned()
            }
            n => format!(
                " {} look as if an export tool had rewritten them: see the findings.",
                count(n)
            ),
        };
        wrong.push_str(&rewritten);
        match failed {
            0 => wrong,
            n => format!(
                "{wrong} {} could not be read as a log.",
                counted(n, "file", "files")
            ),
        }
    } else if failed > 0 {
        let files = counted(failed, "file", "files");
        format!("What was read matches its checksums, but {files} could not be read as a log.")
    } else {
        "What was read matches its checksums, but a part of the log is known to be lost: see the findings."
            .to_owned()
    };
    Answer {
        tone: Tone::Bad,
        status: "Not confirmed",
        sentence,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use auditglass::{ErrorView, SourceView, Totals};

    use super::*;

    fn opened(consistent: bool, counts: [u64; 4]) -> Opened {
        let [verified, mismatched, unchecksummed, unreadable] = counts;
        Opened {
            sources: Vec::new(),
            totals: Totals {
                entries: counts.iter().sum(),
                verified,
                mismatched,
                unchecksummed,
                unreadable,
            },
            findings: [0; 3],
            span: None,
            zones: (0, 0),
            consistent,
            rewritten: 0,
            elapsed_ms: 0.0,
        }
    }

    #[track_caller]
    fn check(opened: &Opened, status: &str, sentence: &str) {
        let answer = consistency(opened);
        assert_eq!(
            (answer.status, answer.sentence.as_str()),
            (status, sentence)
        );
        assert_eq!(answer.tone == Tone::Good, status == "Confirmed");
    }

    #[test]
    fn confirmed_is_said_only_when_the_engine_says_so() {
        let all = "All 1,204 entries match their own checksums.";
        check(&opened(true, [1_204, 0, 0, 0]), "Confirmed", all);
        let one = "The only entry matches its own checksum.";
        check(&opened(true, [1, 0, 0, 0]), "Confirmed", one);
    }

    #[test]
    fn what_is_wrong_is_counted() {
        let text = "Of 240 entries, 3 do not match their checksums and 1 cannot be read.";
        check(&opened(false, [236, 3, 0, 1]), "Not confirmed", text);
        let text = "Of 3 entries, 1 does not match its checksum, 1 cannot be read and 1 claims no checksum.";
        check(&opened(false, [0, 1, 1, 1]), "Not confirmed", text);
    }

    #[test]
    fn what_export_tools_do_is_told() {
        let mut o = opened(false, [0, 2_000, 0, 0]);
        o.rewritten = 1_999;
        let text = "Of 2,000 entries, 2,000 do not match their checksums. 1,999 look as if an export tool had rewritten them: see the findings.";
        check(&o, "Not confirmed", text);
        o.rewritten = 2_000;
        let text = "Of 2,000 entries, 2,000 do not match their checksums. All that do not match look as if an export tool had rewritten them: see the findings.";
        check(&o, "Not confirmed", text);
        o.rewritten = 1;
        let text = "Of 2,000 entries, 2,000 do not match their checksums. One of them looks as if an export tool had rewritten it: see the findings.";
        check(&o, "Not confirmed", text);
    }

    #[test]
    fn nothing_is_never_a_pass() {
        let text = "There is no entry to check. An empty log confirms nothing.";
        check(&opened(false, [0; 4]), "Not confirmed", text);
    }

    #[test]
    fn what_is_lost_or_unread_is_said() {
        let text = "What was read matches its checksums, but a part of the log is known to be lost: see the findings.";
        check(&opened(false, [9, 0, 0, 0]), "Not confirmed", text);
        let mut o = opened(false, [9, 0, 0, 0]);
        o.sources.push(SourceView {
            name: "cat.png".into(),
            input: 0,
            kind: String::new(),
            bytes: 9,
            entries: 0,
            parts: Vec::new(),
            companions: Vec::new(),
            accounting: None,
            is_passed_over: false,
            error: Some(ErrorView {
                message: "no log".into(),
                hint: None,
            }),
        });
        let text = "What was read matches its checksums, but 1 file could not be read as a log.";
        check(&o, "Not confirmed", text);
        o.totals.add(auditglass::Verdict::Mismatched);
        let text =
            "Of 10 entries, 1 does not match its checksum. 1 file could not be read as a log.";
        check(&o, "Not confirmed", text);
    }
}
