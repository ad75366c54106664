//! Breaking text into lines, Chinese and Latin mixed.
//!
//! A line may break after a space, after a hyphen before a letter, and
//! between any two characters of which one is an ideograph, except that closing
//! punctuation never starts a line and opening punctuation never ends one. A Latin
//! word wider than the line is cut. A line feed always breaks.

use crate::font::{Face, MM_PER_PT};

/// Splits `text` into lines no wider than `width_mm` at `size_pt`.
pub(crate) fn lines(face: &Face, text: &str, size_pt: f64, width_mm: f64) -> Vec<String> {
    text.split('\n')
        .flat_map(|paragraph| paragraph_lines(face, paragraph, size_pt, width_mm))
        .collect()
}

fn paragraph_lines(face: &Face, text: &str, size_pt: f64, width_mm: f64) -> Vec<String> {
    let limit = width_mm / (size_pt * MM_PER_PT);
    let mut lines = Vec::new();
    let mut line = String::new();
    // Width of `line` in parts of the font size, and where it was last breakable.
    let mut width = 0.0;
    let mut good: Option<usize> = None;
    let mut previous: Option<char> = None;
    let mut number_and_space = false;
    for c in text.chars() {
        // "12.5 m" stays together.
        let unit = number_and_space && c.is_alphabetic() && !ideographic(c);
        if !unit && previous.is_some_and(|before| may_break(before, c)) {
            good = Some(line.len());
        }
        number_and_space = c == ' ' && previous.is_some_and(|p| p.is_ascii_digit());
        previous = Some(c);
        let advance = face.advance(c);
        // A space at the end of a line hangs over its edge unseen.
        while c != ' ' && !line.is_empty() && width + advance > limit {
            // What follows the last breakable place has none; should it be too long by
            // itself, the second turn cuts it.
            let rest = line.split_off(good.take().unwrap_or(line.len()));
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
            width = line.chars().map(|c| face.advance(c)).sum();
        }
        line.push(c);
        width += advance;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    match before {
        ' ' => true,
        // Not after a slash: it stands in units.
        '-' | '–' => after.is_alphabetic() || ideographic(after),
        _ => ideographic(before) || ideographic(after),
    }
}

/// Closing punctuation, and units that belong to the number before them.
const NEVER_FIRST: &str = "，。、；：！？）】》〉」』”’·…—～%‰℃°,.;:!?)]}\u{a0}";
/// Opening punctuation.
const NEVER_LAST: &str = "（【《〈「『“‘([{±\u{a0}";

/// Whether a line may break beside the character: ideographs, kana, full-width forms
/// and the punctuation that goes with them.
fn ideographic(c: char) -> bool {
    matches!(u32::from(c),
        0x2e80..=0x2fdf | 0x3000..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0xff00..=0xff60 | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::font::{Fonts, Weight};
    use proptest::prelude::*;

    fn wrap(text: &str, em: f64) -> Vec<String> {
        let fonts = Fonts::embedded().unwrap();
        // At 72 pt an ideograph is 25.4 mm wide.
        lines(fonts.face(Weight::Regular), text, 72.0, em * 25.4 + 0.01)
    }

    #[test]
    fn ideographs_break_anywhere_but_not_before_closing_marks() {
        assert_eq!(wrap("山西运城水泵", 3.0), ["山西运", "城水泵"]);
        assert_eq!(wrap("流量，扬程", 2.0), ["流", "量，", "扬程"]);
        assert_eq!(wrap("泵（单级）", 2.0), ["泵", "（单", "级）"]);
    }

    #[test]
    fn latin_words_stay_whole_and_spaces_vanish_at_the_edge() {
        assert_eq!(wrap("pump test bench", 3.2), ["pump", "test", "bench"]);
        assert_eq!(wrap("a\nb", 9.0), ["a", "b"]);
        assert_eq!(wrap("head 12 m", 3.4), ["head", "12 m"]);
        assert_eq!(wrap("", 9.0), [""]);
    }

    #[test]
    fn a_word_too_long_for_any_line_is_cut() {
        let cut = wrap("abcdefghijklmnop", 2.0);
        assert!(cut.len() > 1);
        assert_eq!(cut.concat(), "abcdefghijklmnop");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_sticks_out(
            text in "[ 0-9a-zA-Z流量扬程效率，。（）/-]{0,60}", em in 2.0f64..12.0
        ) {
            let fonts = Fonts::embedded().unwrap();
            let face = fonts.face(Weight::Regular);
            let width = em * 25.4;
            let wrapped = lines(face, &text, 72.0, width);
            let squeeze = |t: &str| t.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(squeeze(&wrapped.concat()), squeeze(&text));
            for line in &wrapped {
                prop_assert!(
                    face.width_mm(line, 72.0) <= width + 1e-6 || line.chars().count() == 1
                );
            }
        }
    }
}
