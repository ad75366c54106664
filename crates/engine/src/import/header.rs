//! A header cell: the name of a column and its unit.
//!
//! Read are `Q [m3/h]`, `Q (m³/h)`, `Q, m3/h`, the way of GB standards, `Q/(m3/h)` and
//! `H/m`, and Chinese with symbol, `流量 Q（m³/h）`.

use super::names::known;
use dutypoint_model::Unit;
use dutypoint_model::document::Role;
use unicode_normalization::UnicodeNormalization as _;

/// A header cell taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// As written, on one line.
    pub(super) text: String,
    /// The name without the unit.
    pub(super) name: String,
    /// The unit as written, where there is one.
    pub(super) unit: Option<String>,
    tokens: Vec<String>,
}

/// How well a column fits what is looked for; the best fit wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Only by names of the role.
    Role,
    /// The name and names of the role beside it: `流量 Q` for `Q`.
    Beside,
    /// The name itself.
    Exact,
}

/// Compatibility characters (full width, `㎥`, `³`, `℃`) become plain ones, white space
/// and line breaks one space each.
pub(super) fn plain(text: &str) -> String {
    let plain: String = text
        .nfkc()
        .map(|c| if c == '\u{2212}' { '-' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Header {
    pub(super) fn parse(cell: &str) -> Self {
        let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = plain(cell);
        let (name, unit) = split(&plain);
        let name = name
            .trim()
            .trim_end_matches(['/', ',', ':'])
            .trim()
            .to_owned();
        Self {
            text,
            tokens: tokens(&name),
            name,
            unit: unit.map(|unit| unit.replace([' ', '^'], "")),
        }
    }

    /// Whether the column may hold `role`, looked for under `wanted` or, without it, under
    /// any of its names.
    pub(super) fn fit(&self, wanted: Option<&str>, role: Role) -> Option<Fit> {
        let wanted = wanted.map(plain);
        if self.name.is_empty() {
            return None;
        }
        if wanted.as_ref() == Some(&self.name) {
            return Some(Fit::Exact);
        }
        let mut fit = Fit::Role;
        let mut rest = self.tokens.as_slice();
        while !rest.is_empty() {
            // The longest beginning that is a name: `shaft power P` is two names.
            let (length, named) = (1..=rest.len()).rev().find_map(|length| {
                let phrase = rest.get(..length)?.join(" ");
                if wanted.as_ref() == Some(&phrase) {
                    return Some((length, Fit::Beside));
                }
                let fits = known(&phrase)?.roles.contains(&role);
                fits.then_some((length, Fit::Role))
            })?;
            fit = fit.max(named);
            rest = rest.get(length..)?;
        }
        Some(fit)
    }

    /// Whether the column is known to hold only `role`, and not one of two.
    pub(super) fn says(&self, role: Role) -> bool {
        (1..=self.tokens.len()).any(|end| {
            (0..end).any(|begin| {
                let phrase = self.tokens.get(begin..end).map(|t| t.join(" "));
                phrase
                    .and_then(|phrase| known(&phrase))
                    .is_some_and(|name| name.roles == [role])
            })
        })
    }

    /// Whether the column is named as head.
    pub(super) fn is_head(&self) -> bool {
        self.tokens.iter().any(|token| super::names::is_head(token))
    }
}

fn unit(text: &str) -> bool {
    let text = text.replace([' ', '^'], "");
    !text.is_empty() && text.parse::<Unit>().is_ok()
}

/// Name and unit of a header in plain characters.
fn split(header: &str) -> (&str, Option<&str>) {
    if let Some((name, inside)) = header.strip_suffix(']').and_then(|h| h.rsplit_once('[')) {
        return (name, Some(inside));
    }
    if let Some((name, inside)) = bracketed(header) {
        // `流量 (Q)` has its symbol in brackets; anything else there is a unit, if only a
        // misspelt one.
        if unit(inside) || name.trim_end().ends_with('/') || known(inside.trim()).is_none() {
            return (name, Some(inside));
        }
        return (header, None);
    }
    for sign in ['/', ','] {
        for (at, _) in header.match_indices(sign) {
            let (name, rest) = header.split_at(at);
            let rest = rest.strip_prefix(sign).unwrap_or(rest);
            if !name.trim().is_empty() && unit(rest) {
                return (name, Some(rest));
            }
        }
    }
    (header, None)
}

/// What stands before and in the bracket that ends `header`: `n/(r/min)`, `p (kgf/(cm2))`.
fn bracketed(header: &str) -> Option<(&str, &str)> {
    let inner = header.strip_suffix(')')?;
    let mut open = 1_usize;
    for (at, c) in inner.char_indices().rev() {
        match c {
            ')' => open += 1,
            '(' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((inner.get(..at)?, inner.get(at + 1..)?));
        }
    }
    None
}

/// Words and symbols of a name; Chinese and other letters part without a space.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut kind = Kind::Sign;
    for c in name.chars() {
        let now = Kind::of(c);
        match tokens.last_mut() {
            Some(token) if now == kind && now != Kind::Sign => token.push(c),
            _ if now != Kind::Sign => tokens.push(c.into()),
            _ => {}
        }
        kind = now;
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chinese,
    Other,
    Sign,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '\u{4e00}'..='\u{9fff}' => Self::Chinese,
            _ if c.is_whitespace() || "()[]/,:;_".contains(c) => Self::Sign,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_unit_are_read_in_every_usual_form() {
        for (cell, name, unit) in [
            ("Q [m3/h]", "Q", Some("m3/h")),
            (" Q（m³/h） ", "Q", Some("m3/h")),
            ("Q (㎥/h)", "Q", Some("m3/h")),
            ("Q (m^3/h)", "Q", Some("m3/h")),
            ("Q/(m3/h)", "Q", Some("m3/h")),
            ("n/(r/min)", "n", Some("r/min")),
            ("n/r/min", "n", Some("r/min")),
            ("H/m", "H", Some("m")),
            ("Flow, m3/h", "Flow", Some("m3/h")),
            ("流量\nQ（ｍ³/ｈ）", "流量 Q", Some("m3/h")),
            ("流量(Q)/(m3/h)", "流量(Q)", Some("m3/h")),
            ("流量 (Q)", "流量 (Q)", None),
            ("水温（℃）", "水温", Some("°C")),
            ("p2 (gauge) [bar]", "p2 (gauge)", Some("bar")),
            ("Q (m3/hr)", "Q", Some("m3/hr")),
            ("Q", "Q", None),
            ("a/b", "a/b", None),
            ("", "", None),
            ("[kW]", "", Some("kW")),
            (")(", ")(", None),
        ] {
            let header = Header::parse(cell);
            assert_eq!(
                (&*header.name, header.unit.as_deref()),
                (name, unit),
                "{cell}"
            );
        }
    }

    #[test]
    fn a_column_is_found_by_its_name_before_the_names_of_its_role() {
        let fit = |cell: &str| Header::parse(cell).fit(Some("Q"), Role::Flow);
        assert_eq!(fit("Q [m3/h]"), Some(Fit::Exact));
        for cell in [
            "流量 Q (m³/h)",
            "流量Q/(m3/h)",
            "Flow Q [L/s]",
            "流量(Q)/(m3/h)",
        ] {
            assert_eq!(fit(cell), Some(Fit::Beside), "{cell}");
        }
        assert_eq!(fit("流量 [m3/h]"), Some(Fit::Role));
        for cell in [
            "Q max [m3/h]",
            "扬程 Q [m]",
            "流量偏差 [m3/h]",
            "H [m]",
            "[m3/h]",
        ] {
            assert_eq!(fit(cell), None, "{cell}");
        }
        let power = |cell: &str| Header::parse(cell).fit(Some("P"), Role::ShaftPower);
        assert_eq!(power("轴功率 P (kW)"), Some(Fit::Beside));
        assert_eq!(power("shaft power P (kW)"), Some(Fit::Beside));
        assert_eq!(power("功率 (kW)"), Some(Fit::Role));
        assert_eq!(power("输入功率 P (kW)"), None);
    }
}
