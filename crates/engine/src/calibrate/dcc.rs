//! PTB's Digital Calibration Certificate, schema 3.x, in the plain form its good practice asks
//! for: quantities marked by `refType` as reference and measured values (or measured values and
//! errors of measurement) of one length.
//!
//! Source: the schema documentation at dccwiki.ptb.de, names of elements and `refType`s of
//! DCC 3.2 and D-SI 2. Lists stand in `si:realListXMLList`, alone or in `si:hybrid`, single
//! values in `si:real`.

use super::{Refusal, by_points};
use crate::config::CalibrationConfig;
use dutypoint_model::Unit;
use roxmltree::{Document, Node, ParsingOptions};

/// Most elements a certificate may have: a file of another kind is not read to its end.
const MOST_NODES: u32 = 200_000;

/// Units of D-SI there is a unit of ours for.
const UNITS: &[(&str, Unit)] = &[
    (r"\pascal", Unit::Pascal),
    (r"\kilo\pascal", Unit::Kilopascal),
    (r"\mega\pascal", Unit::Megapascal),
    (r"\bar", Unit::Bar),
    (r"\metre", Unit::Metre),
    (r"\centi\metre", Unit::Centimetre),
    (r"\milli\metre", Unit::Millimetre),
    (r"\metre\tothe{3}\per\second", Unit::CubicMetrePerSecond),
    (
        r"\metre\tothe{3}\second\tothe{-1}",
        Unit::CubicMetrePerSecond,
    ),
    (r"\metre\tothe{3}\per\hour", Unit::CubicMetrePerHour),
    (r"\metre\tothe{3}\hour\tothe{-1}", Unit::CubicMetrePerHour),
    (r"\litre\per\second", Unit::LitrePerSecond),
    (r"\litre\second\tothe{-1}", Unit::LitrePerSecond),
    (r"\litre\per\minute", Unit::LitrePerMinute),
    (r"\litre\minute\tothe{-1}", Unit::LitrePerMinute),
    (r"\watt", Unit::Watt),
    (r"\kilo\watt", Unit::Kilowatt),
    (r"\hertz", Unit::Hertz),
    (r"\volt", Unit::Volt),
    (r"\ampere", Unit::Ampere),
    (r"\milli\ampere", Unit::Milliampere),
    (r"\degreecelsius", Unit::DegreeCelsius),
    (r"\kelvin", Unit::Kelvin),
    (r"\percent", Unit::Percent),
    (r"\one", Unit::One),
    (r"\newton\metre", Unit::NewtonMetre),
    (r"\second", Unit::Second),
];

pub(super) fn read(text: &str, due: Option<&str>) -> Result<CalibrationConfig, Refusal> {
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| (None, format!("it is no XML: {error}")))?;
    let root = document.root_element();
    if root.tag_name().name() != "digitalCalibrationCertificate" {
        return Err((
            None,
            format!(
                "its root is {:?}, and that of a DCC is \"digitalCalibrationCertificate\"",
                root.tag_name().name()
            ),
        ));
    }
    let version = root.attribute("schemaVersion").unwrap_or_default();
    if !version.starts_with("3.") {
        return Err((
            Some("schemaVersion".into()),
            format!("version {version:?} is not read, only 3.x"),
        ));
    }
    let Some(due) = due else {
        return Err((
            None,
            "a DCC does not say when the calibration is due again: give the day your rules set, with --due YYYY-MM-DD".into(),
        ));
    };
    let core = within(root, "coreData");
    let wanted = |name: &str| {
        let found = core.and_then(|core| text_of(within(core, name)?));
        found.ok_or_else(|| (Some(format!("dcc:{name}")), "it is missing".to_owned()))
    };
    let laboratory = within(root, "calibrationLaboratory")
        .and_then(|lab| within(lab, "name"))
        .and_then(|name| text_of(within(name, "content")?));
    let series = series(root)?;
    let given = CalibrationConfig {
        certificate: wanted("uniqueIdentifier")?,
        laboratory: laboratory.ok_or_else(|| {
            (
                Some("dcc:calibrationLaboratory".into()),
                "its name is missing".to_owned(),
            )
        })?,
        // A date may carry a time zone, which a day of calibration has no use for.
        date: wanted("endPerformanceDate")?.chars().take(10).collect(),
        due: due.to_owned(),
        unit: Some(series.unit),
        u: 2.0 * series.standard_uncertainty,
        k: Some(2.0),
        ..CalibrationConfig::default()
    };
    by_points(series.points, given)
}

/// The first descendant of that name, whatever its prefix.
fn within<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|n| n.tag_name().name() == name)
}

