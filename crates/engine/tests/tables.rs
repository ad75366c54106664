//! One table written in every way that is accepted gives one document; what could be
//! read two ways is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use dutypoint_engine::config::Order;
use dutypoint_engine::import::{Choices, Decimal, Encoding, Separator, table};
use dutypoint_model::Unit;
use dutypoint_model::document::{Import, Role};
use proptest::prelude::*;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn order() -> Order {
    Order::parse("order.toml", &read("fixtures/lmv311-unit-b/order.toml")).unwrap()
}

/// The same order without a list of columns.
fn order_by_names() -> Order {
    let mut order = order();
    order.import.as_mut().unwrap().column.clear();
    order
}

fn import(order: &Order, bytes: &[u8]) -> Result<Import, String> {
    table(order, "points.csv", bytes, &Choices::default(), 0).map_err(|e| e.to_string())
}

const HEADERS: [[&str; 5]; 5] = [
    [
        "Q [m3/h]",
        "p1 [mmHg]",
        "p2 [kgf/cm2]",
        "P [kW]",
        "n [r/min]",
    ],
    ["Q (m³/h)", "p1 (mmHg)", "p2 (kgf/cm²)", "P (kW)", "n (rpm)"],
    ["Q/(m3/h)", "p1/mmHg", "p2/(kgf/cm2)", "P/kW", "n/(r/min)"],
    [
        "流量 Q (㎥/h)",
        "进口压力 p1（mmHg）",
        "出口压力 p2（kgf/cm²）",
        "轴功率 P（kW）",
        "转速 n（转/分）",
    ],
    [
        "流量（m³/h）",
        "进口压力（mmHg）",
        "出口压力（kgf/cm²）",
        "轴功率（kW）",
        "转速（r/min）",
    ],
];

/// How a table is written.
#[derive(Clone, Copy, Debug)]
struct Way {
    encoding: &'static str,
    separator: char,
    decimal: char,
    grouping: Option<char>,
    full_width: bool,
    header: usize,
    line: &'static str,
}

fn way() -> impl Strategy<Value = Way> {
    (
        prop::sample::select(vec![
            "utf-8",
            "utf-8 marked",
            "utf-16le",
            "utf-16be",
            "gb18030",
        ]),
        prop::sample::select(vec![',', ';', '\t']),
        prop::sample::select(vec![',', '.']),
        prop::sample::select(vec![None, Some('s'), Some(' '), Some('\'')]),
        prop::bool::weighted(0.2),
        0..HEADERS.len(),
        prop::sample::select(vec!["\n", "\r\n"]),
    )
        .prop_map(
            |(encoding, separator, decimal, grouping, full_width, header, line)| Way {
                encoding,
                separator,
                decimal,
                // The usual sign between thousands is the one that is no decimal sign.
                grouping: grouping.map(|g| match (g, decimal) {
                    ('s', ',') => '.',
                    ('s', _) => ',',
                    (g, _) => g,
                }),
                full_width,
                header,
                line,
            },
        )
}

impl Way {
    fn number(self, whole: u32, fraction: &str) -> String {
        let mut text = whole.to_string();
        if let Some(sign) = self.grouping {
            let mut at = text.len();
            while at > 3 {
                at -= 3;
                text.insert(at, sign);
            }
        }
        if !fraction.is_empty() {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        if self.full_width {
            let wide = |c: char| match c {
                '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                c => c,
            };
            text = text.chars().map(wide).collect();
        }
        text
    }

    fn write(self, rows: &[Vec<(u32, String)>]) -> Vec<u8> {
        let quote = |cell: String| {
            if cell.contains([self.separator, '"']) {
                format!("\"{cell}\"")
            } else {
                cell
            }
        };
        let separator = self.separator.to_string();
        let mut text = HEADERS[self.header].join(&separator);
        text.push_str(self.line);
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|(whole, fraction)| quote(self.number(*whole, fraction)))
                .collect();
            text.push_str(&cells.join(&separator));
            text.push_str(self.line);
        }
        let marked = format!("\u{feff}{text}");
        match self.encoding {
            "utf-8" => text.into_bytes(),
            "utf-8 marked" => marked.into_bytes(),
            "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => {
                let (bytes, _, lossy) = encoding_rs::GB18030.encode(&text);
                assert!(!lossy);
                bytes.into_owned()
            }
        }
    }
}

fn rows() -> impl Strategy<Value = Vec<Vec<(u32, String)>>> {
    let number = (
        prop_oneof![0_u32..1000, 0_u32..10_000_000],
        prop_oneof![Just(String::new()), "[0-9]{1,5}"],
    );
    prop::collection::vec(prop::collection::vec(number, 5), 1..6).prop_map(|mut rows| {
        // One number that says by itself what the decimal sign is.
        rows[0][3] = (38, "55".into());
        rows
    })
}

