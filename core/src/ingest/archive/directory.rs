//! The directory of a zip archive (APPNOTE 6.3.10), read from its end, or put together from the members' own headers where it is
//! damaged. Nothing it says is believed: every range is checked against the file and against the others.
//!
//! A library would keep members by name, so that of two with one name one would vanish, and would not tell what lies between
//! them.

use crate::error::Error;
use crate::source::member::Told;
use crate::source::{ByteSource, Cached};

/// Members beyond which an archive's directory is not read on.
const MEMBERS: usize = 100_000;
/// Characters of a name that are shown.
const NAME_LIMIT: usize = 200;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";

/// Whether a file that begins like this is a zip archive.
pub(super) fn is_zip(prefix: &[u8]) -> bool {
    prefix.starts_with(&LOCAL) || prefix.starts_with(&END)
}

/// One member, as its archive tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its path, for people only: control characters are replaced, and what is long is cut.
    pub(super) name: String,
    /// How it is packed.
    pub(super) method: u16,
    pub(super) is_encrypted: bool,
    /// Whether its checksum and sizes stand behind it as well.
    has_descriptor: bool,
    /// What is told of its content; not of a member without a directory that was written in one go.
    pub(super) told: Option<Told>,
    /// Where its header begins.
    pub(super) header: u64,
    /// Where its packed bytes begin, and how many they are.
    pub(super) data: u64,
    pub(super) packed: u64,
    /// What is wrong with it, so that it is not read.
    pub(super) fault: Option<String>,
    /// In what its own header disagrees with the directory, which is believed.
    pub(super) dispute: Option<String>,
}

impl Listed {
    fn end(&self) -> u64 {
        self.data.saturating_add(self.packed)
    }

    /// Whether it stands for a folder, or for what macOS adds to a file; neither holds anything.
    pub(super) fn is_nothing(&self) -> bool {
        let is_empty = self.told.is_some_and(|t| t.size == 0);
        let is_folder = self.name.ends_with('/') && is_empty;
        let is_added = self.name.starts_with("__MACOSX/") && self.name.contains("/._");
        is_folder || is_added
    }
}

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// In the archive's order.
    pub(super) members: Vec<Listed>,
    /// Why the members' own headers were followed, if they were.
    pub(super) damage: Option<&'static str>,
    /// Whether there are more members than are read.
    pub(super) is_cut: bool,
    /// Bytes that belong to nothing: where, and how many.
    pub(super) gaps: Vec<(u64, u64)>,
}

/// Where the directory lies.
struct Place {
    start: u64,
    end: u64,
    count: u64,
    /// What all offsets lack, where something was put before the archive.
    shift: u64,
    /// Where the records behind the directory begin, and where they end.
    records: u64,
    file_end: u64,
}

impl Directory {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// If the host's bytes fail.
    pub(super) fn read(file: &Cached) -> Result<Self, Error> {
        let mut directory = Self::default();
        let place = find(file)?;
        match &place {
            None => directory.damage = Some("its directory, which stands at the end, is missing"),
            Some(place) => {
                let mut at = place.start;
                while at < place.end && directory.members.len() < MEMBERS {
                    let Some((member, next)) = central(file, at, place.shift)? else {
                        directory.damage = Some("its directory is damaged");
                        break;
                    };
                    directory.members.push(member);
                    at = next;
                }
                directory.is_cut = at < place.end && directory.damage.is_none();
                let listed = directory.members.len() as u64;
                // Without zip64 the count is kept modulo 65,536.
                let is_count = listed % 65_536 == place.count % 65_536 || directory.is_cut;
                if directory.damage.is_none() && !is_count {
                    directory.damage =
                        Some("its directory holds another number of members than it says");
                }
            }
        }
        if directory.damage.is_some() {
            directory.recover(file)?;
        }
        directory.measure(file.len(), place.as_ref());
        Ok(directory)
    }

    /// Adds what the directory does not list, by the members' own headers.
    fn recover(&mut self, file: &Cached) -> Result<(), Error> {
        let mut known: Vec<(u64, u64)> = self.members.iter().map(|m| (m.header, m.end())).collect();
        known.sort_unstable();
        let mut at = 0;
        while self.members.len() < MEMBERS {
            let Some(header) = search(file, at, &[LOCAL])? else {
                break;
            };
            if let Ok(i) = known.binary_search_by_key(&header, |k| k.0) {
                at = known[i].1.max(header + 1);
                continue;
            }
            let Some(local) = Local::read(file, header)? else {
                at = header + 4;
                continue;
            };
            let mut packed = local.packed;
            if local.has_descriptor && packed == 0 {
                let ends = [LOCAL, CENTRAL, DESCRIPTOR, END];
                packed = search(file, local.data, &ends)?.unwrap_or(file.len()) - local.data;
            }
            let packed = packed.min(file.len().saturating_sub(local.data));
            at = local.data + packed;
            self.members.push(Listed {
                name: local.name,
                method: local.method,
                is_encrypted: local.is_encrypted,
                has_descriptor: local.has_descriptor,
                told: (!local.has_descriptor).then_some(local.told),
                header,
                data: local.data,
                packed,
                fault: None,
                dispute: None,
            });
        }
        Ok(())
    }

