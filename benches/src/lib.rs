//! What the speed of Dutypoint is measured with; see `benches/`. No test is timed.
