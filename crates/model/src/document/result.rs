//! Documents the engine produces: points, gaps and findings.

use super::{Role, UncertaintyBudget};
use crate::{Bilingual, Outcome, Quantity, Unit, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stretch without readings of one poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Bench time of the last good answer, or of the start.
    pub from_ns: i64,
    /// Bench time of the next good answer, or of the end.
    pub to_ns: i64,
    /// Poll that stayed without a value; absent when the whole run was interrupted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub poll: Option<u16>,
    /// Why.
    pub cause: Bilingual,
}

/// The averages over one steady window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Number of the point, from one.
    pub number: u32,
    /// Which try at this point.
    pub attempt: u32,
    /// Whether the point enters the result; a rejected one is kept with its reason.
    pub accepted: bool,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Bilingual>,
    /// Flow the programme aimed at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_flow_m3_s: Option<f64>,
    /// Bench time the window opened.
    pub from_ns: i64,
    /// Bench time the window closed.
    pub to_ns: i64,
    /// The sets of readings this point is the mean of, where no single one was steady.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sets: Option<RepeatedSets>,
    /// What each channel showed.
    pub channels: Vec<ChannelStatistics>,
    /// Whether each quantity stood still.
    pub steadiness: Vec<Steadiness>,
    /// The quantities of the pump as measured; absent where they could not be computed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reduced: Option<Reduced>,
    /// The same at the frequency or speed that the order specified; absent where it specified
    /// none, or the point lies outside what may be translated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub translated: Option<Translated>,
}

/// Several sets of readings that stand together for one that is steady. Each of them is a
/// point of its own in the record, whole and with the cause for which it was not steady.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatedSets {
    /// Id of the rule they were judged by.
    pub formula: String,
    /// Clause of it in the judging pack.
    pub clause: String,
    /// Attempts at this point that the sets are.
    pub attempts: Vec<u32>,
    /// What was judged of them.
    pub quantities: Vec<RepeatedQuantity>,
}

/// One quantity over repeated sets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatedQuantity {
    /// Which one.
    pub quantity: Repeated,
    /// Mean over the sets, internal unit.
    pub mean: f64,
    /// Standard deviation of the sets, internal unit.
    pub sd: f64,
    /// Random uncertainty `e_R` of the mean by Student's t, 95 %, percent of it.
    pub random_pct: f64,
    /// `100 (max − min)/max`, percent.
    pub spread_pct: f64,
    /// Overall uncertainty with that of the instruments, percent; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub overall_pct: Option<f64>,
    /// What the rule permits of the overall uncertainty or the spread, percent; absent where
    /// the pack does not state it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit_pct: Option<f64>,
}

/// A quantity of repeated sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// Rate of flow.
    Flow,
    /// Total head.
    Head,
    /// Power of the point.
    Power,
    /// Speed of rotation.
    Speed,
}

impl Repeated {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Flow => ("流量", "flow"),
            Self::Head => ("扬程", "head"),
            Self::Power => ("功率", "power"),
            Self::Speed => ("转速", "speed"),
        };
        Bilingual::new(zh, en)
    }
}

/// A point translated by the affinity laws to a specified frequency or speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translated {
    /// Specified over measured frequency or speed.
    pub ratio: f64,
    /// Rate of flow.
    pub flow_m3_s: f64,
    /// Pump total head.
    pub head_m: f64,
    /// The power of the point.
    pub power_w: f64,
    /// Efficiency, unchanged.
    pub efficiency: f64,
}

/// What one channel showed in a window, in internal units, corrected by calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelStatistics {
    /// Channel name.
    pub channel: String,
    /// Readings used.
    pub samples: u32,
    /// Readings that could not be trusted.
    pub bad: u32,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the readings.
    pub sd: f64,
    /// Smallest.
    pub low: f64,
    /// Largest.
    pub high: f64,
    /// Least-squares slope per second.
    pub slope_per_s: f64,
    /// How well the times of the readings are known: the longest half of an exchange, s.
    pub time_half_width_s: f64,
}