    /// Finds out which members reach into another or out of the file, and what lies between them.
    fn measure(&mut self, len: u64, place: Option<&Place>) {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|&i| (self.members[i].header, i));
        let limit = place.map_or(len, |p| p.start);
        let mut end = 0;
        for i in order {
            let member = &mut self.members[i];
            if member.fault.is_some() {
                continue;
            }
            if member.header < end {
                member.fault = Some("it lies inside of another member".into());
                continue;
            }
            if member.end() > limit {
                member.fault = Some("it reaches beyond the place where members lie".into());
                continue;
            }
            if member.header > end {
                self.gaps.push((end, member.header - end));
            }
            end = member.end();
            if member.has_descriptor {
                self.gaps.push((end, u64::MAX));
            }
        }
        // What follows a member may be the descriptor that it announces.
        let after = place.map_or(len, |p| p.start);
        self.gaps.push((end, after.saturating_sub(end)));
        if let Some(place) = place {
            self.gaps
                .push((place.end, place.records.saturating_sub(place.end)));
            self.gaps
                .push((place.file_end, len.saturating_sub(place.file_end)));
        }
        let mut described = None;
        self.gaps.retain_mut(|(at, bytes)| {
            if *bytes == u64::MAX {
                described = Some(*at);
                return false;
            }
            let is_descriptor = described == Some(*at) && matches!(bytes, 12 | 16 | 20 | 24);
            *bytes > 0 && !is_descriptor
        });
    }
}

/// Finds the directory from the end of the file.
fn find(file: &Cached) -> Result<Option<Place>, Error> {
    const RECORD: u64 = 22;
    let len = file.len();
    let from = len.saturating_sub(RECORD + 65_535);
    let tail = bytes(file, from, len - from)?;
    let candidates = memchr::memmem::rfind_iter(&tail, &END);
    for i in candidates {
        let Some(record) = tail.get(i..i + 22) else {
            continue;
        };
        let at = from + i as u64;
        let file_end = at + RECORD + u64::from(u16_at(record, 20));
        if file_end > len {
            continue;
        }
        let mut count = u64::from(u16_at(record, 10));
        let mut size = u64::from(u32_at(record, 12));
        let mut offset = u64::from(u32_at(record, 16));
        let mut records = at;
        let locator = bytes(file, at.saturating_sub(20), 20)?;
        if at >= 20 && locator.starts_with(&LOCATOR64) && locator.len() == 20 {
            // Where something was put before the archive, the record lies right before its locator.
            let told = u64_at(&locator, 8);
            for place in [told, at.saturating_sub(76)] {
                let record = bytes(file, place, 56)?;
                if record.starts_with(&END64) && record.len() == 56 && place < at {
                    count = u64_at(&record, 32);
                    size = u64_at(&record, 40);
                    offset = u64_at(&record, 48);
                    records = place;
                    break;
                }
            }
        }
        // The directory ends where the records begin; what it says of its own place is only believed if that fits.
        let Some(start) = records.checked_sub(size) else {
            continue;
        };
        let Some(shift) = start.checked_sub(offset) else {
            continue;
        };
        if size > 0 && !bytes(file, start, 4)?.starts_with(&CENTRAL) {
            continue;
        }
        return Ok(Some(Place {
            start,
            end: records,
            count,
            shift,
            records,
            file_end,
        }));
    }
    Ok(None)
}

