//! No public function panics on any number, and what comes out is finite.

use crate::{gb755, gbt3216, per_hour};
use dutypoint_hydraulics::accept::{Curves, Guarantee, RelativeUncertainty, Uncertainties, assess};
use dutypoint_hydraulics::curve::{Curve, Efficiency, EfficiencyCurve, nearest};
use dutypoint_hydraulics::decision::{DecisionRule, Expanded, Guard, Interval, decide};
use dutypoint_hydraulics::degree;
use dutypoint_hydraulics::fit::PolynomialFit;
use dutypoint_hydraulics::least_squares::LinearFit;
use dutypoint_hydraulics::npsh::{Criterion, Inlet, available_m, head_drop};
use dutypoint_hydraulics::pack::{
    Evaluation, FlowHeadRule, Measured, MotorQuantity, ReadAt, SmallPowerVariable, TestOf,
};
use dutypoint_hydraulics::power::{Conductor, LoadedCores};
use dutypoint_hydraulics::replicate::Replicates;
use dutypoint_hydraulics::spline::MonotoneSpline;
use dutypoint_hydraulics::steady::sets::{Column, Set};
use dutypoint_hydraulics::steady::{Amplitude, Limits, Window};
use dutypoint_hydraulics::translate::{Operating, SpeedWindow};
use dutypoint_hydraulics::{
    friction, gravity, head, iapws, limit, motor, power, specific_speed, stats, steady, translate,
    uncertainty, water,
};
use proptest::collection::vec;
use proptest::num::f64::ANY;
use proptest::prelude::*;

/// Any bit pattern, and often a number a bench could deliver.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        ANY,
        -10.0..200.0_f64,
        Just(0.0),
        Just(-0.0),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(f64::NAN),
        Just(f64::INFINITY),
    ]
}

/// Every way to judge that a pack can hold.
fn every_rule(of: &Evaluation) -> Vec<Evaluation> {
    let mut rules = Vec::new();
    for flow_and_head in [
        FlowHeadRule::ToleranceCross,
        FlowHeadRule::HeadAtRatedFlow,
        FlowHeadRule::Ellipse,
    ] {
        for read_at in [ReadAt::OriginLine, ReadAt::AtSpecifiedFlow, ReadAt::AtBep] {
            for decision in DECISIONS {
                rules.push(Evaluation {
                    flow_and_head,
                    read_at,
                    decision,
                    low_shutoff_must_rise: true,
                    ..of.clone()
                });
            }
        }
    }
    rules
}

const DECISIONS: [DecisionRule; 3] = [
    DecisionRule::SimpleAcceptance,
    DecisionRule::GuardBand(Guard { r: 1.0 }),
    DecisionRule::NonBinary(Guard { r: 0.5 }),
];

fn finite<E>(result: Result<f64, E>) -> Result<(), TestCaseError> {
    prop_assert!(result.map_or(true, f64::is_finite));
    Ok(())
}

