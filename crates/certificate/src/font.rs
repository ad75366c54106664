//! The embedded typeface: measuring text, and cutting the font down to what a
//! document uses.
//!
//! Owns: the two committed font files (Noto Sans SC, OFL, already cut to the official
//! table of common characters). Promises: the same set of characters always gives the
//! same font program; text is never set with a missing glyph, it is refused. Never
//! does: shaping, kerning, looking for fonts on the machine.

use crate::error::Error;
use allsorts::binary::read::ReadScope;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile, subset};
use printpdf::{FontType, ParsedFont};
use std::collections::{BTreeMap, BTreeSet};

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSansSC-Regular.subset.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSansSC-Bold.subset.ttf");

/// Millimetres in a typographic point.
pub(crate) const MM_PER_PT: f64 = 25.4 / 72.0;

/// Weight of the typeface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Text weight.
    #[default]
    Regular,
    /// Headings and verdicts.
    Bold,
}

impl Weight {
    /// Every weight there is.
    pub const ALL: [Self; 2] = [Self::Regular, Self::Bold];
}

/// Both faces, ready to measure with.
#[derive(Debug)]
pub struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    /// Reads the embedded fonts.
    ///
    /// # Errors
    /// [`Error::Font`] when a font file is damaged.
    pub fn embedded() -> Result<Self, Error> {
        Ok(Self {
            regular: Face::parse("NotoSansSC-Regular", REGULAR)?,
            bold: Face::parse("NotoSansSC-Bold", BOLD)?,
        })
    }

    /// The face of a weight.
    #[must_use]
    pub fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Characters of `text` that no weight, or not every weight, can draw; each once,
    /// in the order they appear. A line feed is layout and not looked up.
    #[must_use]
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for c in text.chars().filter(|c| *c != '\n') {
            if !Weight::ALL.iter().all(|w| self.face(*w).has(c)) && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing
    }
}

/// One font file.
#[derive(Debug)]
pub struct Face {
    name: &'static str,
    bytes: &'static [u8],
    parsed: ParsedFont,
}

impl Face {
    fn parse(name: &'static str, bytes: &'static [u8]) -> Result<Self, Error> {
        let mut warnings = Vec::new();
        let parsed = ParsedFont::from_bytes(bytes, 0, &mut warnings)
            .filter(|font| warnings.is_empty() && font.units_per_em > 0)
            .ok_or_else(|| Error::Font {
                face: name,
                why: warnings
                    .first()
                    .map_or_else(|| "not a TrueType file".to_owned(), |w| w.message.clone()),
            })?;
        Ok(Self {
            name,
            bytes,
            parsed,
        })
    }

    /// Whether the face can draw the character.
    #[must_use]
    pub fn has(&self, c: char) -> bool {
        self.glyph(c).is_some()
    }

    fn glyph(&self, c: char) -> Option<u16> {
        // Glyph 0 is the box that stands for "missing".
        self.parsed
            .lookup_glyph_index(u32::from(c))
            .filter(|g| *g != 0)
    }

    /// Advance width of a character in parts of the font size; zero without a glyph.
    #[must_use]
    pub fn advance(&self, c: char) -> f64 {
        let units = self
            .glyph(c)
            .and_then(|g| self.parsed.get_glyph_width(g))
            .unwrap_or(0);
        f64::from(units) / f64::from(self.parsed.units_per_em)
    }

    /// Width of one line of text, in mm, at a size in points.
    #[must_use]
    pub fn width_mm(&self, text: &str, size_pt: f64) -> f64 {
        text.chars().map(|c| self.advance(c)).sum::<f64>() * size_pt * MM_PER_PT
    }

