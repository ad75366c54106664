//! A column of whole numbers, small ones as a rule.

use dutypoint_model::digest::Bytes;
use serde::{Deserialize, Serialize};

/// Whole numbers by the bytes of equal weight: how many, how many bytes the longest needs, and
/// these, the lowest of all numbers first.
///
/// A number n ≥ 0 stands as 2n, another as −2n − 1, so that small ones of either sign have zeros
/// in their high bytes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column(usize, u8, Bytes);

impl Column {
    pub(super) fn of(values: &[i64]) -> Self {
        let folded: Vec<u64> = values.iter().copied().map(fold).collect();
        let longest = folded.iter().copied().max().unwrap_or(0);
        let width = u8::try_from((64 - longest.leading_zeros()).div_ceil(8)).unwrap_or(8);
        let mut bytes = Vec::with_capacity(values.len() * usize::from(width));
        for weight in 0..usize::from(width) {
            let byte = |n: &u64| n.to_le_bytes().get(weight).copied();
            bytes.extend(folded.iter().filter_map(byte));
        }
        Self(values.len(), width, Bytes(bytes))
    }

    /// The numbers; none where the bytes are not as many as they should be, or the numbers more
    /// than `most`: those that are all zero have no bytes.
    pub(super) fn values(&self, most: usize) -> Option<Vec<i64>> {
        let Self(count, width, Bytes(bytes)) = self;
        let possible = *width <= 8 && *count <= most;
        if !possible || count.checked_mul(usize::from(*width)) != Some(bytes.len()) {
            return None;
        }
        let mut folded = vec![0; *count];
        if *count > 0 {
            for (weight, plane) in bytes.chunks_exact(*count).enumerate() {
                for (number, byte) in folded.iter_mut().zip(plane) {
                    *number |= u64::from(*byte) << (8 * weight);
                }
            }
        }
        Some(folded.into_iter().map(unfold).collect())
    }
}

fn fold(n: i64) -> u64 {
    (n << 1 ^ n >> 63).cast_unsigned()
}

fn unfold(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

/// Bits that tell a number from zero.
pub(super) fn bits(n: i64) -> u32 {
    64 - fold(n).leading_zeros()
}
