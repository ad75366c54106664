use super::*;
use dutypoint_model::Unit;
use proptest::prelude::*;

const DCC: &str = include_str!("../../../../fixtures/calibrations/pressure.xml");
const TABLE: &str = include_str!("../../../../fixtures/calibrations/flow.csv");

fn refused(text: &str) -> String {
    read("x.xml", text.as_bytes(), Some("2027-09-01"))
        .unwrap_err()
        .to_string()
}

/// The numbers are those of the file, by hand: reference 1 MPa is 10 bar; u = 0.018 at k = 2.
#[test]
fn a_dcc_becomes_a_table_in_the_unit_of_the_instrument() {
    let found = read("p.xml", DCC.as_bytes(), Some("2027-09-01")).unwrap();
    assert_eq!(found.certificate, "INVENTED-P-0042");
    assert_eq!(found.laboratory, "Invented metrology");
    assert_eq!(
        (found.date.as_str(), found.due.as_str()),
        ("2026-09-02", "2027-09-01")
    );
    assert_eq!(found.unit, Some(Unit::Bar));
    let table = found.table.clone().unwrap();
    let expected = [[0.02, 0.0], [9.99, 10.0], [20.01, 20.0], [25.03, 25.0]];
    for (found, expected) in table.iter().zip(expected) {
        assert_eq!(found[0], expected[0]);
        assert!((found[1] - expected[1]).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(found.range, Some([0.02, 25.03]));
    assert_eq!((found.u, found.k), (0.018, Some(2.0)));
    // Half way from 9.99 to 20.01 shown, half way from 10 to 20 true.
    let value = found.document().corrected(15.0, Unit::Bar).unwrap();
    assert!((value - 15.0e5).abs() < 1e-6, "{value}");
}

#[test]
fn a_dcc_may_state_errors_in_place_of_references() {
    let errors = DCC.replace("basic_referenceValue", "basic_measurementError");
    let errors = errors.replace("0 1.0 2.0 2.5", "0.001 -0.002 0 0.003");
    let found = read("p.xml", errors.as_bytes(), Some("2027-09-01")).unwrap();
    // 9.99 bar shown, 0.02 bar too little.
    let table = found.table.unwrap();
    assert!((table[1][1] - 10.01).abs() < 1e-12, "{table:?}");
}

#[test]
fn what_a_dcc_lacks_is_named() {
    for (from, to, said) in [
        (
            r"\bar",
            r"\furlong",
            r#"si:unitXMLList: the unit "\\furlong" is not known here"#,
        ),
        (
            "schemaVersion=\"3.2.1\"",
            "schemaVersion=\"2.4.0\"",
            "schemaVersion: version \"2.4.0\" is not read",
        ),
        (
            "<dcc:uniqueIdentifier>INVENTED-P-0042</dcc:uniqueIdentifier>",
            "",
            "dcc:uniqueIdentifier: it is missing",
        ),
        ("basic_measuredValue", "basic_nominalValue", "0 lists hold"),
        (
            "9.99 20.01",
            "9.99 zwanzig",
            "si:valueXMLList: \"zwanzig\" is no number",
        ),
        (
            "0.02 9.99 20.01 25.03",
            "0.02 9.99 25.03",
            "3 values in bar stand beside 4 in MPa",
        ),
        (
            "0.02 9.99 20.01 25.03",
            "0.02 9.99 9.99 25.03",
            "9.99 is there twice",
        ),
        (
            "<si:coverageFactorXMLList>2<",
            "<si:coverageFactorXMLList>0<",
            "si:coverageFactorXMLList: one factor",
        ),
        ("</dcc:measurementResults>", "", "it is no XML"),
    ] {
        let error = refused(&DCC.replace(from, to));
        assert!(error.contains(said), "{error}");
    }
    let undue = read("p.xml", DCC.as_bytes(), None).unwrap_err().to_string();
    assert!(undue.contains("--due"), "{undue}");
    // An entity that grows is refused, not grown.
    let bomb = "<!DOCTYPE a [<!ENTITY x 'yyyy'>]><a>&x;</a>";
    assert!(refused(bomb).contains("it is no XML"));
}

#[test]
fn a_table_is_read_in_both_languages_and_sorted() {
    let found = read("q.csv", TABLE.as_bytes(), None).unwrap();
    assert_eq!(found.due, "2027-08-09");
    assert_eq!(found.unit, Some(Unit::CubicMetrePerHour));
    assert_eq!(
        found.table,
        Some(vec![[5.02, 5.0], [20.1, 20.0], [60.0, 60.1]])
    );
    assert_eq!(found.u, 0.15);
    // As a Chinese spreadsheet writes it.
    let bytes = encoding_rs::GB18030.encode(TABLE).0.into_owned();
    assert_eq!(read("q.csv", &bytes, None).unwrap(), found);
    let wrong = TABLE.replace("60.0,60.1", "60.0,viel");
    let error = read("q.csv", wrong.as_bytes(), None)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "failed to read calibration q.csv line 10: \"viel\" is no number"
    );
}

proptest! {
    /// No bytes panic, neither any nor a certificate with some of them changed.
    #[test]
    fn nothing_panics(any in proptest::collection::vec(any::<u8>(), 0..400), at in 0_usize..3000, dcc: bool) {
        let _ = read("x", &any, Some("2027-01-01"));
        let mut bytes = if dcc { DCC.as_bytes().to_vec() } else { TABLE.as_bytes().to_vec() };
        for (n, byte) in any.iter().take(8).enumerate() {
            let at = (at + n * 37) % bytes.len();
            bytes[at] = *byte;
        }
        let _ = read("x", &bytes, Some("2027-01-01"));
        let cut = at % bytes.len();
        let _ = read("x", &bytes[..cut], None);
    }
}
