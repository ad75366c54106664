//! From a run's evidence to certificate data: the one way a paper comes to its content.
//!
//! Promise: every number and text is taken from the run's documents and files, so the
//! same evidence gives the same data, and an auditor who replays the run can render the
//! paper again.

mod curves;
mod findings;
mod notes;

use crate::chart::Chart;
use crate::data::{
    self, Basis, Calibration, CertificateData, CertificateKind, Digests, Environment, Guarantee,
    Instrument, NamePlate, Order, Party, PointRow, Specimen, StandardUncertainty,
};
use crate::print::Printer;
pub use findings::{Numbers, overall};

use dutypoint_engine::config::enters_results;
use dutypoint_engine::{Method, RunEngine, Setup};
use dutypoint_hydraulics::pack::Status;
use dutypoint_model::document::{
    ChannelStatistics, Channels, Finding, IssueKind, Origin, Point, PowerKind, RepeatedQuantity,
    RepeatedSets, Role, Software, Stop,
};
use dutypoint_model::{Bilingual, Digest, Measure, Outcome, Quantity, Unit, cbor};

/// A finished run, as a replay leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The engine after the last input.
    pub engine: &'a RunEngine,
    /// The findings.
    pub findings: &'a [Finding],
    /// The stop.
    pub stop: &'a Stop,
    /// Digest of the stop.
    pub stop_digest: Digest,
}

/// What is decided when a certificate is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueFacts {
    /// What is issued.
    pub kind: IssueKind,
    /// Number.
    pub number: String,
    /// Time, RFC 3339.
    pub issued: String,
    /// Digest of the body of the station's checkpoint for the run.
    pub checkpoint: Option<Digest>,
    /// Software that renders.
    pub software: Software,
}

/// Everything that stands against a formal certificate of this run, in words.
#[must_use]
pub fn refusals(evidence: &Evidence<'_>) -> Vec<Bilingual> {
    let setup = evidence.engine.setup();
    let mut reasons = Vec::new();
    let mut say = |zh: String, en: String| reasons.push(Bilingual::new(zh, en));
    match setup.start.origin {
        Origin::Bench => {}
        Origin::Simulated => say(
            "试验台为模拟试验台，数据不是对实物的测量".into(),
            "the bench is simulated: no physical pump was measured".into(),
        ),
        Origin::Imported => say(
            "试验不是由本实验室进行的".into(),
            "this laboratory did not run the test".into(),
        ),
    }
    if evidence.stop.outcome != Outcome::Completed {
        let text = evidence.stop.outcome.text();
        say(
            format!("试验未完成（{}）", text.zh),
            format!("the run did not complete ({})", text.en),
        );
    }
    for pack in &setup.packs {
        if pack.status != Status::Countersigned {
            say(
                format!("标准数据包 {} 未经核签", pack.id),
                format!("the standard pack {} is not countersigned", pack.id),
            );
        }
    }
    let day = date(evidence.stop.t_ns);
    for instrument in measuring(evidence.engine.channels()) {
        let calibration = &instrument.instrument.calibration;
        let tag = &instrument.instrument.tag;
        if !calibration.is_stated() {
            say(
                format!("仪表 {tag} 无校准证书"),
                format!("instrument {tag} has no calibration certificate"),
            );
        } else if calibration.due < day {
            // ISO dates compare as text.
            say(
                format!("仪表 {tag} 的校准已于 {} 到期", calibration.due),
                format!(
                    "the calibration of instrument {tag} was due on {}",
                    calibration.due
                ),
            );
        }
    }
    say(
        "未配置授权签字人".into(),
        "no authorised signatory is configured".into(),
    );
    reasons
}