/// Whether one channel stood still over a window, in internal units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steadiness {
    /// Channel name.
    pub channel: String,
    /// Role of the channel.
    pub role: Role,
    /// Largest departure from the mean.
    pub amplitude: f64,
    /// Permitted amplitude.
    pub amplitude_limit: f64,
    /// Change of the fitted line over the window, with its sign.
    pub drift: f64,
    /// Permitted drift, either way.
    pub drift_limit: f64,
    /// Whether both hold.
    pub steady: bool,
}

/// Which power was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerKind {
    /// Electrical input of the motor; whether a cable's loss is in it, the point says.
    MotorInput,
    /// Mechanical power at the shaft.
    Shaft,
}

/// The quantities of the pump at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduced {
    /// Rate of flow.
    pub flow_m3_s: f64,
    /// Pump total head.
    pub head_m: f64,
    /// The parts of the head.
    pub head_terms: HeadTerms,
    /// The loss between pump outlet and tap that is part of them; absent for imports.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outlet_loss: Option<OutletLoss>,
    /// Which power.
    pub power_kind: PowerKind,
    /// The power, for a liquid of `density_kg_m3`.
    pub power_w: f64,
    /// Efficiency that belongs to `power_kind`; zero at shut-off.
    pub efficiency: f64,
    /// Density the power is stated for: of the water, or the one an import is scaled to.
    pub density_kg_m3: f64,
    /// Acceleration of gravity used.
    pub gravity_m_s2: f64,
    /// Speed of rotation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub speed_rpm: Option<f64>,
    /// Supply frequency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frequency_hz: Option<f64>,
    /// Voltage at the motor leads, mean of the three.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub motor_voltage_v: Option<f64>,
    /// Line current, mean of the three.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_a: Option<f64>,
    /// Power lost in the cable beyond the guarantee boundary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cable_loss_w: Option<f64>,
    /// Whether `power_w` is less that loss; else it is the power at the panel.
    pub cable_loss_removed: bool,
    /// Water temperature.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub water_temperature_c: Option<f64>,
}

/// The parts of the pump total head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadTerms {
    /// Difference of heights.
    pub height_m: f64,
    /// Difference of pressures.
    pub pressure_m: f64,
    /// Difference of velocity heads.
    pub velocity_m: f64,
    /// Loss between pump outlet and tap.
    pub friction_m: f64,
}

/// The loss between pump outlet, where the guarantee ends, and the tap. It is always added
/// to the head.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutletLoss {
    /// The whole loss.
    pub loss_m: f64,
    /// Share of the straight pipe; absent where the loss was measured as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub straight_m: Option<f64>,
    /// Share of elbows and valves; absent where the loss was measured as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fittings_m: Option<f64>,
    /// Expanded uncertainty of the loss at this flow, k = 2.
    pub expanded_uncertainty_m: f64,
    /// Whether the loss reaches the share of the head from which the standard asks for it;
    /// absent where the pack states none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub required: Option<bool>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// How the run ended, where that bars any judgement.
    Run,
    /// Supply frequency against its window.
    Frequency,
    /// Voltage at the motor against its window.
    Voltage,
    /// Head at the guaranteed flow.
    HeadAtFlow,
    /// Flow at the guaranteed head.
    FlowAtHead,
    /// Flow and head together, by the tolerance cross.
    FlowHead,
    /// Efficiency of pump and motor together.
    UnitEfficiency,
    /// Efficiency of the pump.
    PumpEfficiency,
    /// Power.
    Power,
    /// Head at zero flow.
    ShutOffHead,
    /// Number and placing of the test points.
    TestPoints,
    /// Unbalance of the three line voltages.
    VoltageUnbalance,
    /// Total harmonic distortion of the voltages.
    VoltageThd,
    /// Input power against √3·U·I·cosφ of the same instrument.
    PowerBalance,
    /// Uncertainty of the measurement against what the grade permits.
    Uncertainty,
    /// Zero of the instruments behind the run against that before it, and whether they stayed
    /// in the ranges they were calibrated in.
    Instruments,
    /// Electrical input at the motor leads, at the guaranteed flow.
    InputPower,
    /// Line current at the guaranteed flow.
    Current,
    /// Power factor at the motor leads, at the guaranteed flow.
    PowerFactor,
    /// Speed of rotation at the guaranteed flow.
    Speed,
    /// Slip at the guaranteed flow.
    Slip,
    /// Largest power over the band of flow in which the motor must not be overloaded.
    MotorLoad,
    /// The line of energy grade 1.
    EnergyGrade1,
    /// The line of energy grade 2.
    EnergyGrade2,
    /// The line of energy grade 3, the mandatory one.
    EnergyGrade3,
    /// Efficiency at best efficiency against the required index MEI.
    MeiBestEfficiency,
    /// The same at part load.
    MeiPartLoad,
    /// The same at overload.
    MeiOverload,
    /// Items of the test method that this run does not cover.
    NotTested,
}

