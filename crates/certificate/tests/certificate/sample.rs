//! Certificate data for tests: a submersible pump on a made-up bench. No number here is a measurement.

use dutypoint_certificate::chart::{Chart, ChartPoint, GuaranteeMark, LimitMark, Panel};
use dutypoint_certificate::data::*;
use dutypoint_certificate::print::PrintRule;

pub(crate) fn both(zh: &str, en: &str) -> Bilingual {
    Bilingual::new(zh, en)
}

fn party(zh: &str, en: &str) -> Party {
    Party {
        name: both(zh, en),
        address: None,
        contact: None,
    }
}

/// Head, efficiency of the unit and input power of the made-up pump at a flow.
pub(crate) fn pump(q: f64) -> (f64, f64, f64) {
    let x = q / 80.0;
    let head = 70.0 - 3.0 * x - 11.3 * x * x;
    let efficiency = 62.4 * (1.62 * x - 0.56 * x * x - 0.06 * x * x * x);
    let power = if efficiency > 0.0 {
        998.1 * 9.7964 * (q / 3600.0) * head / 1000.0 / (efficiency / 100.0)
    } else {
        9.6
    };
    (head, efficiency, power)
}

/// `count` points from 30 % of the guaranteed flow to 140 %, with a little scatter.
pub(crate) fn points(count: u32) -> Vec<PointRow> {
    (0..count)
        .map(|i| {
            let part = f64::from(i) / f64::from(count.max(2) - 1);
            let flow_m3h = 24.0 + part * 88.0 + 0.013 * f64::from(i % 3);
            let (head, efficiency, power) = pump(flow_m3h);
            let scatter = [0.11, -0.07, 0.03, -0.12, 0.06][(i % 5) as usize];
            let speed = flow_m3h / 3600.0 / 0.012_272;
            let velocity = speed * speed / 19.593;
            let friction = 0.02 * velocity * 12.0 / 0.125;
            PointRow {
                no: i + 1,
                flow_m3h,
                outlet_pressure_kpa: Some((head - 1.35 - velocity - friction) * 9.778),
                elevation_m: Some(1.35),
                velocity_head_m: Some(velocity),
                friction_m: Some(friction),
                friction_u_m: Some(friction * 0.2),
                head_m: head + scatter,
                frequency_hz: Some(49.98 + 0.01 * scatter),
                speed_rpm: Some(2874.0 - 0.4 * flow_m3h),
                voltage_v: Some(380.4 + scatter),
                current_a: Some(power * 1000.0 / (1.732 * 380.0 * 0.84)),
                input_power_kw: Some(power + scatter * 0.4),
                unit_efficiency_pct: Some(efficiency + scatter),
                samples: Some(200),
                steady: Some(true),
                ..PointRow::default()
            }
        })
        .collect()
}

