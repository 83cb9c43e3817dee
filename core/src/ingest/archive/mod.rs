//! zip archives: every member that is a log becomes a source of its own, in the archive's order; the archive is one too, which
//! has no entries and tells what was not opened.

mod directory;

use std::ops::ControlFlow;
use std::rc::Rc;

use self::directory::{Directory, Listed};
use super::companions::{Group, Member, Packed, group_members};
use super::{Note, PartInfo, Scan, Sink, Step};
use crate::entry::{Place, RawEntry};
use crate::error::Error;
use crate::finding::{Locator, Severity};
use crate::source::{ByteSource, Cached, Decoder, Feed, member};
use crate::view::Accounting;

/// Logs of one archive that are opened.
const LOGS: usize = 10_000;
const UNPACK: &str = "An entry may be in it. Unpack the archive with the program that made it, and open what is inside.";
/// Members named in the error of an archive without a log.
const NAMED: usize = 5;

/// An archive and the logs in it.
pub(super) struct Archive {
    pub(super) scan: ArchiveScan,
    pub(super) members: Vec<Group>,
}

/// Opens what an archive holds; `None` if the file is none.
///
/// # Errors
///
/// If no member is a log, or the host's bytes fail.
pub(super) fn open(group: &Group) -> Result<Option<Archive>, Error> {
    let file = &group.main.bytes;
    let mut prefix = [0; 4];
    let n = file.read_at(0, &mut prefix)?;
    if !directory::is_zip(&prefix[..n]) {
        return Ok(None);
    }
    let directory = Directory::read(file)?;
    let mut scan = ArchiveScan {
        total: file.len(),
        members: 0,
        left_out: Vec::new(),
        notes: Vec::new(),
    };
    scan.note_directory(&directory);
    let mut members = Vec::new();
    for listed in &directory.members {
        if listed.is_nothing() {
            scan.leave_out("member-no-log", listed.header, listed.packed, &listed.name);
            continue;
        }
        match decoder(listed, file) {
            Ok(start) => members.push(Member {
                name: format!("{}/{}", group.main.name, listed.name),
                input: group.main.input,
                bytes: Rc::clone(file),
                unavailable: None,
                is_found: group.main.is_found,
                packed: Some(Packed {
                    start,
                    offset: listed.header,
                    bytes: listed.packed,
                }),
            }),
            Err(why) => scan.note_unread(listed, &why),
        }
        if let Some(dispute) = &listed.dispute {
            scan.note(
                "member-disputed",
                Severity::Warning,
                listed.header,
                format!(
                    "the directory calls the member {}, method {}; its own header says {dispute}. The directory was believed.",
                    listed.name, listed.method
                ),
                Some("Programs that read the archive from front to back see something else in it."),
            );
        }
    }
    let mut opened = Vec::new();
    for group in group_members(members) {
        if opened.len() == LOGS {
            let why = "the archive holds too many logs";
            scan.note_refused(&group, &Error::unsupported(why));
            continue;
        }
        match super::open(&group) {
            Ok(_) => {
                scan.members += group.members().map(Member::len).sum::<u64>();
                opened.push(group);
            }
            Err(error) => scan.note_refused(&group, &error),
        }
    }
    if opened.is_empty() {
        return Err(scan.no_log(&directory));
    }
    Ok(Some(Archive {
        scan,
        members: opened,
    }))
}

/// What comes out of a member, or why it is not read.
fn decoder(listed: &Listed, file: &Rc<Cached>) -> Result<Box<dyn Decoder>, String> {
    if let Some(fault) = &listed.fault {
        return Err(fault.clone());
    }
    if listed.is_encrypted {
        return Err("it is encrypted".into());
    }
    let feed = Feed::range(Rc::clone(file), listed.data, listed.packed);
    member::decoder(listed.method, feed, listed.told).ok_or_else(|| {
        format!(
            "it is packed with method {}{}, which is not read",
            listed.method,
            match listed.method {
                9 => " (Deflate64)",
                12 => " (bzip2)",
                14 => " (LZMA)",
                95 => " (xz)",
                98 => " (PPMd)",
                _ => "",
            }
        )
    })
}

/// The archive itself, as a source without entries.
pub(super) struct ArchiveScan {
    /// What was not examined, in the archive's order.
    left_out: Vec<LeftOut>,
    /// Bytes of the archive, and of the members that are sources of their own.
    total: u64,
    members: u64,
    notes: Vec<Note>,
}

/// Bytes of an archive that were not examined.
struct LeftOut {
    code: &'static str,
    offset: u64,
    bytes: u64,
    name: String,
}

impl ArchiveScan {
    fn leave_out(&mut self, code: &'static str, offset: u64, bytes: u64, name: &str) {
        self.left_out.push(LeftOut {
            code,
            offset,
            bytes,
            name: name.to_owned(),
        });
    }

    fn note(
        &mut self,
        code: &'static str,
        severity: Severity,
        offset: u64,
        message: String,
        hint: Option<&'static str>,
    ) {
        self.notes.push(Note {
            code,
            severity,
            locator: Locator::Offset { offset },
            message,
            hint,
        });
    }

