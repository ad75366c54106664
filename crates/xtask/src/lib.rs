//! What the developer's commands and the tests of the workspace itself share.

pub mod graph;
