//! The sentences of a certificate that follow from how a run was made.

use crate::print::{PrintRule, Printer};
use dutypoint_engine::config::{CableConfig, Geometry, Material};
use dutypoint_engine::{AssessedCurves, CurveRule, EnergyBasis, Method, Setup, Translation};
use dutypoint_hydraulics::curve::{Curve, Efficiency};
use dutypoint_hydraulics::decision::{DecisionRule, Guard};
use dutypoint_hydraulics::degree::CRITERION;
use dutypoint_hydraulics::pack::{Compared, FlowHeadRule, ReadAt, SmallPowerVariable, Weights};
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Finding, Item, Origin, Point};

pub(super) fn category(setup: &Setup) -> Bilingual {
    match (&setup.order.programme, &setup.order.import) {
        (Some(programme), _) => programme.name.clone(),
        (None, Some(import)) => Bilingual::new(
            format!("外部试验数据评价；试验者：{}", import.tested_by.zh),
            format!(
                "evaluation of a test run elsewhere, by {}",
                import.tested_by.en
            ),
        ),
        (None, None) => Bilingual::default(),
    }
}

/// How the lead cable of the motor is named, with its length where a pack states it.
fn lead(setup: &Setup) -> Option<f64> {
    let rule = setup.packs.iter().find_map(|pack| pack.cable().ok())?;
    Some(rule.included_m.value)
}

pub(super) fn cable(setup: &Setup, cable: &CableConfig) -> Bilingual {
    let (lead_zh, lead_en) = match lead(setup) {
        Some(m) => (format!("{m} m 引出线"), format!("the {m} m of lead")),
        None => ("引出线".to_owned(), "the lead".to_owned()),
    };
    let length = cable.length;
    let (cores, section, t) = (cable.cores, cable.section_mm2, cable.temperature_c);
    let (material_zh, material_en) = match cable.material {
        Material::Copper => ("铜", "copper"),
        Material::Aluminium => ("铝", "aluminium"),
    };
    let resistance = match (cable.core_resistance_ohm, cable.resistivity_ohm_mm2_m) {
        (Some(ohm), _) => format!("R20 = {ohm} Ω"),
        (None, resistivity) => format!("ρ20 = {} Ω·mm²/m", resistivity.unwrap_or_default()),
    };
    Bilingual::new(
        format!(
            "{lead_zh}以外的电缆 {length}，{material_zh} {cores} × {section} mm²，{resistance}，{t} °C"
        ),
        format!(
            "{length} beyond {lead_en}, {material_en} {cores} × {section} mm², {resistance}, {t} °C"
        ),
    )
}

/// To what the points are translated.
pub(super) fn translation(to: &Translation) -> Bilingual {
    let specified = to.specified;
    if to.by_frequency() {
        Bilingual::new(
            format!(
                "按委托单（试验开始前约定）由各点实测频率换算至 {specified} Hz：Q·r、H·r²、P·r³，r = f_sp/f；效率不变。"
            ),
            format!(
                "As the order agreed before the start, each point is translated from its frequency to {specified} Hz: Q r, H r², P r³ with r = f_sp/f; efficiency unchanged."
            ),
        )
    } else {
        Bilingual::new(
            format!(
                "按委托单（试验开始前约定）由各点实测转速换算至 {specified} r/min：Q·r、H·r²、P·r³，r = n_sp/n；效率不变。"
            ),
            format!(
                "As the order agreed before the start, each point is translated from its speed to {specified} r/min: Q r, H r², P r³ with r = n_sp/n; efficiency unchanged."
            ),
        )
    }
}

