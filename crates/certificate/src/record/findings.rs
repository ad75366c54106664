//! Findings as a certificate shows them: judged ones, the energy grade, what is reported
//! without a limit, what was not tested.

use crate::data::{self, CertificateKind, EnergyLabel, NeighbourFit, NotTested, Reported};
use crate::print::{PrintRule, Printer};
use dutypoint_engine::{EnergyBasis, Setup};
use dutypoint_hydraulics::rounding;
use dutypoint_model::document::{Finding, Item, clause_text};
use dutypoint_model::{Bilingual, Unit, Verdict};

/// A clause on paper, which speaks both languages: once where both say the same.
fn said(clause: &str) -> String {
    let text = clause_text(clause);
    if text.zh == text.en {
        text.zh
    } else {
        format!("{} {}", text.zh, text.en)
    }
}

/// Whether a finding holds a value against nothing and goes into a table of its own.
fn is_reported(f: &Finding) -> bool {
    f.limit.is_none() && f.item.is_reported()
}

pub(super) fn judged(findings: &[Finding], printer: Printer) -> Vec<data::Finding> {
    findings
        .iter()
        .filter(|f| !is_reported(f) && f.item != Item::NotTested)
        .map(|f| one(f, printer))
        .collect()
}

pub(super) fn reported(findings: &[Finding]) -> Vec<Reported> {
    let shown = findings.iter().filter(|f| is_reported(f));
    shown
        .filter_map(|f| {
            Some(Reported {
                item: f.item.text(),
                rule: rule(f.item),
                unit: f.unit.printed().into(),
                value: f.unit.from_internal(f.value?),
                expanded_uncertainty: f.expanded_uncertainty.map(|u| f.unit.from_internal(u)),
            })
        })
        .collect()
}

/// The items of the packs for which a finding says that they were not tested.
pub(super) fn not_tested(setup: &Setup, findings: &[Finding]) -> Vec<NotTested> {
    let mut list = Vec::new();
    for finding in findings.iter().filter(|f| f.item == Item::NotTested) {
        for pack in setup.packs.iter().filter(|p| p.id == finding.pack) {
            for item in pack.untested() {
                list.push(NotTested {
                    item: Bilingual::new(item.zh.clone(), item.en.clone()),
                    clause: format!("{} {}", pack.id, said(&item.clause)),
                    why: Bilingual::new(item.needs_zh.clone(), item.needs_en.clone()),
                });
            }
        }
    }
    list
}

/// The energy grade; none for an order without one, or a run that is not judged.
pub(super) fn energy(setup: &Setup, findings: &[Finding], printer: Printer) -> Option<EnergyLabel> {
    let energy = setup.energy.as_ref()?;
    let lines: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.item.is_energy_grade())
        .collect();
    let first = lines.first()?;
    let line = |index: usize| lines.get(index)?.limit?.low.map(|low| low * 100.0);
    // As the order writes it: a percentage made from a fraction shows its last bit.
    let written =
        setup.order.energy.as_ref().and_then(|energy| {
            super::express(energy.specified_efficiency.as_ref()?, Unit::Percent)
        });
    let (specified_pct, source) = match &energy.basis {
        EnergyBasis::Specified {
            specified, source, ..
        } => (Some(written.unwrap_or(specified * 100.0)), source.clone()),
        EnergyBasis::Flow { .. } | EnergyBasis::Mei { .. } => (None, read_at(first, printer)),
    };
    Some(EnergyLabel {
        standard: energy.edition.clone(),
        clause: format!("{} [{}]", first.clause, first.confidence),
        pump_type: energy.pump_type.clone(),
        band: energy.band.clone(),
        specified_pct,
        source,
        grade_1_pct: line(0),
        grade_2_pct: line(1),
        grade_3_pct: line(2),
        efficiency_pct: first.value.map(|v| v * 100.0),
        expanded_uncertainty_pct: first.expanded_uncertainty.map(|u| u * 100.0),
        grade: grade(&lines),
    })
}

/// Flow, head, speed and specific speed that a grade was looked up by.
fn read_at(finding: &Finding, printer: Printer) -> Bilingual {
    let shown = [
        ("read_at_flow_m3_s", "Q", PrintRule::Flow, 3600.0, "m³/h"),
        ("read_at_head_m", "H", PrintRule::Head, 1.0, "m"),
        ("speed_rpm", "n", PrintRule::Speed, 1.0, "r/min"),
        ("specific_speed", "n_s", PrintRule::Decimals(1), 1.0, ""),
    ];
    let shown = shown
        .iter()
        .filter_map(|(name, symbol, rule, factor, unit)| {
            let number = printer.number(*rule, finding.inputs.get(*name)? * factor);
            Some(format!("{symbol} = {number} {unit}").trim_end().to_owned())
        });
    let shown = shown.collect::<Vec<_>>().join(", ");
    Bilingual::new(shown, String::new())
}

