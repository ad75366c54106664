//! What the simulator plays is what the engine decodes, over every type and order: the two
//! sides were written apart.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use dutypoint_engine::decode::{Bad, indicated};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{
    Bits, Encoding, Field, Fraction, Guard, Must, NumberKind, Scale, Sign, WordOrder,
};
use dutypoint_sim::fill;
use proptest::prelude::*;

const ONE: Scale = Scale::Linear {
    factor: 1.0,
    offset: 0.0,
};

fn orders() -> impl Strategy<Value = WordOrder> {
    prop::sample::select(WordOrder::ALL.to_vec())
}

/// Whole numbers a kind can hold, and a double too.
fn whole_of(kind: NumberKind) -> BoxedStrategy<i64> {
    const EXACT: i64 = 1 << 53;
    match kind {
        NumberKind::U16 => (0..=i64::from(u16::MAX)).boxed(),
        NumberKind::I16 => (i64::from(i16::MIN)..=i64::from(i16::MAX)).boxed(),
        NumberKind::U32 => (0..=i64::from(u32::MAX)).boxed(),
        NumberKind::I32 => (i64::from(i32::MIN)..=i64::from(i32::MAX)).boxed(),
        NumberKind::U64 => (0..=EXACT).boxed(),
        NumberKind::I64 | NumberKind::F64 => (-EXACT..=EXACT).boxed(),
        NumberKind::F32 => (-(1_i64 << 24)..=(1 << 24)).boxed(),
        NumberKind::Bcd16 => (0..=9_999_i64).boxed(),
        NumberKind::Bcd32 => (0..=99_999_999_i64).boxed(),
    }
}

fn number() -> impl Strategy<Value = (NumberKind, i64)> {
    prop::sample::select(NumberKind::ALL.to_vec())
        .prop_flat_map(|kind| whole_of(kind).prop_map(move |whole| (kind, whole)))
}

proptest! {
    #[test]
    fn a_whole_number_comes_back_from_every_type_order_and_place(
        (kind, whole) in number(), order in orders(), swapped: bool, at in 0u16..4,
        before in prop::collection::vec(any::<u16>(), 8),
    ) {
        let e = Encoding { swapped, ..Encoding::plain(at, kind, order, ONE) };
        let value = whole as f64;
        let mut answer = before.clone();
        fill(value, &e, 0, &mut answer);
        prop_assert_eq!(indicated(&e, &answer), Ok(value));
        // What is not the number's stays as it was.
        for (n, (was, is)) in before.iter().zip(&answer).enumerate() {
            let own = (at..at + kind.words()).contains(&u16::try_from(n).unwrap());
            prop_assert!(own || was == is, "word {n}");
        }
    }

    #[test]
    fn bits_come_back_and_leave_the_others_alone(
        kind in prop::sample::select(vec![
            NumberKind::U16, NumberKind::I16, NumberKind::U32, NumberKind::I32,
            NumberKind::U64, NumberKind::I64,
        ]),
        order in orders(), swapped: bool, low in 0u8..64, count in 1u8..33, seed: u32,
        before in prop::collection::vec(any::<u16>(), 4),
    ) {
        let width = u8::try_from(16 * kind.words()).unwrap();
        prop_assume!(low + count <= width);
        let mine = Encoding { swapped, bits: Some(Bits { low, count }), ..Encoding::plain(0, kind, order, ONE) };
        let signed = matches!(kind, NumberKind::I16 | NumberKind::I32 | NumberKind::I64);
        let many = 1_i64 << count;
        let value = (i64::from(seed) % many - if signed { many / 2 } else { 0 }) as f64;
        let mut answer = before.clone();
        fill(value, &mine, 0, &mut answer);
        prop_assert_eq!(indicated(&mine, &answer), Ok(value));
        for (l, c) in [(0, low), (low + count, width - low - count)] {
            if c > 0 {
                let rest = Encoding { bits: Some(Bits { low: l, count: c.min(32) }), ..mine.clone() };
                prop_assert_eq!(indicated(&rest, &answer), indicated(&rest, &before));
            }
        }
    }

    #[test]
    fn decimals_and_powers_of_ten_come_back(
        (kind, order, exponent_order) in (prop::sample::select(vec![NumberKind::I16, NumberKind::I32]), orders(), orders()),
        hundredths in -32_000i32..32_000, decimals: bool, set in 0u16..3,
    ) {
        let exponent = Field { at: 4, ..Encoding::plain(0, NumberKind::I32, exponent_order, ONE).field() };
        let bias = if decimals { 0 } else { -4 };
        let e = Encoding::plain(0, kind, order, Scale::Power { exponent, decimals, bias, factor: 1.0 });
        let value = f64::from(hundredths) / 100.0;
        let mut answer = vec![0; 6];
        fill(value, &e, set, &mut answer);
        let back = indicated(&e, &answer).unwrap();
        let last_digit = [1.0, 0.1, 0.01][usize::from(set)];
        prop_assert!((back - value).abs() <= 0.5 * last_digit * (1.0 + 1e-9), "{value} came back as {back}");
    }

    #[test]
    fn totals_and_signs_come_back(
        whole in 0i32..1_000_000, thousandths in 0u16..1000, order in orders(), negative: bool, limit in 1_000_001u32..2_000_000,
    ) {
        let value = f64::from(whole) + f64::from(thousandths) / 1000.0;
        let mut total = Encoding::plain(0, NumberKind::I32, order, ONE);
        total.fraction = Some(Fraction {
            field: Field { at: 2, ..Encoding::plain(0, NumberKind::F64, order, ONE).field() },
            factor: 1.0,
        });
        let mut answer = vec![0; 6];
        let value = if negative { -value } else { value };
        fill(value, &total, 0, &mut answer);
        prop_assert_eq!(indicated(&total, &answer), Ok(value));
        let whole = if negative { -f64::from(whole) } else { f64::from(whole) };
        for sign in [Sign::Above(limit), Sign::Bit { at: 5, mask: 0x0040 }] {
            let e = Encoding { sign: Some(sign), ..Encoding::plain(0, NumberKind::U32, order, ONE) };
            fill(whole, &e, 0, &mut answer);
            prop_assert_eq!(indicated(&e, &answer), Ok(whole));
        }
    }

    #[test]
    fn what_is_no_measurement_is_never_played_as_one(
        (kind, whole) in number(), order in orders(), invalid in -40_000i64..70_000,
    ) {
        let mut e = Encoding::plain(0, kind, order, ONE);
        e.invalid = vec![invalid];
        e.guards = vec![Guard { at: 5, must: Must::Clear(0x8f), otherwise: Bilingual::new("故障", "fault"), codes: Vec::new() }];
        let mut answer = vec![0xffff; 6];
        fill(whole as f64, &e, 0, &mut answer);
        prop_assert!(indicated(&e, &answer).is_ok());
        let fits = match kind {
            NumberKind::U16 => (0..=65_535).contains(&invalid),
            NumberKind::I16 => (-32_768..=32_767).contains(&invalid),
            NumberKind::Bcd16 => (0..=9_999).contains(&invalid),
            NumberKind::I32 | NumberKind::I64 => true,
            _ => invalid >= 0,
        };
        if fits {
            fill(f64::NAN, &e, 0, &mut answer);
            if kind.is_float() {
                prop_assert!(indicated(&e, &answer).is_err());
            } else {
                prop_assert_eq!(indicated(&e, &answer), Err(Bad::Invalid));
            }
        }
    }
}
