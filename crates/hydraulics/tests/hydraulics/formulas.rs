//! Water, gravity, head, friction, power.

use crate::{near, per_hour};
use dutypoint_hydraulics::friction::{
    Leg, LossUncertainty, OutletLoss, Pipe, friction_applies, friction_factor, friction_head_m,
};
use dutypoint_hydraulics::gravity::{
    local_gravity_m_s2, normal_gravity_m_s2, standard_atmosphere_pa,
};
use dutypoint_hydraulics::head::{
    Differential, Gauge, ImpulseLine, Section, Submersible, differential_total_head,
    section_densities, section_head, submersible_total_head, total_head_between_sections,
    velocity_m_s,
};
use dutypoint_hydraulics::iapws;
use dutypoint_hydraulics::power::{
    self, Cable, Conductor, LoadedCores, cable_loss_w, efficiency, excess_length_m,
    hydraulic_power_w, line_voltage_drop_v, shaft_power_from_torque_w, speed_from_slip_rpm,
};
use dutypoint_hydraulics::water::{density_kg_m3, kinematic_viscosity_m2_s, vapour_pressure_pa};

const ATMOSPHERE_PA: f64 = 101_325.0;

#[test]
fn water_table_of_the_hydraulic_reference() {
    for (t_c, rho, p_v, nu) in [
        (1.0, 999.903, 657.1, 1.7312),
        (5.0, 999.967, 872.6, 1.5182),
        (10.0, 999.702, 1228.2, 1.3063),
        (15.0, 999.101, 1705.7, 1.1386),
        (20.0, 998.206, 2339.2, 1.0034),
        (25.0, 997.048, 3169.7, 0.8927),
        (30.0, 995.652, 4246.7, 0.8007),
        (35.0, 994.039, 5628.6, 0.7234),
        (40.0, 992.224, 7384.4, 0.6578),
    ] {
        near(density_kg_m3(t_c, ATMOSPHERE_PA).unwrap(), rho, 3);
        near(vapour_pressure_pa(t_c).unwrap(), p_v, 1);
        let nu_found = kinematic_viscosity_m2_s(t_c, ATMOSPHERE_PA).unwrap();
        near(nu_found * 1e6, nu, 4);
    }
}

#[test]
fn water_outside_its_range_is_refused_with_the_range() {
    let error = density_kg_m3(100.5, 2e5).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "failed to use water temperature in °C = 100.5: it must be between 0 and 100; "
        ),
        "{error}"
    );
    assert!(vapour_pressure_pa(-0.1).is_err());
    // Below its vapour pressure there is no liquid.
    assert!(density_kg_m3(40.0, 7000.0).is_err());
    assert!(density_kg_m3(40.0, 7400.0).is_ok());
}

#[test]
fn w3_local_gravity() {
    for (latitude_deg, altitude_m, g) in [
        (37.87, 780.0, 9.797_49),
        (35.03, 370.0, 9.796_27),
        (40.08, 1050.0, 9.798_64),
        (45.0, 0.0, 9.806_22),
    ] {
        near(local_gravity_m_s2(latitude_deg, altitude_m).unwrap(), g, 5);
    }
    // 40 CFR 1065.630, a longer series.
    assert!((local_gravity_m_s2(45.0, 0.0).unwrap() - 9.806_199_2).abs() < 5e-5);
    assert_eq!(
        local_gravity_m_s2(-35.0, 100.0),
        local_gravity_m_s2(35.0, 100.0)
    );
}