/// The grade that the findings on its lines show.
fn grade(lines: &[&Finding]) -> Bilingual {
    for (grade, line) in (1..).zip(lines) {
        match line.verdict {
            Verdict::Pass => {
                return Bilingual::new(format!("{grade} 级"), format!("Grade {grade}"));
            }
            Verdict::Inconclusive => return Verdict::Inconclusive.text(),
            // A line without a limit neither gives nor bars a worse grade.
            Verdict::NotEvaluated | Verdict::Fail => {}
        }
    }
    match lines.last().map(|line| line.verdict) {
        Some(Verdict::Fail) => Bilingual::new("低于 3 级", "Below grade 3"),
        _ => Verdict::NotEvaluated.text(),
    }
}

/// How the numbers of an item are printed.
fn rule(item: Item) -> PrintRule {
    match item {
        Item::HeadAtFlow | Item::ShutOffHead => PrintRule::Head,
        Item::FlowAtHead => PrintRule::Flow,
        Item::UnitEfficiency | Item::PumpEfficiency => PrintRule::Efficiency,
        Item::Power | Item::InputPower | Item::MotorLoad => PrintRule::Power,
        Item::EnergyGrade1
        | Item::EnergyGrade2
        | Item::EnergyGrade3
        | Item::MeiBestEfficiency
        | Item::MeiPartLoad
        | Item::MeiOverload => PrintRule::Efficiency,
        Item::Current => PrintRule::Current,
        Item::Speed => PrintRule::Speed,
        Item::PowerFactor => PrintRule::Decimals(3),
        Item::Slip
        | Item::VoltageUnbalance
        | Item::VoltageThd
        | Item::PowerBalance
        | Item::Uncertainty
        | Item::Instruments => PrintRule::Decimals(2),
        Item::Frequency => PrintRule::Frequency,
        Item::Voltage => PrintRule::Voltage,
        Item::Run | Item::FlowHead | Item::TestPoints | Item::NotTested => PrintRule::Given,
    }
}

/// The numbers of a finding as people read them on a screen: rounded by the rules of the
/// paper, efficiencies with a digit more, each with its unit.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a>(pub &'a Finding);

const SCREEN: Printer = Printer {
    efficiency_decimals: 2,
};

impl Numbers<'_> {
    /// What was found, with the sign of GB/T 8170 where it reads like its limit.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        let Self(f) = self;
        let number = self.number(f.value?);
        Some(match mark(f, rule(f.item), SCREEN) {
            Some(mark) => format!("{number} {mark}"),
            None => number,
        })
    }

    /// Its expanded uncertainty.
    #[must_use]
    pub fn uncertainty(&self) -> Option<String> {
        let Self(f) = self;
        let uncertainty = f.unit.from_internal(f.expanded_uncertainty?);
        Some(self.with_unit(&SCREEN.uncertainty(uncertainty)))
    }

    /// Distance to the nearest limit; never printed as a zero that contradicts the verdict.
    #[must_use]
    pub fn margin(&self) -> Option<String> {
        let Self(f) = self;
        let value = f.value.map(|v| f.unit.from_internal(v));
        let margin = f.unit.from_internal(f.margin?);
        Some(self.with_unit(&SCREEN.margin(rule(f.item), value, margin)))
    }

    /// What is permitted.
    #[must_use]
    pub fn limit(&self) -> Option<String> {
        let limit = self.0.limit?;
        match (limit.low, limit.high) {
            (Some(low), Some(high)) => {
                Some(format!("{} … {}", self.number(low), self.number(high)))
            }
            (Some(low), None) => Some(format!("≥ {}", self.number(low))),
            (None, Some(high)) => Some(format!("≤ {}", self.number(high))),
            (None, None) => None,
        }
    }

    /// Another number of the finding, in internal units.
    #[must_use]
    pub fn number(&self, value: f64) -> String {
        let Self(f) = self;
        self.with_unit(&SCREEN.number(rule(f.item), f.unit.from_internal(value)))
    }

    fn with_unit(&self, number: &str) -> String {
        format!("{number} {}", self.0.unit.printed())
            .trim_end()
            .to_owned()
    }
}

/// The sign behind a value that prints like one of its limits and lies beside it.
fn mark(f: &Finding, rule: PrintRule, printer: Printer) -> Option<&'static str> {
    let value = f.unit.from_internal(f.value?);
    let limits = f.limit.map(|l| [l.low, l.high]).unwrap_or_default();
    limits.into_iter().flatten().find_map(|limit| {
        let limit = f.unit.from_internal(limit);
        rounding::mark(
            &printer.number(rule, value),
            value,
            &printer.number(rule, limit),
            limit,
        )
    })
}

