//! The published factory test goes through the engine and gives the published numbers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use dutypoint_engine::config::Order;
use dutypoint_engine::import::Choices;
use dutypoint_engine::{FORMULAS, Files, Replay, RunEngine, import};
use dutypoint_model::document::{
    ActCommand, Clock, FileRef, Finding, Item, Origin, Point, Software, Start,
};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Digest, Document, Verdict};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

fn setup(order: &[u8]) -> (Start, Files) {
    let pack = read("config/standards/api610-11.toml");
    let reference = |name: &str, bytes: &[u8]| FileRef {
        name: name.into(),
        digest: Digest::of(bytes),
    };
    let start = Start {
        t_ns: 0,
        station: "test".into(),
        origin: Origin::Imported,
        operator: "test".into(),
        clock: Clock {
            source: "none".into(),
            speed: 1.0,
            error_ms: None,
        },
        software: Software {
            name: "dutypoint".into(),
            version: "test".into(),
            build: "test".into(),
            formulas: FORMULAS.iter().map(|f| (*f).into()).collect(),
        },
        order: reference("order.toml", order),
        bench: None,
        packs: vec![reference("api610-11.toml", &pack)],
        profiles: Vec::new(),
    };
    let files = [order.to_vec(), pack]
        .into_iter()
        .map(|bytes| (Digest::of(&bytes), bytes))
        .collect();
    (start, files)
}

/// Inputs and outputs of the import of `csv` with `order`.
fn run(order: &[u8], csv: &[u8]) -> (Vec<Document>, Files) {
    let (start, files) = setup(order);
    let parsed = Order::parse("order.toml", std::str::from_utf8(order).unwrap()).unwrap();
    let table = Document::Import(
        import::table(&parsed, "points.csv", csv, &Choices::default(), 0).unwrap(),
    );
    let mut engine = RunEngine::open(&start, &files).unwrap();
    let outputs = engine.step(&table).unwrap();
    assert!(engine.is_closed());
    let mut documents = vec![Document::Start(Box::new(start)), table];
    documents.extend(outputs);
    (documents, files)
}

fn points(documents: &[Document]) -> Vec<&Point> {
    documents
        .iter()
        .filter_map(|d| match d {
            Document::Point(point) => Some(&**point),
            _ => None,
        })
        .collect()
}

fn finding(documents: &[Document], item: Item) -> &Finding {
    documents
        .iter()
        .find_map(|d| match d {
            Document::Finding(finding) if finding.item == item => Some(&**finding),
            _ => None,
        })
        .unwrap()
}

/// Equal once rounded to the digits the source prints.
fn printed(got: f64, expected: &serde_json::Value, digits: usize) {
    let expected = expected.as_f64().unwrap();
    assert_eq!(format!("{got:.digits$}"), format!("{expected:.digits$}"));
}

#[test]
fn the_published_numbers_of_lmv311_unit_b() {
    let expected: serde_json::Value =
        serde_json::from_slice(&read("fixtures/lmv311-unit-b/expected.json")).unwrap();
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let (documents, _) = run(&order, &read("fixtures/lmv311-unit-b/points.csv"));
    let points = points(&documents);
    assert_eq!(points.len(), 6);
    for (n, point) in points.iter().enumerate() {
        let reduced = point.reduced.as_ref().unwrap();
        printed(reduced.head_m, &expected["head_m"][n], 2);
        printed(reduced.power_w / 1e3, &expected["power_kw"][n], 2);
        printed(
            reduced.efficiency * reduced.power_w / 1e3,
            &expected["hydraulic_power_kw"][n],
            2,
        );
        printed(
            reduced.efficiency * 100.0,
            &expected["efficiency_pct"][n],
            2,
        );
    }
    let head = finding(&documents, Item::HeadAtFlow);
    printed(head.value.unwrap(), &expected["rated"]["head_m"], 2);
    assert_eq!(head.verdict, Verdict::Pass);
    let limit = head.limit.unwrap();
    printed(limit.low.unwrap(), &expected["limits"]["head_m"][0], 1);
    printed(limit.high.unwrap(), &expected["limits"]["head_m"][1], 1);
    let power = finding(&documents, Item::Power);
    printed(
        power.value.unwrap() / 1e3,
        &expected["rated"]["power_kw"],
        2,
    );
    printed(
        power.limit.unwrap().high.unwrap() / 1e3,
        &expected["limits"]["power_kw"],
        2,
    );
    assert_eq!(power.verdict, Verdict::Pass);
    let efficiency = finding(&documents, Item::PumpEfficiency);
    printed(
        efficiency.value.unwrap() * 100.0,
        &expected["rated"]["efficiency_pct"],
        2,
    );
    assert_eq!(
        efficiency.verdict,
        Verdict::NotEvaluated,
        "nothing was guaranteed"
    );
}

