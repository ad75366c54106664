//! Curves through points, and what they say about a guarantee.

use super::field::{Inputs, Kind, may, need};
use super::water::{
    ALTITUDE, DENSITY_FIELD, GRAVITY_FIELD, LATITUDE, PRESSURE, TEMPERATURE, density_of, gravity_of,
};
use super::{Calculation, Number, Packs, Work, pack};
use crate::Error;
use dutypoint_hydraulics::accept::{self, Guarantee, Reason};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve};
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_model::{Bilingual, Quantity, Verdict};

pub(super) const FIT: Calculation = Calculation {
    name: "fit",
    zh: "最小二乘多项式拟合，及某流量处的值",
    en: "least-squares polynomial through points, and its value at a flow",
    formulas: &["curve.polynomial-qr.v1"],
    source: "Householder QR on abscissae normalised to [-1, 1]",
    fields: &[
        need(
            "flow",
            Kind::Column(Quantity::Flow),
            ("流量", "flows"),
            "0 40 60 80 95 104 120 m3/h",
        ),
        need(
            "value",
            Kind::AnyColumn,
            ("对应的值", "values at these flows"),
            "58.8 57.2 55.2 52.4 49.775 47.984 44.4 m",
        ),
        need("degree", Kind::Count, ("次数", "degree"), "2"),
        may(
            "at",
            Kind::Measure(Quantity::Flow),
            ("求值的流量", "flow to read the curve at"),
            "100 m3/h",
        ),
        may(
            "pack",
            Kind::Text,
            (
                "限定次数的标准数据包",
                "standard pack that limits the degree",
            ),
            "gbt3216-2016",
        ),
    ],
    compute: fit,
};

fn degree_of(inputs: &Inputs) -> Result<usize, Error> {
    usize::try_from(inputs.count("degree")?).map_err(|e| inputs.refuse(e.to_string()))
}

fn fit(inputs: &Inputs, packs: &Packs) -> Result<Work, Error> {
    let (flows, _) = inputs.column("flow")?;
    let (values, quantity) = inputs.column("value")?;
    let degree = degree_of(inputs)?;
    let mut work = Work::default();
    if inputs.has("pack") {
        let standard = pack(packs, inputs)?;
        let rule = standard.fit()?;
        rule.admissible(degree, flows.len())?;
        work.clause = Some(format!("{} {}", standard.id, rule.clause));
    }
    let curve = Curve::new(PolynomialFit::new(flows, values, degree, false)?);
    let unit = super::field::internal(quantity).symbol();
    if let Some(at) = inputs.optional("at") {
        let text = ("曲线在该流量处的值", "value of the curve at this flow");
        work.results.push(Number::new(
            "value",
            "",
            text,
            curve.evaluate(at)?,
            quantity,
        ));
        for neighbour in [
            degree.checked_sub(1).filter(|d| *d > 0),
            degree.checked_add(1),
        ]
        .into_iter()
        .flatten()
        {
            // A neighbour the points do not determine says nothing.
            let other = PolynomialFit::new(flows, values, neighbour, false);
            if let Ok(value) = other.and_then(|other| Curve::new(other).evaluate(at)) {
                work.results.push(Number::new(
                    format!("value_degree_{neighbour}"),
                    "",
                    (
                        &format!("若用 {neighbour} 次"),
                        &format!("with degree {neighbour}"),
                    ),
                    value,
                    quantity,
                ));
            }
        }
    }
    let fit = curve.fit();
    if let Some(sd) = fit.residual_sd {
        let text = ("残差标准偏差", "standard deviation of the residuals");
        work.results
            .push(Number::plain("residual_sd", "s", text, sd, unit));
    }
    work.results.push(Number::plain(
        "rms",
        "",
        ("残差均方根", "root mean square of the residuals"),
        fit.rms,
        unit,
    ));
    if let Some(r2) = fit.r_squared {
        work.results.push(Number::plain(
            "r_squared",
            "R²",
            ("决定系数", "coefficient of determination"),
            r2,
            "",
        ));
    }
    for (power, coefficient) in fit.coefficients.iter().enumerate() {
        work.results.push(Number::plain(
            format!("c{power}"),
            "",
            (
                &format!("系数 u^{power}"),
                &format!("coefficient of u^{power}"),
            ),
            *coefficient,
            unit,
        ));
    }
    let of = format!("u = (Q - {}) / {}, Q in m3/s", fit.centre, fit.half_width);
    work.notes.push(Bilingual::new(
        format!("系数对应 {of}；曲线不外推"),
        format!("the coefficients are those of {of}; a curve is never extrapolated"),
    ));
    Ok(work)
}

