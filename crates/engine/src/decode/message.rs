//! The number in a message of an instrument that speaks no Modbus.

use super::number::Raw;
use super::{Bad, finite, said, scaled, trusted};
use dutypoint_model::document::{Encoding, Place};

/// Longest text that is shown of a field that is no number.
const SHOWN: usize = 32;

/// What [`super::indicated`] says of a message packed into `words`.
pub(super) fn indicated(encoding: &Encoding, place: &Place, words: &[u16]) -> Result<f64, Bad> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    for guard in &encoding.guards {
        let found = bytes.get(usize::from(guard.at)).copied();
        let found = u16::from(found.ok_or(Bad::Short)?);
        if !guard.must.holds(found) {
            return Err(Bad::Guard(said(guard, found)));
        }
    }
    match place {
        Place::Byte(at) => {
            let at = usize::from(*at);
            let end = at + 2 * usize::from(encoding.kind.words());
            let own = bytes.get(at..end).ok_or(Bad::Short)?;
            let own = dutypoint_model::document::packed(own);
            let alone = Encoding {
                offset: 0,
                ..encoding.clone()
            };
            let number = trusted(&alone, &own)?;
            scaled(&alone, number, &own)
        }
        Place::Text { .. } => {
            let number = decimal(&field(place, &bytes)?)?;
            if let Some([low, high]) = encoding.limits
                && !(low..=high).contains(&number)
            {
                return Err(Bad::OutOfLimits);
            }
            scaled(encoding, Raw::Float(number), words)
        }
    }
}

/// The text of the field, without its suffix.
fn field(place: &Place, bytes: &[u8]) -> Result<String, Bad> {
    let Place::Text {
        from,
        back,
        separator,
        nth,
        fields,
        suffix,
    } = place
    else {
        return Err(Bad::Short);
    };
    // A text message ends with a byte that is not zero: a zero behind it fills its last word.
    let whole = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    let end = whole.len().checked_sub(usize::from(*back));
    let body = end.and_then(|end| whole.get(usize::from(*from)..end));
    let body = body.ok_or(Bad::Short)?;
    let parts: Vec<&[u8]> = match separator {
        Some(separator) => body.split(|byte| byte == separator).collect(),
        None => vec![body],
    };
    let shown = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.chars().take(SHOWN).collect::<String>()
    };
    if parts.len() != usize::from(*fields) {
        return Err(Bad::NotDecimal(shown(body)));
    }
    let own = parts.get(usize::from(*nth)).ok_or(Bad::Short)?;
    let text = std::str::from_utf8(own).map_err(|_| Bad::NotDecimal(shown(own)))?;
    let text = text.trim_matches(' ');
    let text = match suffix {
        Some(suffix) => text.strip_suffix(suffix.as_str()),
        None => Some(text),
    };
    let text = text.ok_or_else(|| Bad::NotDecimal(shown(own)))?;
    Ok(text.trim_end_matches(' ').to_owned())
}

/// A decimal number: sign, digits with one point at most, exponent; spaces behind the sign,
/// as fixed fields have them. Nothing else, for half of a message must not pass.
fn decimal(text: &str) -> Result<f64, Bad> {
    let refuse = || Bad::NotDecimal(text.chars().take(SHOWN).collect());
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.trim_start_matches(' ');
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let sound = match mantissa.split_once('.') {
        Some((whole, part)) => digits(whole) && (part.is_empty() || digits(part)),
        None => digits(mantissa),
    };
    let power = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    if !sound || !power {
        return Err(refuse());
    }
    let number: f64 = rest.parse().map_err(|_| refuse())?;
    finite(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dutypoint_model::document::{NumberKind, Scale, WordOrder, packed};
    use proptest::prelude::*;

    const ONE: Scale = Scale::Linear {
        factor: 1.0,
        offset: 0.0,
    };

    fn text(separator: Option<u8>, nth: u16, fields: u16, suffix: Option<&str>) -> Encoding {
        Encoding {
            place: Some(Place::Text {
                from: 1,
                back: 1,
                separator,
                nth,
                fields,
                suffix: suffix.map(str::to_owned),
            }),
            ..Encoding::plain(0, NumberKind::F64, WordOrder::Abcd, ONE)
        }
    }

    fn told(encoding: &Encoding, message: &[u8]) -> Result<f64, Bad> {
        super::super::indicated(encoding, &packed(message))
    }

    #[test]
    fn a_field_of_a_line_is_its_decimal_number() {
        let second = text(Some(b','), 1, 2, None);
        assert_eq!(told(&second, b">+0012.50,-3.25\r"), Ok(-3.25));
        assert_eq!(told(&second, b">+0012.50,-3.2\r"), Ok(-3.2));
        let unit = text(None, 0, 1, Some("N.m"));
        assert_eq!(told(&unit, b">-  12.5 N.m\r"), Ok(-12.5));
        assert_eq!(told(&unit, b">1.25E+1N.m\r"), Ok(12.5));
        assert!(told(&unit, b">12.5 kgm\r").is_err(), "another unit");
    }

    #[test]
    fn what_is_no_number_is_none() {
        let one = text(None, 0, 1, None);
        for bad in [
            "", "-", ".", ".5", "1.2.3", "12,5", "OL", "----", "nan", "inf", "0x10", "1e", "1e+",
            "1 2", "--1", "1e999", "１",
        ] {
            let said = told(&one, format!(">{bad}\r").as_bytes());
            assert!(said.is_err(), "{bad:?} passes for {said:?}");
        }
        let two = text(Some(b','), 0, 2, None);
        assert!(told(&two, b">1.0\r").is_err(), "a field too few");
        assert!(told(&two, b">1.0,2.0,3.0\r").is_err(), "a field too many");
        assert_eq!(told(&two, b">"), Err(Bad::Short));
    }

    #[test]
    fn a_binary_number_may_begin_at_any_byte() {
        let at = |at, kind, order| Encoding {
            place: Some(Place::Byte(at)),
            ..Encoding::plain(0, kind, order, ONE)
        };
        let message = [0xAA, 0x00, 0x00, 0x30, 0x39, 0xFF, 0xFE, 0x0D];
        let i32 = at(1, NumberKind::I32, WordOrder::Abcd);
        assert_eq!(told(&i32, &message), Ok(12345.0));
        let i16 = at(5, NumberKind::I16, WordOrder::Abcd);
        assert_eq!(told(&i16, &message), Ok(-2.0));
        let beyond = at(5, NumberKind::I32, WordOrder::Abcd);
        assert_eq!(told(&beyond, &message), Err(Bad::Short));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            message in prop::collection::vec(any::<u8>(), 0..40),
            at in any::<u16>(), nth in 0u16..5, fields in 0u16..5, separator in any::<Option<u8>>(),
        ) {
            let _ = told(&text(separator, nth, fields, Some("x")), &message);
            let _ = told(&text(separator, nth, fields, None), &message);
            for kind in NumberKind::ALL {
                let place = Some(Place::Byte(at % 50));
                let _ = told(&Encoding { place, ..Encoding::plain(0, kind, WordOrder::Dcba, ONE) }, &message);
            }
        }

        #[test]
        fn a_written_number_is_read_as_written(number in -1e9f64..1e9) {
            let message = format!(">{number:.4}\r");
            let expected: f64 = format!("{number:.4}").parse().unwrap();
            prop_assert_eq!(told(&text(None, 0, 1, None), message.as_bytes()), Ok(expected));
        }
    }
}