#[test]
fn every_judged_number_tells_what_the_neighbouring_fits_give() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let (documents, _) = run(&order, &read("fixtures/lmv311-unit-b/points.csv"));
    let head = finding(&documents, Item::HeadAtFlow);
    let by_fit: Vec<_> = head
        .variants
        .iter()
        .map(|v| {
            (
                v.fit.as_str(),
                format!("{:.2}", v.value.unwrap()),
                v.admissible,
            )
        })
        .collect();
    // Reference data, derived_fit_order_sensitivity: degree 3 gives 240.9119 m.
    assert_eq!(by_fit[0], ("H3", "240.91".into(), true));
    // Degree 5 passes through all six points: told, but not admissible.
    assert_eq!((by_fit[1].0, by_fit[1].2), ("H5", false));
    assert_eq!(
        by_fit.len(),
        2,
        "head does not depend on how efficiency is found"
    );
    let ours = finding(&documents, Item::PumpEfficiency)
        .variants
        .iter()
        .find(|v| v.fit == "H4 P4 η=ρgQH/P")
        .unwrap();
    assert_eq!(format!("{:.2}", ours.value.unwrap() * 100.0), "50.43");
}

#[test]
fn replay_of_an_import_is_identical_and_a_changed_cell_is_located() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let (documents, files) = run(&order, &read("fixtures/lmv311-unit-b/points.csv"));
    let replay = |documents: Vec<Document>| {
        let mut head = ChainHead::new("R1");
        let mut replay = Replay::new(files.clone());
        for document in documents {
            replay.feed(&head.append(document).unwrap()).unwrap();
        }
        replay.finish()
    };
    let summary = replay(documents.clone());
    assert_eq!(summary.divergence, None);
    // six points, the stop, four findings
    assert_eq!(summary.identical, 11);

    // A record cut short behind its stop lacks what the engine says of it, and that is
    // known without being told that the record is whole.
    let mut cut = documents.clone();
    assert_eq!(cut.pop().unwrap().kind(), "finding");
    let mut head = ChainHead::new("R1");
    let mut partial = Replay::new(files.clone());
    for document in cut {
        partial.feed(&head.append(document).unwrap()).unwrap();
    }
    assert_eq!(partial.summary().divergence, None);
    assert_eq!(partial.divergence().unwrap().recomputed, "finding");

    let mut forged = documents;
    let Document::Import(import) = &mut forged[1] else {
        panic!("the second document is the table")
    };
    import.rows[3][2] = "24.6".into();
    let divergence = replay(forged).divergence.unwrap();
    assert_eq!(divergence.seq, 5, "the fourth point");
    assert_eq!(divergence.field, "point.reduced.efficiency");
}

/// The order of the published case with a `[translation]`.
fn translated_order(table: &str) -> Vec<u8> {
    let order = String::from_utf8(read("fixtures/lmv311-unit-b/order.toml")).unwrap();
    order
        .replacen(
            "[import]",
            &format!("[translation]\n{table}\n\n[import]"),
            1,
        )
        .into_bytes()
}

