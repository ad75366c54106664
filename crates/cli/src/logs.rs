//! The log of a daemon, on standard error.

use crate::args::LogFormat;
use tracing_subscriber::filter::LevelFilter;

/// Begins to log. A second call changes nothing.
pub(crate) fn begin(level: LevelFilter, format: LogFormat) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A log that is kept already is as good.
    let _kept = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
