//! The journal: append-only, hash-chained documents on SQLite, and its checker.