#[test]
fn w1_total_head_from_gauges() {
    let flow_m3_s = per_hour(100.0);
    let inlet = Section {
        z_m: 0.20,
        pressure_pa: -20_000.0,
        bore_m: 0.125,
        flow_m3_s,
    };
    let outlet = Section {
        z_m: 0.95,
        pressure_pa: 480_000.0,
        bore_m: 0.100,
        flow_m3_s,
    };
    near(velocity_m_s(flow_m3_s, 0.125).unwrap(), 2.263_537, 6);
    near(velocity_m_s(flow_m3_s, 0.100).unwrap(), 3.536_777, 6);
    for (g, pressure, velocity, total, power_w, h1, h2) in [
        (
            9.81, 51.060_308, 0.376_411, 52.186_719, 14_195.283, -1.581_27, 50.605_45,
        ),
        (
            9.7975, 51.125_453, 0.376_891, 52.252_344, 14_195.023, -1.583_54, 50.668_80,
        ),
    ] {
        let head = total_head_between_sections(&inlet, &outlet, 0.0, 998.2, g).unwrap();
        near(head.pressure_m, pressure, 6);
        near(head.velocity_m, velocity, 6);
        near(head.elevation_m, 0.75, 9);
        near(head.total_m, total, 6);
        near(
            hydraulic_power_w(998.2, g, flow_m3_s, head.total_m).unwrap(),
            power_w,
            3,
        );
        near(section_head(&inlet, 998.2, g).unwrap().total_m, h1, 5);
        near(section_head(&outlet, 998.2, g).unwrap().total_m, h2, 5);
    }
}

#[test]
fn w2_submersible_with_friction() {
    let (g, rho, flow_m3_s) = (9.7975, 998.2, per_hour(50.0));
    let pump = Submersible {
        pressure_pa: 412_000.0,
        gauge_z_m: 1.35,
        water_surface_z_m: 0.0,
        surface_pressure_pa: 0.0,
        bore_m: 0.080,
        flow_m3_s,
        friction_head_m: 0.0,
    };
    let pipe = Pipe {
        bore_m: 0.080,
        length_m: 3.0,
        roughness_m: 5e-5,
    };
    near(velocity_m_s(flow_m3_s, 0.080).unwrap(), 2.763_107, 6);
    let bare = submersible_total_head(&pump, rho, g).unwrap();
    near(bare.pressure_m, 42.127_373, 6);
    near(bare.velocity_m, 0.389_628, 6);
    near(bare.total_m, 43.867_001, 6);
    let friction = friction_head_m(flow_m3_s, &pipe, 1.0034e-6, g).unwrap();
    near(friction.reynolds, 220_299.5, 1);
    near(friction.factor, 0.019_286, 6);
    near(friction.head_m, 0.281_787, 6);
    near(100.0 * friction.head_m / bare.total_m, 0.642_368, 6);
    assert!(friction_applies(friction.head_m, bare.total_m, 0.2).unwrap());
    assert!(friction_applies(friction.head_m, bare.total_m, 0.5).unwrap());
    assert!(!friction_applies(friction.head_m, bare.total_m, 0.7).unwrap());
    let pump = Submersible {
        friction_head_m: friction.head_m,
        ..pump
    };
    let head = submersible_total_head(&pump, rho, g).unwrap();
    near(head.total_m, 44.148_788, 6);
    let hydraulic_w = hydraulic_power_w(rho, g, flow_m3_s, head.total_m).unwrap();
    near(hydraulic_w, 5996.794, 3);
    near(
        100.0 * efficiency(hydraulic_w, 9850.0).unwrap(),
        60.881_157,
        6,
    );
    near(
        100.0 * efficiency(hydraulic_w, 9850.0 * 0.845).unwrap(),
        72.048_707,
        6,
    );
}

#[test]
fn friction_factor_is_laminar_below_2300_and_solves_colebrook_above() {
    near(friction_factor(2000.0, 0.01).unwrap(), 0.032, 15);
    for reynolds in [2300.0, 4000.0, 1e5, 1e8] {
        for k in [0.0, 1e-4, 0.05] {
            let inverse_root = 1.0 / friction_factor(reynolds, k).unwrap().sqrt();
            let right = -2.0 * libm::log10(2.51 * inverse_root / reynolds + k / 3.7);
            near(inverse_root, right, 12);
        }
    }
    let still = Pipe {
        bore_m: 0.08,
        length_m: 3.0,
        roughness_m: 0.0,
    };
    assert_eq!(
        friction_head_m(0.0, &still, 1e-6, 9.81).unwrap().head_m,
        0.0
    );
}

