//! What a number of a question may be, field by field.
//!
//! The bounds are wide: outside them there is no pump, bench or water, only a sign, a unit or
//! a digit gone wrong. They are nobody's standard and judge nothing; what a formula or a pack
//! permits is narrower and is said by them. Every number of every question has a row, which a
//! test holds.

use dutypoint_model::Bilingual;
use serde_json::{Map, Value};

/// Beyond this a square overflows sooner or later; what has no unit is bounded by it.
const FAR: f64 = 1e100;

/// An upper bound that nobody needs to be told: it is that of the machine's numbers.
const COUNTLESS: f64 = 1e19;

/// Bounds of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    low: f64,
    /// Whether the lower bound itself is refused.
    above: bool,
    high: f64,
    /// Whether the upper bound itself is refused.
    below: bool,
}

const fn between(low: f64, high: f64) -> Range {
    Range {
        low,
        above: false,
        high,
        below: false,
    }
}

/// Above zero.
const fn up_to(high: f64) -> Range {
    Range {
        low: 0.0,
        above: true,
        high,
        below: false,
    }
}

/// Fields with one range, by name; `calc/name` where a calculation differs from the others.
const RANGES: &[(&[&str], Range)] = &[
    // Flow: the largest pumps deliver some 300 000 m³/h.
    (&["q_m3_h", "q_points_m3_h", "at_q_m3_h"], between(0.0, 1e6)),
    (
        &[
            "q_guaranteed_m3_h",
            "q_g_m3_h",
            "q_bep_m3_h",
            "grade/q_m3_h",
            "efficiency-line/q_m3_h",
            "specified-efficiency/q_m3_h",
            "specific-speed/q_m3_h",
        ],
        up_to(1e6),
    ),
    (&["q_bep_gpm"], up_to(5e6)),
    (&["q_test_gpm"], between(0.0, 5e6)),
    // Head and lengths.
    (&["h_m", "loss_m"], between(0.0, 2e4)),
    (
        &[
            "h_guaranteed_m",
            "h0_guaranteed_m",
            "h_g_m",
            "h_bep_m",
            "friction/h_m",
            "grade/h_m",
            "npsh3/h_m",
            "specified-efficiency/h_m",
            "specific-speed/h_m",
        ],
        up_to(2e4),
    ),
    (&["h_ft"], up_to(6e4)),
    (&["npsh_m", "u_npsh_m"], between(0.0, 1e3)),
    (&["npsh3_m", "npsh_guaranteed_m"], up_to(1e3)),
    (
        &["z_m", "z1_m", "z2_m", "z1_tap_m", "z2_tap_m", "z_surface_m"],
        between(-1e4, 1e4),
    ),
    (&["length_m", "included_m"], between(0.0, 1e4)),
    (
        &["d_m", "d1_m", "d2_m", "d2_reduced_m", "bore_m"],
        up_to(20.0),
    ),
    (&["roughness_m"], between(0.0, 0.01)),
    (&["zeta"], between(0.0, 1e4)),
    // Site. The bounds of latitude and altitude are those of the gravity formula.
    (&["latitude_deg"], between(-90.0, 90.0)),
    (&["altitude_m"], between(-500.0, 9000.0)),
    (&["g_m_s2"], between(9.7, 9.9)),
    (&["p_amb_pa"], between(3e4, 1.2e5)),
    // Pressures; a gauge pressure cannot lie further below zero than the air presses.
    (&["p1_pa", "p2_pa", "p_surface_pa"], between(-1.2e5, 1e8)),
    (&["dp_pa"], between(-1e8, 1e8)),
    (&["vapour_pressure_pa"], up_to(1e7)),
    (&["p_pa"], up_to(1e8)),
    (&["p_mpa"], up_to(1e4)),
    // Liquid.
    (
        &["rho_kg_m3", "rho_sp_kg_m3", "density_kg_m3"],
        between(400.0, 3000.0),
    ),
    (&["iapws/rho_kg_m3"], up_to(2000.0)),
    (&["nu_m2_s"], up_to(0.1)),
    (&["t_c"], between(0.0, 100.0)),
    (&["t_k"], up_to(5e3)),
    // Conductors and windings are warmer and colder than water.
    (
        &[
            "cable/t_c",
            "power/cable.t_c",
            "motor/t_c",
            "to_c",
            "t_cold_c",
        ],
        between(-60.0, 300.0),
    ),
    (&["t_coolant_c"], between(-60.0, 150.0)),
    // Machines.
    (&["n_rpm", "n_sp_rpm", "n_synchronous_rpm"], up_to(1e5)),
    (&["f_hz", "f_sp_hz"], up_to(2e3)),
    (&["slip_hz"], between(0.0, 2e3)),
    (&["slip_pct"], between(0.0, 100.0)),
    (&["torque_nm"], up_to(1e7)),
    (&["type_number"], up_to(50.0)),
    (&["n_s"], up_to(1e4)),
    (&["stages"], between(1.0, 500.0)),
    (&["suction_eyes"], between(1.0, 2.0)),
    (&["pole_pairs"], between(1.0, 100.0)),
    // Electrical.
    (&["u_v", "u_sp_v", "rated_u_v"], up_to(1e5)),
    (&["i_a", "i0_a"], between(0.0, 1e5)),
    (&["rated_i_a"], up_to(1e5)),
    (&["r_ohm", "r0_ohm", "r_cold_ohm", "r_hot_ohm"], up_to(1e6)),
    (&["core_area_mm2"], up_to(1e4)),
    (&["resistivity_20c_ohm_mm2_m"], between(1e-3, 1.0)),
    // Powers.
    (
        &[
            "p_kw",
            "p_in_kw",
            "p_shaft_kw",
            "curve_p_in_kw",
            "p_guaranteed_kw",
            "p_rated_kw",
            "p_max_shaft_kw",
            "p_driver_kw",
            "p0_kw",
            "rated_kw",
            "rated_input_kw",
            "motor_power_kw",
        ],
        up_to(1e6),
    ),
    (&["p_fw_kw"], between(0.0, 1e6)),
    (&["p_w"], up_to(1e9)),
    (
        &["iron_w", "friction_windage_w", "loss_w"],
        between(0.0, 1e9),
    ),
    (&["p_hp", "p_test_hp", "p_120_hp", "motor_hp"], up_to(1e6)),
    // Shares.
    (&["eta_pct", "curve_eta_pct"], between(0.0, 100.0)),
    (
        &[
            "eta_guaranteed_pct",
            "eta_mot_pct",
            "eta_unit_pct",
            "specified_eta_pct",
            "eta_bep_pct",
            "eta_pl_pct",
            "eta_ol_pct",
            "cos_phi_pct",
        ],
        up_to(100.0),
    ),
    (
        &[
            "factor_uncertainty_pct",
            "zeta_uncertainty_pct",
            "uncertainty_pct",
            "systematic_pct",
            "u_q_pct",
            "u_h_pct",
            "u_eta_pct",
            "u_p_pct",
            "tolerance_points",
            "plateau_limit_pct",
        ],
        between(0.0, 100.0),
    ),
    (&["required_mei"], between(0.0, 1.0)),
    (&["exponent", "npsh_exponent"], between(1.0, 3.0)),
    // Rules and counts.
    (&["class", "required_grade"], between(1.0, 3.0)),
    (&["degree", "power_degree"], between(0.0, 30.0)),
    (&["plateau_points"], between(2.0, 1e3)),
    (&["periods"], between(1.0, 1e9)),
    (&["digits"], between(1.0, 2.0)),
    (&["draws"], between(100.0, 1e7)),
    // Times.
    (
        &["time_constant_s", "since_valve_move_s", "motor/t_s"],
        between(0.0, 1e6),
    ),
    (&["time_s"], up_to(1e6)),
    (&["t_s", "at_s"], between(-1e12, 1e12)),
    // Statistics.
    (&["k"], up_to(1e3)),
    (&["r"], up_to(1.0)),
    (&["uncertainty/r"], between(-1.0, 1.0)),
    (&["top"], between(0.0, 1.0)),
    (&["dof"], between(1.0, FAR)),
    (
        &["level"],
        Range {
            low: 0.0,
            above: true,
            high: 1.0,
            below: true,
        },
    ),
    (
        &["u", "u_expanded", "expanded_u", "half_width"],
        between(0.0, FAR),
    ),
    (&["u_y", "weights", "reference"], up_to(FAR)),
    (&["powers"], between(-100.0, 100.0)),
    // In whatever unit the question is.
    (
        &[
            "x",
            "y",
            "at",
            "value",
            "values",
            "interval",
            "at_least",
            "at_most",
            "limit_low",
            "limit_high",
            "coefficient",
            "guaranteed",
            "measured",
        ],
        between(-FAR, FAR),
    ),
    (&["seed"], between(0.0, 18_446_744_073_709_551_615.0)),
];

