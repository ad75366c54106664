//! What must hold before a document is laid out.
//!
//! Everything that can be wrong with [`CertificateData`] is found here, with the path
//! of the field, so that layout has only to draw.

use crate::data::{CertificateData, CertificateKind};
use crate::error::{Error, MissingGlyph};
use crate::font::{Fonts, Weight};
use crate::when::When;
use serde_json::Value;

/// Smallest type the foot of a page is set in, and the room for the number there. The
/// number identifies every page and is never cut short.
const FOOT_PT: f64 = 5.0;
const FOOT_MM: f64 = 45.0;

/// Checks the data of a document.
///
/// # Errors
/// The first problem found; characters without a glyph are all reported together.
pub fn check(data: &CertificateData, fonts: &Fonts) -> Result<(), Error> {
    values(data, fonts)?;
    if data.number.trim().is_empty() || data.number.contains('\n') {
        return Err(field("number", &data.number, "one line of text"));
    }
    let number = fonts.face(Weight::Regular);
    if number.width_mm(&data.number, FOOT_PT) > FOOT_MM {
        let expected = "a number short enough for the foot of every page, about 40 characters";
        return Err(field("number", &data.number, expected));
    }
    When::parse("issued_at", &data.issued_at)?;
    for (name, time) in [
        ("environment.begin", &data.environment.begin),
        ("environment.end", &data.environment.end),
    ] {
        if let Some(time) = time {
            When::parse(name, time)?;
        }
    }
    file_id(data)?;
    if data.efficiency_decimals > 3 {
        let found = data.efficiency_decimals.to_string();
        return Err(field("efficiency_decimals", &found, "0 to 3"));
    }
    if let Some(chart) = &data.chart {
        chart.check()?;
    }
    kind(data)
}

/// The identifier of the PDF file: the first half of the data digest.
pub(crate) fn file_id(data: &CertificateData) -> Result<[u8; 16], Error> {
    let text = &data.digests.data;
    let wrong = || field("digests.data", text, "at least 32 hexadecimal digits");
    let mut id = [0; 16];
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    for (index, byte) in id.iter_mut().enumerate() {
        *byte = text
            .get(2 * index..2 * index + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .ok_or_else(wrong)?;
    }
    Ok(id)
}

fn field(field: &str, found: &str, expected: &'static str) -> Error {
    Error::Field {
        field: field.to_owned(),
        found: found.to_owned(),
        expected,
    }
}

/// Walks every string and number by way of the JSON form, whose paths are the names a
/// user knows. Optional fields are left out of it when absent, so a null is a number
/// JSON has no word for.
fn values(data: &CertificateData, fonts: &Fonts) -> Result<(), Error> {
    let tree = serde_json::to_value(data).map_err(|e| Error::Field {
        field: "certificate data".to_owned(),
        found: e.to_string(),
        expected: "data with a JSON form",
    })?;
    let mut missing = Vec::new();
    walk(&tree, String::new(), &mut |path, leaf| {
        match leaf {
            Value::Null => {
                return Err(Error::NotFinite {
                    field: path.to_owned(),
                });
            }
            Value::String(text) => {
                missing.extend(
                    fonts
                        .missing(text)
                        .into_iter()
                        .map(|character| MissingGlyph {
                            character,
                            field: path.to_owned(),
                        }),
                );
            }
            _ => {}
        }
        Ok(())
    })?;
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::Glyphs(missing))
    }
}

fn walk(
    value: &Value,
    path: String,
    leaf: &mut impl FnMut(&str, &Value) -> Result<(), Error>,
) -> Result<(), Error> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            walk(value, path, leaf)
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| walk(value, format!("{path}[{index}]"), leaf)),
        other => leaf(&path, other),
    }
}

fn kind(data: &CertificateData) -> Result<(), Error> {
    let refuse = |kind, why: String| Err(Error::Kind { kind, why });
    match data.kind {
        CertificateKind::Formal => {
            const KIND: &str = "formal";
            if !data.refusals.is_empty() {
                let why = format!("{} reasons stand against it", data.refusals.len());
                return refuse(KIND, why);
            }
            if let Some(basis) = data.basis.iter().find(|b| !b.countersigned) {
                let why = format!(
                    "the rule pack {} is not countersigned by the laboratory",
                    basis.pack
                );
                return refuse(KIND, why);
            }
            Ok(())
        }
        CertificateKind::Simulated if data.refusals.is_empty() => refuse(
            "simulated",
            "it must list why it is not a formal certificate".to_owned(),
        ),
        CertificateKind::DataEvaluation if data.conclusion.is_some() => refuse(
            "data evaluation",
            "it carries no test conclusion; leave `conclusion` out".to_owned(),
        ),
        CertificateKind::Simulated | CertificateKind::DataEvaluation => Ok(()),
    }
}
