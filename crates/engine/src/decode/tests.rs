//! The rules of decoding against what makers print, and against any words whatever.

use super::*;
use dutypoint_model::Unit;
use dutypoint_model::document::{
    Bits, Calibration, Correction, Field, Fraction, Instrument, Must, Role, WordOrder,
};
use proptest::prelude::*;

pub(super) fn encoding(kind: NumberKind, order: WordOrder) -> Encoding {
    let scale = Scale::Linear {
        factor: 1.0,
        offset: 0.0,
    };
    Encoding::plain(0, kind, order, scale)
}

pub(super) fn channel(encoding: Encoding, unit: Unit, [slope, offset]: [f64; 2]) -> Channel {
    Channel {
        name: "x".into(),
        role: Role::Flow,
        unit,
        poll: 0,
        encoding,
        damping_s: 0.0,
        zero: None,
        entered: None,
        counter: None,
        instrument: Instrument {
            tag: "X".into(),
            model: String::new(),
            serial: String::new(),
            range: [0.0, 1.0],
            calibration: Calibration {
                correction: Correction::Linear { slope, offset },
                ..Calibration::default()
            },
        },
    }
}

fn field(at: u16, kind: NumberKind, order: WordOrder) -> Field {
    Field {
        at,
        ..encoding(kind, order).field()
    }
}

#[test]
fn float_of_a_vendor_manual_in_every_word_order() {
    // Micro Sensor MPM47xx protocol V1.2: bytes F5 C3 40 48 are 3.14, low word first.
    let cases = [
        (WordOrder::Abcd, [0x4048, 0xf5c3]),
        (WordOrder::Cdab, [0xf5c3, 0x4048]),
        (WordOrder::Badc, [0x4840, 0xc3f5]),
        (WordOrder::Dcba, [0xc3f5, 0x4840]),
    ];
    for (order, words) in cases {
        let value = indicated(&encoding(NumberKind::F32, order), &words).unwrap();
        assert_eq!(format!("{value:.2}"), "3.14", "{order:?}");
    }
    // Long Run LRF-3000S manual: bytes 06 51 3F 9E are 1.2345678, low word first.
    let value = indicated(
        &encoding(NumberKind::F32, WordOrder::Cdab),
        &[0x0651, 0x3f9e],
    );
    assert!((value.unwrap() - 1.234_567_8).abs() < 1e-7);
    // Applent AT381x manual: 4E6E6B28 is 1e9, high word first.
    let float = encoding(NumberKind::F32, WordOrder::Abcd);
    assert_eq!(indicated(&float, &[0x4e6e, 0x6b28]), Ok(1e9));
    // Emerson 1410: the constant of the order self test is 12345.0; IEEE 754: 4640E400.
    assert_eq!(indicated(&float, &[0x4640, 0xe400]), Ok(12345.0));
}

#[test]
fn integers_are_signed_as_declared() {
    let read = |kind, words: &[u16]| indicated(&encoding(kind, WordOrder::Abcd), words).unwrap();
    assert_eq!(read(NumberKind::U16, &[0xffff]), 65535.0);
    assert_eq!(read(NumberKind::I16, &[0xffff]), -1.0);
    assert_eq!(read(NumberKind::U32, &[0xffff, 0xfffe]), 4_294_967_294.0);
    assert_eq!(read(NumberKind::I32, &[0xffff, 0xfffe]), -2.0);
    assert_eq!(
        read(NumberKind::I64, &[0xffff, 0xffff, 0xffff, 0xfffd]),
        -3.0
    );
    assert_eq!(
        read(NumberKind::F64, &[0x3ff8, 0, 0, 0]),
        1.5,
        "IEEE 754: 1.5 is 3FF8 0000 0000 0000"
    );
}

#[test]
fn eight_bytes_follow_the_pattern_of_four() {
    // Bytes 01 … 08 of one number: words swapped, bytes swapped, both.
    let value = 0x0102_0304_0506_0708_i64;
    for (order, words) in [
        (WordOrder::Abcd, [0x0102, 0x0304, 0x0506, 0x0708]),
        (WordOrder::Cdab, [0x0708, 0x0506, 0x0304, 0x0102]),
        (WordOrder::Badc, [0x0201, 0x0403, 0x0605, 0x0807]),
        (WordOrder::Dcba, [0x0807, 0x0605, 0x0403, 0x0201]),
    ] {
        let mut e = encoding(NumberKind::U64, order);
        assert_eq!(
            indicated(&e, &words),
            Err(Bad::Inexact(i128::from(value))),
            "{order:?}"
        );
        // Its lower half alone: 0x05060708.
        e.bits = Some(Bits { low: 0, count: 32 });
        assert_eq!(indicated(&e, &words), Ok(84_281_096.0), "{order:?}");
    }
}