/// The data of the certificate of a run.
///
/// # Errors
/// [`crate::Error::Chart`] when the curves cannot be fitted again.
pub fn certificate_data(
    run: &str,
    evidence: &Evidence<'_>,
    facts: &IssueFacts,
) -> Result<CertificateData, crate::Error> {
    let setup = evidence.engine.setup();
    let kind = match facts.kind {
        IssueKind::Formal => CertificateKind::Formal,
        IssueKind::Simulated => CertificateKind::Simulated,
        IssueKind::DataEvaluation => CertificateKind::DataEvaluation,
    };
    let imported = kind == CertificateKind::DataEvaluation;
    let printer = Printer {
        efficiency_decimals: if imported { 2 } else { 1 },
    };
    let mut data = CertificateData {
        kind,
        number: facts.number.clone(),
        replaces: None,
        issued_at: facts.issued.clone(),
        laboratory: laboratory(setup),
        order: Order {
            number: Some(setup.order.number.clone()),
            category: Some(notes::category(setup)),
            customer: Some(party(&setup.order.customer)),
            manufacturer: Some(party(&setup.order.manufacturer)),
        },
        specimen: specimen(setup),
        guarantee: Some(guarantee(setup)),
        basis: setup.packs.iter().map(basis).collect(),
        environment: Environment {
            place: setup.bench.as_ref().map(|b| b.laboratory.address.clone()),
            begin: (!imported).then(|| rfc3339(setup.start.t_ns)),
            end: (!imported).then(|| rfc3339(evidence.stop.t_ns)),
            air_temperature_c: None,
            humidity_pct: None,
            atmospheric_pressure_kpa: None,
        },
        bench: bench(setup, evidence.engine.points()),
        method_notes: notes::method(setup, evidence.engine.points()),
        instruments: instruments(evidence.engine.channels()),
        points: evidence
            .engine
            .points()
            .iter()
            .filter(|p| p.accepted)
            .filter_map(|p| row(p, evidence.engine.channels()))
            .collect(),
        converted: converted(setup, evidence.engine.points()),
        chart: curves::chart(evidence)?,
        findings: findings::judged(evidence.findings, printer),
        energy: findings::energy(setup, evidence.findings, printer),
        reported: findings::reported(evidence.findings),
        not_tested: findings::not_tested(setup, evidence.findings),
        conclusion: (!imported).then(|| findings::conclusion(kind, evidence.findings)),
        fit_statement: Some(notes::fit(setup, curves::fitted(evidence).ok().as_ref())),
        decision_rule: Some(notes::decision(setup)),
        uncertainty_statement: Some(notes::uncertainty(setup)),
        refusals: if kind == CertificateKind::Formal {
            Vec::new()
        } else {
            refusals(evidence)
        },
        deviations: deviations(evidence),
        signatures: data::Signatures::default(),
        digests: Digests {
            data: String::new(),
            chain_head: Some(evidence.stop_digest.to_string()),
            checkpoint: facts.checkpoint.map(|d| d.to_string()),
        },
        software: program(&facts.software),
        recorded_by: Some(program(&setup.start.software)),
        efficiency_decimals: printer.efficiency_decimals,
    };
    data.signatures.tested_by.name = Some(setup.start.operator.clone());
    data.order.number = Some(format!("{} / {run}", setup.order.number));
    data.digests.data = digest(&data)?.to_string();
    Ok(data)
}

/// The curves of a finished run, as its certificate shows them; none where the run did
/// not complete or its points determine no curve.
///
/// # Errors
/// [`crate::Error::Chart`] when a fitted curve cannot be evaluated.
pub fn chart(evidence: &Evidence<'_>) -> Result<Option<Chart>, crate::Error> {
    curves::chart(evidence)
}

/// The head of a run that is still being recorded, over the guarantee.
#[must_use]
pub fn growing_chart(engine: &RunEngine) -> Chart {
    curves::growing(engine)
}

/// Digest of certificate data: of its canonical bytes with the digest field empty.
///
/// # Errors
/// [`crate::Error::Field`] for data without a canonical form.
pub fn digest(data: &CertificateData) -> Result<Digest, crate::Error> {
    let mut blank = data.clone();
    blank.digests.data.clear();
    let bytes = cbor::encode(&blank).map_err(|error| crate::Error::Field {
        field: "certificate data".into(),
        found: error.to_string(),
        expected: "data with canonical bytes",
    })?;
    Ok(Digest::of(&bytes))
}

/// China has one civil time, eight hours ahead of UTC.
const CHINA_HOURS: i8 = 8;

/// Bench time as RFC 3339 in China's civil time.
#[must_use]
pub fn rfc3339(t_ns: i64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(t_ns))
        .map(|t| {
            t.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(CHINA_HOURS)))
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string()
        })
        // Outside the years −9999 … 9999, which no 64-bit count of nanoseconds reaches.
        .unwrap_or_default()
}

fn date(t_ns: i64) -> String {
    rfc3339(t_ns).chars().take(10).collect()
}

