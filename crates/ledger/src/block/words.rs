//! The words that equal requests brought.

use super::column::{Column, bits};
use serde::{Deserialize, Serialize};

/// How the bytes at one place of an answer are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cell {
    /// The last byte of an odd number of bytes.
    Byte,
    /// A word by itself.
    Word,
    /// Two words, the high one first.
    HighLow,
    /// Two words, the low one first.
    LowHigh,
}

impl Cell {
    fn size(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Word => 2,
            Self::HighLow | Self::LowHigh => 4,
        }
    }

    /// The number of these bytes.
    fn number(self, bytes: &[u8]) -> i64 {
        let big = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | i64::from(*byte));
        match (self, bytes.split_at_checked(2)) {
            (Self::LowHigh, Some((low, high))) => big(high) << 16 | big(low),
            _ => big(bytes),
        }
    }

    /// What the number differs by from the one before, the short way round.
    fn difference(self, before: i64, number: i64) -> i64 {
        let spare = 64 - 8 * self.size();
        (number.wrapping_sub(before) << spare) >> spare
    }

    /// Appends the bytes of the number.
    fn append(self, number: i64, to: &mut Vec<u8>) {
        let [_, _, _, _, a, b, c, d] = number.to_be_bytes();
        match self {
            Self::Byte => to.push(d),
            Self::Word => to.extend([c, d]),
            Self::HighLow => to.extend([a, b, c, d]),
            Self::LowHigh => to.extend([c, d, a, b]),
        }
    }
}

/// Answers of one size to one poll: how their bytes are taken together, and place by place what
/// each number differs by from the one in the answer before.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group(Vec<Cell>, Column);

impl Group {
    /// `answers` are of one size.
    pub(super) fn of(answers: &[&[u8]]) -> Self {
        let size = answers.first().map_or(0, |answer| answer.len());
        let (mut cells, mut all) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < size {
            let (cell, differences) = shortest(answers, at, size - at);
            at += cell.size();
            cells.push(cell);
            all.extend(differences);
        }
        Self(cells, Column::of(&all))
    }

    /// The answers, `count` of `size` bytes; none where this is not what they are.
    pub(super) fn payloads(&self, size: usize, count: usize) -> Option<Vec<Vec<u8>>> {
        let Self(cells, column) = self;
        let sizes = cells.iter().map(|cell| cell.size());
        let numbers = cells.len().checked_mul(count)?;
        let differences = column.values(numbers)?;
        if sizes.sum::<usize>() != size || differences.len() != numbers {
            return None;
        }
        let mut payloads = vec![Vec::with_capacity(size); count];
        let mut differences = differences.into_iter();
        for cell in cells {
            let mut number: i64 = 0;
            for (payload, difference) in payloads.iter_mut().zip(&mut differences) {
                number = number.wrapping_add(difference);
                cell.append(number, payload);
            }
        }
        Some(payloads)
    }
}

/// The cell at a place of `answers` that leaves the least, and its differences.
fn shortest(answers: &[&[u8]], at: usize, rest: usize) -> (Cell, Vec<i64>) {
    let differences = |cell: Cell, at: usize| -> Vec<i64> {
        let mut before = 0;
        let number = |answer: &&[u8]| {
            let number = cell.number(answer.get(at..at + cell.size()).unwrap_or_default());
            cell.difference(std::mem::replace(&mut before, number), number)
        };
        answers.iter().map(number).collect()
    };
    // The first is a whole number whatever it is taken for.
    let cost = |all: &[i64]| all.iter().skip(1).map(|n| bits(*n)).sum::<u32>();
    if rest < 2 {
        return (Cell::Byte, differences(Cell::Byte, at));
    }
    let word = differences(Cell::Word, at);
    if rest < 4 {
        return (Cell::Word, word);
    }
    let alone = cost(&word).saturating_add(cost(&differences(Cell::Word, at + 2)));
    let pairs = [Cell::HighLow, Cell::LowHigh].map(|cell| (cell, differences(cell, at)));
    let best = pairs.into_iter().min_by_key(|(_, all)| cost(all));
    match best {
        Some((cell, all)) if cost(&all) < alone => (cell, all),
        _ => (Cell::Word, word),
    }
}