impl Range {
    /// That of `field`, which stands in `parent` (empty at the top), in a question of `calc`.
    fn find(calc: &str, parent: &str, field: &str) -> Option<Self> {
        let names = [
            format!("{calc}/{parent}.{field}"),
            format!("{calc}/{field}"),
            field.to_owned(),
        ];
        names.iter().find_map(|name| {
            let mut rows = RANGES.iter();
            let row = rows.find(|(fields, _)| fields.contains(&name.as_str()));
            row.map(|(_, range)| *range)
        })
    }

    /// As a schema states it.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let number = |key: &str| schema.get(key).and_then(Value::as_f64);
        let (low, above) = (number("minimum"), number("exclusiveMinimum"));
        let (high, below) = (number("maximum"), number("exclusiveMaximum"));
        Some(Self {
            low: above.or(low)?,
            above: above.is_some(),
            high: below.or(high)?,
            below: below.is_some(),
        })
    }

    fn write(self, schema: &mut Map<String, Value>) {
        let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
        for key in bounds {
            schema.remove(key);
        }
        let [minimum, above, maximum, below] = bounds;
        let low = if self.above { above } else { minimum };
        let high = if self.below { below } else { maximum };
        schema.insert(low.to_owned(), self.low.into());
        schema.insert(high.to_owned(), self.high.into());
    }

    pub(super) fn holds(self, value: f64) -> bool {
        let low = value > self.low || (value == self.low && !self.above);
        let high = value < self.high || (value == self.high && !self.below);
        low && high
    }

    /// What a number in `unit` must be.
    pub(super) fn must(self, unit: &str) -> Bilingual {
        let (low, high) = (shown(self.low), shown(self.high));
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        match (
            self.low <= -FAR,
            self.above,
            self.high >= COUNTLESS,
            self.below,
        ) {
            (true, ..) => Bilingual::new("有限的数", "a finite number"),
            (_, true, true, _) => Bilingual::new(
                format!("大于 {low}{unit} 的数"),
                format!("a number above {low}{unit}"),
            ),
            (_, false, true, _) => Bilingual::new(
                format!("不小于 {low}{unit} 的数"),
                format!("{low}{unit} or above"),
            ),
            (_, true, false, true) => Bilingual::new(
                format!("大于 {low}、小于 {high}{unit} 的数"),
                format!("above {low} and below {high}{unit}"),
            ),
            (_, true, false, false) => Bilingual::new(
                format!("大于 {low}、不大于 {high}{unit} 的数"),
                format!("above {low}, at most {high}{unit}"),
            ),
            (_, false, false, _) => Bilingual::new(
                format!("{low} 至 {high}{unit} 之间的数"),
                format!("between {low} and {high}{unit}"),
            ),
        }
    }
}