fn laboratory(setup: &Setup) -> Party {
    match &setup.bench {
        Some(bench) => Party {
            name: bench.laboratory.name.clone(),
            address: Some(bench.laboratory.address.clone()),
            contact: None,
        },
        None => Party {
            name: Bilingual::new("Dutypoint 数据评价", "Dutypoint data evaluation"),
            address: None,
            contact: None,
        },
    }
}

fn party(party: &dutypoint_engine::config::Party) -> Party {
    Party {
        name: party.name.clone(),
        address: (party.address != Bilingual::default()).then(|| party.address.clone()),
        contact: None,
    }
}

fn specimen(setup: &Setup) -> Specimen {
    let s = &setup.order.specimen;
    let text = |t: &String| (!t.is_empty()).then(|| t.clone());
    let value = |m: &Option<Measure>, unit: Unit| m.as_ref().and_then(|m| express(m, unit));
    Specimen {
        product: s.product.clone(),
        model: s.model.clone(),
        serial_no: text(&s.serial),
        sample_no: text(&s.sample),
        received: text(&s.received),
        condition: None,
        plate: NamePlate {
            flow_m3h: express(&setup.order.guarantee.flow, Unit::CubicMetrePerHour),
            head_m: express(&setup.order.guarantee.head, Unit::Metre),
            speed_rpm: value(&s.speed, Unit::RevolutionPerMinute),
            motor_power_kw: value(&s.motor_power, Unit::Kilowatt),
            voltage_v: value(&s.voltage, Unit::Volt),
            current_a: None,
            frequency_hz: value(&s.frequency, Unit::Hertz),
            phases: s.phases,
            stages: s.stages,
            outlet_bore_mm: None,
        },
    }
}

/// A measure in `unit`; as written where it was written in that unit.
fn express(measure: &Measure, unit: Unit) -> Option<f64> {
    if measure.unit == unit {
        return Some(measure.value);
    }
    (measure.unit.quantity() == unit.quantity())
        .then(|| unit.from_internal(measure.unit.to_internal(measure.value)))
}

fn guarantee(setup: &Setup) -> Guarantee {
    let g = &setup.order.guarantee;
    let power = g.power.as_ref().and_then(|m| express(m, Unit::Kilowatt));
    let unit = matches!(setup.method, Method::Submersible(_));
    Guarantee {
        flow_m3h: express(&g.flow, Unit::CubicMetrePerHour).unwrap_or_default(),
        head_m: express(&g.head, Unit::Metre).unwrap_or_default(),
        unit_efficiency_pct: g
            .unit_efficiency
            .as_ref()
            .and_then(|m| express(m, Unit::Percent)),
        shutoff_head_m: g
            .shutoff_head
            .as_ref()
            .and_then(|m| express(m, Unit::Metre)),
        input_power_kw: power.filter(|_| unit),
        shaft_power_kw: power.filter(|_| !unit),
        grade: format!("{} {}", setup.standard().edition, setup.tolerance.grade),
        grade_source: (g.declared_by != Bilingual::default()).then(|| g.declared_by.clone()),
    }
}

fn basis(pack: &dutypoint_hydraulics::pack::Standard) -> Basis {
    let notice = pack.partial.then(|| {
        Bilingual::new(
            "数据包仅含该标准的部分内容",
            "the pack holds part of the standard only",
        )
    });
    Basis {
        standard: pack.edition.clone(),
        edition: format!("pack v{}", pack.version),
        title: Bilingual::new(pack.title_zh.clone(), pack.title_en.clone()),
        pack: pack.id.clone(),
        countersigned: pack.status == Status::Countersigned,
        notice,
    }
}

fn bench(setup: &Setup, points: &[Point]) -> Option<data::Bench> {
    let bench = setup.bench.as_ref()?;
    let Method::Submersible(method) = &setup.method else {
        return None;
    };
    let nearest = points
        .iter()
        .filter(|p| p.accepted)
        .filter_map(|p| p.reduced.as_ref())
        .min_by(|a, b| {
            let away = |flow: f64| (flow - setup.flow_m3_s).abs();
            away(a.flow_m3_s).total_cmp(&away(b.flow_m3_s))
        });
    let g = &bench.geometry;
    let in_unit = |m: &Measure, unit| express(m, unit);
    Some(data::Bench {
        name: bench.name.clone(),
        tap_bore_mm: in_unit(&g.tap_bore, Unit::Millimetre),
        gauge_elevation_m: in_unit(&g.gauge_elevation, Unit::Metre),
        riser_length_m: in_unit(&g.riser_length, Unit::Metre),
        riser_bore_mm: in_unit(&g.riser_bore, Unit::Millimetre),
        riser_roughness_mm: in_unit(&g.riser_roughness, Unit::Millimetre),
        outlet_loss: Some(notes::outlet_loss(g)),
        cable: bench.cable.as_ref().map(|c| notes::cable(setup, c)),
        gravity_m_s2: Some((method.gravity_m_s2 * 1e5).round() / 1e5),
        water_density_kg_m3: nearest.map(|r| r.density_kg_m3),
        water_temperature_c: nearest.and_then(|r| r.water_temperature_c),
    })
}