pub(super) const JUDGE: Calculation = Calculation {
    name: "judge",
    zh: "按标准的等级判定保证点",
    en: "a guarantee point judged by a grade of a standard",
    formulas: &[
        "acceptance.iso9906-2012.v1",
        "curve.polynomial-qr.v1",
        "efficiency.from-head-and-power.v1",
    ],
    source: "ISO 9906:2012 4.4.3 and 4.4.4; limits of the pack",
    fields: &[
        need(
            "pack",
            Kind::Text,
            ("标准数据包", "standard pack"),
            "gbt3216-2016",
        ),
        may("grade", Kind::Text, ("验收等级", "acceptance grade"), "2B"),
        may(
            "small_pump_power",
            Kind::Measure(Quantity::Power),
            (
                "小泵的最大轴功率，代替等级",
                "largest shaft power of a small pump, in place of the grade",
            ),
            "",
        ),
        need(
            "guaranteed_flow",
            Kind::Measure(Quantity::Flow),
            ("规定流量", "guaranteed flow"),
            "100 m3/h",
        ),
        need(
            "guaranteed_head",
            Kind::Measure(Quantity::Length),
            ("规定扬程", "guaranteed head"),
            "50 m",
        ),
        may(
            "guaranteed_efficiency",
            Kind::Measure(Quantity::Ratio),
            (
                "规定效率",
                "guaranteed efficiency, of the kind the power gives",
            ),
            "76 %",
        ),
        may(
            "guaranteed_power",
            Kind::Measure(Quantity::Power),
            ("规定功率", "guaranteed power"),
            "17.895362 kW",
        ),
        need(
            "flow",
            Kind::Column(Quantity::Flow),
            ("各测点流量", "flows of the points"),
            "0 40 60 80 95 104 120 m3/h",
        ),
        need(
            "head",
            Kind::Column(Quantity::Length),
            ("各测点扬程", "heads of the points"),
            "58.8 57.2 55.2 52.4 49.775 47.984 44.4 m",
        ),
        may(
            "power",
            Kind::Column(Quantity::Power),
            ("各测点功率", "powers of the points"),
            "8.6 12.2 14.0 15.8 17.15 17.96 19.4 kW",
        ),
        need(
            "degree",
            Kind::Count,
            ("拟合次数", "degree of the fits"),
            "2",
        ),
        DENSITY_FIELD,
        TEMPERATURE,
        PRESSURE,
        GRAVITY_FIELD,
        LATITUDE,
        ALTITUDE,
    ],
    compute: judge,
};

fn judge(inputs: &Inputs, packs: &Packs) -> Result<Work, Error> {
    let standard = pack(packs, inputs)?;
    let guarantee = Guarantee {
        flow_m3_s: inputs.number("guaranteed_flow")?,
        head_m: inputs.number("guaranteed_head")?,
        efficiency: inputs.optional("guaranteed_efficiency"),
        power_w: inputs.optional("guaranteed_power"),
        shutoff_head_m: None,
    };
    let tolerance = match (inputs.has("grade"), inputs.optional("small_pump_power")) {
        (true, None) => standard
            .tolerance(inputs.text("grade")?, guarantee.head_m)?
            .clone(),
        (false, Some(power_w)) => standard.small_power()?.tolerance(power_w)?,
        _ => {
            return Err(inputs.refuse(format!(
                "give either grade ({}) or small_pump_power",
                standard.grades().join(", ")
            )));
        }
    };
    let degree = degree_of(inputs)?;
    let (flows, _) = inputs.column("flow")?;
    standard.fit()?.admissible(degree, flows.len())?;
    let fitted = |values: &[f64]| PolynomialFit::new(flows, values, degree, false).map(Curve::new);
    let head = fitted(inputs.column("head")?.0)?;
    let mut work = Work::default();
    let (mut power, mut efficiency) = (None, None);
    if inputs.has("power") {
        let curve = fitted(inputs.column("power")?.0)?;
        efficiency = Some(Efficiency::FromHeadAndPower(EfficiencyCurve {
            head: head.clone(),
            power: curve.clone(),
            density_kg_m3: density_of(inputs, &mut work)?,
            gravity_m_s2: gravity_of(inputs, &mut work)?,
        }));
        power = Some(curve);
    }
    let curves = accept::Curves {
        head: &head,
        power: power.as_ref(),
        efficiency: efficiency.as_ref(),
    };
    let evaluation = standard.evaluation()?;
    let found = accept::assess(evaluation, &tolerance, &guarantee, &curves)?;
    let length = Quantity::Length;
    let at_flow = ("规定流量下的扬程", "head at guaranteed flow");
    work.results.push(Number::judged(
        "head_at_flow",
        "H",
        at_flow,
        found.flow_head.head,
        length,
    ));
    if let Some(flow) = found.flow_head.flow {
        let text = ("规定扬程下的流量", "flow at guaranteed head");
        work.results.push(Number::judged(
            "flow_at_head",
            "Q",
            text,
            flow,
            Quantity::Flow,
        ));
        if flow.reason == Reason::NotReached {
            work.notes.push(Bilingual::new(
                "曲线在实测范围内未达到规定扬程；不外推",
                "the curve does not reach the guaranteed head inside the measured range; nothing is extrapolated",
            ));
        }
    }
    if let Some(read) = found.read {
        let text = (
            "过原点直线与曲线交点的流量",
            "flow where the line through the origin meets the curve",
        );
        work.results.push(Number::new(
            "read_at_flow",
            "Q",
            text,
            read.flow_m3_s,
            Quantity::Flow,
        ));
        let text = ("该点扬程", "head there");
        work.results
            .push(Number::new("read_at_head", "H", text, read.head_m, length));
    }
    if let Some(judged) = found.efficiency {
        let text = ("效率", "efficiency");
        work.results.push(Number::judged(
            "efficiency",
            "η",
            text,
            judged,
            Quantity::Ratio,
        ));
    } else if let Some(eta) = found.read.and_then(|read| read.efficiency) {
        work.results.push(Number::new(
            "efficiency",
            "η",
            ("效率", "efficiency"),
            eta,
            Quantity::Ratio,
        ));
    }
    if let Some(judged) = found.power {
        work.results.push(Number::judged(
            "power",
            "P",
            ("功率", "power"),
            judged,
            Quantity::Power,
        ));
    }
    let how = |verdict: Verdict| verdict.text();
    let (cross, all) = (how(found.flow_head.verdict), how(found.verdict));
    work.notes.push(Bilingual::new(
        format!("流量与扬程合并判定：{}；总判定：{}", cross.zh, all.zh),
        format!(
            "flow and head together: {}; all together: {}",
            cross.en, all.en
        ),
    ));
    work.clause = Some(format!(
        "{} {}; {}",
        standard.id, evaluation.clause, tolerance.clause
    ));
    work.verdict = Some(found.verdict);
    Ok(work)
}
