//! NPSH: what a test makes available, and what a pump requires by the drop of its head.
//!
//! The required NPSH is read where the head of the first stage has fallen by the share the
//! pack states (3 %: NPSH3) below the head without cavitation, at constant flow. Nothing is
//! extrapolated: a curve that never falls so far gives "lower than the smallest NPSH
//! measured", and points that do not show a level head without cavitation are refused.

use crate::{Error, check, head, limit, stats};

/// Inlet conditions of one reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inlet {
    /// Gauge pressure at the inlet section, Pa; negative for a vacuum.
    pub gauge_pressure_pa: f64,
    /// Height of the gauge above the NPSH datum, m.
    pub gauge_above_datum_m: f64,
    /// Bore of the inlet section, m.
    pub bore_m: f64,
    /// Flow, m³/s.
    pub flow_m3_s: f64,
    /// Ambient pressure of the test, Pa: measured at the bench, never that of sea level.
    pub ambient_pressure_pa: f64,
    /// Vapour pressure of the liquid, Pa.
    pub vapour_pressure_pa: f64,
    /// Density at the inlet, kg/m³.
    pub density_kg_m3: f64,
    /// Gravity, m/s².
    pub gravity_m_s2: f64,
}

/// NPSH available, m: `H_1 − z_D + (p_amb − p_v)/(ρ g)`, `H_1` from the gauge pressure.
/// Source: ISO 9906:2012 by the reference, section 2 (M3), and W11.
///
/// # Errors
/// [`Error::Value`] for a bore, density, gravity or ambient pressure that is not above zero,
/// a negative vapour pressure, or a number that is not finite; [`Error::NotFinite`] on
/// overflow.
///
/// ```
/// use dutypoint_hydraulics::npsh::{Inlet, available_m};
/// // Worked example W11, first point.
/// let inlet = Inlet { gauge_pressure_pa: -5_000.0, gauge_above_datum_m: 0.15, bore_m: 0.1,
///     flow_m3_s: 80.0 / 3600.0, ambient_pressure_pa: 92_500.0, vapour_pressure_pa: 2_339.2,
///     density_kg_m3: 998.2, gravity_m_s2: 9.7975 };
/// assert!((available_m(&inlet)? - 9.266_323).abs() < 5e-7);
/// # Ok::<(), dutypoint_hydraulics::Error>(())
/// ```
pub fn available_m(inlet: &Inlet) -> Result<f64, Error> {
    let ambient_pa = check::positive("ambient pressure in Pa", inlet.ambient_pressure_pa)?;
    let vapour_pa = check::not_negative("vapour pressure in Pa", inlet.vapour_pressure_pa)?;
    check::positive(
        "absolute pressure at the inlet in Pa",
        ambient_pa + inlet.gauge_pressure_pa,
    )?;
    let section = head::section_head(
        &head::Section {
            z_m: inlet.gauge_above_datum_m,
            pressure_pa: inlet.gauge_pressure_pa,
            bore_m: inlet.bore_m,
            flow_m3_s: inlet.flow_m3_s,
        },
        inlet.density_kg_m3,
        inlet.gravity_m_s2,
    )?;
    let weight = inlet.density_kg_m3 * inlet.gravity_m_s2;
    check::result(
        "NPSH available",
        section.total_m + (ambient_pa - vapour_pa) / weight,
    )
}

/// Refuses flows that were not held constant over a head-drop curve: its points then lie on
/// different curves. Source: reference, section 6 (M2) with the limits of its section 3.1.
///
/// # Errors
/// [`Error::Value`] for a flow further from the mean than `limit_pct` of it, or a mean that
/// is not above zero; [`Error::TooFew`] for no flow.
pub fn constant_flow(flows_m3_s: &[f64], limit_pct: f64) -> Result<(), Error> {
    let limit_pct = check::not_negative("permitted fluctuation of the flow in %", limit_pct)?;
    let found = stats::summary(flows_m3_s)?;
    let mean = check::positive("mean flow in m³/s", found.mean)?;
    let amplitude = (found.max - mean).max(mean - found.min);
    let amplitude_pct = check::result("fluctuation of the flow", 100.0 * amplitude / mean)?;
    if limit::at_most(amplitude_pct, limit_pct) {
        return Ok(());
    }
    Err(Error::Value {
        quantity: "change of the flow over the NPSH test in % of its mean",
        value: amplitude_pct,
        must: "within the permitted fluctuation of the flow",
        advice: "hold the flow with the outlet valve, or correct each head to the nominal flow along H(Q)",
    })
}

/// What the required NPSH is read by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criterion {
    /// Drop of the first stage's head, percent.
    pub drop_pct: f64,
    /// Stages of the pump whose total head is given; the first stage has its share of it.
    pub stages: u32,
    /// How many of the points of highest NPSH are free of cavitation.
    pub plateau_points: usize,
    /// How far their heads may lie from their mean, percent of it either way.
    pub plateau_limit_pct: f64,
}

/// One point of a head-drop curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// NPSH available, m.
    pub npsh_m: f64,
    /// Total head at constant flow, m.
    pub head_m: f64,
}