/// Channels that enter a result: a valve's position does not, nor what only tells whether
/// the others can be believed.
fn measuring(
    channels: Option<&Channels>,
) -> impl Iterator<Item = &dutypoint_model::document::Channel> {
    let all = channels.into_iter().flat_map(|c| &c.channels);
    all.filter(|c| enters_results(c.role))
}

fn instruments(channels: Option<&Channels>) -> Vec<Instrument> {
    // Three voltages of one analyser are one line of the table.
    let mut seen: Vec<(&str, Role)> = Vec::new();
    let mut rows = Vec::new();
    for channel in measuring(channels) {
        let instrument = &channel.instrument;
        let key = (instrument.tag.as_str(), channel.role);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let c = &instrument.calibration;
        let [low, high] = instrument.range;
        let at_the_top = channel.unit.to_internal(high);
        let parts = c.standard_uncertainties(at_the_top, instrument.range, channel.unit);
        let standard = parts.iter().fold(0.0, |sum, part| libm::hypot(sum, *part));
        rows.push(Instrument {
            channel: channel.role.text(),
            tag: instrument.tag.clone(),
            model: format!("{} / {}", instrument.model, instrument.serial),
            range: Some(format!("{low} … {high} {}", channel.unit.printed())),
            calibration: c.is_stated().then(|| Calibration {
                certificate_no: c.certificate.clone(),
                laboratory: c.laboratory.clone(),
                date: Some(c.date.clone()),
                due: Some(c.due.clone()),
            }),
            // At the top of the range.
            standard_uncertainty: (standard > 0.0).then(|| StandardUncertainty {
                // A difference: the offset of a unit's zero does not count.
                value: two_digits(
                    channel.unit.from_internal(standard) - channel.unit.from_internal(0.0),
                ),
                unit: channel.unit.printed().into(),
            }),
        });
    }
    rows
}

/// An uncertainty is given with two significant digits.
fn two_digits(value: f64) -> f64 {
    dutypoint_hydraulics::rounding::significant(value, 2)
        .and_then(|text| text.parse().ok())
        .unwrap_or(value)
}

fn row(point: &Point, channels: Option<&Channels>) -> Option<PointRow> {
    let r = point.reduced.as_ref()?;
    let shown = |role: Role| -> Option<&ChannelStatistics> {
        let channel = channels?.channels.iter().find(|c| c.role == role)?;
        point.channels.iter().find(|s| s.channel == channel.name)
    };
    let mean_kpa = |role| shown(role).map(|s: &ChannelStatistics| s.mean / 1e3);
    let unit = r.power_kind == PowerKind::MotorInput;
    let steady = (!point.steadiness.is_empty()).then(|| point.steadiness.iter().all(|s| s.steady));
    let voltage = role_mean(point, channels, Role::Voltage);
    let outlet = mean_kpa(Role::OutletPressure);
    Some(PointRow {
        no: point.number,
        flow_m3h: r.flow_m3_s * 3600.0,
        inlet_pressure_kpa: mean_kpa(Role::InletPressure),
        outlet_pressure_kpa: outlet,
        elevation_m: Some(r.head_terms.height_m),
        velocity_head_m: Some(r.head_terms.velocity_m),
        friction_m: r.outlet_loss.map(|_| r.head_terms.friction_m),
        friction_u_m: r.outlet_loss.map(|loss| loss.expanded_uncertainty_m),
        head_m: r.head_m,
        frequency_hz: r.frequency_hz,
        speed_rpm: r.speed_rpm,
        voltage_v: voltage,
        current_a: r.current_a,
        input_power_kw: unit.then_some(r.power_w / 1e3),
        shaft_power_kw: (!unit).then_some(r.power_w / 1e3),
        unit_efficiency_pct: unit.then_some(r.efficiency * 100.0),
        pump_efficiency_pct: (!unit).then_some(r.efficiency * 100.0),
        samples: shown(Role::Flow).map(|s| s.samples),
        steady,
    })
}

