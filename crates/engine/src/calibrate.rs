//! Calibration certificates as files: a table of one's own as CSV, or PTB's Digital Calibration
//! Certificate (DCC, schema 3.x) as XML.
//!
//! Promise: what is read is a calibration that the register takes; what cannot be read
//! without guessing is refused, naming the element or the line. Nothing panics on any bytes.

mod dcc;
mod table;

use crate::config::{CalibrationConfig, CalibrationRegister};

/// Why a calibration certificate cannot be read: where, what, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read calibration {file}{}: {why}", .place.as_ref().map(|p| format!(" {p}")).unwrap_or_default())]
pub struct CalibrationError {
    /// Name of the file.
    pub file: String,
    /// Element or line.
    pub place: Option<String>,
    /// What is wrong and what to change.
    pub why: String,
}

/// Place and cause, before the file is known.
type Refusal = (Option<String>, String);

/// Reads the certificate in `bytes` of `file`; XML is told by its first character. `due` is
/// the day it is due again: a DCC never states it, and in a table it may stand instead.
///
/// # Errors
/// [`CalibrationError`].
pub fn read(
    file: &str,
    bytes: &[u8],
    due: Option<&str>,
) -> Result<CalibrationConfig, CalibrationError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // What spreadsheets of the region write.
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}');
    let found = if text.trim_start().starts_with('<') {
        dcc::read(text, due)
    } else {
        table::read(text, due)
    };
    let refuse = |(place, why)| CalibrationError {
        file: file.to_owned(),
        place,
        why,
    };
    let found = found.map_err(refuse)?;
    CalibrationRegister::check(&found).map_err(|why| refuse((None, why)))?;
    Ok(found)
}

/// A calibration by points: a table of indicated and true values, valid between them.
fn by_points(
    mut points: Vec<[f64; 2]>,
    given: CalibrationConfig,
) -> Result<CalibrationConfig, Refusal> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let twice = points.windows(2).find(|pair| pair[0][0] == pair[1][0]);
    if let Some(pair) = twice {
        return Err((
            None,
            format!(
                "the indicated value {} is there twice: state one true value for it, and what lies between rising and falling in the uncertainty",
                pair[0][0]
            ),
        ));
    }
    let ends = points.first().zip(points.last());
    let range = ends.map(|([low, _], [high, _])| [*low, *high]);
    Ok(CalibrationConfig {
        range: given.range.or(range),
        table: Some(points),
        ..given
    })
}

#[cfg(test)]
mod tests;