proptest! {
    #[test]
    fn formulas_never_panic_and_never_return_a_non_number(
        a in number(), b in number(), c in number(), d in number(), e in number(),
        n in any::<u32>(), m in any::<u32>(),
    ) {
        finite(water::density_kg_m3(a, b))?;
        finite(water::vapour_pressure_pa(a))?;
        finite(water::kinematic_viscosity_m2_s(a, b))?;
        finite(water::tanaka_density_kg_m3(a))?;
        finite(iapws::region_1(a, b).map(|w| w.sound_m_s))?;
        finite(iapws::saturation_pressure_pa(a))?;
        finite(iapws::saturation_temperature_k(a))?;
        finite(iapws::pressure_pa(a, b))?;
        finite(iapws::dynamic_viscosity_pa_s(a, b))?;
        finite(iapws::liquid_at_100_kpa(a).map(|w| w.density_kg_m3))?;
        finite(gravity::local_gravity_m_s2(a, b))?;
        finite(gravity::normal_gravity_m_s2(a, b))?;
        finite(gravity::standard_atmosphere_pa(a))?;
        finite(head::section_densities(a, b, c).map(|s| s.effect_pct))?;
        let differential = head::Differential {
            difference_pa: a, inlet_z_m: b, outlet_z_m: c, inlet_bore_m: d, outlet_bore_m: e,
            flow_m3_s: b,
        };
        finite(head::differential_total_head(&differential, a, b, c).map(|h| h.total_m))?;
        finite(head::velocity_m_s(a, b))?;
        finite(head::velocity_head_m(a, b))?;
        let section = |z_m, pressure_pa| head::Section { z_m, pressure_pa, bore_m: c, flow_m3_s: d };
        finite(head::section_head(&section(a, b), d, e).map(|h| h.total_m))?;
        let between = head::total_head_between_sections(&section(a, b), &section(b, c), a, d, e);
        finite(between.map(|h| h.total_m))?;
        let pump = head::Submersible {
            pressure_pa: a, gauge_z_m: b, water_surface_z_m: c, surface_pressure_pa: e, bore_m: d, flow_m3_s: e,
            friction_head_m: a,
        };
        finite(head::submersible_total_head(&pump, b, c).map(|h| h.total_m))?;
        finite(friction::friction_factor(a, b))?;
        let pipe = friction::Pipe { bore_m: a, length_m: b, roughness_m: c };
        finite(friction::friction_head_m(c, &pipe, d, e).map(|f| f.head_m))?;
        let _ = friction::friction_applies(a, b, c);
        let uncertainty = friction::LossUncertainty { factor_pct: a, zeta_pct: b };
        let legs = vec![friction::Leg { pipe, zeta: e }; 2];
        let loss = friction::OutletLoss::Computed { legs, uncertainty }.at(c, d, e);
        finite(loss.map(|l| l.head_m + l.standard_uncertainty_m))?;
        let measured = friction::OutletLoss::Measured {
            head_m: a, flow_m3_s: b, uncertainty_pct: c,
        };
        finite(measured.at(d, e, a).map(|l| l.head_m))?;
        finite(power::speed_from_slip_rpm(a, b, n))?;
        finite(power::hydraulic_power_w(a, b, c, d))?;
        finite(power::efficiency(a, b))?;
        finite(power::resistance_ohm(a, b, c, Conductor::Aluminium))?;
        finite(power::excess_length_m(a, b))?;
        finite(power::shaft_power_from_torque_w(a, b))?;
        finite(power::possible_efficiency("efficiency", a))?;
        let cable = power::Cable {
            conductor: Conductor::Copper, length_m: a, core_area_mm2: b, resistivity_20c_ohm_mm2_m: c, temperature_c: d,
        };
        finite(cable.core_resistance_ohm())?;
        finite(power::cable_loss_w(a, b, LoadedCores::Two))?;
        finite(power::line_voltage_drop_v(a, b, c))?;
        finite(power::slip(a, b, n))?;
        finite(power::three_phase_power_factor(a, b, c))?;
        finite(power::voltage_unbalance_pct([a, b, c]))?;
        finite(translate::speed_ratio(a, b))?;
        let test = Operating { flow_m3_s: a, head_m: b, power_w: c };
        finite(translate::translate(&test, d, e).map(|t| t.power_w))?;
        finite(translate::translate_npsh_m(a, b, c))?;
        let pack = gbt3216();
        let npsh = Some((d, translate::NpshExponent { value: e, agreed: n % 2 == 0 }));
        finite(translate::to_speed(&test, d, e, a, npsh, pack).map(|t| t.operating.power_w))?;
        let supply = translate::Supply {
            frequency_hz: a, rated_frequency_hz: b, voltage_v: Some((c, d)),
        };
        finite(translate::to_frequency(&test, &supply, pack).map(|t| t.ratio))?;
        let diameters = translate::Trim { tested_m: a, reduced_m: b, inlet_m: c, type_number: d };
        let trimmed = translate::trim(&test, &diameters, pack.trim().unwrap());
        finite(trimmed.map(|t| t.head_m + t.power_w.unwrap_or(0.0)))?;
        finite(translate::deviation(a, b, c).map(|d| d.deviation_pct))?;
        let _ = translate::speed_permitted(a, b, SpeedWindow { low_pct: c, high_pct: d });
        finite(uncertainty::overall_pct(a, b))?;
        finite(uncertainty::unit_efficiency_pct(a, b, c))?;
        finite(specific_speed::specific_speed(a, b, c, n, m, d).map(|s| s.type_number))?;
        finite(specific_speed::suction_specific_speed(a, b, n, c).map(|s| s.c))?;
        let _ = (limit::at_most(a, b), limit::at_least(a, b), limit::touches(a, b));
    }

    #[test]
    fn motor_tests_never_panic(
        a in number(), b in number(), c in number(), d in number(), e in number(),
        x in vec(number(), 0..9), y in vec(number(), 0..9),
    ) {
        finite(motor::temperature_from_resistance_c(a, b, c, Conductor::Copper))?;
        finite(motor::temperature_rise_k(a, b, c, d, Conductor::Aluminium))?;
        finite(motor::stator_copper_loss_w(a, b))?;
        let switch_off = motor::extrapolate_to_switch_off(&x, &y);
        finite(switch_off.map(|s| s.resistance_ohm + s.worst_residual_pct))?;
        let pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        let calibrated = motor::CalibratedMotor::new(&pairs);
        finite(calibrated.and_then(|curve| curve.shaft_power_w(a)))?;
        let points: Vec<_> = pairs.iter().map(|(x, y)| motor::NoLoadPoint {
            voltage_v: *x, current_a: *y, power_w: x + y, resistance_ohm: b,
        }).collect();
        finite(motor::separate_no_load(&points, c).map(|n| n.iron_at_rated_w))?;
        for stray in [
            motor::Stray::Measured { loss_w: a },
            motor::Stray::HalfPercentOfInput,
            motor::Stray::HalfPercentOfRated { rated_input_w: a, rated_current_a: b },
            motor::Stray::IecAssumed { rated_output_w: c },
        ] {
            let load = motor::Segregation {
                input_w: d, current_a: e, resistance_ohm: a, iron_w: b, friction_windage_w: c,
                slip: a, stray,
            };
            finite(motor::segregate(&load).map(|l| l.efficiency))?;
        }
        let pack = gb755();
        for quantity in [MotorQuantity::Efficiency, MotorQuantity::Slip] {
            if let Ok(row) = pack.motor_tolerance(quantity, a) {
                finite(row.limits(b).map(|l| l.low.unwrap_or(0.0) + l.high.unwrap_or(0.0)))?;
            }
        }
        let _ = pack.switch_off_delay(a);
    }

    #[test]
    fn decisions_never_panic_and_probabilities_are_some(
        value in number(), u in number(), k in number(),
        low in proptest::option::of(number()), high in proptest::option::of(number()),
    ) {
        for rule in DECISIONS {
            let limits = Interval { low, high };
            if let Ok(found) = decide(rule, value, Some(Expanded { u, k }), limits) {
                prop_assert!(found.probability.is_some_and(|p| (0.0..=1.0).contains(&p)));
            }
            let _ = decide(rule, value, None, limits);
        }
    }

    #[test]
    fn npsh_never_panics(
        x in vec(number(), 0..12), y in vec(number(), 0..12), a in number(), b in number(),
        stages in any::<u32>(), plateau_points in any::<usize>(),
    ) {
        let inlet = Inlet {
            gauge_pressure_pa: a, gauge_above_datum_m: b, bore_m: a, flow_m3_s: b,
            ambient_pressure_pa: a, vapour_pressure_pa: b, density_kg_m3: a, gravity_m_s2: b,
        };
        finite(available_m(&inlet))?;
        for plateau_points in [plateau_points, plateau_points % 5] {
            let criterion = Criterion {
                drop_pct: a, stages, plateau_points, plateau_limit_pct: b,
            };
            finite(head_drop(&x, &y, &criterion).map(|found| found.threshold_m))?;
        }
        for pack in [gbt3216(), crate::pack("gbt3216-2005")] {
            if let Ok(row) = pack.npsh_tolerance("1") {
                finite(row.limit_m(a))?;
            }
            let _ = pack.unagreed("slurry", a);
        }
    }

    #[test]
    fn sets_never_panic(
        sets in vec((number(), vec(number(), 0..3), any::<bool>()), 0..9),
        class: u8, systematic in proptest::option::of(number()),
    ) {
        let columns = [Measured::Flow, Measured::Speed, Measured::Temperature]
            .map(|quantity| Column { quantity, systematic_pct: systematic });
        let sets: Vec<Set> = sets.into_iter().map(|(at_s, values, out)| Set {
            at_s, values, discarded: out.then(|| "valve moved".to_owned()),
        }).collect();
        for pack in [gbt3216(), crate::pack("gbt3216-2005")] {
            let _ = steady::sets::judge(pack, class, &columns, &sets);
            let _ = steady::sets::judge(pack, class, &columns[..1], &sets);
        }
    }

    #[test]
    fn statistics_never_panic(x in vec(number(), 0..12), y in vec(number(), 0..12), r in number()) {
        finite(stats::summary(&x).map(|s| s.mean))?;
        finite(stats::slope(&x, &y).map(|s| s.per_s))?;
        finite(stats::random_uncertainty(&x).map(|u| u.random_pct))?;
        finite(stats::spread_pct(&x))?;
        finite(uncertainty::root_sum_square(&x))?;
        for amplitude in [Amplitude::PercentOfMean(r), Amplitude::Absolute(r)] {
            let window = Window { times_s: &x, values: &y, reference: Some(r) };
            let limits = Limits { amplitude, drift_pct: 1.0, floor_pct: Some(r) };
            finite(steady::judge(&window, &limits).map(|s| s.amplitude))?;
        }
    }

    #[test]
    fn student_factor_never_panics_and_stays_above_normal(n in any::<usize>()) {
        if let Ok(t) = stats::student_t_95(n) {
            prop_assert!((1.959_963_98..12.707).contains(&t));
        }
    }

    #[test]
    fn steadiness_depends_on_shape_not_on_unit(
        values in vec(50.0..150.0_f64, 3..30), scale in 1e-5..1e5_f64,
    ) {
        let times: Vec<f64> = (0..values.len()).map(|i| i as f64).collect();
        let scaled: Vec<f64> = values.iter().map(|v| v * scale).collect();
        // 0.3 apart from any amplitude or drift these values can hit exactly by chance.
        let limits = Limits {
            amplitude: Amplitude::PercentOfMean(33.333), drift_pct: 11.111, floor_pct: None,
        };
        let judge = |values: &[f64]| {
            steady::judge(&Window { times_s: &times, values, reference: None }, &limits).unwrap()
        };
        prop_assert_eq!(judge(&values).reason, judge(&scaled).reason);
    }

    #[test]
    fn fits_and_curves_never_panic(
        points in vec((number(), number()), 0..9), degree in 0_usize..9, origin: bool,
        at in number(), other in number(),
    ) {
        let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let _ = PolynomialFit::new(&x, &y, usize::MAX, origin);
        let Ok(fit) = PolynomialFit::new(&x, &y, degree, origin) else { return Ok(()) };
        prop_assert!(fit.rms.is_finite());
        prop_assert!(fit.leverage.iter().all(|h| (-1e-9..=1.0 + 1e-9).contains(h)));
        let curve = Curve::new(fit);
        finite(curve.evaluate(at))?;
        for roots in [curve.flows_at(other), curve.flows_on_line(at)].into_iter().flatten() {
            let in_range = |q: &f64| *q >= curve.q_min_m3_s() && *q <= curve.q_max_m3_s();
            prop_assert!(roots.iter().all(in_range));
            let _ = nearest(&roots, at);
        }
        let efficiency = Efficiency::FromHeadAndPower(EfficiencyCurve {
            head: curve.clone(), power: curve.clone(), density_kg_m3: at, gravity_m_s2: other,
        });
        finite(efficiency.evaluate(at))?;
        let guarantee = Guarantee {
            flow_m3_s: at, head_m: other, efficiency: Some(other), power_w: Some(at),
            shutoff_head_m: Some(other),
        };
        let curves = Curves { head: &curve, power: Some(&curve), efficiency: Some(&efficiency) };
        let pack = gbt3216();
        let tolerance = pack.tolerance("2B", other).unwrap();
        let known = Uncertainties {
            flow: Some(RelativeUncertainty { pct: at, k: at }),
            head: Some(RelativeUncertainty { pct: other, k: at }),
            efficiency: Some(RelativeUncertainty { pct: at, k: other }),
            power: Some(RelativeUncertainty { pct: other, k: other }),
        };
        for rule in every_rule(pack.evaluation().unwrap()) {
            let _ = assess(&rule, tolerance, &guarantee, &curves, &known);
        }
        let _ = dutypoint_hydraulics::accept::trim(&guarantee, &curve);
    }

    #[test]
    fn what_is_read_from_curves_never_panics(
        points in vec((number(), number(), number()), 0..9), degree in 0_usize..9, origin: bool,
        at in number(),
    ) {
        let x: Vec<f64> = points.iter().map(|p| p.0).collect();
        let y: Vec<f64> = points.iter().map(|p| p.1).collect();
        let w: Vec<f64> = points.iter().map(|p| p.2.abs()).collect();
        for fit in [
            PolynomialFit::new(&x, &y, degree, origin),
            PolynomialFit::weighted(&x, &y, &w, degree, origin),
        ].into_iter().flatten() {
            if let Ok(powers) = fit.powers() {
                prop_assert!(powers.coefficients.iter().all(|c| c.is_finite()));
                prop_assert_eq!(powers.coefficients.len(), degree + 1);
            }
            let _ = (fit.standard_error(at), fit.band_95(at));
            if let Ok(reading) = Curve::new(fit.clone()).read(at) {
                prop_assert!(reading.standard_error.is_none_or(|e| e.is_finite() && e >= 0.0));
            }
            finite(Efficiency::Fitted(Curve::new(fit)).best().map(|b| b.efficiency))?;
        }
        let _ = degree::choose(&x, &y, Some(&w), 0, degree, origin);
        let _ = degree::choose(&x, &y, None, degree, usize::MAX, origin);
        let _ = LinearFit::new(&[x.clone(), w.clone()], &y);
        if let Ok(spline) = MonotoneSpline::new(&x, &y) {
            let curve = Curve::from(spline);
            finite(curve.evaluate(at))?;
            let _ = (curve.flows_at(at), curve.flows_on_line(at), curve.read(at));
            let efficiency = Efficiency::FromHeadAndPower(EfficiencyCurve {
                head: curve.clone(), power: curve, density_kg_m3: 1000.0, gravity_m_s2: 9.81,
            });
            finite(efficiency.best().map(|b| b.flow_m3_s))?;
        }
        if let Ok(replicates) = Replicates::new(&x, &y, degree, origin) {
            let _ = replicates.fixed(2, |_, y| y.fill(at), |_, _| ());
            let _ = replicates.perturbed(5, |i, x, _| if i == 3 { x.fill(at) }, |_, _| ());
        }
    }

    /// A monotone spline stays between neighbouring points, however steep they are.
    #[test]
    fn a_spline_never_leaves_the_range_of_its_points(
        steps in vec((0.01..10.0_f64, -50.0..50.0_f64), 2..9), part in 0.0..1.0_f64,
    ) {
        let mut q = 0.0;
        let x: Vec<f64> = steps.iter().map(|s| { q += s.0; q }).collect();
        let y: Vec<f64> = steps.iter().map(|s| s.1).collect();
        let curve = Curve::from(MonotoneSpline::new(&x, &y).unwrap());
        for (x, y) in x.windows(2).zip(y.windows(2)) {
            let value = curve.evaluate(x[0] + part * (x[1] - x[0])).unwrap();
            let (low, high) = (y[0].min(y[1]), y[0].max(y[1]));
            prop_assert!(value >= low - 1e-9 && value <= high + 1e-9);
        }
    }

    #[test]
    fn pack_rules_never_panic(x in vec(number(), 0..9), a in number(), d: usize, n: usize, c: u8) {
        let pack = gbt3216();
        let _ = pack.points().unwrap().judge(&x, a, TestOf::TypeMixedAxial, c);
        let _ = pack.fit().unwrap().admissible(d, n);
        let _ = pack.small_power().unwrap().tolerance(SmallPowerVariable::MaxShaftPower, a);
        let _ = pack.steady_limits(Measured::Flow, c);
        let _ = pack.tolerance("1B", a);
    }

    /// A polynomial comes back from its own points, whatever the scale.
    #[test]
    fn a_fit_returns_the_polynomial_it_was_made_of(
        c in vec(-10.0..10.0_f64, 1..5), scale in 1e-3..1e3_f64, spare in 0_usize..5,
    ) {
        let degree = c.len() - 1;
        let polynomial = |u: f64| c.iter().rev().fold(0.0, |sum, c| sum * u + c);
        let x: Vec<f64> = (0..=degree + spare).map(|i| i as f64 * scale).collect();
        let y: Vec<f64> = x.iter().map(|x| polynomial(x / scale)).collect();
        let fit = PolynomialFit::new(&x, &y, degree, false).unwrap();
        for (x, y) in x.iter().zip(&y) {
            prop_assert!((fit.evaluate(*x) - y).abs() <= 1e-9);
        }
    }

    /// Every root is one, and a sign change between two points is never missed.
    #[test]
    fn crossings_are_crossings(
        y in vec(-50.0..50.0_f64, 5..9), degree in 2_usize..5, value in -40.0..40.0_f64,
    ) {
        let x: Vec<f64> = (0..y.len()).map(|i| i as f64 * 0.01).collect();
        let curve = Curve::new(PolynomialFit::new(&x, &y, degree, false).unwrap());
        let roots = curve.flows_at(value).unwrap();
        prop_assert!(roots.len() <= degree);
        for root in &roots {
            prop_assert!((curve.evaluate(*root).unwrap() - value).abs() < 1e-9);
        }
        for pair in x.windows(2) {
            let (left, right) = (curve.evaluate(pair[0]).unwrap(), curve.evaluate(pair[1]).unwrap());
            if (left - value) * (right - value) < -1e-6 {
                prop_assert!(roots.iter().any(|q| *q > pair[0] && *q < pair[1]));
            }
        }
    }

    /// Translating there and back is the identity, and head goes with flow squared.
    #[test]
    fn translation_is_invertible(q in 0.1..500.0_f64, h in 1.0..300.0_f64, r in 0.5..1.2_f64) {
        let test = Operating { flow_m3_s: per_hour(q), head_m: h, power_w: 1e4 };
        let there = translate::translate(&test, r, 1.0).unwrap();
        let back = translate::translate(&there, 1.0 / r, 1.0).unwrap();
        prop_assert!((back.head_m - h).abs() < 1e-12 * h);
        prop_assert!((back.power_w - 1e4).abs() < 1e-8);
        let flow_ratio = there.flow_m3_s / test.flow_m3_s;
        prop_assert!((there.head_m / h - flow_ratio * flow_ratio).abs() < 1e-12);
    }
}