#[test]
fn e10_well_pump_unit_efficiency_with_cable() {
    let (rho, g, flow_m3_s) = (998.5956, 9.7962, per_hour(32.45));
    let pump = Submersible {
        pressure_pa: 1.0236e6,
        gauge_z_m: 1.15,
        water_surface_z_m: 0.0,
        surface_pressure_pa: 0.0,
        bore_m: 0.080,
        flow_m3_s,
        friction_head_m: 0.0,
    };
    near(velocity_m_s(flow_m3_s, 0.080).unwrap(), 1.793_26, 5);
    let head = submersible_total_head(&pump, rho, g).unwrap();
    near(head.velocity_m, 0.164_133, 6);
    near(head.total_m, 105.9506, 4);
    let hydraulic_w = hydraulic_power_w(rho, g, flow_m3_s, head.total_m).unwrap();
    near(hydraulic_w / 1000.0, 9.342_49, 5);
    let excess = Cable {
        length_m: excess_length_m(50.0, 5.0).unwrap(),
        conductor: Conductor::Copper,
        core_area_mm2: 10.0,
        resistivity_20c_ohm_mm2_m: 0.017_86,
        temperature_c: 30.0,
    };
    let core_ohm = excess.core_resistance_ohm().unwrap();
    near(core_ohm, 0.083_522, 6);
    let loss_w = cable_loss_w(31.20, core_ohm, LoadedCores::Three).unwrap();
    near(loss_w / 1000.0, 0.243_91, 5);
    let at_motor_w = 15_620.0 - loss_w;
    near(at_motor_w / 1000.0, 15.376_09, 5);
    near(
        100.0 * efficiency(hydraulic_w, at_motor_w).unwrap(),
        60.7599,
        4,
    );
    // The example prints 59.8110, its own 9.34249/15.620 is 0.598111.
    near(
        100.0 * efficiency(hydraulic_w, 15_620.0).unwrap(),
        59.8111,
        4,
    );
    // The same current in a single-phase cable: two thirds of the loss.
    let two = cable_loss_w(31.20, core_ohm, LoadedCores::Two).unwrap();
    near(two, 2.0 * 31.20 * 31.20 * 0.083_521_764_705_882, 9);
    assert_eq!(excess_length_m(4.0, 5.0).unwrap(), 0.0);
    // √3 · 31.2 · 0.083522 · 0.85, by hand.
    near(
        line_voltage_drop_v(31.20, core_ohm, 0.85).unwrap(),
        3.8365,
        3,
    );
}

#[test]
fn slip_speed_of_a_sealed_motor() {
    // Reference 1.6: n = 60 (f − N/t)/p with 22 periods in 10 s, one pole pair.
    near(speed_from_slip_rpm(50.0, 2.2, 1).unwrap(), 2868.0, 9);
    near(speed_from_slip_rpm(50.0, 2.2, 2).unwrap(), 1434.0, 9);
    assert!(speed_from_slip_rpm(50.0, 2.2, 0).is_err());
    assert!(speed_from_slip_rpm(50.0, 51.0, 1).is_err());
}

#[test]
fn power_factor_and_unbalance_of_hand_computed_cases() {
    // E10's power and current at 380 V: 15620/(√3 · 380 · 31.20) = 15620/20535.2.
    let cos_phi = power::three_phase_power_factor(15_620.0, 380.0, 31.20).unwrap();
    near(cos_phi, 0.760_645, 6);
    assert!(power::three_phase_power_factor(1.0, 0.0, 1.0).is_err());
    assert_eq!(power::voltage_unbalance_pct([380.0; 3]).unwrap(), 0.0);
    // Sides 3, 4, 5 (a right angle): squares 50, fourth powers 962, so b = 0.3848 and
    // √(3 − 6b) = √0.6912 = 0.831384; √(0.168616/1.831384) = 30.3430 %.
    near(
        power::voltage_unbalance_pct([3.0, 4.0, 5.0]).unwrap(),
        30.3430,
        4,
    );
    // 1, 1 and 3 close no triangle.
    assert!(power::voltage_unbalance_pct([1.0, 1.0, 3.0]).is_err());
}