pub(crate) fn chart(points: &[PointRow]) -> Chart {
    let ends = (
        points.first().map_or(0.0, |p| p.flow_m3h),
        points.last().map_or(0.0, |p| p.flow_m3h),
    );
    let curve = |value: fn(f64) -> f64| -> Vec<[f64; 2]> {
        if points.len() < 2 {
            return Vec::new();
        }
        (0..=80)
            .map(|i| {
                let q = ends.0 + (ends.1 - ends.0) * f64::from(i) / 80.0;
                [q.clamp(ends.0, ends.1), value(q)]
            })
            .collect()
    };
    let measured = |value: fn(&PointRow) -> Option<f64>, whisker: f64| -> Vec<ChartPoint> {
        points
            .iter()
            .filter_map(|p| {
                Some(ChartPoint {
                    flow_m3h: p.flow_m3h,
                    value: value(p)?,
                    flow_whisker: Some(p.flow_m3h * 0.009),
                    value_whisker: Some(whisker),
                })
            })
            .collect()
    };
    Chart {
        flow: both("流量", "Flow"),
        panels: vec![
            Panel {
                name: both("扬程", "Head"),
                symbol: "H".into(),
                unit: "m".into(),
                points: measured(|p| Some(p.head_m), 0.55),
                curve: curve(|q| pump(q).0),
                mark: None,
            },
            Panel {
                name: both("输入功率", "Input power"),
                symbol: "P1".into(),
                unit: "kW".into(),
                points: measured(|p| p.input_power_kw, 0.11),
                curve: curve(|q| pump(q).2),
                mark: None,
            },
            Panel {
                name: both("机组效率", "Unit efficiency"),
                symbol: "η".into(),
                unit: "%".into(),
                points: measured(|p| p.unit_efficiency_pct, 0.9),
                curve: curve(|q| pump(q).1),
                mark: Some(LimitMark {
                    flow_m3h: 80.68,
                    guaranteed: 62.0,
                    limit: Some(58.9),
                }),
            },
        ],
        guarantee: Some(GuaranteeMark {
            flow_m3h: 80.0,
            head_m: 55.0,
            flow_arm_m3h: Some([73.6, 86.4]),
            head_arm_m: Some([52.25, 57.75]),
            origin_line_meets: Some([80.68, 55.47]),
        }),
        whiskers: Some(both("扩展不确定度 U（k=2）", "Expanded uncertainty")),
        note: Some(both(
            "H 与 P1 按三次多项式最小二乘拟合，η 由拟合的 H、P1 计算；不换算转速，频率 50 Hz。",
            "H and P1 fitted by least squares, degree 3; η follows from the fitted H and P1; \
             no speed translation, 50 Hz.",
        )),
    }
}

fn instrument(
    channel: (&str, &str),
    tag: &str,
    model: &str,
    range: &str,
    number: &str,
    u: (f64, &str),
) -> Instrument {
    Instrument {
        channel: both(channel.0, channel.1),
        tag: tag.into(),
        model: model.into(),
        range: Some(range.into()),
        calibration: Some(Calibration {
            certificate_no: number.into(),
            laboratory: "运城市计量检定测试所".into(),
            date: Some("2025-09-12".into()),
            due: Some("2026-09-11".into()),
        }),
        standard_uncertainty: Some(StandardUncertainty {
            value: u.0,
            unit: u.1.into(),
        }),
    }
}

fn finding(
    item: (&str, &str),
    clause: &str,
    requirement: (&str, &str),
    rule: PrintRule,
    unit: &str,
    numbers: [f64; 3],
    verdict: Verdict,
) -> Finding {
    let [value, u, margin] = numbers;
    Finding {
        item: both(item.0, item.1),
        clause: clause.into(),
        pack: "gbt-3216-2016 v1".into(),
        requirement: both(requirement.0, requirement.1),
        rule,
        unit: unit.into(),
        value: Some(value),
        mark: None,
        expanded_uncertainty: Some(u),
        coverage_factor: Some(2.0),
        margin: Some(margin),
        verdict,
        reason: None,
        neighbours: Vec::new(),
        optional_grade: false,
    }
}