/// What lies between pump outlet and tap, and how well its loss is known.
pub(super) fn outlet_loss(g: &Geometry) -> Bilingual {
    if let Some(measured) = &g.measured_loss {
        let (head, flow, u) = (measured.head, measured.flow, measured.u_pct);
        return Bilingual::new(
            format!("损失实测：{flow} 时 {head}（U = {u} %，k = 2），按流量平方换算"),
            format!(
                "loss measured: {head} at {flow} (U = {u} %, k = 2), with the square of the flow"
            ),
        );
    }
    let mut zh = vec![format!("直管沿程损失 U = {} %（k = 2）", g.friction_u_pct)];
    let mut en = vec![format!(
        "friction of the pipe U = {} % (k = 2)",
        g.friction_u_pct
    )];
    for fitting in &g.fitting {
        let (zeta, u) = (fitting.zeta, fitting.u_pct);
        zh.push(format!("{} ζ = {zeta}（U = {u} %）", fitting.name.zh));
        en.push(format!("{} ζ = {zeta} (U = {u} %)", fitting.name.en));
    }
    Bilingual::new(zh.join("；"), en.join("; "))
}

/// Whether the power of the points is less the loss of a cable.
fn loss_removed(points: &[Point]) -> bool {
    let mut reduced = points.iter().filter_map(|p| p.reduced.as_ref());
    reduced.any(|r| r.cable_loss_removed)
}

/// How the loss to the tap was found, and where the standard asks for it.
fn loss_note(setup: &Setup, points: &[Point]) -> Bilingual {
    let measured = setup
        .bench
        .as_ref()
        .is_some_and(|b| b.geometry.measured_loss.is_some());
    let (how_zh, how_en) = if measured {
        ("实测", "measured")
    } else {
        (
            "按 Colebrook 公式和局部阻力系数计算",
            "computed by Colebrook and loss coefficients",
        )
    };
    let required: Vec<String> = points
        .iter()
        .filter(|p| p.accepted)
        .filter(|p| {
            let loss = p.reduced.as_ref().and_then(|r| r.outlet_loss);
            loss.and_then(|loss| loss.required) == Some(true)
        })
        .map(|p| p.number.to_string())
        .collect();
    let (list_zh, list_en) = if required.is_empty() {
        ("各点均未达到".to_owned(), "no point reaches".to_owned())
    } else {
        (
            format!("第 {} 点达到", required.join("、")),
            format!("points {} reach", required.join(", ")),
        )
    };
    Bilingual::new(
        format!(
            "保证边界为泵出口：至取压处的损失 hf {how_zh}，逐点计入扬程；{list_zh}标准要求计入的阈值。"
        ),
        format!(
            "The guarantee ends at the pump outlet: the loss hf to the tap is {how_en} and added to the head at every point; {list_en} the threshold from which the standard asks for it."
        ),
    )
}

pub(super) fn method(setup: &Setup, points: &[Point]) -> Vec<Bilingual> {
    match &setup.method {
        Method::Submersible(_) => {
            let mut notes = vec![
                Bilingual::new(
                    "总扬程 H = z + p/(ρg) + v²/2g + hf，z 为压力表中心至动水位的高差。",
                    "Total head H = z + p/(ρg) + v²/2g + hf, z from the dynamic water level to the gauge centre.",
                ),
                Bilingual::new(
                    "转速 n = 60 (f − 转差频率)/p，转差频率由感应线圈法测得。",
                    "Speed n = 60 (f − f_slip)/p, slip frequency by induction coil.",
                ),
            ];
            notes.push(match &setup.translation {
                Some(to) => translation(to),
                None => Bilingual::new(
                    "结果为实测转差下的值，不换算到其他转速或频率。",
                    "Results are at the measured slip; nothing is translated to another speed or frequency.",
                ),
            });
            notes.push(loss_note(setup, points));
            if setup.bench.as_ref().is_some_and(|b| b.cable.is_some()) {
                let (beyond_zh, beyond_en) = match lead(setup) {
                    Some(m) => (format!("{m} m 以外电缆"), format!("the cable beyond {m} m")),
                    None => ("引出线以外电缆".into(), "the cable beyond the lead".into()),
                };
                let i2r = if setup.order.specimen.phases == Some(1) {
                    "2I²R"
                } else {
                    "3I²R"
                };
                notes.push(if loss_removed(points) {
                    Bilingual::new(
                        format!("输入功率已扣除{beyond_zh}的损耗 {i2r}，折算至电动机引出线端。"),
                        format!(
                            "Input power is at the motor leads: the loss {i2r} of {beyond_en} is removed."
                        ),
                    )
                } else {
                    Bilingual::new(
                        format!("输入功率为配电柜处测得值，含{beyond_zh}的损耗 {i2r}；电缆修正的条款核签前不作扣除，两种效率均列出。"),
                        format!(
                            "Input power is as measured at the panel, with the loss {i2r} of {beyond_en} in it: it is not removed until the clause is countersigned, and both efficiencies are told."
                        ),
                    )
                });
            }
            if setup.start.origin == Origin::Simulated {
                let speed = setup.start.clock.speed;
                notes.push(Bilingual::new(
                    format!("试验台时钟为模拟时钟，速度为实际时间的 {speed} 倍。"),
                    format!(
                        "The bench clock is simulated and runs {speed} times as fast as wall time."
                    ),
                ));
            }
            notes
        }
        Method::Imported(_) => {
            let mut notes = vec![Bilingual::new(
                "本实验室未进行该试验；评价仅依据所提供的数据。",
                "This laboratory did not run the test; the evaluation rests on the data supplied.",
            )];
            if let Some(import) = &setup.order.import {
                notes.push(import.reading_rule.clone());
                notes.extend(setup.translation.as_ref().map(translation));
                notes.push(Bilingual::new(
                    format!(
                        "重力加速度 {} m/s²；数据来源：{}",
                        import.gravity_m_s2, import.source
                    ),
                    format!(
                        "gravity {} m/s²; source of the data: {}",
                        import.gravity_m_s2, import.source
                    ),
                ));
            }
            notes
        }
    }
}

