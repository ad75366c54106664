//! Points in time as they appear in certificate data: RFC 3339 text, read strictly.
//!
//! The text is printed in the offset it was written with; no time zone data is used.

use crate::error::Error;

/// A civil time with its offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When<'a> {
    date: &'a str,
    time: &'a str,
    offset: &'a str,
}

impl<'a> When<'a> {
    /// Reads `text` of `field`, for example `2026-03-05T14:22:31+08:00`. A fraction of
    /// a second is accepted and not printed.
    pub(crate) fn parse(field: &str, text: &'a str) -> Result<Self, Error> {
        Self::split(text).ok_or_else(|| Error::Field {
            field: field.to_owned(),
            found: text.to_owned(),
            expected: "an RFC 3339 time such as 2026-03-05T14:22:31+08:00",
        })
    }

    fn split(text: &'a str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let at = rest.find(['Z', '+', '-'])?;
        let (clock, offset) = rest.split_at_checked(at)?;
        let (time, fraction) = match clock.split_once('.') {
            Some((time, fraction)) => (time, Some(fraction)),
            None => (clock, None),
        };
        let [year, month, day] = fields(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = fields(time, ':', [2, 2, 2])?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        };
        let zone = match offset {
            "Z" => true,
            _ => {
                let [h, m] = fields(offset.get(1..)?, ':', [2, 2])?;
                h <= 23 && m <= 59
            }
        };
        let good = (1..=12).contains(&month)
            && (1..=days).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 60
            && zone
            && fraction.is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
        good.then_some(Self { date, time, offset })
    }

    /// `2026-03-05 14:22:31 (UTC+08:00)`.
    pub(crate) fn long(&self) -> String {
        let zone = if self.offset == "Z" { "" } else { self.offset };
        format!("{} {} (UTC{zone})", self.date, self.time)
    }

    /// The form PDF wants: `D:20260305142231+08'00'`.
    pub(crate) fn pdf(&self) -> String {
        let digits: String = [self.date, self.time]
            .iter()
            .flat_map(|t| t.chars())
            .filter(char::is_ascii_digit)
            .collect();
        if self.offset == "Z" {
            return format!("D:{digits}Z");
        }
        format!("D:{digits}{}'", self.offset.replace(':', "'"))
    }
}

fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut values = [0; N];
    for (value, width) in values.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *value = part.parse().ok()?;
    }
    parts.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::When;

    #[test]
    fn reads_and_prints() {
        let when = When::parse("issued_at", "2026-03-05T14:22:31.250+08:00").unwrap();
        assert_eq!(when.long(), "2026-03-05 14:22:31 (UTC+08:00)");
        assert_eq!(when.pdf(), "D:20260305142231+08'00'");
        let utc = When::parse("issued_at", "2024-02-29T00:00:00Z").unwrap();
        assert_eq!(utc.long(), "2024-02-29 00:00:00 (UTC)");
        assert_eq!(utc.pdf(), "D:20240229000000Z");
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-03-05",
            "2026-03-05 14:22:31+08:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-03-05T24:00:00Z",
            "2026-03-05T14:22:31",
            "2026-03-05T14:22:31+8:00",
            "2026-03-05T14:22:31.Z",
            "2026-03-05T14:22:31é",
        ] {
            assert!(When::parse("issued_at", text).is_err(), "{text}");
        }
    }
}