fn findings() -> Vec<Finding> {
    let mut all = vec![
        finding(
            ("保证扬程下的流量", "Flow at the guaranteed head"),
            "GB/T 3216—2016 4.4.3",
            (
                "73.60 至 86.40 m³/h（±8 %，2B 级）",
                "73.60 to 86.40 m³/h (±8 %, grade 2B)",
            ),
            PrintRule::Flow,
            "m³/h",
            [80.634_2, 0.721, 5.765_8],
            Verdict::Pass,
        ),
        finding(
            ("保证流量下的扬程", "Head at the guaranteed flow"),
            "GB/T 3216—2016 4.4.3",
            (
                "52.25 至 57.75 m（±5 %，2B 级）",
                "52.25 to 57.75 m (±5 %, grade 2B)",
            ),
            PrintRule::Head,
            "m",
            [55.698_7, 0.552, 2.051_3],
            Verdict::Pass,
        ),
        finding(
            ("规定点机组效率", "Unit efficiency at the duty point"),
            "GB/T 12785—2014 5.3",
            (
                "≥ 58.9 %（保证值 62 %，容差 −5 %）",
                "≥ 58.9 % (guaranteed 62 %, tolerance −5 %)",
            ),
            PrintRule::Efficiency,
            "%",
            [58.85, 0.92, -0.05],
            Verdict::Fail,
        ),
        finding(
            ("能效等级", "Energy efficiency grade"),
            "GB 32030—2022 4.2",
            ("≥ 3 级限值 58.5 %", "≥ grade 3 limit 58.5 %"),
            PrintRule::Efficiency,
            "%",
            [58.85, 0.92, 0.35],
            Verdict::Inconclusive,
        ),
    ];
    all[0].neighbours = vec![
        NeighbourFit {
            fit: "H2 P2 η=ρgQH/P".into(),
            admissible: true,
            value: Some(80.511),
            verdict: Verdict::Pass,
        },
        NeighbourFit {
            fit: "H4 P4 η=ρgQH/P".into(),
            admissible: true,
            value: Some(80.702),
            verdict: Verdict::Pass,
        },
    ];
    all[2].reason = Some(both(
        "过原点直线与 H-Q 拟合曲线交于 Q = 80.68 m³/h，该处机组效率低于限值 0.05 个百分点。",
        "The line through the origin meets the fitted H-Q curve at Q = 80.68 m³/h; the unit \
         efficiency there is 0.05 percentage points below the limit.",
    ));
    all[2].neighbours = vec![
        NeighbourFit {
            fit: "H2 P2 η=ρgQH/P".into(),
            admissible: true,
            value: Some(59.21),
            verdict: Verdict::Pass,
        },
        NeighbourFit {
            fit: "H4 P4 η=ρgQH/P".into(),
            admissible: true,
            value: None,
            verdict: Verdict::NotEvaluated,
        },
    ];
    all[3].reason = Some(both(
        "裕量小于扩展不确定度，且标准未规定计入方式。",
        "The margin is smaller than the expanded uncertainty and the standard does not say how \
         to take it into account.",
    ));
    all.push(Finding {
        value: None,
        mark: None,
        expanded_uncertainty: None,
        coverage_factor: None,
        margin: None,
        verdict: Verdict::NotEvaluated,
        reason: Some(both(
            "未测量绕组电阻，无法计算温升。",
            "Winding resistance was not measured, so no temperature rise can be computed.",
        )),
        ..finding(
            ("绕组温升", "Winding temperature rise"),
            "GB/T 12785—2014 6.5",
            ("≤ 80 K", "≤ 80 K"),
            PrintRule::Temperature,
            "K",
            [0.0; 3],
            Verdict::NotEvaluated,
        )
    });
    // A grade that nobody requires.
    all.push(Finding {
        optional_grade: true,
        ..finding(
            ("能效 1 级", "Energy grade 1"),
            "GB 32030-2022",
            ("≥ 65.0 %", "≥ 65.0 %"),
            PrintRule::Efficiency,
            "%",
            [61.2, 0.6, -3.8],
            Verdict::Fail,
        )
    });
    all
}

fn basis(standard: &str, edition: &str, title: (&str, &str), pack: &str) -> Basis {
    Basis {
        standard: standard.into(),
        edition: edition.into(),
        title: both(title.0, title.1),
        pack: pack.into(),
        countersigned: true,
        notice: None,
    }
}

fn signature(name: &str, title: (&str, &str), date: &str) -> Signature {
    Signature {
        name: Some(name.into()),
        title: Some(both(title.0, title.1)),
        date: Some(date.into()),
    }
}