/// The curves in words: a degree, or that it is a spline.
fn degrees(fitted: &AssessedCurves) -> Bilingual {
    let name = |curve: &Curve| match curve.fit() {
        Some(fit) => Bilingual::new(
            format!("{} 次多项式最小二乘拟合", fit.degree),
            format!("least squares of degree {}", fit.degree),
        ),
        None => Bilingual::new(
            "保单调三次样条（过各测点）",
            "monotone spline through every point",
        ),
    };
    let (h, p) = (name(&fitted.head), name(&fitted.power));
    let (eta_zh, eta_en) = match &fitted.efficiency {
        Efficiency::Fitted(curve) => {
            let eta = name(curve);
            (format!("η(Q) {}", eta.zh), format!("η(Q) {}", eta.en))
        }
        Efficiency::FromHeadAndPower(_) => (
            "η 由 H、P 曲线计算".into(),
            "η from the curves of H and P".into(),
        ),
    };
    Bilingual::new(
        format!("H(Q) {}、P(Q) {}，{eta_zh}", h.zh, p.zh),
        format!("H(Q) {}, P(Q) {}, {eta_en}", h.en, p.en),
    )
}

/// By what the degrees were found; nothing where they were named.
fn chosen(setup: &Setup) -> Bilingual {
    match setup.fit.head {
        CurveRule::Chosen { low, high, .. } => Bilingual::new(
            format!("；次数由判据 {CRITERION} 在 {low} … {high} 次中选定"),
            format!("; degrees chosen among {low} … {high} by the criterion {CRITERION}"),
        ),
        CurveRule::Degree(_) | CurveRule::MonotoneSpline => Bilingual::default(),
    }
}

/// The rule of the curves, and what it gave for the points; without curves the rule alone.
pub(super) fn fit(setup: &Setup, fitted: Option<&AssessedCurves>) -> Bilingual {
    let (degrees, chosen) = (fitted.map(degrees).unwrap_or_default(), chosen(setup));
    let reason = &setup.fit.reason;
    let (weight_zh, weight_en) = match setup.fit.weights {
        Weights::Equal => ("各点等权", "all points weigh alike"),
        Weights::FromUncertainty => (
            "各点按 1/u² 加权（u 为该点的标准不确定度）",
            "points weigh by 1/u², u the standard uncertainty at the point",
        ),
    };
    Bilingual::new(
        format!(
            "{}{}；{weight_zh}（{}）；曲线仅在实测范围内有效。次数（或其判据）与权的规则在试验开始前确定。",
            degrees.zh, chosen.zh, reason.zh
        ),
        format!(
            "{}{}; {weight_en} ({}); the curves hold inside the tested range only. The rule for degrees and weights was fixed before the start.",
            degrees.en, chosen.en, reason.en
        ),
    )
}

