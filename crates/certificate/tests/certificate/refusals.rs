//! What is refused, and what the refusal says.

use crate::sample::{self, both};
use dutypoint_certificate::data::{CertificateData, CertificateKind};
use dutypoint_certificate::{Error, render};

fn refusal(change: impl FnOnce(&mut CertificateData)) -> String {
    let mut data = sample::formal();
    change(&mut data);
    let message = render(&data).expect_err("refused").to_string();
    assert!(message.starts_with("failed to "), "{message}");
    message
}

#[test]
fn a_character_without_glyph_is_named_with_its_field() {
    let message = refusal(|d| {
        d.order.customer.as_mut().unwrap().name.zh = "\u{20bb7}野水泵厂".to_owned();
        d.instruments[2].model = "WT333E\u{1f50c}".to_owned();
    });
    assert!(message.contains("'\u{20bb7}' (U+20BB7) in order.customer.name.zh"));
    assert!(message.contains("(U+1F50C) in instruments[2].model"));

    let message = refusal(|d| d.specimen.serial_no = Some("17\t3".to_owned()));
    assert!(message.contains(r"'\t' (U+0009) in specimen.serial_no"));
}

#[test]
fn a_number_that_is_none_is_named_with_its_field() {
    let message = refusal(|d| d.points[3].head_m = f64::NAN);
    assert!(message.contains("points[3].head_m"));
    let message = refusal(|d| d.findings[1].margin = Some(f64::INFINITY));
    assert!(message.contains("findings[1].margin"));
}

#[test]
fn malformed_fields_are_named() {
    let message = refusal(|d| d.issued_at = "2026-03-05".to_owned());
    assert!(message.contains("issued_at") && message.contains("RFC 3339"));
    let message = refusal(|d| d.digests.data = "abc".to_owned());
    assert!(message.contains("digests.data") && message.contains("32 hexadecimal digits"));
    let message = refusal(|d| d.number = "报".repeat(60));
    assert!(message.contains("number") && message.contains("about 40 characters"));
    let message = refusal(|d| d.number = "A\nB".to_owned());
    assert!(message.contains("one line"));
}

#[test]
fn a_kind_is_not_stretched() {
    let message = refusal(|d| d.basis[1].countersigned = false);
    assert!(message.contains("gbt-3216-2016 v1 is not countersigned"));
    let message = refusal(|d| d.refusals.push(both("某原因", "some reason")));
    assert!(message.contains("formal"));
    let message = refusal(|d| d.kind = CertificateKind::DataEvaluation);
    assert!(message.contains("no test conclusion"));
    let message = refusal(|d| d.kind = CertificateKind::Simulated);
    assert!(message.contains("must list why"));
}

#[test]
fn a_curve_is_not_drawn_beyond_the_tests() {
    let mut data = sample::formal();
    let chart = data.chart.as_mut().unwrap();
    chart.panels[0].curve.push([200.0, 1.0]);
    assert!(matches!(render(&data), Err(Error::Chart(why)) if why.contains("Head")));
}