fn one(f: &Finding, printer: Printer) -> data::Finding {
    let rule = rule(f.item);
    // Uncertainty and margin are differences; no unit here has an offset.
    let out = |v: f64| f.unit.from_internal(v);
    data::Finding {
        item: f.item.text(),
        clause: if f.clause.is_empty() {
            "—".into()
        } else {
            said(&f.clause)
        },
        pack: if f.confidence.is_empty() {
            f.pack.clone()
        } else {
            format!("{} [{}]", f.pack, f.confidence)
        },
        requirement: super::notes::requirement(f, rule, printer),
        rule,
        unit: f.unit.printed().into(),
        value: f.value.map(out),
        mark: mark(f, rule, printer).map(str::to_owned),
        expanded_uncertainty: f.expanded_uncertainty.map(out),
        coverage_factor: f.budget.as_ref().map(|b| b.coverage_factor),
        margin: f.margin.map(out),
        verdict: f.verdict,
        reason: f.reason.clone(),
        neighbours: f
            .variants
            .iter()
            .map(|v| NeighbourFit {
                fit: v.fit.clone(),
                admissible: v.admissible,
                value: v.value.map(out),
                verdict: v.verdict,
            })
            .collect(),
        optional_grade: f.item.is_energy_grade() && !f.decisive,
    }
}

pub(super) fn conclusion(kind: CertificateKind, findings: &[Finding]) -> Bilingual {
    let verdict = overall(findings).text();
    if kind == CertificateKind::Simulated {
        Bilingual::new(
            format!("模拟数据演算结果：{}。本结论不适用于任何实物。", verdict.zh),
            format!(
                "Result computed from simulated data: {}. It says nothing about any physical pump.",
                verdict.en
            ),
        )
    } else {
        Bilingual::new(
            format!("所检项目：{}", verdict.zh),
            format!("Items tested: {}", verdict.en),
        )
    }
}

/// The verdict on all decisive findings together.
#[must_use]
pub fn overall(findings: &[Finding]) -> Verdict {
    Verdict::all(findings.iter().filter(|f| f.decisive).map(|f| f.verdict))
}

#[cfg(test)]
mod tests {
    use super::{CertificateKind, Numbers, Printer, conclusion, one};
    use dutypoint_model::document::{Finding, Item, Limit};
    use dutypoint_model::{Outcome, Quantity, Unit, Verdict};

    /// GB/T 8170 3.2: a number that reads like its limit says on which side of it the full
    /// value lies, on paper and on the screen; whichever comparison the pack wants.
    #[test]
    fn a_value_that_prints_like_its_limit_carries_its_side() {
        let efficiency = |value: f64| Finding {
            item: Item::UnitEfficiency,
            quantity: Quantity::Ratio,
            unit: Unit::Percent,
            value: Some(value),
            limit: Some(Limit {
                low: Some(0.608),
                high: None,
            }),
            ..Finding::barred(Outcome::Completed, "p")
        };
        let paper = Printer {
            efficiency_decimals: 1,
        };
        for (value, mark) in [
            (0.6076, Some("(−)")),
            (0.6084, Some("(+)")),
            (0.608, None),
            (0.607, None),
            (0.6086, None),
        ] {
            let printed = one(&efficiency(value), paper);
            assert_eq!(printed.mark.as_deref(), mark, "{value}");
        }
        let shown = |value: f64| Numbers(&efficiency(value)).value().unwrap();
        assert_eq!(shown(0.607_96), "60.80 % (−)");
        assert_eq!(shown(0.607_94), "60.79 %");
    }

    #[test]
    fn a_clause_that_is_not_known_says_so_in_both_languages_and_a_number_once() {
        assert_eq!(super::said("4.4, Table 8"), "4.4, Table 8");
        assert_eq!(
            super::said("Table 4, clause not known"),
            "Table 4, 条款号未知 Table 4, clause not known"
        );
    }

    #[test]
    fn an_inconclusive_finding_is_never_concluded_as_a_pass() {
        let with = |verdict| Finding {
            verdict,
            ..Finding::barred(Outcome::Completed, "p")
        };
        let both = [with(Verdict::Pass), with(Verdict::Inconclusive)];
        for kind in [CertificateKind::Formal, CertificateKind::Simulated] {
            let said = conclusion(kind, &both);
            assert!(
                said.zh.contains("不确定") && !said.zh.contains("合格"),
                "{}",
                said.zh
            );
            assert!(!said.en.contains("Pass"), "{}", said.en);
        }
        let passed = conclusion(CertificateKind::Formal, &both[..1]);
        assert_eq!(passed.zh, "所检项目：合格");
    }
}
