//! A run judged by rounded values (GB/T 8170), where its pack says so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
#[path = "common/points.rs"]
mod points;

use common::{shipped, start, start_with};
use dutypoint_engine::{Setup, assess};
use dutypoint_model::document::{Channels, Finding, Item, Point};
use dutypoint_model::{Outcome, Verdict};
use points::{FLOWS, at, point, reduced};

const ROUNDED: &str = "comparison = \"rounded_value\"
interval = { flow_m3_h = \"0.1\", head_m = \"0.1\", efficiency_pct = \"0.1\", power_kw = \"0.01\", npsh_m = \"0.01\" }";

/// The finding about the head of a pump that has `head_m` everywhere; 2B permits 109.2 m.
fn head(head_m: f64, rounded: bool) -> Finding {
    let bench = shipped("config/benches/demo.toml");
    let order = shipped("config/orders/demo.toml");
    let (start, files) = if rounded {
        start_with(&bench, &order, |id, text| match id {
            "gbt3216-2016" => {
                let full = "comparison = \"full_value\"";
                assert!(text.contains(full));
                text.replacen(full, ROUNDED, 1)
            }
            _ => text,
        })
    } else {
        start(&bench, &order)
    };
    let setup = Setup::open(&start, &files).unwrap();
    let points: Vec<Point> = (1..)
        .zip(FLOWS)
        .map(|(number, q)| point(number, at(q, head_m, reduced(q).power_w)))
        .collect();
    let findings = assess(&setup, &Channels::default(), &points, Outcome::Completed).unwrap();
    let found = findings.into_iter().find(|f| f.item == Item::HeadAtFlow);
    found.unwrap()
}

#[test]
fn a_head_just_above_its_limit_passes_by_its_rounded_value_and_says_so() {
    let full = head(109.24, false);
    assert_eq!(full.verdict, Verdict::Fail);
    assert!(full.margin.unwrap() < 0.0);
    assert!(!full.inputs.contains_key("compared_value"));

    let rounded = head(109.24, true);
    assert_eq!(rounded.verdict, Verdict::Pass);
    // The value stays in full; what was compared stands beside it.
    assert!((rounded.value.unwrap() - 109.24).abs() < 1e-9);
    assert!((rounded.inputs["compared_value"] - 109.2).abs() < 1e-12);
    assert!(rounded.margin.unwrap().abs() < 1e-12);
    let reason = rounded.reason.unwrap();
    assert_eq!(reason.en, "compared by its rounded value 109.2 m");
    assert_eq!(reason.zh, "按修约值 109.2 m 比较");

    let above = head(109.26, true);
    assert_eq!(above.verdict, Verdict::Fail);
    assert!((above.margin.unwrap() + 0.1).abs() < 1e-9);
}