impl Item {
    /// The name printed for people.
    #[must_use]
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Run => ("试验过程", "Course of the run"),
            Self::Frequency => ("电源频率", "Supply frequency"),
            Self::Voltage => ("电动机端电压", "Voltage at the motor"),
            Self::HeadAtFlow => ("规定流量下的扬程", "Head at guaranteed flow"),
            Self::FlowAtHead => ("规定扬程下的流量", "Flow at guaranteed head"),
            Self::FlowHead => ("流量/扬程", "Flow and head"),
            Self::UnitEfficiency => ("机组效率", "Unit efficiency"),
            Self::PumpEfficiency => ("泵效率", "Pump efficiency"),
            Self::Power => ("功率", "Power"),
            Self::ShutOffHead => ("关死点扬程", "Shut-off head"),
            Self::TestPoints => ("试验点", "Test points"),
            Self::VoltageUnbalance => ("电压不平衡度", "Voltage unbalance"),
            Self::VoltageThd => ("电压总谐波畸变率", "Voltage distortion (THD)"),
            Self::PowerBalance => ("功率与 √3·U·I·cosφ 之差", "Power against √3·U·I·cosφ"),
            Self::Uncertainty => ("测量不确定度", "Measurement uncertainty"),
            Self::Instruments => ("仪表零点与校准范围", "Zero and calibrated range"),
            Self::InputPower => ("输入功率", "Input power"),
            Self::Current => ("电流", "Current"),
            Self::PowerFactor => ("功率因数", "Power factor"),
            Self::Speed => ("转速", "Speed"),
            Self::Slip => ("转差率", "Slip"),
            Self::MotorLoad => ("电动机负载", "Motor load"),
            Self::EnergyGrade1 => ("能效 1 级", "Energy grade 1"),
            Self::EnergyGrade2 => ("能效 2 级", "Energy grade 2"),
            Self::EnergyGrade3 => ("能效 3 级（限定值）", "Energy grade 3 (mandatory limit)"),
            Self::MeiBestEfficiency => ("MEI：最高效率点效率", "MEI: best efficiency"),
            Self::MeiPartLoad => ("MEI：部分负荷效率", "MEI: efficiency at part load"),
            Self::MeiOverload => ("MEI：过负荷效率", "MEI: efficiency at overload"),
            Self::NotTested => ("未做的试验项目", "Items not tested"),
        };
        Bilingual::new(zh, en)
    }

    /// Whether it is a quantity of the unit that a method wants reported; without a limit
    /// it is held against nothing.
    #[must_use]
    pub fn is_reported(self) -> bool {
        matches!(
            self,
            Self::InputPower | Self::Current | Self::PowerFactor | Self::Speed | Self::Slip
        )
    }

    /// Whether it is the line of an energy grade.
    #[must_use]
    pub fn is_energy_grade(self) -> bool {
        matches!(
            self,
            Self::EnergyGrade1 | Self::EnergyGrade2 | Self::EnergyGrade3
        )
    }
}

