//! The developer's own commands: `cargo xtask test` and friends.
fn main() {}
