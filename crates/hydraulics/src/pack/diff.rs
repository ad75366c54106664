//! What differs between two packs, entry by entry.

use super::{Entry, Standard};

/// One difference between two packs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change<'a> {
    /// Only the later pack has it.
    Added(&'a Entry),
    /// Only the earlier pack has it.
    Removed(&'a Entry),
    /// Both have it with another value, clause, source or confidence.
    Changed {
        /// In the earlier pack.
        before: &'a Entry,
        /// In the later pack.
        after: &'a Entry,
    },
}

/// Every difference from `before` to `after`, in the order of `before`, then what was added.
/// Lines of the files do not count.
#[must_use]
pub fn changes<'a>(before: &'a Standard, after: &'a Standard) -> Vec<Change<'a>> {
    let find = |pack: &'a Standard, item: &str| pack.entries().iter().find(|e| e.item == item);
    let gone = before
        .entries()
        .iter()
        .filter_map(|old| match find(after, &old.item) {
            None => Some(Change::Removed(old)),
            Some(new) if cited_alike(old, new) => None,
            Some(new) => Some(Change::Changed {
                before: old,
                after: new,
            }),
        });
    let added = after
        .entries()
        .iter()
        .filter(|new| find(before, &new.item).is_none())
        .map(Change::Added);
    gone.chain(added).collect()
}

fn cited_alike(a: &Entry, b: &Entry) -> bool {
    a.value == b.value
        && a.clause == b.clause
        && a.source == b.source
        && a.confidence == b.confidence
}