pub(super) fn chart(setup: &Setup, fitted: &AssessedCurves) -> Bilingual {
    let degrees = degrees(fitted);
    match setup.method {
        _ if setup.translation.is_some() => Bilingual::new(
            format!("换算后的值；{}", degrees.zh),
            format!("As translated; {}", degrees.en),
        ),
        Method::Submersible(_) => Bilingual::new(
            format!("实测转速、频率下的值，未换算；{}", degrees.zh),
            format!(
                "At measured speed and frequency, not translated; {}",
                degrees.en
            ),
        ),
        Method::Imported(_) => degrees,
    }
}

pub(super) fn decision(setup: &Setup) -> Bilingual {
    let Ok(evaluation) = setup.standard().evaluation() else {
        return Bilingual::default();
    };
    let (rule_zh, rule_en) = match evaluation.flow_and_head {
        FlowHeadRule::ToleranceCross => (
            "流量或扬程任一在容差内即为合格（触及亦算）",
            "flow or head inside its tolerance passes (touching counts)",
        ),
        FlowHeadRule::HeadAtRatedFlow => {
            ("在规定流量下判定扬程", "head is judged at the rated flow")
        }
        FlowHeadRule::Ellipse => (
            "流量与扬程按椭圆判据合并判定",
            "flow and head are judged together by the rule of the ellipse",
        ),
    };
    let (read_zh, read_en) = match evaluation.read_at {
        ReadAt::OriginLine => (
            "效率与功率在过原点与保证点的直线和 H(Q) 曲线的交点处读取",
            "efficiency and power are read where the line from the origin through the guarantee point meets H(Q)",
        ),
        ReadAt::AtSpecifiedFlow => (
            "效率与功率在规定流量下读取",
            "efficiency and power are read at the rated flow",
        ),
        ReadAt::AtBep => (
            "效率与功率在最高效率点读取",
            "efficiency and power are read at the best efficiency point",
        ),
    };
    let (energy_zh, energy_en) = match &setup.energy {
        Some(energy) if matches!(energy.basis, EnergyBasis::Mei { .. }) => (
            "MEI 比较最高效率点、部分负荷和过负荷三处的泵效率，不修约。".to_owned(),
            " The index MEI compares the pump efficiency at best efficiency, part load and overload, unrounded.".to_owned(),
        ),
        Some(energy) => energy_rule(energy.compared, energy.read_at),
        None => (String::new(), String::new()),
    };
    let uncertainty = by_uncertainty(evaluation.decision);
    let (compared_zh, compared_en) = match evaluation.rounded {
        None => (
            "保证值按全数值比较（GB/T 8170）。",
            " Guaranteed values are compared in full (GB/T 8170).",
        ),
        Some(_) => (
            "保证值按修约值比较（GB/T 8170）。",
            " Guaranteed values are compared rounded (GB/T 8170).",
        ),
    };
    let small = small_power(setup);
    Bilingual::new(
        format!(
            "{}。{rule_zh}；{read_zh}。{compared_zh}{}{energy_zh}",
            uncertainty.zh, small.zh
        ),
        format!(
            "{}; {rule_en}; {read_en}.{compared_en}{}{energy_en}",
            uncertainty.en, small.en
        ),
    )
}

/// The rule for small pumps with the power it goes by, where the order agreed to it.
fn small_power(setup: &Setup) -> Bilingual {
    let Some(small) = &setup.order.guarantee.small_power else {
        return Bilingual::default();
    };
    let (power, class, clause) = (
        small.power,
        small.measurement_class,
        &setup.tolerance.clause,
    );
    let (variable_zh, variable_en) = match small.variable {
        SmallPowerVariable::MaxShaftPower => (
            "工作范围内最大轴功率",
            "largest shaft power in the range of operation",
        ),
        SmallPowerVariable::DriverInput => ("原动机输入功率", "input power of the driver"),
    };
    Bilingual::new(
        format!(
            "容差按 {clause} 小功率规则，{variable_zh} {power}（{}，试验开始前约定），测量等级 {class}。",
            small.source.zh
        ),
        format!(
            " Tolerances by the rule for small pumps, {clause}, {variable_en} {power} ({}, agreed before the start), measurement class {class}.",
            small.source.en
        ),
    )
}

