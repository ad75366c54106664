//! The one binary, `dutypoint`: arguments and wiring only.
fn main() {}