/// A number as a person would write it.
pub(super) fn shown(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e7).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Writes its range into every number of the schema of a question of `calc`.
pub(super) fn write(calc: &str, schema: &mut Value) {
    inside(calc, "", "", schema);
}

fn inside(calc: &str, parent: &str, field: &str, schema: &mut Value) {
    let Some(of) = schema.as_object_mut() else {
        return;
    };
    let numeric = |name: &Value| name == "number" || name == "integer";
    let is_number = match of.get("type") {
        Some(Value::Array(names)) => names.iter().any(numeric),
        Some(name) => numeric(name),
        None => false,
    };
    if let Some(range) = Range::find(calc, parent, field).filter(|_| is_number) {
        range.write(of);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(list)) = of.get_mut(key) {
            for one in list {
                inside(calc, parent, field, one);
            }
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(one) = of.get_mut(key) {
            inside(calc, parent, field, one);
        }
    }
    if let Some(Value::Object(fields)) = of.get_mut("properties") {
        for (name, one) in fields {
            inside(calc, field, name, one);
        }
    }
}

/// Ends of field names, their unit, and how much of the formulas' unit one of it is.
const UNITS: &[(&str, &str, f64)] = &[
    ("_m3_h", "m³/h", 1.0 / 3600.0),
    ("_gpm", "gal/min", 1.0),
    ("_kg_m3", "kg/m³", 1.0),
    ("_ohm_mm2_m", "Ω mm²/m", 1.0),
    ("_m_s2", "m/s²", 1.0),
    ("_m2_s", "m²/s", 1.0),
    ("_mm2", "mm²", 1.0),
    ("_mpa", "MPa", 1e6),
    ("_pa", "Pa", 1.0),
    ("_deg", "°", 1.0),
    ("_rpm", "r/min", 1.0),
    ("_hz", "Hz", 1.0),
    ("_ohm", "Ω", 1.0),
    ("_kw", "kW", 1000.0),
    ("_hp", "hp", 1.0),
    ("_nm", "N m", 1.0),
    ("_pct", "%", 0.01),
    ("_ft", "ft", 1.0),
    ("_w", "W", 1.0),
    ("_v", "V", 1.0),
    ("_a", "A", 1.0),
    ("_c", "°C", 1.0),
    ("_k", "K", 1.0),
    ("_s", "s", 1.0),
    ("_m", "m", 1.0),
];

/// The unit in the name of a field, and how much of the formulas' unit one of it is.
pub(super) fn unit(field: &str) -> (&'static str, f64) {
    let mut units = UNITS.iter();
    // Specific speed ends like a time.
    let found = units.find(|(end, ..)| field.ends_with(end) && field != "n_s");
    found.map_or(("", 1.0), |(_, symbol, factor)| (*symbol, *factor))
}