/// The required NPSH, or its bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Required {
    /// Interpolated between two points.
    Found {
        /// NPSH at the drop, m.
        npsh_m: f64,
        /// The last point above the threshold.
        above: Point,
        /// The first point on or below it.
        below: Point,
        /// Share of the way from the first to the second.
        fraction: f64,
    },
    /// The head never fell so far: lower than this NPSH in m, the smallest measured.
    LowerThan(f64),
}

/// A head-drop curve, evaluated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadDrop {
    /// Head without cavitation: mean of the plateau, m.
    pub plateau_m: f64,
    /// Largest distance of a plateau point from it, percent.
    pub plateau_amplitude_pct: f64,
    /// Total head at which the first stage has dropped by the criterion, m.
    pub threshold_m: f64,
    /// The required NPSH.
    pub required: Required,
    /// How often the curve falls through the threshold; above 1 the first counts.
    pub crossings: usize,
}

/// Evaluates a head-drop curve at constant flow; the points may come in any order.
/// Source: ISO 9906:2012 5.8 by the reference, section 6 (C2 S6 S25; multistage rule C1),
/// and W11.
///
/// # Errors
/// [`Error::Lengths`], [`Error::TooFew`] for fewer points than the plateau needs,
/// [`Error::Value`] for a plateau of fewer than two points, a plateau that is not level, a
/// drop outside 0 to 100 %, or a head that is not above zero.
pub fn head_drop(npsh_m: &[f64], head_m: &[f64], criterion: &Criterion) -> Result<HeadDrop, Error> {
    if npsh_m.len() != head_m.len() {
        return Err(Error::Lengths {
            left: npsh_m.len(),
            right: head_m.len(),
        });
    }
    let refuse = |quantity, value, must, advice| {
        Err(Error::Value {
            quantity,
            value,
            must,
            advice,
        })
    };
    if criterion.plateau_points < 2 {
        return refuse(
            "number of plateau points",
            criterion.plateau_points as f64,
            "2 or more",
            "take more points at high NPSH",
        );
    }
    if criterion.stages == 0 {
        return refuse(
            "number of stages",
            0.0,
            "1 or more",
            "give the stages of the pump whose total head was measured",
        );
    }
    let drop_pct = check::positive("drop of the head in %", criterion.drop_pct)?;
    check::between("drop of the head in %", drop_pct, 0.0, 100.0, "up to 100")?;
    let level_pct = check::not_negative("limit of the plateau in %", criterion.plateau_limit_pct)?;
    check::column("NPSH curve", npsh_m, criterion.plateau_points)?;
    check::column("NPSH curve", head_m, criterion.plateau_points)?;
    let mut points = Vec::with_capacity(npsh_m.len());
    for (npsh_m, head_m) in npsh_m.iter().zip(head_m) {
        points.push(Point {
            npsh_m: check::not_negative("NPSH in m", *npsh_m)?,
            head_m: check::positive("head in m", *head_m)?,
        });
    }
    points.sort_by(|a, b| b.npsh_m.total_cmp(&a.npsh_m));

    let plateau: Vec<f64> = points
        .iter()
        .take(criterion.plateau_points)
        .map(|point| point.head_m)
        .collect();
    let level = stats::summary(&plateau)?;
    let amplitude = (level.max - level.mean).max(level.mean - level.min);
    let amplitude_pct = check::result("spread of the plateau", 100.0 * amplitude / level.mean)?;
    if !limit::at_most(amplitude_pct, level_pct) {
        return refuse(
            "spread of the plateau in % of its mean",
            amplitude_pct,
            "within the permitted fluctuation of the head",
            "begin at higher NPSH, count fewer points to the plateau, or steady the bench",
        );
    }
    let share = drop_pct / 100.0 / f64::from(criterion.stages);
    let threshold_m = level.mean * (1.0 - share);

    // A plateau that holds points below its own threshold is none, however little they fall.
    if limit::at_most(level.min, threshold_m) {
        return refuse(
            "lowest head of the plateau in m",
            level.min,
            "above the threshold",
            "the plateau already cavitates; begin at higher NPSH, or count fewer points to it",
        );
    }

    let mut crossing: Option<(Point, Point)> = None;
    let (mut crossings, mut before) = (0, None::<Point>);
    for point in &points {
        let fallen = limit::at_most(point.head_m, threshold_m);
        match before {
            None if fallen => {
                return refuse(
                    "head at the highest NPSH in m",
                    point.head_m,
                    "above the threshold",
                    "the plateau already cavitates; begin at higher NPSH",
                );
            }
            Some(above) if fallen && !limit::at_most(above.head_m, threshold_m) => {
                crossings += 1;
                crossing.get_or_insert((above, *point));
            }
            _ => {}
        }
        before = Some(*point);
    }
    let required = match (crossing, before) {
        (Some((above, below)), _) => {
            let fraction = (above.head_m - threshold_m) / (above.head_m - below.head_m);
            let npsh_m = above.npsh_m + fraction * (below.npsh_m - above.npsh_m);
            Required::Found {
                npsh_m: check::result("required NPSH", npsh_m)?,
                above,
                below,
                fraction,
            }
        }
        (None, last) => Required::LowerThan(last.map_or(f64::NAN, |point| point.npsh_m)),
    };
    Ok(HeadDrop {
        plateau_m: level.mean,
        plateau_amplitude_pct: amplitude_pct,
        threshold_m,
        required,
        crossings,
    })
}