#[test]
fn a_count_is_exact_or_it_is_none() {
    let mut e = encoding(NumberKind::U64, WordOrder::Abcd);
    // 2^53 and 2^60 are doubles, 2^53 + 1 is none.
    assert_eq!(
        indicated(&e, &[0x0020, 0, 0, 0]),
        Ok(9_007_199_254_740_992.0)
    );
    assert_eq!(
        indicated(&e, &[0x1000, 0, 0, 0]),
        Ok(1_152_921_504_606_846_976.0)
    );
    assert_eq!(
        indicated(&e, &[0x0020, 0, 0, 1]),
        Err(Bad::Inexact(9_007_199_254_740_993))
    );
    // MJK MagFlux counts mm³: 2^53 + 1 of them are 9 007 199.254740993 m³.
    e.scale = Scale::Linear {
        factor: 1e-9,
        offset: 0.0,
    };
    assert_eq!(indicated(&e, &[0x0020, 0, 0, 1]), Ok(9_007_199.254_740_993));
    // A factor that is no part of a whole number cannot be applied exactly.
    e.scale = Scale::Linear {
        factor: 0.3,
        offset: 0.0,
    };
    assert!(matches!(
        indicated(&e, &[0x0020, 0, 0, 1]),
        Err(Bad::Inexact(_))
    ));
    let lowest = encoding(NumberKind::I64, WordOrder::Abcd);
    assert_eq!(
        indicated(&lowest, &[0x8000, 0, 0, 0]),
        Ok(-9_223_372_036_854_775_808.0)
    );
    assert!(matches!(
        indicated(&lowest, &[0x7fff, 0xffff, 0xffff, 0xffff]),
        Err(Bad::Inexact(9_223_372_036_854_775_807))
    ));
}

#[test]
fn decimal_digits_are_read_as_digits() {
    let read = |kind, order, words: &[u16]| indicated(&encoding(kind, order), words);
    assert_eq!(
        read(NumberKind::Bcd16, WordOrder::Abcd, &[0x1234]),
        Ok(1234.0)
    );
    assert_eq!(
        read(NumberKind::Bcd32, WordOrder::Abcd, &[0x1234, 0x5678]),
        Ok(12_345_678.0)
    );
    assert_eq!(
        read(NumberKind::Bcd32, WordOrder::Cdab, &[0x5678, 0x1234]),
        Ok(12_345_678.0)
    );
    assert_eq!(
        read(NumberKind::Bcd16, WordOrder::Abcd, &[0x12a4]),
        Err(Bad::Digit(0x12a4))
    );
}

#[test]
fn bits_are_taken_out_of_a_word() {
    // Acrel PZ72: register 35 holds DPT in its high byte and DCT in its low one.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    e.bits = Some(Bits { low: 8, count: 8 });
    assert_eq!(indicated(&e, &[0x0503]), Ok(5.0));
    e.bits = Some(Bits { low: 0, count: 8 });
    assert_eq!(indicated(&e, &[0x0503]), Ok(3.0));
    // Rotork status: bit 2 says open.
    e.bits = Some(Bits { low: 2, count: 1 });
    assert_eq!(indicated(&e, &[0b0100]), Ok(1.0));
    assert_eq!(indicated(&e, &[0b1011]), Ok(0.0));
    // Of a signed type they are two's complement: 1111 is −1 in four bits.
    let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
    e.bits = Some(Bits { low: 4, count: 4 });
    assert_eq!(indicated(&e, &[0x00f0]), Ok(-1.0));
    assert_eq!(indicated(&e, &[0x0070]), Ok(7.0));
    let mut e = encoding(NumberKind::F32, WordOrder::Abcd);
    e.bits = Some(Bits { low: 0, count: 8 });
    assert_eq!(indicated(&e, &[0, 0]), Err(Bad::NotFinite));
}

#[test]
fn the_bytes_of_one_word_are_swapped_only_where_that_is_said() {
    let mut e = encoding(NumberKind::U16, WordOrder::Dcba);
    assert_eq!(indicated(&e, &[0x022b]), Ok(555.0));
    e.swapped = true;
    assert_eq!(indicated(&e, &[0x2b02]), Ok(555.0));
}

