//! Bands of an abscissa whose edges belong to exactly one side.

use super::cite::finite_option;
use crate::limit;
use serde::Deserialize;

/// A band of flow, specific speed, power …; the unit is in the name of the field that
/// holds it. `above` and `below` are outside, `from` and `up_to` inside.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Open lower edge.
    #[serde(default, deserialize_with = "finite_option")]
    pub above: Option<f64>,
    /// Closed lower edge.
    #[serde(default, deserialize_with = "finite_option")]
    pub from: Option<f64>,
    /// Open upper edge.
    #[serde(default, deserialize_with = "finite_option")]
    pub below: Option<f64>,
    /// Closed upper edge.
    #[serde(default, deserialize_with = "finite_option")]
    pub up_to: Option<f64>,
}

impl Band {
    /// Whether the band holds a value. One that touches an edge lies on the edge, so of two
    /// bands that abut exactly one holds it. False for NaN.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        !value.is_nan()
            && self
                .above
                .is_none_or(|low| value > low && !limit::touches(value, low))
            && self.from.is_none_or(|low| limit::at_least(value, low))
            && self
                .below
                .is_none_or(|high| value < high && !limit::touches(value, high))
            && self.up_to.is_none_or(|high| limit::at_most(value, high))
    }

    /// The band in signs, as in `5 ≤ Q ≤ 300 m³/h`.
    #[must_use]
    pub fn words(&self, symbol: &str, unit: &str) -> String {
        let mut words = symbol.to_owned();
        if let Some((low, closed)) = self.lower() {
            words = if self.upper().is_none() {
                format!("{words} {} {low}", if closed { "≥" } else { ">" })
            } else {
                format!("{low} {} {words}", if closed { "≤" } else { "<" })
            };
        }
        if let Some((high, closed)) = self.upper() {
            words = format!("{words} {} {high}", if closed { "≤" } else { "<" });
        }
        format!("{words} {unit}").trim_end().to_owned()
    }

    /// The first of these values with band, symbol and unit that its band does not hold, in
    /// signs; a value without a band is within.
    pub(crate) fn first_outside(of: &[(Option<&Self>, &str, &str, f64)]) -> Option<String> {
        of.iter().find_map(|(band, symbol, unit, value)| {
            let band = band.filter(|band| !band.holds(*value))?;
            let words = band.words(symbol, unit);
            Some(format!("{symbol} = {value}, scope {words}"))
        })
    }

    /// Lower edge, and whether it is inside.
    fn lower(&self) -> Option<(f64, bool)> {
        let open = self.above.map(|low| (low, false));
        self.from.map(|low| (low, true)).or(open)
    }

    /// Upper edge, and whether it is inside.
    fn upper(&self) -> Option<(f64, bool)> {
        let open = self.below.map(|high| (high, false));
        self.up_to.map(|high| (high, true)).or(open)
    }

    /// What is wrong with the band by itself.
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.above.is_some() && self.from.is_some() {
            return Some("has a band with both `above` and `from`; keep one");
        }
        if self.below.is_some() && self.up_to.is_some() {
            return Some("has a band with both `below` and `up_to`; keep one");
        }
        match (self.lower(), self.upper()) {
            (Some((low, _)), Some((high, _))) if low >= high => {
                Some("has a band whose lower edge is not below its upper edge; correct it")
            }
            _ => None,
        }
    }
}

/// What is wrong with bands that must follow each other, each value in one of them.
pub(super) fn sequence_problem<'a>(
    bands: impl IntoIterator<Item = &'a Band>,
) -> Option<&'static str> {
    const GAP: &str = "has bands with a gap between them; let each begin where the one before ends";
    const OVERLAP: &str =
        "has bands that overlap or are not ascending; let each begin where the one before ends";
    let mut before: Option<&Band> = None;
    for band in bands {
        if let Some(problem) = band.problem() {
            return Some(problem);
        }
        if let Some(before) = before {
            let (Some((end, end_inside)), Some((start, start_inside))) =
                (before.upper(), band.lower())
            else {
                return Some(OVERLAP);
            };
            if end > start || (end == start && end_inside && start_inside) {
                return Some(OVERLAP);
            }
            if end < start || !(end_inside || start_inside) {
                return Some(GAP);
            }
        }
        before = Some(band);
    }
    None
}