/// One judged quantity. Values are in internal units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was judged.
    pub item: Item,
    /// Pack the rule stands in.
    pub pack: String,
    /// Clause of the standard.
    pub clause: String,
    /// Confidence of the numbers used, as the pack states it.
    pub confidence: String,
    /// Id of the formula.
    pub formula: String,
    /// Quantity of the value.
    pub quantity: Quantity,
    /// Unit people read it in.
    pub unit: Unit,
    /// What was found; absent where it could not be computed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<f64>,
    /// Expanded uncertainty of the value, about 95 %; its factor stands in the budget.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expanded_uncertainty: Option<f64>,
    /// Where that comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub budget: Option<UncertaintyBudget>,
    /// What the requirement permits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<Limit>,
    /// Distance to the nearest limit, positive inside.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub margin: Option<f64>,
    /// What the evidence shows.
    pub verdict: Verdict,
    /// Whether the guarantee depends on it; the others inform.
    pub decisive: bool,
    /// Why, where the numbers alone do not say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Bilingual>,
    /// The numbers it was computed from, by name with unit.
    pub inputs: BTreeMap<String, f64>,
    /// What the neighbouring degrees of the fit would have given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub variants: Vec<FitVariant>,
}

/// What is permitted, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Not below this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub low: Option<f64>,
    /// Not above this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub high: Option<f64>,
}

/// A judged number with another degree of the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitVariant {
    /// The fit, in words that need no translation: `H3 P3`, `H4 P4 eta4`.
    pub fit: String,
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<f64>,
    /// The verdict it would give.
    pub verdict: Verdict,
    /// Whether the pack admits this fit; only then can it make a verdict inconclusive.
    pub admissible: bool,
}

/// A clause of a pack as people read it: numbers and tables stay, that one is not known is
/// said in both languages.
#[must_use]
pub fn clause_text(clause: &str) -> Bilingual {
    let zh = clause
        .replace("clause not known", "条款号未知")
        .replace("not known", "条款号未知");
    Bilingual::new(zh, clause)
}

impl Finding {
    /// `verdict`, the finding's own or one of its variants', in words. A grade that nobody
    /// requires is reached or not reached: to miss it is no failure.
    #[must_use]
    pub fn say(&self, verdict: Verdict) -> Bilingual {
        match verdict {
            Verdict::Pass if self.item.is_energy_grade() && !self.decisive => {
                Bilingual::new("达到", "Reached")
            }
            Verdict::Fail if self.item.is_energy_grade() && !self.decisive => {
                Bilingual::new("未达到", "Not reached")
            }
            verdict => verdict.text(),
        }
    }

    /// The clause as people read it: a pack says in English that a number is not known.
    #[must_use]
    pub fn clause_text(&self) -> Bilingual {
        clause_text(&self.clause)
    }

    /// Adds a reason behind what is said already.
    pub fn because(&mut self, reason: &Bilingual) {
        match &mut self.reason {
            Some(said) => {
                said.zh = format!("{}；{}", said.zh, reason.zh);
                said.en = format!("{}; {}", said.en, reason.en);
            }
            None => self.reason = Some(reason.clone()),
        }
    }

    /// A finding that says the run itself bars any judgement.
    #[must_use]
    pub fn barred(outcome: Outcome, pack: &str) -> Self {
        let text = outcome.text();
        Self {
            item: Item::Run,
            pack: pack.to_owned(),
            clause: String::new(),
            confidence: String::new(),
            formula: "run.outcome.v1".into(),
            quantity: Quantity::Ratio,
            unit: Unit::One,
            value: None,
            expanded_uncertainty: None,
            budget: None,
            limit: None,
            margin: None,
            verdict: Verdict::NotEvaluated,
            decisive: true,
            reason: Some(Bilingual::new(
                format!("试验未完成（{}），不作评价", text.zh),
                format!("the run did not complete ({}): not evaluated", text.en),
            )),
            inputs: BTreeMap::new(),
            variants: Vec::new(),
        }
    }
}