/// A formal report with every part filled.
pub(crate) fn formal() -> CertificateData {
    let points = points(9);
    CertificateData {
        kind: CertificateKind::Formal,
        number: "YCPT-W-2026-00123".into(),
        replaces: None,
        issued_at: "2026-03-05T14:22:31+08:00".into(),
        laboratory: Party {
            name: both(
                "运城市水泵产品质量检验中心",
                "Yuncheng Pump Quality Test Centre",
            ),
            address: Some(both(
                "山西省运城市盐湖区解放北路 118 号",
                "118 Jiefang North Road, Yanhu District, Yuncheng, Shanxi",
            )),
            contact: Some("0359-2220000  ycpt@example.cn".into()),
        },
        order: Order {
            number: Some("WT-2026-0087".into()),
            category: Some(both("委托检验", "Entrusted test")),
            customer: Some(party(
                "山西省运城市夏县水利工程建设有限责任公司",
                "Xiaxian Water Works Construction Co., Ltd., Yuncheng, Shanxi",
            )),
            manufacturer: Some(party(
                "山西天海泵业有限公司（示例）",
                "Shanxi Tianhai Pump Co., Ltd. (example)",
            )),
        },
        specimen: Specimen {
            product: both("井用潜水电泵", "Well submersible motor-pump"),
            model: "200QJ80-55/5".into(),
            serial_no: Some("2602-0417".into()),
            sample_no: Some("S-2026-0311".into()),
            received: Some("2026-03-02".into()),
            condition: Some(both("完好", "intact")),
            plate: NamePlate {
                flow_m3h: Some(80.0),
                head_m: Some(55.0),
                speed_rpm: Some(2850.0),
                motor_power_kw: Some(18.5),
                voltage_v: Some(380.0),
                current_a: Some(39.7),
                frequency_hz: Some(50.0),
                phases: Some(3),
                stages: Some(5),
                outlet_bore_mm: Some(100.0),
            },
        },
        guarantee: Some(Guarantee {
            flow_m3h: 80.0,
            head_m: 55.0,
            unit_efficiency_pct: Some(62.0),
            input_power_kw: None,
            shaft_power_kw: None,
            shutoff_head_m: None,
            grade: "2B".into(),
            grade_source: Some(both("委托合同第 4 条", "contract, clause 4")),
        }),
        basis: vec![
            basis(
                "GB/T 12785",
                "2014",
                (
                    "潜水电泵 试验方法",
                    "Submersible motor-pumps — Test methods",
                ),
                "gbt-12785-2014 v1",
            ),
            basis(
                "GB/T 3216",
                "2016",
                (
                    "回转动力泵 水力性能验收试验 1级、2级和3级",
                    "Rotodynamic pumps — Hydraulic performance acceptance tests — Grades 1, 2 and 3",
                ),
                "gbt-3216-2016 v1",
            ),
        ],
        environment: Environment {
            place: Some(both(
                "本中心 1 号深井试验台",
                "Deep-well bench 1 of the centre",
            )),
            begin: Some("2026-03-04T09:12:05+08:00".into()),
            end: Some("2026-03-04T10:47:40+08:00".into()),
            air_temperature_c: Some(12.5),
            humidity_pct: Some(41.0),
            atmospheric_pressure_kpa: Some(97.2),
        },
        bench: Some(Bench {
            name: both("1 号深井试验台", "Deep-well bench 1"),
            tap_bore_mm: Some(125.0),
            gauge_elevation_m: Some(1.35),
            riser_length_m: Some(12.0),
            riser_bore_mm: Some(125.0),
            riser_roughness_mm: Some(0.15),
            outlet_loss: Some(both(
                "直管沿程损失 U = 20 %（k = 2）；止回阀 ζ = 2（U = 30 %）",
                "friction of the pipe U = 20 % (k = 2); non-return valve ζ = 2 (U = 30 %)",
            )),
            cable: Some(both(
                "3×10 mm² + 1×6 mm²，长 25 m，功率表至电机；已扣除铜损",
                "3×10 mm² + 1×6 mm², 25 m from power meter to motor; copper loss deducted",
            )),
            gravity_m_s2: Some(9.7964),
            water_density_kg_m3: Some(998.12),
            water_temperature_c: Some(20.6),
        }),
        method_notes: vec![
            both(
                "转速由转差法测得：感应线圈测转差频率，n = 60 (f − fs) / p。",
                "Speed by slip: slip frequency from a pick-up coil, n = 60 (f − fs) / p.",
            ),
            both(
                "扬程 H = p2/(ρg) + z + v²/2g + hf；摩阻按 Colebrook 公式计算。",
                "Head H = p2/(ρg) + z + v²/2g + hf; friction by the Colebrook formula.",
            ),
        ],
        instruments: vec![
            instrument(
                ("流量", "Flow"),
                "FT-101",
                "电磁流量计 LDG-125",
                "0 至 200 m³/h",
                "LL-25-0918",
                (0.25, "%"),
            ),
            instrument(
                ("出口压力", "Outlet pressure"),
                "PT-102",
                "压力变送器 3051S",
                "0 至 1.6 MPa",
                "YL-25-1204",
                (0.6, "kPa"),
            ),
            instrument(
                ("输入功率、电压、电流", "Power, voltage, current"),
                "WT-103",
                "功率分析仪 WT333E",
                "600 V / 20 A × 10",
                "DX-25-0331",
                (0.12, "%"),
            ),
            instrument(
                ("水温", "Water temperature"),
                "TT-104",
                "Pt100",
                "0 至 60 °C",
                "RG-25-0077",
                (0.08, "°C"),
            ),
        ],
        chart: Some(chart(&points)),
        converted: Some(ConvertedTable {
            basis: both(
                "按 GB/T 3216—2016 第 6 章换算至 50 Hz。",
                "Translated to 50 Hz by GB/T 3216—2016, clause 6.",
            ),
            rows: points
                .iter()
                .map(|p| ConvertedRow {
                    no: p.no,
                    flow_m3h: p.flow_m3h * 1.0004,
                    head_m: p.head_m * 1.0008,
                    input_power_kw: p.input_power_kw.map(|w| w * 1.0012),
                    unit_efficiency_pct: p.unit_efficiency_pct,
                    ..ConvertedRow::default()
                })
                .collect(),
        }),
        points,
        findings: findings(),
        energy: Some(EnergyLabel {
            standard: "GB 32030-2022".into(),
            clause: "Table 4 [C1]".into(),
            pump_type: both("井用潜水电泵，充水式", "Well, water-filled motor"),
            band: "11 < P ≤ 30 kW".into(),
            specified_pct: Some(62.5),
            source: both("委托方声明", "declared by the customer"),
            grade_1_pct: Some(65.0),
            grade_2_pct: Some(63.8),
            grade_3_pct: None,
            efficiency_pct: Some(61.2),
            expanded_uncertainty_pct: Some(0.6),
            grade: both("不作评价", "Not evaluated"),
        }),
        reported: vec![Reported {
            item: both("功率因数", "Power factor"),
            rule: PrintRule::Decimals(3),
            unit: String::new(),
            value: 0.8214,
            expanded_uncertainty: None,
        }],
        not_tested: vec![NotTested {
            item: both("堵转试验", "Locked-rotor test"),
            clause: "gbt12785-2014 10".into(),
            why: both("需电动机单独试验", "needs the motor on its own"),
        }],
        conclusion: Some(both(
            "样品经检验，流量与扬程符合 2B 级要求；规定点机组效率不符合保证值要求。",
            "Flow and head of the specimen meet grade 2B; the unit efficiency at the duty point \
             does not meet the guarantee.",
        )),
        fit_statement: Some(both(
            "H-Q、P1-Q 用三次多项式最小二乘拟合，残差均方根 0.09 m、0.04 kW；不外推。",
            "H-Q and P1-Q fitted by least squares with polynomials of degree 3, RMS residual \
             0.09 m and 0.04 kW; no extrapolation.",
        )),
        decision_rule: Some(both(
            "容差已包含测量不确定度，按简单接受判定（ILAC-G8:09/2019，w = 0）。",
            "The tolerances already include measurement uncertainty; simple acceptance \
             (ILAC-G8:09/2019, w = 0).",
        )),
        uncertainty_statement: Some(both(
            "扩展不确定度由合成标准不确定度乘以包含因子 k = 2 得到，包含概率约 95 %。",
            "Expanded uncertainty is the combined standard uncertainty times k = 2, for a \
             coverage probability of about 95 %.",
        )),
        refusals: Vec::new(),
        deviations: Vec::new(),
        signatures: Signatures {
            tested_by: signature("张晓峰", ("检验员", "Tester"), "2026-03-04"),
            checked_by: signature("李文静", ("工程师", "Engineer"), "2026-03-05"),
            approved_by: signature(
                "王建国",
                ("授权签字人", "Authorised signatory"),
                "2026-03-05",
            ),
        },
        digests: Digests {
            data: "9f2c41d07be8a35516c0b2f4e87d93aa5c1e60724b8fd9e3170a6cbd52f4831e".into(),
            chain_head: Some(
                "41be0c7783d2a9f51e6db04498a7c35f20e1b6d98c4f7a3512dd60be97f8a4c3".into(),
            ),
            checkpoint: Some(
                "c07d5e92a81b34f6d0e79c21b5a8f3647e19d0cb82a4567f3e91bd08c6a5f271".into(),
            ),
        },
        software: Software {
            name: "dutypoint".into(),
            version: "0.1.0".into(),
            build: "5d41402abc4b2a76b9719d911017c592".into(),
        },
        recorded_by: None,
        efficiency_decimals: 1,
    }
}