#[test]
fn scales_follow_the_register_maps() {
    let decimals = |exponent| Scale::Power {
        exponent,
        decimals: true,
        bias: 0,
        factor: 1.0,
    };
    // QDY30A: value and decimals in one answer; 1234 with 2 decimals is 12.34.
    let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
    e.offset = 1;
    e.scale = decimals(field(0, NumberKind::U16, WordOrder::Abcd));
    assert_eq!(indicated(&e, &[2, 1234]), Ok(12.34));
    assert_eq!(indicated(&e, &[12, 1234]), Err(Bad::Decimals(12)));
    // DYN-200: torque at 0, its decimals at 8, both of 32 bits; −1234 with 1 is −123.4 N·m.
    let mut e = encoding(NumberKind::I32, WordOrder::Abcd);
    e.scale = decimals(field(8, NumberKind::I32, WordOrder::Abcd));
    let answer = [0xffff, 0xfb2e, 0, 0, 0, 0, 0, 0, 0, 1];
    assert_eq!(indicated(&e, &answer), Ok(-123.4));
    // ADAM-4015 type 0x20: counts 0 … 65535 over −50 … 150 °C.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    e.scale = Scale::Span {
        raw_low: 0.0,
        raw_high: 65535.0,
        low: -50.0,
        high: 150.0,
    };
    assert_eq!(indicated(&e, &[0]), Ok(-50.0));
    assert_eq!(indicated(&e, &[65535]), Ok(150.0));
    // STAR torque sensor: 0 … 2000 stands for minus to plus full scale, here 100 N·m.
    e.scale = Scale::Span {
        raw_low: 0.0,
        raw_high: 2000.0,
        low: -100.0,
        high: 100.0,
    };
    assert_eq!(indicated(&e, &[0]), Ok(-100.0));
    assert_eq!(indicated(&e, &[1000]), Ok(0.0));
    assert_eq!(indicated(&e, &[1500]), Ok(50.0));
    // Danfoss FC 202: 4000 hexadecimal is 100 %.
    e.scale = Scale::Linear {
        factor: 100.0 / 16384.0,
        offset: 0.0,
    };
    assert_eq!(indicated(&e, &[0x4000]), Ok(100.0));
}

#[test]
fn the_power_of_ten_comes_from_another_register() {
    // Acrel PZ72: U = raw · 10^(DPT − 4); DPT 4 and 2203 are 2203 V, DPT 3 makes 220.3 V.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    e.offset = 2;
    e.scale = Scale::Power {
        exponent: Field {
            bits: Some(Bits { low: 8, count: 8 }),
            ..field(0, NumberKind::U16, WordOrder::Abcd)
        },
        decimals: false,
        bias: -4,
        factor: 1.0,
    };
    assert_eq!(indicated(&e, &[0x0401, 0, 2203]), Ok(2203.0));
    assert_eq!(indicated(&e, &[0x0301, 0, 2203]), Ok(220.3));
    assert_eq!(indicated(&e, &[0x0601, 0, 2203]), Ok(220_300.0));
    assert_eq!(indicated(&e, &[0xff01, 0, 2203]), Err(Bad::Exponent(251)));
}

#[test]
fn a_total_is_its_whole_part_and_its_fraction() {
    // TUF-2000M: positive total, whole part at 8 and fraction at 10, low word first;
    // 70000 (0001 1170) and 0.5 (3F00 0000).
    let mut e = encoding(NumberKind::I32, WordOrder::Cdab);
    e.fraction = Some(Fraction {
        field: field(2, NumberKind::F32, WordOrder::Cdab),
        factor: 1.0,
    });
    assert_eq!(
        indicated(&e, &[0x1170, 0x0001, 0x0000, 0x3f00]),
        Ok(70000.5)
    );
    // A fraction that is none spoils the total.
    assert_eq!(
        indicated(&e, &[0x1170, 0x0001, 0x0000, 0x7fc0]),
        Err(Bad::NotFinite)
    );
    // Thousandths in a word of their own.
    e.fraction = Some(Fraction {
        field: field(2, NumberKind::U16, WordOrder::Abcd),
        factor: 0.001,
    });
    assert_eq!(indicated(&e, &[0x1170, 0x0001, 250]), Ok(70000.25));
}