#[test]
fn an_imports_speed_is_held_against_the_rated_one_and_its_points_stay_as_measured() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let csv = String::from_utf8(read("fixtures/lmv311-unit-b/points.csv")).unwrap();
    let (documents, _) = run(&order, csv.as_bytes());
    assert!(points(&documents).iter().all(|p| p.translated.is_none()));
    let speed = finding(&documents, Item::Speed);
    assert_eq!((speed.value, speed.verdict), (Some(3550.0), Verdict::Pass));
    // 97 … 103 % of 3550 r/min; both edges.
    for (rpm, verdict) in [
        ("3443.5", Verdict::Pass),
        ("3443.4", Verdict::NotEvaluated),
        ("3656.5", Verdict::Pass),
        ("3656.6", Verdict::NotEvaluated),
    ] {
        let other = csv.replacen("29.5,3550", &format!("29.5,{rpm}"), 1);
        assert_ne!(other, csv);
        let (documents, _) = run(&order, other.as_bytes());
        let speed = finding(&documents, Item::Speed);
        assert_eq!(speed.verdict, verdict, "{rpm}");
        assert_eq!(speed.inputs["worst_point"], 1.0);
        let head = finding(&documents, Item::HeadAtFlow);
        assert_eq!(head.verdict, verdict, "{rpm}");
    }
}

#[test]
fn an_import_is_translated_to_the_speed_the_order_specified_and_keeps_what_was_measured() {
    let csv = read("fixtures/lmv311-unit-b/points.csv");
    let order = translated_order("to = \"speed\"\nspecified = \"3600 r/min\"");
    let (documents, _) = run(&order, &csv);
    let r = 3600.0 / 3550.0;
    for point in points(&documents) {
        let (was, is) = (point.reduced.as_ref().unwrap(), point.translated.unwrap());
        for (got, expected) in [
            (is.ratio, r),
            (is.flow_m3_s, was.flow_m3_s * r),
            (is.head_m, was.head_m * r * r),
            (is.power_w, was.power_w * r * r * r),
            (is.efficiency, was.efficiency),
        ] {
            assert!((got / expected - 1.0).abs() < 1e-14, "{got} {expected}");
        }
    }
    // The head at the rated flow is that of the translated curve: 242.85 m measured at
    // 36.7 m³/h and 3550 r/min, more at 3600.
    let plain = run(&read("fixtures/lmv311-unit-b/order.toml"), &csv).0;
    let (before, after) = (
        finding(&plain, Item::HeadAtFlow).value.unwrap(),
        finding(&documents, Item::HeadAtFlow).value.unwrap(),
    );
    assert!(after > before * 1.02, "{before} {after}");

    // 3550 is 95.9 % of 3700: outside ±3 %, so nothing is translated and nothing judged.
    let order = translated_order("to = \"speed\"\nspecified = \"3700 r/min\"");
    let (documents, _) = run(&order, &csv);
    assert!(points(&documents).iter().all(|p| p.translated.is_none()));
    let head = finding(&documents, Item::HeadAtFlow);
    assert_eq!(head.verdict, Verdict::NotEvaluated);
    assert_eq!(head.value, Some(before));
}

#[test]
fn a_translation_that_cannot_be_done_is_refused_before_the_start() {
    for (table, says) in [
        ("to = \"frequency\"", "an import has no frequency"),
        ("to = \"speed\"", "add `specified"),
        (
            "to = \"none\"\nspecified = \"3600 r/min\"",
            "only a translation to a speed",
        ),
        ("to = \"speed\"\nspecified = \"50 Hz\"", "50 Hz"),
        ("to = \"nameplate\"", "nameplate"),
    ] {
        let (start, files) = setup(&translated_order(table));
        let error = RunEngine::open(&start, &files).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_pump_that_gives_more_than_it_takes_is_not_judged() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let csv = String::from_utf8(read("fixtures/lmv311-unit-b/points.csv")).unwrap();
    assert!(csv.contains("kW"), "{csv}");
    let (documents, _) = run(&order, csv.replacen("kW", "W", 1).as_bytes());
    let mut judged = 0;
    for document in &documents {
        if let Document::Finding(f) = document
            && f.decisive
            && f.item != Item::Speed
        {
            judged += 1;
            assert_eq!(f.verdict, Verdict::NotEvaluated, "{:?}", f.item);
            let reason = &f.reason.as_ref().unwrap().en;
            assert!(reason.contains("above 100 %: check flow"), "{reason}");
        }
    }
    assert!(judged > 0);
}

#[test]
fn a_run_that_was_refused_is_not_judged() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let (start, files) = setup(&order);
    let mut engine = RunEngine::open(&start, &files).unwrap();
    let out = engine
        .step(&Document::Act(dutypoint_model::document::Act {
            t_ns: 1,
            who: "test".into(),
            role: "technician".into(),
            command: ActCommand::Refuse,
            reason: "no table".into(),
            zeros: Vec::new(),
            demand: None,
            entry: None,
        }))
        .unwrap();
    let run = finding(&out, Item::Run);
    assert_eq!((run.verdict, run.decisive), (Verdict::NotEvaluated, true));
}