fn text_of(node: Node<'_, '_>) -> Option<String> {
    let text = node.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Indicated and true values of a certificate.
struct Series {
    points: Vec<[f64; 2]>,
    unit: Unit,
    /// The largest of all points.
    standard_uncertainty: f64,
}

/// The one list of the results that has both columns.
fn series(root: Node<'_, '_>) -> Result<Series, Refusal> {
    let results = within(root, "measurementResults").ok_or_else(|| {
        (
            Some("dcc:measurementResults".into()),
            "it is missing".to_owned(),
        )
    })?;
    let marked = |list: Node<'_, '_>, mark: &str| {
        let quantities = list
            .children()
            .filter(|n| n.tag_name().name() == "quantity");
        quantities
            .filter(|q| {
                let kinds = q.attribute("refType").unwrap_or_default();
                kinds.split_whitespace().any(|kind| kind == mark)
            })
            .map(|q| q.id())
            .next()
    };
    let document = root.document();
    let mut found = Vec::new();
    for list in results.descendants() {
        let Some(measured) = marked(list, "basic_measuredValue") else {
            continue;
        };
        let reference = marked(list, "basic_referenceValue");
        let error = marked(list, "basic_measurementError");
        if reference.is_some() || error.is_some() {
            found.push((measured, reference, error));
        }
    }
    let [(measured, reference, error)] = found[..] else {
        return Err((
            Some("dcc:results".into()),
            format!(
                "{} lists hold quantities of refType basic_measuredValue beside basic_referenceValue or basic_measurementError; one is needed",
                found.len()
            ),
        ));
    };
    let column = |id| {
        let node = document.get_node(id);
        node.map_or_else(|| Err((None, "a quantity is missing".to_owned())), column)
    };
    let indicated = column(measured)?;
    let unit = indicated.unit;
    let beside = column(reference.or(error).unwrap_or(measured))?;
    if beside.unit.quantity() != unit.quantity() || beside.values.len() != indicated.values.len() {
        return Err((
            Some("dcc:list".into()),
            format!(
                "{} values in {unit} stand beside {} in {}",
                indicated.values.len(),
                beside.values.len(),
                beside.unit
            ),
        ));
    }
    let values = indicated.values.iter().zip(&beside.values);
    let span = |from: Unit, value: f64| {
        unit.from_internal(from.to_internal(value)) - unit.from_internal(from.to_internal(0.0))
    };
    let points = values
        .map(|(shown, other)| {
            let other_here = unit.from_internal(beside.unit.to_internal(*other));
            match reference {
                Some(_) => [*shown, other_here],
                // An error is what is shown less what is true.
                None => [*shown, shown - span(beside.unit, *other)],
            }
        })
        .collect();
    let stated = [
        indicated.standard_uncertainty,
        beside
            .standard_uncertainty
            .map(|u| span(beside.unit, u).abs()),
    ];
    let Some(standard_uncertainty) = stated.into_iter().flatten().reduce(f64::max) else {
        return Err((
            Some("si:expandedUncXMLList".into()),
            "no uncertainty is stated; the register needs one".into(),
        ));
    };
    Ok(Series {
        points,
        unit,
        standard_uncertainty,
    })
}

struct Column {
    values: Vec<f64>,
    unit: Unit,
    standard_uncertainty: Option<f64>,
}

/// The values of a quantity in a unit of ours: of a hybrid the first that has one.
fn column(quantity: Node<'_, '_>) -> Result<Column, Refusal> {
    let named = |n: &Node<'_, '_>| matches!(n.tag_name().name(), "realListXMLList" | "real");
    let mut unknown = Vec::new();
    for real in quantity.descendants().filter(named) {
        let child = |names: &[&str]| {
            let mut children = real.children();
            children.find(|n| names.contains(&n.tag_name().name()))
        };
        let units = child(&["unitXMLList", "unit"]).and_then(text_of);
        let units = units.unwrap_or_default();
        let mut each = units.split_whitespace();
        let first = each.next().unwrap_or_default();
        let known = UNITS.iter().find(|(text, _)| *text == first);
        let Some((_, unit)) = known.filter(|_| each.all(|other| other == first)) else {
            unknown.push(units);
            continue;
        };
        let values = numbers(child(&["valueXMLList", "value"]), "si:valueXMLList")?;
        return Ok(Column {
            standard_uncertainty: uncertainty(real)?,
            values,
            unit: *unit,
        });
    }
    Err((
        Some("si:unitXMLList".into()),
        match unknown.is_empty() {
            true => "the quantity holds no si:realListXMLList and no si:real".into(),
            false => format!("the unit {:?} is not known here", unknown.join(" / ")),
        },
    ))
}

/// The largest standard uncertainty a list states, expanded ones divided by their factors.
fn uncertainty(real: Node<'_, '_>) -> Result<Option<f64>, Refusal> {
    let part = |names: &[&str]| {
        let mut all = real.descendants();
        all.find(|n| names.contains(&n.tag_name().name()))
    };
    let expanded = part(&[
        "uncertaintyXMLList",
        "uncertainty",
        "valueExpandedMUXMLList",
        "valueExpandedMU",
    ]);
    if expanded.is_none() {
        return Ok(None);
    }
    let expanded = numbers(expanded, "si:uncertaintyXMLList")?;
    let factors = numbers(
        part(&["coverageFactorXMLList", "coverageFactor"]),
        "si:coverageFactorXMLList",
    )?;
    let fits = factors.len() == 1 || factors.len() == expanded.len();
    if !fits || factors.iter().any(|k| *k < 1.0) {
        return Err((
            Some("si:coverageFactorXMLList".into()),
            "one factor of at least 1 is needed, or one for each value".into(),
        ));
    }
    let factors = factors.iter().cycle();
    let each = expanded.iter().zip(factors).map(|(u, k)| (u / k).abs());
    Ok(each.reduce(f64::max))
}

fn numbers(node: Option<Node<'_, '_>>, name: &str) -> Result<Vec<f64>, Refusal> {
    let place = || Some(name.to_owned());
    let text = node.and_then(text_of);
    let text = text.ok_or_else(|| (place(), "it is missing or empty".to_owned()))?;
    text.split_whitespace()
        .map(|word| {
            let number = word.parse::<f64>().ok().filter(|v| v.is_finite());
            number.ok_or_else(|| (place(), format!("{word:?} is no number")))
        })
        .collect()
}
