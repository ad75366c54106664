//! Two runs of one seed. The clocks of two processes never agree to the nanosecond, so
//! the valve may come to rest elsewhere: what must agree is the pump.

use crate::common::finding;
use serde_json::Value;

/// A point as flow, m³/s, and a quantity over it.
type Curve = Vec<(f64, f64)>;

fn curve(result: &Value, quantity: &str) -> Curve {
    let points = result["points"].as_array().unwrap();
    let accepted = points.iter().filter(|p| p["accepted"] == true);
    accepted
        .map(|p| {
            let of = |key: &str| p[key].as_f64().unwrap();
            (of("flow_m3_s"), of(quantity))
        })
        .collect()
}

/// The slope of `curve` at point `n`, from its neighbours.
fn slope(curve: &Curve, n: usize) -> f64 {
    let low = curve[n.saturating_sub(1)];
    let high = curve[(n + 1).min(curve.len() - 1)];
    (high.1 - low.1) / (high.0 - low.0)
}

/// Asserts that the point means of two results of one seed agree: flow within 5 % of the
/// guaranteed flow (a point is taken anywhere within ±2 % of its target, and the flow
/// wanders while it is taken); along the curve, head and power within 1 %, efficiency
/// within 1 point.
pub(crate) fn point_means_agree(first: &Value, again: &Value) {
    let rated_flow = first["guarantee_flow_m3_s"].as_f64().unwrap();
    let rated_head = first["guarantee_head_m"].as_f64().unwrap();
    let largest_power = curve(first, "power_w")
        .iter()
        .map(|p| p.1)
        .fold(0.0, f64::max);
    for (quantity, bound) in [
        ("head_m", 0.01 * rated_head),
        ("power_w", 0.01 * largest_power),
        ("efficiency", 0.01),
    ] {
        let (a, b) = (curve(first, quantity), curve(again, quantity));
        assert_eq!((a.len(), b.len()), (13, 13), "accepted points");
        for n in 0..a.len() {
            let apart = b[n].0 - a[n].0;
            assert!(
                apart.abs() <= 0.05 * rated_flow,
                "point {}: flows {} and {}",
                n + 1,
                a[n].0,
                b[n].0
            );
            let expected = a[n].1 + slope(&a, n) * apart;
            assert!(
                (b[n].1 - expected).abs() <= bound,
                "point {} {quantity}: {expected} and {}",
                n + 1,
                b[n].1
            );
        }
    }
}

#[test]
fn the_comparison_of_runs_notices_a_pump_that_is_two_percent_worse() {
    let result = crate::common::shared().result();
    point_means_agree(&result, &result);
    assert_eq!(finding(&result, "flow_head")["verdict"], "Pass");
    for (quantity, factor) in [("head_m", 0.98), ("power_w", 1.02), ("efficiency", 0.98)] {
        let mut worse = result.clone();
        for point in worse["points"].as_array_mut().unwrap() {
            let value = point[quantity].as_f64().unwrap() * factor;
            point[quantity] = value.into();
        }
        let noticed = std::panic::catch_unwind(|| point_means_agree(&result, &worse));
        assert!(noticed.is_err(), "{quantity}");
    }
}