#[test]
fn a_table_that_cannot_be_used_names_row_column_and_cure() {
    let order = read("fixtures/lmv311-unit-b/order.toml");
    let order = Order::parse("order.toml", std::str::from_utf8(&order).unwrap()).unwrap();
    let good = String::from_utf8(read("fixtures/lmv311-unit-b/points.csv")).unwrap();
    for (from, to, expected) in [
        (
            "p1 [mmHg]",
            "p9 [mmHg]",
            "row 1, column p1: the column is missing",
        ),
        (
            "Q [m3/h]",
            "Q",
            "the header gives no unit; write it in brackets, as in \"Q [m3/s]\"",
        ),
        ("Q [m3/h]", "Q [m3/hr]", "did you mean \"m3/h\"?"),
        (
            "Q [m3/h]",
            "Q [kPa]",
            "kPa is no unit of flow; expected m3/s, m3/h, L/s, L/min",
        ),
        (
            "190,26,38.5",
            "190,xx,38.5",
            "row 3, column p2: \"xx\" is no number; expected a number in kgf/cm2",
        ),
        (
            "190,26,38.5",
            "190,,38.5",
            "row 3, column p2: \"\" is no number",
        ),
        (
            "190,26,38.5",
            "190,NaN,38.5",
            "row 3, column p2: \"NaN\" is no number",
        ),
        (
            "25.15,190,26,38.5,3550",
            "25.15,190,26",
            "points.csv: row 3 has 3 cells, the header has 5",
        ),
    ] {
        assert!(good.contains(from));
        let bad = good.replacen(from, to, 1);
        let error = import::table(&order, "points.csv", bad.as_bytes(), &Choices::default(), 0)
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let header = good.lines().next().unwrap();
    let error = import::table(
        &order,
        "points.csv",
        header.as_bytes(),
        &Choices::default(),
        0,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("the table has no rows"),
        "{error}"
    );
}

mod property {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_panic_the_table_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let order = read("fixtures/lmv311-unit-b/order.toml");
            let order = Order::parse("o", std::str::from_utf8(&order).unwrap()).unwrap();
            let _ = import::table(&order, "x.csv", &bytes, &Choices::default(), 0);
        }

        #[test]
        fn no_cells_panic_the_engine(rows in prop::collection::vec(prop::collection::vec(prop::num::f64::ANY, 5), 1..8)) {
            let order = read("fixtures/lmv311-unit-b/order.toml");
            let (start, files) = setup(&order);
            let parsed = Order::parse("o", std::str::from_utf8(&order).unwrap()).unwrap();
            let csv = String::from_utf8(read("fixtures/lmv311-unit-b/points.csv")).unwrap();
            let mut table = import::table(&parsed, "x.csv", csv.as_bytes(), &Choices::default(), 0).unwrap();
            table.rows = rows.iter().map(|r| r.iter().map(ToString::to_string).collect()).collect();
            let mut engine = RunEngine::open(&start, &files).unwrap();
            let _ = engine.step(&Document::Import(table));
        }
    }
}

#[test]
fn a_verdict_that_an_admissible_degree_turns_round_is_inconclusive() {
    // −3 % of 248.866 m is 241.40 m, between 241.83 m (degree 4) and 240.91 m (degree 3,
    // reference data derived_fit_order_sensitivity).
    let order = String::from_utf8(read("fixtures/lmv311-unit-b/order.toml")).unwrap();
    let order = order.replace("head = \"240 m\"", "head = \"248.866 m\"");
    let (documents, _) = run(order.as_bytes(), &read("fixtures/lmv311-unit-b/points.csv"));
    let head = finding(&documents, Item::HeadAtFlow);
    assert_eq!(head.verdict, Verdict::Inconclusive);
    let reason = &head.reason.as_ref().unwrap().en;
    assert!(
        reason.starts_with("depends on the fit: H3 gives the opposite verdict"),
        "{reason}"
    );
}