/// The same, made by a simulated bench.
pub(crate) fn simulated() -> CertificateData {
    let mut data = formal();
    data.kind = CertificateKind::Simulated;
    data.number = "SIM-2026-00007".into();
    data.basis[0].countersigned = false;
    data.basis[0].notice = Some(both(
        "本规则包数值录自公开资料，本实验室尚未与标准正式文本核对。",
        "The numbers of this pack come from public sources; the laboratory has not yet compared \
         them with the official text.",
    ));
    data.refusals = vec![
        both(
            "数据来自模拟试验台。",
            "The data come from a simulated bench.",
        ),
        both(
            "规则包 gbt-12785-2014 v1 未经本实验室核签。",
            "Rule pack gbt-12785-2014 v1 is not countersigned by the laboratory.",
        ),
        both(
            "仪器 FT-101 无有效校准证书。",
            "Instrument FT-101 has no valid calibration certificate.",
        ),
    ];
    data.instruments[0].calibration = None;
    data.deviations = vec![both(
        "第 3 点由操作员手动接受（张晓峰，10:02:11）：流量波动 3.4 %，超过允许的 3 %。",
        "Point 3 accepted by hand (Zhang Xiaofeng, 10:02:11): flow fluctuated by 3.4 %, above the \
         permitted 3 %.",
    )];
    data.points[2].steady = Some(false);
    data.signatures = Signatures::default();
    data
}