proptest! {
    #[test]
    fn a_table_written_in_any_accepted_way_gives_the_same_cells(rows in rows(), way in way()) {
        let expected: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|(whole, fraction)| match fraction.as_str() {
                        "" => whole.to_string(),
                        fraction => format!("{whole}.{fraction}"),
                    })
                    .collect()
            })
            .collect();
        let import = import(&order(), &way.write(&rows)).unwrap();
        prop_assert_eq!(&import.rows, &expected, "{:?}", way);
        let columns: Vec<(Role, Unit)> = import.columns.iter().map(|c| (c.role, c.unit)).collect();
        prop_assert_eq!(columns, [
            (Role::Flow, Unit::CubicMetrePerHour),
            (Role::InletPressure, Unit::MillimetreOfMercury),
            (Role::OutletPressure, Unit::KilogramForcePerSquareCentimetre),
            (Role::ShaftPower, Unit::Kilowatt),
            (Role::Speed, Unit::RevolutionPerMinute),
        ]);
        prop_assert_eq!(import.form.decimal, Some(way.decimal.to_string()));
        prop_assert_eq!(import.form.separator, Some(way.separator.to_string()));
    }

    #[test]
    fn no_text_panics_the_table_reader(
        text in "[0-9,.;\t\"' \n\r()/\\[\\]Qp12Pnm流量（），；hkW-]{0,200}",
        encoding in prop::sample::select(Encoding::ALL.to_vec()),
        decimal in prop::sample::select(vec![None, Some(Decimal::Comma), Some(Decimal::Point)]),
        separator in prop::sample::select(vec![None, Some(Separator::Comma), Some(Separator::Tab)]),
    ) {
        let choices = Choices { encoding: None, separator, decimal };
        let header = "Q [m3/h];p1 [mmHg];p2 [kgf/cm2];P [kW]\n";
        for order in [order(), order_by_names()] {
            let _ = table(&order, "x", text.as_bytes(), &choices, 0);
            let _ = table(&order, "x", [header, &text].concat().as_bytes(), &choices, 0);
            let said = Choices { encoding: Some(encoding.0), ..choices };
            let _ = table(&order, "x", text.as_bytes(), &said, 0);
        }
    }

    #[test]
    fn no_bytes_panic_any_decoder(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        encoding in prop::sample::select(Encoding::ALL.to_vec()),
    ) {
        let choices = Choices { encoding: Some(encoding.0), ..Choices::default() };
        let _ = table(&order(), "x", &bytes, &choices, 0);
        let _ = Encoding::of(&bytes);
    }
}

#[test]
fn without_a_list_in_the_order_columns_are_found_by_their_names() {
    let order = order_by_names();
    let text = "序号;流量 Q（m³/h）;扬程 H（m）;进口压力（mmHg）;出口压力（kgf/cm²）;轴功率（kW）;效率 η（%）;转速（r/min）\n\
                1;14,71;250;200;28;29,5;40;3550\n2;25,15;240;190;26;38,5;45;3550\n";
    let import = import(&order, text.as_bytes()).unwrap();
    assert_eq!(import.rows[0], ["14.71", "200", "28", "29.5", "3550"]);
    let headers: Vec<&str> = import.columns.iter().map(|c| c.header.as_str()).collect();
    // As written, the unit with its brackets and all.
    assert_eq!(headers[0], "流量 Q（m³/h）");
    assert_eq!(headers[4], "转速（r/min）");
}

const HEADER: &str = "Q [m3/h];p1 [mmHg];p2 [kgf/cm2];P [kW];n [r/min]\n";

#[test]
fn a_number_that_could_be_two_is_refused_until_the_user_says_which() {
    let text = format!("{HEADER}1,234;200;28;29;3550\n2,345;190;26;38;3550\n");
    let error = import(&order(), text.as_bytes()).unwrap_err();
    assert_eq!(
        error,
        "failed to import row 2, column Q: \"1,234\" could be 1.234 or 1234, and no other number of \
         the table tells which; pass --decimal comma or --decimal point"
    );
    for (decimal, expected) in [(Decimal::Comma, "1.234"), (Decimal::Point, "1234")] {
        let choices = Choices {
            decimal: Some(decimal),
            ..Choices::default()
        };
        let import = table(&order(), "t", text.as_bytes(), &choices, 0).unwrap();
        assert_eq!(import.rows[0][0], expected);
    }
    // Points in a table of semicolons are no better.
    let text = text.replace(',', ".");
    assert!(
        import(&order(), text.as_bytes())
            .unwrap_err()
            .contains("--decimal")
    );
    // One other number settles it, for the whole table.
    let text = format!("{HEADER}1,234;200;28;29;3.550\n2,345;190;26;38,5;3.550\n");
    let found = import(&order(), text.as_bytes()).unwrap();
    assert_eq!(found.rows[0], ["1.234", "200", "28", "29", "3550"]);
    // Separated by commas, a point is the decimal sign: a decimal comma would have needed
    // another separator.
    let text = "Q [m3/h],p1 [mmHg],p2 [kgf/cm2],P [kW],n [r/min]\n1.234,200,28,29,3550\n";
    let found = import(&order(), text.as_bytes()).unwrap();
    assert_eq!(found.rows[0][0], "1.234");
}

#[test]
fn what_the_user_says_is_held_against_every_number() {
    let text = format!("{HEADER}14,71;200;28;29,5;3550\n");
    let choices = Choices {
        decimal: Some(Decimal::Point),
        ..Choices::default()
    };
    let error = table(&order(), "t", text.as_bytes(), &choices, 0).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("\"14,71\" does not have a decimal point"),
        "{error}"
    );
}

#[test]
fn a_column_that_would_serve_two_roles_is_refused() {
    let mut order = order();
    let columns = &mut order.import.as_mut().unwrap().column;
    columns[4].role = Role::InputPower;
    columns[4].header = "Pgr".into();
    let text = "Q [m3/h],p1 [mmHg],p2 [kgf/cm2],功率 [kW]\n14.71,200,28,29.5\n";
    let error = import(&order, text.as_bytes()).unwrap_err();
    assert!(error.contains("a column holds one quantity"), "{error}");
}
