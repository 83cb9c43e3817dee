//! SHA-256 (FIPS 180-4) of many short messages, [`LANES`] at a time.
//!
//! One message cannot be hashed in parallel: each block needs the one before. Different messages can: every variable of
//! the algorithm becomes a vector with one message in each lane. A lane whose message ends takes the next one, so that
//! messages of different lengths keep all lanes busy. Only `words` knows what a vector is, so that the same algorithm is
//! judged by `sha2` on any machine.

use super::Sha256Digest;
use super::words::{LANES, Words};

const BLOCK: usize = 64;

/// Hashes every message, given as ranges of `arena`, and appends the digests in order.
pub(super) fn sha256_batch(arena: &[u8], messages: &[(usize, usize)], out: &mut Vec<Sha256Digest>) {
    let first = out.len();
    out.resize(first + messages.len(), [0; 32]);
    let mut next = 0;
    let mut lanes: [Lane; LANES] = std::array::from_fn(|_| Lane::default());
    let mut state = INITIAL.map(Words::splat);
    loop {
        let mut is_busy = false;
        for (i, lane) in lanes.iter_mut().enumerate() {
            if lane.blocks_left == 0 && next < messages.len() {
                let (from, to) = messages[next];
                *lane = Lane::new(&arena[from..to], first + next);
                next += 1;
                for (vector, word) in state.iter_mut().zip(INITIAL) {
                    *vector = vector.with_lane(i, word);
                }
            }
            is_busy |= lane.blocks_left > 0;
        }
        if !is_busy {
            return;
        }
        compress(&mut state, std::array::from_fn(|i| lanes[i].block()));
        for (i, lane) in lanes.iter_mut().enumerate() {
            if lane.advance() {
                let words = state.map(|vector| vector.to_lanes()[i].to_be_bytes());
                for (bytes, word) in out[lane.digest].chunks_exact_mut(4).zip(words) {
                    bytes.copy_from_slice(&word);
                }
            }
        }
    }
}

/// A message on its way through one lane.
struct Lane<'m> {
    message: &'m [u8],
    /// The last one or two blocks: the message's rest, the padding and its length.
    tail: [u8; 2 * BLOCK],
    tail_at: usize,
    blocks_left: usize,
    /// Where its digest goes.
    digest: usize,
}

impl Default for Lane<'_> {
    fn default() -> Self {
        Self {
            message: &[],
            tail: [0; 2 * BLOCK],
            tail_at: 0,
            blocks_left: 0,
            digest: 0,
        }
    }
}

impl<'m> Lane<'m> {
    fn new(message: &'m [u8], digest: usize) -> Self {
        let rest = message.len() % BLOCK;
        let (whole, end) = message.split_at(message.len() - rest);
        let tail_blocks = if rest + 9 > BLOCK { 2 } else { 1 };
        let mut tail = [0; 2 * BLOCK];
        tail[..rest].copy_from_slice(end);
        tail[rest] = 0x80;
        let bits = (message.len() as u64) * 8;
        tail[tail_blocks * BLOCK - 8..tail_blocks * BLOCK].copy_from_slice(&bits.to_be_bytes());
        let blocks_left = whole.len() / BLOCK + tail_blocks;
        Self {
            message: whole,
            tail,
            tail_at: 0,
            blocks_left,
            digest,
        }
    }

    /// The block to be compressed now; an idle lane's is whatever it holds.
    fn block(&self) -> &[u8; BLOCK] {
        self.message
            .first_chunk()
            .or_else(|| self.tail[self.tail_at..].first_chunk())
            .unwrap_or(&[0; BLOCK])
    }

    /// Steps to the next block; whether the message ended with this one.
    fn advance(&mut self) -> bool {
        if self.blocks_left == 0 {
            return false;
        }
        match self.message.get(BLOCK..) {
            Some(rest) => self.message = rest,
            None => self.tail_at += BLOCK,
        }
        self.blocks_left -= 1;
        self.blocks_left == 0
    }
}

/// One block in every lane.
///
/// The rounds are written out: a compiler that keeps them as loops keeps the schedule in memory and moves eight variables
/// along in each round, which took a fifth longer, and more than twice as long in a browser's quick first translation.
fn compress(state: &mut [Words; 8], blocks: [&[u8; BLOCK]; LANES]) {
    let mut w = Words::from_blocks(blocks);
    let mut working = *state;
    let [first, rest @ ..] = &ROUND;
    sixteen_rounds(&mut working, &w, first);
    for round in rest {
        extend(&mut w);
        sixteen_rounds(&mut working, &w, round);
    }
    for (old, new) in state.iter_mut().zip(working) {
        *old = old.add(new);
    }
}

/// The schedule of the next sixteen rounds, made of that of the last sixteen (FIPS 180-4, 6.2.2, step 1).
#[inline(always)]
fn extend(w: &mut [Words; 16]) {
    macro_rules! words {
        ($($t:literal)*) => { $({
            let (w15, w2) = (w[($t + 1) & 15], w[($t + 14) & 15]);
            let s0 = w15.rotate::<7>().xor(w15.rotate::<18>()).xor(w15.shift::<3>());
            let s1 = w2.rotate::<17>().xor(w2.rotate::<19>()).xor(w2.shift::<10>());
            w[$t] = w[$t].add(s0).add(w[($t + 9) & 15]).add(s1);
        })* };
    }
    words!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

/// FIPS 180-4, 6.2.2, step 3.
#[inline(always)]
fn sixteen_rounds(working: &mut [Words; 8], w: &[Words; 16], round: &[u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *working;
    macro_rules! rounds {
        ($($t:literal)*) => { $({
            let s1 = e.rotate::<6>().xor(e.rotate::<11>()).xor(e.rotate::<25>());
            let choice = g.xor(e.and(f.xor(g)));
            let t1 = h.add(Words::splat(round[$t])).add(w[$t]).add(choice).add(s1);
            let s0 = a.rotate::<2>().xor(a.rotate::<13>()).xor(a.rotate::<22>());
            // The second difference is the first one of the round before: the compiler makes it once.
            let majority = b.xor(a.xor(b).and(b.xor(c)));
            (h, g, f, e) = (g, f, e, d.add(t1));
            (d, c, b, a) = (c, b, a, t1.add(s0.add(majority)));
        })* };
    }
    rounds!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    *working = [a, b, c, d, e, f, g, h];
}

/// FIPS 180-4, 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// FIPS 180-4, 4.2.2.
#[rustfmt::skip]
const ROUND: [[u32; 16]; 4] = [
    [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    ],
    [
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    ],
    [
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    ],
    [
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ],
];

#[cfg(test)]
mod tests {
    use super::super::sha256;
    use super::sha256_batch;

    #[test]
    fn lanes_agree_with_sha2_at_every_length() {
        let arena: Vec<u8> = (0..70_000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let mut messages = Vec::new();
        for len in 0..400 {
            messages.push((len * 3, len * 4));
        }
        messages.push((5, 70_000));
        messages.extend([(9, 9), (1, 56), (1, 57), (1, 64), (1, 65)]);
        for n in [0, 1, 2, 3, 5, messages.len()] {
            let mut digests = vec![[7; 32]];
            sha256_batch(&arena, &messages[..n], &mut digests);
            let expected: Vec<_> = messages[..n]
                .iter()
                .map(|&(a, b)| sha256(&arena[a..b]))
                .collect();
            assert_eq!(digests[0], [7; 32]);
            assert_eq!(digests[1..], expected);
        }
    }
}
