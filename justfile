# Short names for what cargo does; the README needs none of them.

# List the recipes.
default:
    @just --list

# A simulated bench from the register on the wire to a signed certificate.
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# Format and lints, without the tests.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Everything that must hold before a change is taken.
test *arguments:
    cargo xtask test {{ arguments }}

# The benchmarks.
bench *arguments:
    cargo bench --package dutypoint-benches {{ arguments }}

# Recompute a recorded run and compare.
replay *arguments:
    cargo run --release -- replay {{ arguments }}

# The documentation of every crate.
docs:
    cargo doc --no-deps --workspace

# The binary as it is shipped.
package:
    cargo build --release
