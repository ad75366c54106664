//! The asynchronous shell of a bench: dispatcher, clocks, recorder.
