//! What can go wrong between certificate data and a finished document.

/// A character that cannot be printed, and the field it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingGlyph {
    /// The character itself.
    pub character: char,
    /// Path of the field, as in `customer.name.zh` or `instruments[2].model`.
    pub field: String,
}

impl std::fmt::Display for MissingGlyph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Debug form, so that a control character is visible in the message.
        write!(
            f,
            "{:?} (U+{:04X}) in {}",
            self.character,
            u32::from(self.character),
            self.field
        )
    }
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An embedded font file could not be read or cut down.
    #[error("failed to use the embedded font {face}: {why}")]
    Font {
        /// Name of the face.
        face: &'static str,
        /// What the font library says.
        why: String,
    },
    /// The text holds characters the embedded font cannot draw.
    #[error("failed to print the text: the font has no glyph for {}", list(.0))]
    Glyphs(Vec<MissingGlyph>),
    /// A number is infinite or not a number.
    #[error("failed to print {field}: not a finite number")]
    NotFinite {
        /// Path of the field.
        field: String,
    },
    /// A field does not have the form it must have.
    #[error("failed to read {field} {found:?}: expected {expected}")]
    Field {
        /// Path of the field.
        field: String,
        /// What was found.
        found: String,
        /// What it should look like.
        expected: &'static str,
    },
    /// The content contradicts the kind of document.
    #[error("failed to issue a document of kind {kind}: {why}")]
    Kind {
        /// Kind asked for.
        kind: &'static str,
        /// What does not fit, and what to change.
        why: String,
    },
    /// A chart could not be drawn.
    #[error("failed to draw the chart: {0}")]
    Chart(String),
    /// A bundle that cannot be packed or unpacked.
    #[error("failed to read the bundle: {why}")]
    Bundle {
        /// What is wrong with it.
        why: String,
    },
    /// The PDF library refused the document.
    #[error("failed to write the PDF: {0}")]
    Pdf(String),
}

fn list(missing: &[MissingGlyph]) -> String {
    const SHOWN: usize = 8;
    let mut text = missing
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if missing.len() > SHOWN {
        text.push_str(&format!(" and {} more", missing.len() - SHOWN));
    }
    text
}
