//! A hashed batch as bytes, without what nobody asks for once it is hashed: the canonical form as a whole and, unless the
//! checksum does not hold, the details.

use super::{Batch, Pending};
use crate::digest::{Sha256Digest, is_hex_of};
use crate::entry::Place;
use crate::index::{Layout, Stamp};
use crate::scheme::REFERENCE;
use crate::verify::claim::Claim;
use crate::verify::wire::{Reader, Spans, put, put_len};

const HAS_MESSAGE: u8 = 1;
const HAS_CLAIM: u8 = 2;
const HAS_ID: u8 = 4;
/// The id is the value of its field.
const ID_IS_FIELD: u8 = 8;
const HAS_LAYOUT: u8 = 16;
const HAS_DETAILS: u8 = 32;

impl Batch {
    /// The batch as bytes; `None` if an entry is odd in a way that has no such form.
    pub(crate) fn pack(&self) -> Option<Vec<u8>> {
        let count = self.pending.len();
        let mut out = Vec::with_capacity(self.arena.len() + count * 128 + 16);
        let mut arena = Vec::with_capacity(self.arena.len());
        put_len(&mut out, count)?;
        let mut digests = self.digests.iter();
        for pending in &self.pending {
            let digest = pending.message.and_then(|_| digests.next());
            let is_odd = pending.odd.is_some() || matches!(pending.claim, Claim::NotText(_));
            if is_odd {
                return None;
            }
            let id_is_field = pending.id == pending.values[REFERENCE.entry_id];
            let has_details = match (pending.claim, digest) {
                (Claim::Text(from, to), Some(digest)) => {
                    let claimed = &self.arena[from..to];
                    !is_hex_of(digest, REFERENCE.checksum_digits, claimed)
                }
                _ => false,
            };
            let flags = [
                (pending.message.is_some(), HAS_MESSAGE),
                (matches!(pending.claim, Claim::Text(..)), HAS_CLAIM),
                (pending.has_id, HAS_ID),
                (id_is_field, ID_IS_FIELD),
                (pending.stamp.layout.is_some(), HAS_LAYOUT),
                (has_details, HAS_DETAILS),
            ];
            let flags = flags.iter().filter(|(is_set, _)| *is_set);
            out.push(flags.fold(0, |all, (_, flag)| all | flag));
            out.push(pending.null_fields);
            put_len(&mut out, pending.part)?;
            put(&mut out, pending.place.key);
            put(&mut out, pending.place.line);
            put_len(&mut out, pending.depth)?;
            put(&mut out, pending.stamp.micros.cast_unsigned());
            let layout = pending.stamp.layout.map_or(0, Layout::bits);
            out.extend_from_slice(&layout.to_le_bytes());
            let mut keep = |(from, to): (usize, usize)| {
                arena.extend_from_slice(&self.arena[from..to]);
                put_len(&mut out, to - from)
            };
            for (i, span) in pending.values.iter().enumerate() {
                if i != REFERENCE.details || has_details {
                    keep(*span)?;
                }
            }
            if !id_is_field {
                keep(pending.id)?;
            }
            if let Claim::Text(from, to) = pending.claim {
                keep((from, to))?;
            }
        }
        for digest in &self.digests {
            out.extend_from_slice(digest);
        }
        put_len(&mut out, arena.len())?;
        out.extend_from_slice(&arena);
        Some(out)
    }

    /// Takes over what [`Batch::pack`] gave; `None`, and nothing of use inside, if it is something else.
    pub(crate) fn unpack(&mut self, bytes: &[u8]) -> Option<()> {
        self.clear();
        let mut reader = Reader(bytes);
        let mut spans = Spans::of(bytes.len());
        let mut hashed = 0;
        for _ in 0..reader.len()? {
            let flags = reader.byte()?;
            let null_fields = reader.byte()?;
            let mut pending = Pending {
                part: reader.len()?,
                place: Place {
                    key: reader.number()?,
                    line: reader.number()?,
                },
                message: (flags & HAS_MESSAGE != 0).then_some((0, 0)),
                claim: Claim::Absent,
                id: (0, 0),
                has_id: flags & HAS_ID != 0,
                values: [(0, 0); 8],
                depth: reader.len()?,
                stamp: Stamp::from_parts(reader.number()?.cast_signed(), {
                    let bits = u32::from_le_bytes(reader.bytes(4)?.try_into().ok()?);
                    (flags & HAS_LAYOUT != 0).then_some(bits)
                }),
                claimed_json: (0, 0),
                null_fields,
                odd: None,
            };
            for (i, span) in pending.values.iter_mut().enumerate() {
                if i != REFERENCE.details || flags & HAS_DETAILS != 0 {
                    *span = spans.next(reader.len()?)?;
                }
            }
            pending.id = if flags & ID_IS_FIELD != 0 {
                pending.values[REFERENCE.entry_id]
            } else {
                spans.next(reader.len()?)?
            };
            if flags & HAS_CLAIM != 0 {
                let (from, to) = spans.next(reader.len()?)?;
                pending.claim = Claim::Text(from, to);
            }
            hashed += usize::from(pending.message.is_some());
            self.pending.push(pending);
        }
        for _ in 0..hashed {
            let digest: Sha256Digest = reader.bytes(32)?.try_into().ok()?;
            self.digests.push(digest);
        }
        let arena_len = reader.len()?;
        let end = spans.next(0)?.1;
        self.arena.extend_from_slice(reader.bytes(arena_len)?);
        (end <= arena_len).then_some(())
    }
}