#[test]
fn e9_gravity_and_pressure_at_yuncheng() {
    near(normal_gravity_m_s2(35.03, 370.0).unwrap(), 9.796_22, 5);
    near(local_gravity_m_s2(35.03, 370.0).unwrap(), 9.796_27, 5);
    near(standard_atmosphere_pa(370.0).unwrap(), 96_958.0, 0);
    // 40 CFR 1065.630 is a longer series of 1980; the two differ in the seventh decimal.
    assert!((normal_gravity_m_s2(45.0, 0.0).unwrap() - 9.806_199_2).abs() < 1e-6);
    assert!(normal_gravity_m_s2(91.0, 0.0).is_err());
    assert!(standard_atmosphere_pa(9001.0).is_err());
}

/// W1 with a differential transducer: with liquid in both lines the instrument sees the
/// elevation itself, with air the tappings' heights are added.
#[test]
fn a_differential_transducer_gives_the_head_of_two_gauges() {
    let flow_m3_s = per_hour(100.0);
    let (rho, g) = (998.2, 9.7975);
    let two_gauges = 52.252_344;
    let head = |difference_pa, line| {
        let side = |tapping_z_m| {
            Gauge {
                instrument_z_m: 0.5,
                tapping_z_m,
                line,
            }
            .elevation_m()
        };
        let differential = Differential {
            difference_pa,
            inlet_z_m: side(0.20),
            outlet_z_m: side(0.95),
            inlet_bore_m: 0.125,
            outlet_bore_m: 0.100,
            flow_m3_s,
        };
        differential_total_head(&differential, 0.0, rho, g).unwrap()
    };
    // 500 kPa between the tappings; the columns of liquid add 0.75 m to what is sensed.
    let air = head(500e3, ImpulseLine::Air);
    near(air.total_m, two_gauges, 6);
    near(air.elevation_m, 0.75, 12);
    let liquid = head(500e3 + 0.75 * rho * g, ImpulseLine::Liquid);
    near(liquid.total_m, two_gauges, 6);
    assert_eq!(liquid.elevation_m, 0.0);
}

#[test]
fn density_of_both_sections_matters_from_4_mpa() {
    let high = section_densities(20.0, 101_325.0, 10.101_325e6).unwrap();
    near(high.inlet_kg_m3, 998.206, 3);
    // The outlet density by another formulation: back to its pressure, to 1e-5 of 2.2 GPa.
    let back_pa = iapws::pressure_pa(high.outlet_kg_m3, 293.15).unwrap();
    assert!((back_pa - 10.101_325e6).abs() < 22e3, "{back_pa}");
    near(
        high.mean_kg_m3,
        0.5 * (high.inlet_kg_m3 + high.outlet_kg_m3),
        12,
    );
    assert!(high.matters);
    assert!(!section_densities(20.0, 101_325.0, 4.0e6).unwrap().matters);
    assert!(section_densities(20.0, 101_325.0, 4.7e6).unwrap().matters);
    assert!(
        section_densities(20.0, 2000.0, 1e5).is_err(),
        "no liquid at the inlet"
    );
}