#[test]
fn a_sign_may_stand_in_the_range_or_in_another_word() {
    // A Chinese humidity sensor reports 10250 for −25.0 and 250 for 25.0.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    e.sign = Some(Sign::Above(10000));
    e.scale = Scale::Linear {
        factor: 0.1,
        offset: 0.0,
    };
    assert_eq!(indicated(&e, &[10250]), Ok(-25.0));
    assert_eq!(indicated(&e, &[250]), Ok(25.0));
    e.sign = Some(Sign::Bit { at: 1, mask: 0x08 });
    assert_eq!(indicated(&e, &[250, 0x08]), Ok(-25.0));
    assert_eq!(indicated(&e, &[250, 0xf7]), Ok(25.0));
}

#[test]
fn a_value_that_cannot_be_trusted_is_never_a_number() {
    let float = encoding(NumberKind::F32, WordOrder::Abcd);
    // WT310E: 0x7FC00000 no data, 0x7F800000 over-range.
    assert_eq!(indicated(&float, &[0x7fc0, 0]), Err(Bad::NotFinite));
    assert_eq!(indicated(&float, &[0x7f80, 0]), Err(Bad::NotFinite));
    assert_eq!(indicated(&float, &[0x7f80]), Err(Bad::Short));
    // A profile that knows the pattern says what it means: no measurement.
    let mut told = float.clone();
    told.invalid = vec![0x7fc0_0000, 0x4461_4000];
    assert_eq!(indicated(&told, &[0x7fc0, 0]), Err(Bad::Invalid));
    // 901.0, a finite code of the kind gateways are set to.
    assert_eq!(indicated(&told, &[0x4461, 0x4000]), Err(Bad::Invalid));
    assert_eq!(
        indicated(&told, &[0x4461, 0x4001]),
        Ok(901.000_061_035_156_2)
    );
    // Keller 30X, block of whole numbers: 2147483647 overflow, −2147483648 underflow.
    let mut e = encoding(NumberKind::I32, WordOrder::Abcd);
    e.invalid = vec![2_147_483_647, -2_147_483_648];
    assert_eq!(indicated(&e, &[0x7fff, 0xffff]), Err(Bad::Invalid));
    assert_eq!(indicated(&e, &[0x8000, 0x0000]), Err(Bad::Invalid));
    assert_eq!(indicated(&e, &[0x7fff, 0xfffe]), Ok(2_147_483_646.0));
    // Rotork: torque 0 … 120 %.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    e.limits = Some([0.0, 120.0]);
    assert_eq!(indicated(&e, &[120]), Ok(120.0));
    assert_eq!(indicated(&e, &[121]), Err(Bad::OutOfLimits));
}

#[test]
fn a_status_word_says_why_the_number_does_not_count() {
    let code = |code, zh: &str, en: &str| Code {
        code,
        text: Bilingual::new(zh, en),
    };
    // Moxa E1240: status 0 normal, 1 burn-out, 2 over-range, 3 under-range.
    let mut e = encoding(NumberKind::I16, WordOrder::Abcd);
    e.guards = vec![Guard {
        at: 1,
        must: Must::Equal(0),
        otherwise: Bilingual::new("通道状态", "channel status"),
        codes: vec![code(1, "断线", "burn-out"), code(2, "超上限", "over-range")],
    }];
    let bad = |zh: &str, en: &str| Err(Bad::Guard(Bilingual::new(zh, en)));
    assert_eq!(indicated(&e, &[5, 0]), Ok(5.0));
    assert_eq!(
        indicated(&e, &[5, 1]),
        bad("通道状态：断线", "channel status: burn-out")
    );
    assert_eq!(indicated(&e, &[5, 9]), bad("通道状态", "channel status"));
    assert_eq!(indicated(&e, &[5]), Err(Bad::Short));
    // ADAM-6217: bits 0 timeout, 1 over, 2 under, 3 open, 7 converter failed.
    e.guards = vec![Guard {
        at: 1,
        must: Must::Clear(0x008f),
        otherwise: Bilingual::new("通道故障", "channel fault"),
        codes: Vec::new(),
    }];
    assert_eq!(indicated(&e, &[5, 0x0070]), Ok(5.0));
    assert_eq!(
        indicated(&e, &[5, 0x0008]),
        bad("通道故障", "channel fault")
    );
    // TUF-2000M: signal quality 0 … 99; this bench wants 60 at least.
    e.guards = vec![Guard {
        at: 1,
        must: Must::Within(60, 99),
        otherwise: Bilingual::new("信号质量低", "poor signal"),
        codes: Vec::new(),
    }];
    assert_eq!(indicated(&e, &[5, 60]), Ok(5.0));
    assert_eq!(indicated(&e, &[5, 59]), bad("信号质量低", "poor signal"));
}