/// How uncertainty enters the verdict.
fn by_uncertainty(rule: DecisionRule) -> Bilingual {
    match rule {
        DecisionRule::SimpleAcceptance => Bilingual::new(
            "简单接受：容差已包含测量不确定度，不另设保护带",
            "Simple acceptance: the tolerances include measurement uncertainty, no guard band is added",
        ),
        DecisionRule::GuardBand(Guard { r }) => Bilingual::new(
            format!("保护带 w = {r} U：限值向内收紧 w，其外不合格"),
            format!("Guard band w = {r} U: limits are moved inwards by w, what lies beyond fails"),
        ),
        DecisionRule::NonBinary(Guard { r }) => Bilingual::new(
            format!("非二元判定，保护带 w = {r} U：限值两侧 w 之内为不确定"),
            format!(
                "Non-binary statement with guard band w = {r} U: within w of a limit the verdict is inconclusive"
            ),
        ),
    }
}

/// Which efficiency is graded, and where it is read.
fn energy_rule(compared: Compared, read_at: ReadAt) -> (String, String) {
    let (of_zh, of_en) = match compared {
        Compared::UnitEfficiency => ("机组效率", "the unit efficiency {at}"),
        Compared::PumpEfficiency => ("泵效率", "the pump efficiency {at}"),
    };
    let (at_zh, at_en) = match read_at {
        ReadAt::AtSpecifiedFlow => ("规定流量下", "at the specified flow"),
        ReadAt::AtBep => ("最高效率点处", "at the best efficiency point"),
        ReadAt::OriginLine => ("上述交点处", "at that intersection"),
    };
    (
        format!("能效等级比较{at_zh}的{of_zh}，不修约。"),
        format!(
            " The energy grade compares {}, unrounded.",
            of_en.replace("{at}", at_en)
        ),
    )
}

pub(super) fn uncertainty(setup: &Setup) -> Bilingual {
    match setup.method {
        Method::Submersible(_) => Bilingual::new(
            "U 按 GUM 由校准、读数波动和曲线拟合各分量合成，约 95 %，系数 k 按有效自由度由 t 分布求得；未说明不确定度的来源不计入。",
            "U combines calibration, fluctuation and scatter about the fit after the GUM, about 95 %, k from Student's t for the effective degrees of freedom; sources whose uncertainty nobody states are left out.",
        ),
        Method::Imported(_) => Bilingual::new(
            "未提供仪表信息，无法给出不确定度。",
            "Not stated: nothing is known of the instruments.",
        ),
    }
}

/// The requirement with its limits, as people read it.
pub(super) fn requirement(f: &Finding, rule: PrintRule, printer: Printer) -> Bilingual {
    let unit = f.unit.printed();
    let number = |v: f64| printer.number(rule, f.unit.from_internal(v));
    let limits = f.limit.map(|limit| match (limit.low, limit.high) {
        (Some(low), Some(high)) => format!("{} … {} {unit}", number(low), number(high)),
        (Some(low), None) => format!("≥ {} {unit}", number(low)),
        (None, Some(high)) => format!("≤ {} {unit}", number(high)),
        (None, None) => String::new(),
    });
    match (f.item, limits) {
        (Item::FlowHead, _) => {
            Bilingual::new("流量或扬程在容差内", "flow or head inside its tolerance")
        }
        (Item::TestPoints, Some(limits)) => {
            Bilingual::new(format!("{limits}个测点"), format!("{limits} points"))
        }
        (_, Some(limits)) => Bilingual::new(limits, String::new()),
        (_, None) => Bilingual::new("—", String::new()),
    }
}
