//! Four 32-bit words side by side: a vector of WebAssembly's simd128, or an array where the lanes are only tested.
//!
//! The compiler turns loops over arrays into vector instructions only when it sees fit, and over SHA-256's rounds it did
//! not; named instructions made the page's hashing three times as fast.

/// Messages under way at once: the 32-bit words of a 128-bit vector.
pub(super) const LANES: usize = 4;

#[cfg(target_arch = "wasm32")]
pub(super) use simd128::Words;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use array::Words;

#[cfg(target_arch = "wasm32")]
mod simd128 {
    use std::arch::wasm32::{
        i8x16_shuffle, i32x4_shuffle, i64x2_shuffle, u32x4, u32x4_add, u32x4_extract_lane,
        u32x4_shl, u32x4_shr, u32x4_splat, u64x2, v128, v128_and, v128_or, v128_xor,
    };

    use super::LANES;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Words(v128);

    /// Sixteen bytes; the compiler makes one load of it.
    #[inline(always)]
    fn load(bytes: &[u8]) -> v128 {
        let half = |at: usize| {
            bytes[at..]
                .first_chunk()
                .map_or(0, |b| u64::from_le_bytes(*b))
        };
        u64x2(half(0), half(8))
    }

    impl Words {
        #[inline(always)]
        pub(in super::super) fn from_lanes([a, b, c, d]: [u32; LANES]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        /// The big-endian words of a block in each lane.
        #[inline(always)]
        pub(in super::super) fn from_blocks(blocks: [&[u8; 64]; LANES]) -> [Self; 16] {
            let mut words = [Self::splat(0); 16];
            for (i, four) in words.chunks_exact_mut(4).enumerate() {
                let [a, b, c, d] = blocks.map(|block| {
                    let v = load(&block[16 * i..][..16]);
                    i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(v, v)
                });
                // Rows to columns.
                let (ab, cd) = (
                    i32x4_shuffle::<0, 4, 1, 5>(a, b),
                    i32x4_shuffle::<0, 4, 1, 5>(c, d),
                );
                four[0] = Self(i64x2_shuffle::<0, 2>(ab, cd));
                four[1] = Self(i64x2_shuffle::<1, 3>(ab, cd));
                let (ab, cd) = (
                    i32x4_shuffle::<2, 6, 3, 7>(a, b),
                    i32x4_shuffle::<2, 6, 3, 7>(c, d),
                );
                four[2] = Self(i64x2_shuffle::<0, 2>(ab, cd));
                four[3] = Self(i64x2_shuffle::<1, 3>(ab, cd));
            }
            words
        }

        #[inline(always)]
        pub(in super::super) fn to_lanes(self) -> [u32; LANES] {
            [
                u32x4_extract_lane::<0>(self.0),
                u32x4_extract_lane::<1>(self.0),
                u32x4_extract_lane::<2>(self.0),
                u32x4_extract_lane::<3>(self.0),
            ]
        }

        #[inline(always)]
        pub(in super::super) fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }

        #[inline(always)]
        pub(in super::super) fn add(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn shift<const N: u32>(self) -> Self {
            Self(u32x4_shr(self.0, N))
        }

        #[inline(always)]
        pub(in super::super) fn rotate<const N: u32>(self) -> Self {
            Self(v128_or(u32x4_shr(self.0, N), u32x4_shl(self.0, 32 - N)))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod array {
    use super::LANES;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Words([u32; LANES]);

    impl Words {
        pub(in super::super) fn from_lanes(lanes: [u32; LANES]) -> Self {
            Self(lanes)
        }

        pub(in super::super) fn from_blocks(blocks: [&[u8; 64]; LANES]) -> [Self; 16] {
            std::array::from_fn(|t| {
                Self(blocks.map(|block| {
                    let b = &block[4 * t..][..4];
                    u32::from_be_bytes([b[0], b[1], b[2], b[3]])
                }))
            })
        }

        pub(in super::super) fn to_lanes(self) -> [u32; LANES] {
            self.0
        }

        pub(in super::super) fn splat(word: u32) -> Self {
            Self([word; LANES])
        }

        fn zip(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
            Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
        }

        pub(in super::super) fn add(self, other: Self) -> Self {
            self.zip(other, u32::wrapping_add)
        }

        pub(in super::super) fn xor(self, other: Self) -> Self {
            self.zip(other, |a, b| a ^ b)
        }

        pub(in super::super) fn and(self, other: Self) -> Self {
            self.zip(other, |a, b| a & b)
        }

        pub(in super::super) fn shift<const N: u32>(self) -> Self {
            Self(self.0.map(|word| word >> N))
        }

        pub(in super::super) fn rotate<const N: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(N)))
        }
    }
}

impl Words {
    /// The same vector with one lane replaced.
    pub(super) fn with_lane(self, lane: usize, word: u32) -> Self {
        let mut lanes = self.to_lanes();
        lanes[lane] = word;
        Self::from_lanes(lanes)
    }
}