#[test]
fn loss_from_pump_outlet_to_tap() {
    let pipe = |length_m| Pipe {
        bore_m: 0.080,
        length_m,
        roughness_m: 5e-5,
    };
    let (flow, nu, g) = (per_hour(50.0), 1.0034e-6, 9.7975);
    let computed = |legs, factor_pct, zeta_pct| {
        let uncertainty = LossUncertainty {
            factor_pct,
            zeta_pct,
        };
        OutletLoss::Computed { legs, uncertainty }
            .at(flow, nu, g)
            .unwrap()
    };
    // W2's pipe in two halves, with an elbow of 0.9 and a valve of 2.5 velocity heads.
    let legs = vec![
        Leg {
            pipe: pipe(1.5),
            zeta: 0.9,
        },
        Leg {
            pipe: pipe(1.5),
            zeta: 2.5,
        },
    ];
    let loss = computed(legs, 10.0, 20.0);
    near(loss.straight_m, 0.281_787, 6);
    near(loss.fittings_m, 3.4 * 0.389_628, 5);
    near(loss.head_m, 0.281_787 + 3.4 * 0.389_628, 5);
    // √((0.0281787)² + (0.2649470)²)
    near(loss.standard_uncertainty_m, 0.266_441, 5);
    assert_eq!(computed(Vec::new(), 0.0, 0.0).head_m, 0.0);

    let measured = OutletLoss::Measured {
        head_m: 0.8,
        flow_m3_s: per_hour(25.0),
        uncertainty_pct: 5.0,
    };
    let loss = measured.at(flow, nu, g).unwrap();
    near(loss.head_m, 3.2, 12);
    near(loss.standard_uncertainty_m, 0.16, 12);
    assert!(measured.at(-flow, nu, g).is_err());
}

#[test]
fn torque_and_speed_give_the_shaft_power() {
    // 60 N m at 2900 r/min: 60 · 303.6872898.
    near(
        shaft_power_from_torque_w(60.0, 2900.0).unwrap(),
        18_221.237_39,
        5,
    );
    assert!(shaft_power_from_torque_w(60.0, 0.0).is_err());
}

#[test]
fn an_impossible_efficiency_is_named() {
    assert_eq!(
        power::possible_efficiency("pump efficiency", 1.0).unwrap(),
        1.0
    );
    let error = power::possible_efficiency("pump efficiency", 1.02)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("failed to use pump efficiency = 1.02: it must be between 0 and 1"));
}

#[test]
fn a_closed_tank_counts_by_the_pressure_on_its_surface() {
    let pump = Submersible {
        pressure_pa: 300e3,
        gauge_z_m: 2.0,
        water_surface_z_m: 3.0,
        surface_pressure_pa: 100e3,
        bore_m: 0.1,
        flow_m3_s: 0.0,
        friction_head_m: 0.5,
    };
    // 200 kPa over 10 kN/m³, less one metre, plus the loss.
    near(
        submersible_total_head(&pump, 1000.0, 10.0).unwrap().total_m,
        19.5,
        12,
    );
}

proptest::proptest! {
    #[test]
    fn unbalance_is_that_of_the_symmetrical_components(
        u in 300.0..420.0_f64, v in 300.0..420.0_f64, degrees in 100.0..140.0_f64,
    ) {
        // Two line voltages as phasors, the third closes the triangle.
        let angle = -degrees * core::f64::consts::PI / 180.0;
        let a = (u, 0.0);
        let b = (v * libm::cos(angle), v * libm::sin(angle));
        let c = (-a.0 - b.0, -a.1 - b.1);
        // Turn by k · 120°.
        let turn = |(x, y): (f64, f64), k: f64| {
            let t = k * 2.0 * core::f64::consts::PI / 3.0;
            (x * libm::cos(t) - y * libm::sin(t), x * libm::sin(t) + y * libm::cos(t))
        };
        let sequence = |k: f64| {
            let (p, q) = (turn(b, k), turn(c, 2.0 * k));
            libm::hypot(a.0 + p.0 + q.0, a.1 + p.1 + q.1)
        };
        let expected = 100.0 * sequence(-1.0) / sequence(1.0);
        let found = power::voltage_unbalance_pct([u, v, libm::hypot(c.0, c.1)]).unwrap();
        proptest::prop_assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        // Which voltage is called the first does not matter.
        let turned = power::voltage_unbalance_pct([v, libm::hypot(c.0, c.1), u]).unwrap();
        proptest::prop_assert!((found - turned).abs() < 1e-5);
    }
}