/// An evaluation of another party's data, with little else given.
pub(crate) fn data_evaluation() -> CertificateData {
    let mut data = formal();
    data.kind = CertificateKind::DataEvaluation;
    data.number = "DE-2026-00031".into();
    data.conclusion = None;
    data.bench = None;
    data.instruments = Vec::new();
    data.converted = None;
    data.environment = Environment::default();
    data.efficiency_decimals = 2;
    for point in &mut data.points {
        *point = PointRow {
            no: point.no,
            flow_m3h: point.flow_m3h,
            head_m: point.head_m,
            input_power_kw: point.input_power_kw,
            unit_efficiency_pct: point.unit_efficiency_pct,
            ..PointRow::default()
        };
    }
    data.method_notes = vec![both(
        "数据录自委托方提供的试验记录表，共 9 个工况点。",
        "Data taken from the customer's test sheet, 9 points.",
    )];
    data
}

/// The least a document can hold.
pub(crate) fn bare() -> CertificateData {
    let full = formal();
    CertificateData {
        kind: CertificateKind::Formal,
        order: Order::default(),
        laboratory: Party {
            name: full.laboratory.name.clone(),
            ..Party::default()
        },
        specimen: Specimen {
            product: full.specimen.product.clone(),
            model: full.specimen.model.clone(),
            ..Specimen::default()
        },
        guarantee: None,
        basis: Vec::new(),
        environment: Environment::default(),
        bench: None,
        method_notes: Vec::new(),
        instruments: Vec::new(),
        points: Vec::new(),
        converted: None,
        chart: None,
        findings: Vec::new(),
        energy: None,
        reported: Vec::new(),
        not_tested: Vec::new(),
        conclusion: None,
        fit_statement: None,
        decision_rule: None,
        uncertainty_statement: None,
        signatures: Signatures::default(),
        digests: Digests {
            data: full.digests.data.clone(),
            chain_head: None,
            checkpoint: None,
        },
        ..full
    }
}