/// The accepted points at the frequency or speed that the order specified.
fn converted(setup: &Setup, points: &[Point]) -> Option<data::ConvertedTable> {
    let to = setup.translation.as_ref()?;
    let rows = points.iter().filter(|p| p.accepted).filter_map(|point| {
        let (measured, at) = (point.reduced.as_ref()?, point.translated?);
        let unit = measured.power_kind == PowerKind::MotorInput;
        Some(data::ConvertedRow {
            no: point.number,
            flow_m3h: at.flow_m3_s * 3600.0,
            head_m: at.head_m,
            input_power_kw: unit.then_some(at.power_w / 1e3),
            shaft_power_kw: (!unit).then_some(at.power_w / 1e3),
            unit_efficiency_pct: unit.then_some(at.efficiency * 100.0),
            pump_efficiency_pct: (!unit).then_some(at.efficiency * 100.0),
        })
    });
    Some(data::ConvertedTable {
        basis: notes::translation(to),
        rows: rows.collect(),
    })
}

fn program(software: &Software) -> data::Software {
    data::Software {
        name: software.name.clone(),
        version: software.version.clone(),
        build: software.build.clone(),
    }
}

/// Mean over the channels of a role.
fn role_mean(point: &Point, channels: Option<&Channels>, role: Role) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for channel in channels?.channels.iter().filter(|c| c.role == role) {
        if let Some(s) = point.channels.iter().find(|s| s.channel == channel.name) {
            sum += s.mean;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// What a point of repeated sets rests on.
fn repeated(point: &Point, sets: &RepeatedSets) -> Bilingual {
    let number = point.number;
    let attempts: Vec<String> = sets.attempts.iter().map(u32::to_string).collect();
    let each = |of: &RepeatedQuantity| {
        let (name, pct) = (of.quantity.text(), of.random_pct);
        Bilingual::new(
            format!("{} {pct:.2} %", name.zh),
            format!("{} {pct:.2} %", name.en),
        )
    };
    let each: Vec<Bilingual> = sets.quantities.iter().map(each).collect();
    let list = |text: fn(&Bilingual) -> &str, between: &str| {
        each.iter().map(text).collect::<Vec<_>>().join(between)
    };
    Bilingual::new(
        format!(
            "第 {number} 点读数不稳定，取第 {} 次测量的平均值（重复读数，{}）；随机不确定度 e_R（95 %）：{}",
            attempts.join("、"),
            sets.clause,
            list(|t| &t.zh, "，")
        ),
        format!(
            "point {number} was not steady and is the mean of the attempts {} (repeated readings, {}); random uncertainty e_R (95 %): {}",
            attempts.join(", "),
            sets.clause,
            list(|t| &t.en, ", ")
        ),
    )
}

fn deviations(evidence: &Evidence<'_>) -> Vec<Bilingual> {
    let mut list = Vec::new();
    for point in evidence.engine.points() {
        if let Some(sets) = &point.sets {
            list.push(repeated(point, sets));
        }
        if point.accepted {
            continue;
        }
        let reason = point.reason.clone().unwrap_or_default();
        list.push(Bilingual::new(
            format!(
                "第 {} 点第 {} 次测量未采用：{}",
                point.number, point.attempt, reason.zh
            ),
            format!(
                "point {}, attempt {} not accepted: {}",
                point.number, point.attempt, reason.en
            ),
        ));
    }
    if evidence.stop.gaps > 0 {
        let gaps = evidence.stop.gaps;
        list.push(Bilingual::new(
            format!("记录中有 {gaps} 处数据缺口"),
            match gaps {
                1 => "the record has 1 gap".to_owned(),
                _ => format!("the record has {gaps} gaps"),
            },
        ));
    }
    if let Some(reason) = &evidence.stop.reason {
        list.push(reason.clone());
    }
    list
}

/// The unit a quantity is printed in on a chart.
pub(crate) fn in_unit(quantity: Quantity, value: f64) -> f64 {
    match quantity {
        Quantity::Flow => Unit::CubicMetrePerHour.from_internal(value),
        Quantity::Power => Unit::Kilowatt.from_internal(value),
        Quantity::Ratio => Unit::Percent.from_internal(value),
        _ => value,
    }
}