    fn note_directory(&mut self, directory: &Directory) {
        if let Some(damage) = directory.damage {
            self.note(
                "archive-damaged",
                Severity::Error,
                0,
                format!("the archive is damaged: {damage}. Its members were found by their own headers."),
                Some("The copy or download was probably cut off, and members may be lost: compare with another copy."),
            );
        }
        if directory.is_cut {
            let read = directory.members.len();
            self.note(
                "member-not-read",
                Severity::Error,
                0,
                format!("the archive holds more than {read} members; the others were not read"),
                Some("Unpack the archive and open what is inside."),
            );
        }
        for (at, bytes) in &directory.gaps {
            let what = format!("{bytes} bytes of no member");
            self.leave_out("archive-gap", *at, *bytes, &what);
            self.note(
                "archive-gap",
                Severity::Warning,
                *at,
                format!("{bytes} bytes at byte {at} belong to no member and were not examined"),
                Some("Look at what is there: a member that was deleted can leave its bytes behind, and something can be hidden there."),
            );
        }
    }

    /// Lists a member that is not looked at.
    fn note_unread(&mut self, listed: &Listed, why: &str) {
        let code = "member-not-read";
        // What lies inside of another member is accounted for there.
        let bytes = match listed.fault {
            Some(_) => 0,
            None => listed.packed,
        };
        self.leave_out(code, listed.header, bytes, &listed.name);
        self.note(
            code,
            Severity::Error,
            listed.header,
            format!("{} was not read: {why}", listed.name),
            Some(UNPACK),
        );
    }

    /// Lists a member that is no log, with its companions.
    fn note_refused(&mut self, group: &Group, error: &Error) {
        let is_plain = error.is_not_a_log() || error.is_empty_input();
        let (code, severity) = match is_plain {
            true => ("member-no-log", Severity::Info),
            false => ("member-not-read", Severity::Error),
        };
        for member in group.members() {
            if let Some(packed) = &member.packed {
                self.leave_out(code, packed.offset, packed.bytes, &member.name);
            }
        }
        let offset = group.main.packed.as_ref().map_or(0, |p| p.offset);
        let message = format!("{}: {error}", group.main.name);
        self.note(
            code,
            severity,
            offset,
            message,
            (!is_plain).then_some(UNPACK),
        );
    }

    fn no_log(&self, directory: &Directory) -> Error {
        let mut why: Vec<&str> = self.notes.iter().map(|n| n.message.as_str()).collect();
        let further = why.len().saturating_sub(NAMED);
        why.truncate(NAMED);
        let further = match further {
            0 => String::new(),
            n => format!("; and {n} more"),
        };
        if let Some(error) = office(directory) {
            return error;
        }
        let members = directory.members.iter().filter(|m| !m.is_nothing()).count();
        let error = match members {
            0 => "this zip archive holds nothing".into(),
            _ => format!(
                "no member of this zip archive is an audit log: {}{further}",
                why.join("; ")
            ),
        };
        match self.notes.iter().any(|n| n.severity == Severity::Error) {
            true => Error::corrupt(error).with_hint(UNPACK),
            false => Error::not_a_log(error).with_hint(
                "A log in an archive is a JSON, JSON Lines or CSV file, a SQLite database, or a SQL dump of one.",
            ),
        }
    }
}

/// Why an archive is refused that is the file of an office program.
fn office(directory: &Directory) -> Option<Error> {
    let holds = |name: &str| directory.members.iter().any(|m| m.name == name);
    let what = match () {
        () if holds("xl/workbook.xml") || holds("xl/workbook.bin") => "an Excel workbook",
        () if holds("content.xml") && holds("mimetype") => "an OpenDocument file",
        () if holds("word/document.xml") => "a Word document",
        () => return None,
    };
    Some(
        Error::unsupported(format!("it looks like {what}, which is not opened here")).with_hint(
            "Save the sheet as CSV UTF-8 and open that; better still, export the log itself again, since spreadsheets \
             change times and long numbers.",
        ),
    )
}

impl Scan for ArchiveScan {
    fn kind(&self) -> &'static str {
        "zip"
    }

    fn parts(&self) -> &[PartInfo] {
        &[]
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn bytes_done(&self) -> u64 {
        self.bytes_total()
    }

    fn bytes_total(&self) -> u64 {
        self.total.saturating_sub(self.members)
    }

    fn step(
        &mut self,
        _: &mut dyn FnMut(usize, RawEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Step, Error> {
        Ok(Step::End)
    }

    fn reread(&self, _: usize, _: Place, _: &mut Sink<'_>) -> Result<(), Error> {
        Err(Error::unavailable("an archive itself has no entries"))
    }

    fn locator(&self, _: usize, _: Place) -> Locator {
        Locator::Whole {}
    }

    fn account(&self) -> Accounting {
        let mut accounting = Accounting::default();
        for left_out in &self.left_out {
            let (code, bytes, offset) = (left_out.code, left_out.bytes, left_out.offset);
            accounting.leave_out(code, bytes, Locator::Offset { offset }, &left_out.name);
        }
        // The members that are sources of their own count as examined here.
        accounting.rest_is_examined(self.total);
        accounting
    }
}