#[test]
fn a_code_has_a_meaning_or_is_none() {
    // Inovance MD500: state 1 forward, 2 reverse, 3 stopped.
    let mut e = encoding(NumberKind::U16, WordOrder::Abcd);
    let texts = [
        (1, "正转", "forward"),
        (2, "反转", "reverse"),
        (3, "停止", "stopped"),
    ];
    e.codes = texts
        .map(|(code, zh, en)| Code {
            code,
            text: Bilingual::new(zh, en),
        })
        .to_vec();
    assert_eq!(indicated(&e, &[3]), Ok(3.0));
    let stopped = Bilingual::new("停止", "stopped");
    assert_eq!(meaning(&e, &[3]), Ok(Some(&stopped)));
    assert_eq!(meaning(&e, &[4]), Err(Bad::Code(4)));
    let plain = encoding(NumberKind::U16, WordOrder::Abcd);
    assert_eq!(meaning(&plain, &[4]), Ok(None));
}

fn fields() -> impl Strategy<Value = Field> {
    (
        0u16..8,
        prop::sample::select(NumberKind::ALL.to_vec()),
        prop::sample::select(WordOrder::ALL.to_vec()),
        any::<bool>(),
        prop::option::of((any::<u8>(), any::<u8>())),
    )
        .prop_map(|(at, kind, order, swapped, bits)| Field {
            at,
            kind,
            order,
            swapped,
            bits: bits.map(|(low, count)| Bits { low, count }),
        })
}

fn scales() -> impl Strategy<Value = Scale> {
    let span = (any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>());
    prop_oneof![
        (any::<f64>(), any::<f64>()).prop_map(|(factor, offset)| Scale::Linear { factor, offset }),
        span.prop_map(|(raw_low, raw_high, low, high)| Scale::Span {
            raw_low,
            raw_high,
            low,
            high
        }),
        (fields(), any::<bool>(), any::<i8>(), any::<f64>()).prop_map(
            |(exponent, decimals, bias, factor)| Scale::Power {
                exponent,
                decimals,
                bias,
                factor
            }
        ),
    ]
}

proptest! {
    #[test]
    fn the_short_way_of_plain_numbers_says_what_the_long_one_does(
        words in prop::collection::vec(any::<u16>(), 0..8),
        at in 0u16..8,
        kind in prop::sample::select(NumberKind::ALL.to_vec()),
        order in prop::sample::select(WordOrder::ALL.to_vec()),
        (factor, offset, slope, zero) in (any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()),
        unit in prop::sample::select(vec![Unit::CubicMetrePerHour, Unit::Kelvin, Unit::Bar]),
    ) {
        let scale = Scale::Linear { factor, offset };
        let channel = channel(Encoding::plain(at, kind, order, scale), unit, [slope, zero]);
        let bits = |value: Result<f64, Bad>| value.map(f64::to_bits);
        let short = Reader::new(&channel).value(&channel, &words);
        prop_assert_eq!(bits(short), bits(value(&channel, &words)));
    }

    #[test]
    fn no_words_panic_and_every_value_is_finite(
        words in prop::collection::vec(any::<u16>(), 0..12),
        field in fields(),
        scale in scales(),
        fraction in prop::option::of((fields(), any::<f64>())),
        sign in prop::option::of(prop_oneof![
            any::<u32>().prop_map(Sign::Above),
            (0u16..12, any::<u16>()).prop_map(|(at, mask)| Sign::Bit { at, mask }),
        ]),
        limits in prop::option::of([any::<f64>(), any::<f64>()]),
        invalid in prop::collection::vec(any::<i64>(), 0..3),
    ) {
        let e = Encoding {
            swapped: field.swapped,
            bits: field.bits,
            sign,
            fraction: fraction.map(|(field, factor)| Fraction { field, factor }),
            invalid,
            limits,
            ..Encoding::plain(field.at, field.kind, field.order, scale)
        };
        match indicated(&e, &words) {
            Ok(value) => prop_assert!(value.is_finite()),
            // Every reason is told in both languages.
            Err(bad) => {
                let text = bad.text();
                prop_assert!(!text.zh.is_empty() && !text.en.is_empty());
            }
        }
        let _ = meaning(&e, &words);
    }
}