    /// A font program that holds only the glyphs of `characters`, ready to embed.
    pub(crate) fn cut(&self, characters: &BTreeSet<char>) -> Result<ParsedFont, Error> {
        let failed = |why: String| Error::Font {
            face: self.name,
            why,
        };
        let used: BTreeMap<char, u16> = characters
            .iter()
            .filter_map(|c| Some((*c, self.glyph(*c)?)))
            .collect();
        // Glyph 0 must come first and no glyph twice; the subset numbers its glyphs by
        // their place in this list.
        let mut glyphs = vec![0];
        glyphs.extend(used.values().copied().collect::<BTreeSet<_>>());
        let file = ReadScope::new(self.bytes)
            .read::<FontData<'_>>()
            .map_err(|e| failed(e.to_string()))?;
        let tables = file.table_provider(0).map_err(|e| failed(e.to_string()))?;
        let bytes = subset(&tables, &glyphs, &SubsetProfile::Pdf, CmapTarget::Unicode)
            .map_err(|e| failed(e.to_string()))?;

        let place = |glyph: u16| {
            let place = glyphs.iter().position(|g| *g == glyph)?;
            u16::try_from(place).ok()
        };
        let codepoint_to_glyph = used
            .iter()
            .filter_map(|(c, glyph)| Some((u32::from(*c), place(*glyph)?)))
            .collect();
        let glyph_widths = glyphs
            .iter()
            .filter_map(|glyph| Some((place(*glyph)?, self.parsed.get_glyph_width(*glyph)?)))
            .collect();
        Ok(ParsedFont {
            original_bytes: bytes,
            font_index: 0,
            font_name: Some(format!("{}+{}", tag(&glyphs), self.name)),
            codepoint_to_glyph,
            glyph_widths,
            units_per_em: self.parsed.units_per_em,
            font_metrics: self.parsed.font_metrics.clone(),
            font_type: FontType::TrueType,
            pdf_font_metrics: self.parsed.pdf_font_metrics.clone(),
        })
    }
}

/// The six letters that mark a subset in a PDF, made from the glyphs it holds (FNV-1a),
/// so that equal subsets are named equally.
fn tag(glyphs: &[u16]) -> String {
    let hash = glyphs.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, g| {
        (hash ^ u64::from(*g)).wrapping_mul(0x0100_0000_01b3)
    });
    (0..6)
        .map(|i| {
            let letter = u8::try_from((hash >> (i * 10)) % 26).unwrap_or(0);
            char::from(b'A' + letter)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Fonts, Weight};
    use std::collections::BTreeSet;

    #[test]
    fn measures_with_the_fonts_own_widths() {
        let fonts = Fonts::embedded().unwrap();
        let face = fonts.face(Weight::Regular);
        assert!((face.advance('流') - 1.0).abs() < 1e-9);
        let digits: Vec<f64> = ('0'..='9').map(|c| face.advance(c)).collect();
        assert!(digits.iter().all(|w| *w == digits[0] && *w > 0.5));
        // Two ideographs at 72 pt are two inches wide.
        assert!((face.width_mm("流量", 72.0) - 50.8).abs() < 1e-9);
    }

    #[test]
    fn holds_every_sign_the_layout_prints() {
        let fonts = Fonts::embedded().unwrap();
        let signs = "m³/h ηρζ·×±≤≥−–—%‰℃°Ωμ≈★□✓“”‘’§→（）：；，。、《》①②№Q²ΔφU";
        assert_eq!(fonts.missing(signs), vec![]);
    }

    #[test]
    fn names_what_it_lacks_once() {
        let fonts = Fonts::embedded().unwrap();
        assert_eq!(fonts.missing("泵𠮷a\u{7}𠮷\n"), vec!['𠮷', '\u{7}']);
    }

    #[test]
    fn cutting_is_small_and_repeatable() {
        let fonts = Fonts::embedded().unwrap();
        let characters: BTreeSet<char> = "水泵性能检测报告0123456789".chars().collect();
        let once = fonts.face(Weight::Bold).cut(&characters).unwrap();
        let again = fonts.face(Weight::Bold).cut(&characters).unwrap();
        assert_eq!(once.original_bytes, again.original_bytes);
        assert_eq!(once.font_name, again.font_name);
        assert!(once.original_bytes.len() < 20_000);
        assert_eq!(once.codepoint_to_glyph.len(), characters.len());
    }
}
