//! What the engine says, and whom of the store it concerns.

use leptos::prelude::*;
use web_sys::Blob;

use super::desk::now;
use super::{Comparing, Completions, Searching, Viewer};
use crate::protocol::Reply;

impl Viewer {
    /// Hands a reply, and the bytes that came with it, to whoever waits for it; late ones, about another case than that of
    /// `generation`, to nobody.
    pub(super) fn hear_reply(self, reply: Reply, piece: Option<Blob>, generation: Option<u32>) {
        let current = |g: u32| generation == Some(g);
        match reply {
            Reply::Ready { version, sqlite } => self.engine_ready(version, sqlite),
            Reply::Progress {
                generation,
                progress,
            } if current(generation) => {
                self.work.update(|w| {
                    w.reported = now();
                    w.silent_for = None;
                    w.is_opening = false;
                    w.pace.report(w.reported, progress);
                    w.progress = progress;
                });
                self.fill();
            }
            Reply::Opening {
                generation,
                progress,
            } if current(generation) => {
                self.work.update(|w| {
                    w.reported = now();
                    w.silent_for = None;
                    w.is_opening = true;
                    w.progress = progress;
                });
            }
            Reply::Opened { generation, opened } if current(generation) => self.show(opened),
            Reply::Selecting {
                generation,
                search,
                read,
                of,
                matched,
            } if current(generation) => self.selecting(search, Searching { read, of, matched }),
            Reply::Selected {
                generation,
                search,
                totals,
            } if current(generation) => self.selected_came(search, totals),
            Reply::Refused {
                generation,
                search,
                error,
            } if current(generation) => self.refused_came(search, error),
            Reply::Unselected {
                generation,
                search,
                error,
            } if current(generation) => self.unselected_came(search, &error),
            Reply::Surveyed {
                generation,
                search,
                question,
                survey,
                failures,
            } if current(generation) => self.surveyed_came(search, question, survey, failures),
            Reply::Rows {
                generation,
                question,
                start,
                rows,
                ..
            } if current(generation) => self.rows_came(question, start, rows),
            Reply::Position {
                generation,
                search,
                row,
                position,
            } if current(generation) => self.position_came(search, row, position),
            Reply::Completions {
                generation,
                filter,
                cursor,
                completions,
            } if current(generation) => self.completions_came(Completions {
                filter,
                cursor,
                list: completions,
            }),
            Reply::Exported {
                generation,
                export,
                entries,
                unread,
                done,
            } if current(generation) => {
                self.exported_came(export, entries, done.then_some(unread), piece);
            }
            Reply::ExportFailed {
                generation,
                export,
                error,
            } if current(generation) => self.export_failed(export, &error),
            Reply::Entry {
                generation,
                row,
                entry,
            } if current(generation) => {
                self.entry_came(row, entry);
            }
            Reply::Findings {
                generation,
                start,
                findings,
            } if current(generation) => {
                self.findings_came(start, findings);
            }
            Reply::Answered {
                generation,
                answers,
            } if current(generation) => self.answers_came(answers),
            Reply::Reporting {
                generation,
                report,
                done,
                of,
            } if current(generation) => self.report_goes_on(report, done, of),
            Reply::Reported {
                generation,
                report,
                found,
            } if current(generation) => self.reported_came(report, found, piece),
            Reply::ReportWritten {
                generation,
                format,
                text,
            } if current(generation) => self.report_written(format, &text),
            Reply::Comparing {
                generation,
                comparison,
                is_reading,
                done,
                of,
            } if current(generation) => self.compare_goes_on(Comparing {
                number: comparison,
                is_reading,
                done,
                of,
            }),
            Reply::Compared {
                generation,
                comparison,
                found,
            } if current(generation) => self.compared_came(comparison, found),
            Reply::Drilled { generation, drill } if current(generation) => self.drilled_came(drill),
            // Late answers, and those of the other workers.
            Reply::Opening { .. }
            | Reply::Progress { .. }
            | Reply::Opened { .. }
            | Reply::Selecting { .. }
            | Reply::Selected { .. }
            | Reply::Refused { .. }
            | Reply::Unselected { .. }
            | Reply::Surveyed { .. }
            | Reply::Rows { .. }
            | Reply::Position { .. }
            | Reply::Completions { .. }
            | Reply::Exported { .. }
            | Reply::ExportFailed { .. }
            | Reply::Entry { .. }
            | Reply::Findings { .. }
            | Reply::Answered { .. }
            | Reply::Reporting { .. }
            | Reply::Reported { .. }
            | Reply::ReportWritten { .. }
            | Reply::Comparing { .. }
            | Reply::Compared { .. }
            | Reply::Drilled { .. }
            | Reply::Hashing { .. }
            | Reply::Hashed { .. }
            | Reply::SqlReady { .. }
            | Reply::SqlRows { .. }
            | Reply::SqlDone { .. }
            | Reply::SqlExported { .. }
            | Reply::Pong { .. }
            | Reply::Holding
            | Reply::Fatal { .. } => {}
        }
    }
}