/// The member whose entry in the directory stands at `at`, and where the next one stands; `None` if none does.
fn central(file: &Cached, at: u64, shift: u64) -> Result<Option<(Listed, u64)>, Error> {
    let fixed = bytes(file, at, 46)?;
    if fixed.len() < 46 || !fixed.starts_with(&CENTRAL) {
        return Ok(None);
    }
    let [name_len, extra_len, comment_len] = [28, 30, 32].map(|i| u64::from(u16_at(&fixed, i)));
    let name = bytes(file, at + 46, name_len)?;
    let extra = bytes(file, at + 46 + name_len, extra_len)?;
    let next = at + 46 + name_len + extra_len + comment_len;
    let flags = u16_at(&fixed, 8);
    let method = u16_at(&fixed, 10);
    let mut size = u64::from(u32_at(&fixed, 24));
    let mut packed = u64::from(u32_at(&fixed, 20));
    let mut header = u64::from(u32_at(&fixed, 42));
    let mut wide = zip64(&extra);
    for field in [&mut size, &mut packed, &mut header] {
        if *field == u64::from(u32::MAX)
            && let Some((value, rest)) = wide.split_first_chunk::<8>()
        {
            *field = u64::from_le_bytes(*value);
            wide = rest;
        }
    }
    let header = header.saturating_add(shift);
    let mut member = Listed {
        name: shown(&name),
        method,
        is_encrypted: flags & 1 != 0,
        has_descriptor: flags & 8 != 0,
        told: Some(Told {
            crc: u32_at(&fixed, 16),
            size,
        }),
        header,
        data: header,
        packed,
        fault: None,
        dispute: None,
    };
    match Local::read(file, header)? {
        None => member.fault = Some(format!("its own header is not at byte {header}")),
        Some(local) => {
            member.data = local.data;
            if local.name != member.name || local.method != method {
                member.dispute = Some(format!("{}, method {}", local.name, local.method));
            }
        }
    }
    Ok(Some((member, next)))
}

/// A member's own header.
struct Local {
    name: String,
    method: u16,
    is_encrypted: bool,
    has_descriptor: bool,
    told: Told,
    packed: u64,
    data: u64,
}

impl Local {
    fn read(file: &Cached, at: u64) -> Result<Option<Self>, Error> {
        let fixed = bytes(file, at, 30)?;
        if fixed.len() < 30 || !fixed.starts_with(&LOCAL) {
            return Ok(None);
        }
        let [name_len, extra_len] = [26, 28].map(|i| u64::from(u16_at(&fixed, i)));
        let name = bytes(file, at + 30, name_len)?;
        let extra = bytes(file, at + 30 + name_len, extra_len)?;
        let data = at + 30 + name_len + extra_len;
        let mut size = u64::from(u32_at(&fixed, 22));
        let mut packed = u64::from(u32_at(&fixed, 18));
        let mut wide = zip64(&extra);
        for field in [&mut size, &mut packed] {
            if *field == u64::from(u32::MAX)
                && let Some((value, rest)) = wide.split_first_chunk::<8>()
            {
                *field = u64::from_le_bytes(*value);
                wide = rest;
            }
        }
        let flags = u16_at(&fixed, 6);
        let crc = u32_at(&fixed, 14);
        Ok((data <= file.len()).then(|| Self {
            name: shown(&name),
            method: u16_at(&fixed, 8),
            is_encrypted: flags & 1 != 0,
            has_descriptor: flags & 8 != 0,
            told: Told { crc, size },
            packed,
            data,
        }))
    }
}

/// The 64-bit fields among a header's extra ones.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let len = usize::from(u16_at(head, 2)).min(rest.len());
        if u16_at(head, 0) == 1 {
            return &rest[..len];
        }
        extra = &rest[len..];
    }
    &[]
}

/// A name, made fit to be shown.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let is_harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let mut shown: String = text
        .chars()
        .take(NAME_LIMIT)
        .map(|c| if is_harmless(c) { c } else { '\u{FFFD}' })
        .collect();
    if text.chars().nth(NAME_LIMIT).is_some() {
        shown.push('…');
    }
    shown
}

/// The first place from `at` on where one of the signatures stands.
fn search(file: &Cached, mut at: u64, signatures: &[[u8; 4]]) -> Result<Option<u64>, Error> {
    const SLICE: u64 = 16 << 10;
    loop {
        let slice = bytes(file, at, SLICE)?;
        let found = memchr::memmem::find_iter(&slice, b"PK")
            .find(|&i| signatures.iter().any(|s| slice[i..].starts_with(s)));
        if let Some(i) = found {
            return Ok(Some(at + i as u64));
        }
        if (slice.len() as u64) < SLICE {
            return Ok(None);
        }
        at += SLICE - 3;
    }
}

/// Up to `len` bytes from `at` on.
fn bytes(file: &Cached, at: u64, len: u64) -> Result<Vec<u8>, Error> {
    let there = file.len().saturating_sub(at).min(len);
    let mut bytes = vec![0; usize::try_from(there).unwrap_or(0)];
    let n = file.read_at(at, &mut bytes)?;
    bytes.truncate(n);
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let value = bytes.get(at..).and_then(|b| b.first_chunk());
    value.map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let value = bytes.get(at..).and_then(|b| b.first_chunk());
    value.map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let value = bytes.get(at..).and_then(|b| b.first_chunk());
    value.map_or(0, |b| u64::from_le_bytes(*b))
}
